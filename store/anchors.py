"""Anchors: heads of the audit's chain, signed and kept in a file outside the database.

A line a head, as JSON, signed with Ed25519 (RFC 8032). Each line holds its number and the hash of
the line before it, and the public key of its signature, so that a copy can be checked anywhere.
"""

import fcntl
import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.errors import Refused
from kit.settings import Settings
from store.audit_chain import Head
from store.keys import KeyRing, key_file

FILE, KEY_FILE = "audit_anchors.jsonl", "audit_key.json"
NO_LINE = "0" * 64
_SIGNED = b"dutchbook audit anchor 1\n"
_LONGEST_LINE = 4096


class Anchor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed head; `line` is its number in the file, hashes are hexadecimal."""

    line: int
    at: datetime
    seq: int
    hash: str
    previous: str
    key: str
    public: bytes
    signature: bytes = b""

    @property
    def holds(self) -> bool:
        """Whether the signature is that of its public key over all the rest."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.public)
            key.verify(self.signature, _signed(self))
        except (InvalidSignature, ValueError):
            return False
        return True


class AnchorBroken(Exception):
    """A line of an anchor file is not what was written there; the text says which, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"anchor {line} {why}")


class AnchorFile:
    """The file that heads are anchored in; `path` need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Anchor | None:
        """Return the anchor that was written last, or None if there is none.

        Raises:
            Refused: The file cannot be read, or ends in something else.
        """
        line = self._last_line()
        try:
            return None if line is None else _ANCHOR.decode(line)
        except msgspec.MsgspecError as e:
            raise Refused(f"{self.path} does not end in an anchor: {e}") from e

    def append(self, head: Head, ring: KeyRing, *, at: datetime) -> Anchor:
        """Sign a head with the newest key and write it to the disk; return its anchor.

        What a writer that died left of a line goes first: nobody was told of it.

        Raises:
            Refused: The file cannot be written, or ends in something that is no anchor.
            NoKeys: The ring is empty.
        """
        key_id, seed = ring.newest()
        try:
            with self.path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                size = file.seek(0, os.SEEK_END)
                if (whole := _whole(file, size)) < size:
                    file.truncate(whole)
                anchor = self._signed(head, key_id, Ed25519PrivateKey.from_private_bytes(seed), at)
                file.write(msgspec.json.encode(anchor) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as e:
            raise Refused(f"the anchor file {self.path} cannot be written: {e.strerror}") from e
        return anchor

    def until(self, seq: int) -> bytes:
        """Return the lines of heads up to a link as they are; raise `Refused` if one is none."""
        found = b""
        for line in self._lines():
            try:
                if _ANCHOR.decode(line).seq > seq:
                    break
            except msgspec.MsgspecError as e:
                raise Refused(f"{self.path} holds a line that is no anchor: {e}") from e
            found += line + b"\n"
        return found

    def set_aside(self, at: datetime) -> None:
        """Keep what is there under another name: the audit that it is about begins anew."""
        with suppress(FileNotFoundError):
            self.path.replace(self.path.with_suffix(f".until-{at:%Y%m%dT%H%M%S}{self.path.suffix}"))

    def anchors(self, trusted: Collection[bytes]) -> Iterator[Anchor]:
        """Yield the anchors in their order, as many as there are now, each checked.

        Args:
            trusted: The public keys whose signatures count.

        Raises:
            Refused: The file cannot be read.
            AnchorBroken: A line was changed, cut out, put in or moved, or is signed by another key.
        """
        previous, seq = NO_LINE, 0
        for number, line in enumerate(self._lines(), 1):
            anchor = _checked(number, line, previous, trusted)
            if anchor.seq < seq:
                raise AnchorBroken(number, f"names link {anchor.seq}, after one of link {seq}")
            previous, seq = _hash(line), anchor.seq
            yield anchor

    def _signed(self, head: Head, key_id: str, key: Ed25519PrivateKey, at: datetime) -> Anchor:
        last, line = self.last(), self._last_line()
        anchor = Anchor(
            line=last.line + 1 if last else 1,
            at=at,
            seq=head.seq,
            hash=head.hash.hex(),
            previous=NO_LINE if line is None else _hash(line),
            key=key_id,
            public=key.public_key().public_bytes_raw(),
        )
        return msgspec.structs.replace(anchor, signature=key.sign(_signed(anchor)))

    def _lines(self) -> Iterator[bytes]:
        with self._opened() as file:
            left = _whole(file, os.fstat(file.fileno()).st_size)
            while left > 0 and (line := file.readline(_LONGEST_LINE)):
                left -= len(line)
                yield line.removesuffix(b"\n")

    def _last_line(self) -> bytes | None:
        with self._opened() as file:
            end = _whole(file, os.fstat(file.fileno()).st_size)
            start = max(0, end - _LONGEST_LINE)
            file.seek(start)
            lines = file.read(end - start).splitlines()
            return lines[-1] if lines else None

    def _opened(self) -> BinaryIO:
        try:
            return self.path.open("rb") if self.path.exists() else Path(os.devnull).open("rb")
        except OSError as e:
            raise Refused(f"the anchor file {self.path} cannot be read: {e.strerror}") from e


def anchor_file(given: Settings) -> AnchorFile:
    """Return where these settings have heads anchored."""
    return AnchorFile(given.audit_anchor or given.data_dir / FILE)


def anchor_keys(given: Settings) -> Path:
    """Return where the keys lie that these settings sign anchors with: beside the master keys."""
    return key_file(given).with_name(KEY_FILE)


def public_keys(ring: KeyRing) -> dict[str, bytes]:
    """Return the public keys of a ring of signing keys, by their ids."""
    return {
        key_id: Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        for key_id, seed in ring.keys.items()
    }


def _whole(file: BinaryIO, size: int) -> int:
    """Return how much of the first `size` bytes of a file is whole lines, or was never one.

    The file is then read from its beginning.
    """
    start = max(0, size - _LONGEST_LINE)
    file.seek(start)
    end = file.read(size - start).rfind(b"\n") + 1
    file.seek(0)
    return start + end if end or not start else size


def _checked(number: int, line: bytes, previous: str, trusted: Collection[bytes]) -> Anchor:
    try:
        anchor = _ANCHOR.decode(line)
    except msgspec.MsgspecError:
        raise AnchorBroken(number, "cannot be read") from None
    if anchor.line != number or anchor.previous != previous:
        raise AnchorBroken(number, "does not follow the one before it")
    if not anchor.holds:
        raise AnchorBroken(number, "is not what was signed")
    if anchor.public not in trusted:
        raise AnchorBroken(number, f"is signed with a key that is not ours ({anchor.key})")
    return anchor


def _signed(anchor: Anchor) -> bytes:
    """Return what is signed: all of an anchor but the signature, in one spelling."""
    return _SIGNED + msgspec.json.encode(msgspec.structs.replace(anchor, signature=b""))


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


_ANCHOR = msgspec.json.Decoder(Anchor)
