"""The file of a backup: a tar archive within age, written and read in pieces.

Any tool reads it: `age -d -i FILE backup | tar x`, then `cat dump/*` is what pg_dump wrote. age
(X25519, ChaCha20-Poly1305) authenticates every piece of 64 KiB and the end, so that a changed or
cut file is noticed; who wrote it is said by the signature of the manifest, the archive's last file.
"""

import hashlib
import io
import os
import tarfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import pyrage  # pyright: ignore[reportMissingTypeStubs]  it has none

from domain.errors import Refused

MANIFEST, ANCHORS, DUMP = "manifest.json", "audit_anchors.jsonl", "dump"
PIECE: Final = 1 << 20
_age: Any = pyrage
_WRONG = (_age.DecryptError, _age.IdentityError, _age.RecipientError)


def new_identity() -> tuple[str, str]:
    """Return a new identity, which is secret, and its recipient, which is not."""
    made = _age.x25519.Identity.generate()
    return str(made), str(made.to_public())


def packed(
    path: Path,
    recipient: str,
    anchors: bytes,
    dump: Iterable[bytes],
    manifest: Callable[[Mapping[str, str]], bytes],
) -> None:
    """Write a backup, whole or not at all; nothing of it is ever on the disk unencrypted.

    Args:
        path: The file, which must not exist yet.
        recipient: To whom it is encrypted, as `age1…`.
        anchors: The audit's anchors.
        dump: What pg_dump writes.
        manifest: Returns the signed manifest for the SHA-256 of each file, by its name.

    Raises:
        Refused: The recipient is none, or the file cannot be written.
    """
    try:
        to = _age.x25519.Recipient.from_str(recipient)
    except _WRONG as e:
        raise Refused("a recipient looks like age1…: `./arb backup keygen` makes one") from e

    def write(into: BinaryIO) -> None:
        with tarfile.open(fileobj=into, mode="w|") as tar:
            _add(tar, ANCHORS, anchors)
            whole = hashlib.sha256()
            for number, piece in enumerate(_pieces(dump)):
                whole.update(piece)
                _add(tar, f"{DUMP}/{number:08d}", piece)
            hashes = {ANCHORS: hashlib.sha256(anchors).hexdigest(), DUMP: whole.hexdigest()}
            _add(tar, MANIFEST, manifest(hashes))

    new = path.with_name(f"{path.name}.part")
    try:
        mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(new, mode, 0o600), "wb") as file, _piped(write) as source:
            _age.encrypt_io(source, file, [to])
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(new)
    except FileExistsError as e:
        raise Refused(f"{e.filename2 or e.filename} is there already: choose another file") from e
    except OSError as e:
        raise Refused(f"the backup {path} cannot be written: {e.strerror}") from e
    finally:
        new.unlink(missing_ok=True)


def opened(path: Path, identity: str, dump: Callable[[bytes], object]) -> tuple[bytes, bytes]:
    """Read a backup; return its manifest and its anchors, after each piece of the dump was given.

    What was given counts only when this has returned: a damaged file may show late.

    Raises:
        Refused: The identity does not open it, or it is not, or is no longer, a whole backup whose
            files are what its manifest says; whose the manifest is was not asked.
    """
    try:
        key = _age.x25519.Identity.from_str(identity.strip())
    except _WRONG as e:
        raise Refused("that is no identity: one looks like AGE-SECRET-KEY-1…") from e
    small: dict[str, bytes] = {}
    try:
        with path.open("rb") as file, _piped(lambda to: _age.decrypt_io(file, to, [key])) as source:
            with tarfile.open(fileobj=source, mode="r|") as tar:
                for name, data in _members(tar):
                    if name.startswith(f"{DUMP}/"):
                        dump(data)
                    else:
                        small[name] = data
            while source.read(PIECE):  # what follows the archive is authenticated as well
                pass
    except _WRONG as e:
        raise Refused(f"the backup does not open: {e}") from e
    except (tarfile.TarError, EOFError) as e:
        raise Refused("the file is not a whole backup") from e
    except OSError as e:
        raise Refused(f"the backup {path} cannot be read: {e.strerror or e}") from e
    if small.keys() != {MANIFEST, ANCHORS}:
        raise Refused("the file is not a whole backup")
    return small[MANIFEST], small[ANCHORS]


@contextmanager
def _piped(write: Callable[[BinaryIO], object]) -> Generator[BinaryIO]:
    """Yield what `write` writes in a thread of its own; raise what it raised, before all else."""
    reading, writing = os.pipe()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(writing, "wb") as into:
                write(cast("BinaryIO", into))
        except BaseException as e:  # noqa: BLE001  it is raised again where the block ends
            raised.append(e)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(reading, "rb") as source:
            yield cast("BinaryIO", source)
    except BaseException:
        thread.join()
        _raise(raised)
        raise
    thread.join()
    _raise(raised)


def _raise(raised: list[BaseException]) -> None:
    """Raise what went wrong, unless it is only that nobody listened any more."""
    for error in raised:
        if not isinstance(error, BrokenPipeError):
            raise error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in tar:
        file = tar.extractfile(member)
        if file is None or member.size > 64 * PIECE:
            raise tarfile.TarError
        with file:
            yield member.name, file.read()


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    told = tarfile.TarInfo(name)
    told.size, told.mode = len(data), 0o600
    tar.addfile(told, io.BytesIO(data))


def _pieces(dump: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in pieces of one size."""
    waiting = bytearray()
    for some in dump:
        waiting += some
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    with suppress(IndexError):
        if waiting:
            yield bytes(waiting)
