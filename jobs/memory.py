"""Memory: how much of a stream is kept for whoever takes over."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from kit.clock import epoch_ms
from store.streams import Entry, order

MOST_REMEMBERED = 4_000
MEMORY = timedelta(minutes=5)
TIDY_EVERY = timedelta(seconds=1)


class Memory:
    """The entries that one reader is done with: those of five minutes are kept, 4,000 at most."""

    def __init__(self) -> None:
        self._done: deque[str] = deque(maxlen=MOST_REMEMBERED)
        self._tidied_at: datetime | None = None

    def add(self, entries: Sequence[Entry]) -> None:
        """Note entries that are done with."""
        self._done.extend(entry.id for entry in entries)

    def due(self, now: datetime) -> str | None:
        """Return what is to be trimmed, as the first id to keep; None if it is too early."""
        if not self._done or (self._tidied_at and now - self._tidied_at < TIDY_EVERY):
            return None
        self._tidied_at = now
        earliest = remembered(now)
        if len(self._done) == MOST_REMEMBERED:
            earliest = max(earliest, self._done[0], key=order)
        return min(earliest, self._done[-1], key=order)


def remembered(now: datetime) -> str:
    """Return the first id of a stream that whoever takes over now still needs."""
    return f"{max(0, epoch_ms(now - MEMORY))}-0"
