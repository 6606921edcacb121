"""Passwords of the embedded servers: made once, kept in a file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self


def _new() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Passwords:
    """One password a role; they never show in a repr."""

    admin: str = field(default_factory=_new, repr=False)
    owner: str = field(default_factory=_new, repr=False)
    app: str = field(default_factory=_new, repr=False)
    backup: str = field(default_factory=_new, repr=False)
    valkey: str = field(default_factory=_new, repr=False)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Return the passwords kept at `path`, made there on the first call."""
        known: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
        found = cls(**known)
        if asdict(found) != known:
            write_private(path, json.dumps(asdict(found)))
        return found


def write_private(path: Path, text: str) -> None:
    """Write a whole file or nothing, readable by its owner alone."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
