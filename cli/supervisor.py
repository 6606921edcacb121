"""Supervisor: keeps services running, and says what it had to do."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.errors import Unavailable
from kit.clock import Clock
from kit.retry import backoff

_STEADY_S = 60.0
_TICK_S = 0.1


class Service(Protocol):
    """Something that can be started, and can end by itself."""

    def start(self) -> None:
        """Start it, and return when it serves."""
        ...

    def alive(self) -> bool:
        """Say whether it runs."""
        ...


def _pauses() -> Iterator[float]:
    return backoff(first_s=0.5, most_s=30.0)


@dataclass(slots=True)
class Kept:
    """One service that is started again whenever it ends, after a pause that grows."""

    name: str
    service: Service
    pauses: Callable[[], Iterator[float]] = _pauses
    _waits: Iterator[float] | None = field(default=None, init=False)
    _due: float | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)

    def tend(self, now: float) -> str | None:
        """Do what is due at `now`, in monotonic seconds; return a sentence if that was anything."""
        if self.service.alive():
            if now - self._started > _STEADY_S:
                self._waits = None
            return None
        if self._due is None:
            return self._wait(now, "has ended")
        return None if now < self._due else self._restart(now)

    def _wait(self, now: float, why: str) -> str:
        self._waits = self._waits or self.pauses()
        pause = next(self._waits)
        self._due = now + pause
        return f"{self.name} {why}; it is started again in {pause:.1f} s"

    def _restart(self, now: float) -> str:
        try:
            self.service.start()
        except Unavailable as e:
            return self._wait(now, f"does not start ({e})")
        self._due, self._started = None, now
        return f"{self.name} runs again"


def keep(kept: Sequence[Kept], clock: Clock, say: Callable[[str], None]) -> None:
    """Tend the services until an exception, such as the one of Ctrl-C, ends it."""
    while True:
        for service in kept:
            if told := service.tend(clock.monotonic()):
                say(told)
        time.sleep(_TICK_S)
