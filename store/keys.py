"""Keys: the master keys that secrets at rest are sealed with, in a file that only we can read."""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Protocol, Self

import msgspec

from domain.errors import Broken, Refused, Unavailable
from kit.settings import Settings
from store.embedded.passwords import write_private

FILE = "keys.json"
SIZE = 32
_ID = re.compile(r"[a-z0-9]{1,32}")
_OTHERS = 0o077


class NoKeys(Refused):
    """There is no master key, so nothing can be sealed."""

    code: ClassVar[str] = "no_keys"


class KeyMissing(Broken):
    """What was sealed names a master key that is not in the ring."""

    code: ClassVar[str] = "key_missing"


class KeysAway(Unavailable):
    """The master keys are held elsewhere, and their holder does not hand them out just now."""

    code: ClassVar[str] = "keys_away"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    current: str
    keys: dict[str, str]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys of AES-256 by their ids; new secrets are sealed with the `current` one.

    The others are there for what was sealed before the current one took their place. `elsewhere`
    says of a key that is not in the ring what its holder says of it now: "" is the current one.
    `away` is why that holder does not answer, "" if it does; what is in the ring opens still.
    """

    current: str = ""
    keys: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)
    elsewhere: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)
    away: str = field(default="", compare=False)

    def now(self) -> Self:
        """Return itself: a ring that nobody changes is its own holder."""
        return self

    def key(self, key_id: str) -> bytes:
        """Return a key.

        Raises:
            KeyMissing: Nobody has it.
            KeysAway: Its holder has it, and does not answer.
        """
        if key_id in self.keys:
            return self.keys[key_id]
        if self.elsewhere is not None:
            return self.elsewhere(key_id)
        raise KeyMissing(f"the master key {key_id} is not in the key file")

    def newest(self) -> tuple[str, bytes]:
        """Return the id of the current key and the key.

        Raises:
            NoKeys: There is none.
            KeysAway: Its holder has it, and does not answer.
        """
        if self.current not in self.keys and self.elsewhere is not None:
            self.elsewhere(self.current)
        if not self.keys:
            raise NoKeys("there is no key file: set DUTCHBOOK_KEYS_FILE, for web and worker alike")
        return self.current, self.keys[self.current]

    def renewed(self) -> Self:
        """Return the ring with a new current key beside those it has."""
        made, wider = self.widened()
        return replace(wider, current=made)

    def widened(self) -> tuple[str, Self]:
        """Return the id of a new key that nothing is sealed with yet, and the ring with it."""
        made = secrets.token_hex(4)
        return made, replace(self, keys={**self.keys, made: secrets.token_bytes(SIZE)})

    def without(self, key_id: str) -> Self:
        """Return the ring without a key; raise `Refused` if it is the current one."""
        if key_id == self.current:
            raise Refused(f"{key_id} is the current key: rotate first")
        return replace(self, keys={i: key for i, key in self.keys.items() if i != key_id})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the ring that a file holds.

        Raises:
            Refused: It cannot be read, can be read by others than its owner, or is no key file.
        """
        try:
            with path.open("rb") as file:
                mode, text = os.fstat(file.fileno()).st_mode, file.read()
        except OSError as e:
            raise Refused(f"the key file {path} cannot be read: {e.strerror}") from e
        if mode & _OTHERS:
            raise Refused(f"the key file {path} can be read by others: chmod 600 it")
        try:
            found = msgspec.json.decode(text, type=_File)
            keys = {key_id: base64.b64decode(key, validate=True) for key_id, key in _named(found)}
        except (msgspec.MsgspecError, binascii.Error):
            keys, found = dict[str, bytes](), None
        if found is None or found.current not in keys or {len(k) for k in keys.values()} != {SIZE}:
            raise Refused(
                f"{path} is no key file: keys of {SIZE} bytes by id, and which is current"
            )
        return cls(found.current, keys)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the ring that a file holds, made there on the first call; raise `Refused`."""
        if not path.exists():
            cls().renewed().write(path)
        return cls.read(path)

    def write(self, path: Path) -> None:
        """Write the whole ring or nothing into a file that its owner alone can read."""
        keys = {key_id: base64.b64encode(key).decode() for key_id, key in self.keys.items()}
        write_private(path, msgspec.json.encode(_File(self.current, keys)).decode())


class Keys(Protocol):
    """Whoever knows the ring as it is now."""

    def now(self) -> KeyRing:
        """Return the ring as it is now; it is not to be kept beyond one piece of work."""
        ...


def key_file(given: Settings) -> Path:
    """Return where the keys of these settings lie."""
    if given.keys.startswith("file:"):
        return Path(given.keys.removeprefix("file:"))
    return given.keys_file or given.data_dir / FILE


def key_ring(given: Settings) -> KeyRing:
    """Return the ring of these settings: an empty one if no file is named and none is there.

    Raises:
        Refused: The file that is named or there is not one that can be used.
    """
    file = key_file(given)
    named = given.keys_file or given.keys.startswith("file:")
    return KeyRing.read(file) if named or file.exists() else KeyRing()


def _named(found: _File) -> list[tuple[str, str]]:
    return [(key_id, key) for key_id, key in found.keys.items() if _ID.fullmatch(key_id)]
