"""Who holds a data directory: one running product at a time, and the next is told who it is."""

import fcntl
import json
import os
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Self

from domain.errors import Refused, Unavailable

SERVERS = "servers"
_MARKER = ".dutchbook"
_MARKER_TEXT = (
    "Everything in this folder belongs to Dutchbook and is removed by `./arb up --fresh`.\n"
)
_TICK_S = 0.02


class Held(Unavailable):
    """Another running product holds the data directory; the text says which."""

    code = "held"


class Holder:
    """The right to a data directory, kept until `release` or the end of this process."""

    def __init__(self, data_dir: Path, lock: int) -> None:
        self.data_dir = data_dir
        self._lock = lock

    @classmethod
    def take(cls, data_dir: Path, *, address: str, since: datetime) -> Self:
        """Take hold of `data_dir`, which is made if need be, and note who we are.

        Raises:
            Held: Somebody else has it; the text names their process, address and start.
            Refused: The directory cannot be written, or its servers' folder is not ours.
        """
        path = data_dir / "lock"
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as e:
            raise Refused(f"{data_dir} cannot be written: {e.strerror}.") from e
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            os.close(lock)
            raise Held(f"{data_dir} is in use by {_described(path)}.") from e
        note = {"pid": os.getpid(), "address": address, "since": since.isoformat("T", "seconds")}
        os.ftruncate(lock, 0)
        os.write(lock, json.dumps(note).encode())
        try:
            _mark(data_dir / SERVERS)
        except BaseException:
            os.close(lock)
            raise
        return cls(data_dir, lock)

    def wipe(self) -> None:
        """Remove the databases that lie in the directory; everything else stays."""
        for link in filter(Path.is_symlink, (self.data_dir / SERVERS).iterdir()):
            shutil.rmtree(link.resolve())  # where root's PostgreSQL had to keep its files elsewhere
        shutil.rmtree(self.data_dir / SERVERS)
        _mark(self.data_dir / SERVERS)

    def release(self) -> None:
        """Let the directory go."""
        os.close(self._lock)


def _described(path: Path) -> str:
    try:
        note = json.loads(path.read_bytes())
        who = f"process {note['pid']}, since {note['since']}"
        return f"{who}, at {note['address']}" if note["address"] else who
    except (OSError, ValueError, KeyError, TypeError):
        return "another process that is just starting"


def _mark(folder: Path) -> None:
    """Make the servers' folder ours; refuse one that holds something else."""
    marker = folder / _MARKER
    folder.mkdir(mode=0o711, exist_ok=True)
    if marker.exists():
        return
    if any(folder.iterdir()):
        raise Refused(f"{folder} is not a folder of Dutchbook: choose another --data directory.")
    marker.write_text(_MARKER_TEXT)


def wait_for_lock(path: Path, timeout_s: float) -> int:
    """Return the descriptor of a lock that the server itself will hold for as long as it lives.

    A server whose owner was killed may still be on its way down: its lock outlives the owner.

    Raises:
        Unavailable: The last server of this directory has not ended in time.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            if time.monotonic() < deadline:
                time.sleep(_TICK_S)
                continue
            os.close(lock)
            raise Unavailable(f"The last server on {path.parent} is still running.") from e
        return lock
