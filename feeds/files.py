"""Files of recordings, plain or compressed, read piece by piece and never whole by surprise."""

import bz2
import gzip
import json
import lzma
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from domain.errors import Refused
from feeds.reasons import Reason

MOST_BYTES = 32 * 1024 * 1024
_PIECE = 256 * 1024
_HEAD = 64 * 1024
_SHORT = 1000
_DAMAGE = (EOFError, OSError, lzma.LZMAError, zlib.error)


class _Readable(Protocol):
    def read1(self, size: int = -1, /) -> bytes: ...
    def close(self) -> None: ...


def head(path: Path) -> bytes:
    """Return the first 64 KiB of a file's content, or what can be read of them.

    Raises:
        Refused: The file cannot be opened.
    """
    start = b""
    for piece in _pieces(path, Counter()):
        start += piece
        if len(start) >= _HEAD:
            break
    return start[:_HEAD]


def is_one_document(path: Path) -> bool:
    """Say whether a JSON file is one answer over many lines rather than an answer a line.

    One damaged line at the beginning does not make JSON lines a document.
    """
    whole, *cut = head(path).rsplit(b"\n", 1)
    if not cut:
        return False
    first, second, *_ = [*(part.strip() for part in whole.splitlines() if part.strip()), b"", b""]
    if first in {b"[", b"{", b"[{"}:
        return True
    short = max(len(first), len(second), len(cut[0]) if not second else 0) < _SHORT
    return short and not _is_json(first) and not _is_json(second)


def document(path: Path, lost: Counter[str]) -> Iterator[bytes]:
    """Yield a file's whole content once, or count it as too large.

    Raises:
        Refused: The file cannot be opened.
    """
    content = bytearray()
    for piece in _pieces(path, lost):
        content += piece
        if len(content) > MOST_BYTES:
            lost[Reason.ANSWER_TOO_LARGE] += 1
            return
    yield bytes(content)


def lines(path: Path, lost: Counter[str]) -> Iterator[bytes]:
    """Yield a file's lines but blank ones; too long a line, or a cut one at the end, is counted.

    Raises:
        Refused: The file cannot be opened.
    """
    waiting, size = list[bytes](), 0
    for piece in _pieces(path, lost):
        *ended, rest = piece.split(b"\n")
        for end in ended:
            if size + len(end) > MOST_BYTES:
                lost[Reason.ANSWER_TOO_LARGE] += 1
            elif line := b"".join((*waiting, end)).strip():
                yield line
            waiting, size = [], 0
        size += len(rest)
        waiting = [*waiting, rest] if size <= MOST_BYTES else []
    if size > MOST_BYTES:
        lost[Reason.ANSWER_TOO_LARGE] += 1
    elif (line := b"".join(waiting).strip()) and not lost[Reason.RECORDING_TRUNCATED]:
        yield line


def _pieces(path: Path, lost: Counter[str]) -> Iterator[bytes]:
    """Yield the decompressed content; damage ends it and is counted."""
    try:
        opened = path.open("rb")
    except OSError as e:
        raise Refused(f"{path} cannot be read: {e.strerror}") from e
    with opened as raw:
        try:
            content = _decompressed(raw)
            while piece := content.read1(_PIECE):
                yield piece
        except _DAMAGE:
            lost[Reason.RECORDING_TRUNCATED] += 1


def _decompressed(raw: BufferedReader) -> _Readable:
    magic = raw.peek(6)
    if magic.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(raw)
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    return bz2.open(raw) if magic.startswith(b"BZh") else raw


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
