"""What time it is: the one place that asks the operating system."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is; tests hold one that moves only when told."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, for measuring how long something took."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the system's monotonic seconds."""
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until `advance` moves it."""

    at: datetime
    _elapsed_s: float = field(default=0.0, init=False)

    def now(self) -> datetime:
        """Return the instant the clock was set to."""
        return self.at

    def monotonic(self) -> float:
        """Return the seconds advanced so far."""
        return self._elapsed_s

    def advance(self, seconds: float) -> None:
        """Move both readings forward."""
        self.at += timedelta(seconds=seconds)
        self._elapsed_s += seconds


def epoch_ms(at: datetime) -> int:
    """Return whole milliseconds since 1970 of an aware instant.

    Examples:
        >>> epoch_ms(datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC))
        1500
    """
    return round(at.timestamp() * 1000)


def from_epoch_ms(ms: int) -> datetime:
    """Return the aware UTC instant of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)
