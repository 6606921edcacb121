"""Keys in a file: read anew when the file has changed, so that a rotation needs no restart."""

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from domain.errors import Refused
from store.keys import KeyRing

log = logging.getLogger(__name__)

_Mark = tuple[int, int, int]


class FileHold:
    """The key file; a ring once read stays while the file is away or unfit.

    Raises:
        Refused: The file is named or there, and unfit, when it is read for the first time.
    """

    name: str = "file"

    def __init__(self, path: Path, *, named: bool) -> None:
        self.path = path
        self._mark = self._seen()
        self._ring = KeyRing.read(path) if named or self._mark else KeyRing()

    def now(self) -> KeyRing:
        """Return the ring that the file holds now."""
        if (mark := self._seen()) != self._mark and mark is not None:
            self._mark = mark
            self._read()
        return replace(self._ring, elsewhere=self._found)

    async def refresh(self) -> None:
        """Take in what changed."""
        self.now()

    async def make(self) -> str:
        """Make a key that is not current yet; return its id.

        Raises:
            Refused: The file cannot be written.
        """
        ring = self.now()
        made, wider = ring.widened()
        self._write(wider if ring.keys else replace(wider, current=made))
        return made

    async def use(self, key_id: str) -> None:
        """Make a key of the file the current one.

        Raises:
            KeyMissing: It is not in the file.
            Refused: The file cannot be written.
        """
        ring = self.now()
        ring.key(key_id)
        if ring.current != key_id:
            self._write(replace(ring, current=key_id))

    async def retire(self, key_id: str) -> None:
        """Move a key into a file beside, for backups that name it; raise `Refused` if current.

        Whoever did it before already has nothing left to do.
        """
        ring = self.now()
        if key_id not in ring.keys:
            return
        aside = self.path.with_suffix(f".retired{self.path.suffix}")
        kept = KeyRing.read(aside) if aside.exists() else KeyRing(key_id)
        left = ring.without(key_id)
        replace(kept, keys={**kept.keys, key_id: ring.keys[key_id]}).write(aside)
        self._write(left)

    def _write(self, ring: KeyRing) -> None:
        try:
            ring.write(self.path)
        except OSError as e:
            raise Refused(f"the key file {self.path} cannot be written: {e.strerror}") from e
        self._read()

    def _found(self, key_id: str) -> bytes:
        """Return a key that came into the file since the ring was handed out."""
        self._read()
        return self._ring.key(key_id) if key_id else b""

    def _read(self) -> None:
        try:
            self._ring = KeyRing.read(self.path)
        except Refused as e:
            log.error("key file not read", extra={"why": str(e)})  # noqa: TRY400  says it all

    def _seen(self) -> _Mark | None:
        with suppress(OSError):
            found = self.path.stat()
            return found.st_mtime_ns, found.st_ino, found.st_size
        return None
