"""The circuit breaker: a source that keeps failing is left alone for a while, then tried once."""

import math
from dataclasses import dataclass
from enum import StrEnum

MOST_FAILURES = 5
FIRST_OPEN_S = 30.0
MOST_OPEN_S = 900.0


class BreakerState(StrEnum):
    """Closed lets everything through, open nothing, half-open one try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a source has failed lately, and until when it is left alone (Nygard, Release It!, 2007).

    The fifth failure in a row opens it for 30 s; a try that fails after that opens it again, each
    time for twice as long and at most for 15 minutes. One success closes it. Instants are seconds
    of a clock that never goes back; who asks is one caller, so half-open is one try by itself.
    """

    failures: int = 0
    open_until_s: float = -math.inf

    def state(self, now_s: float) -> BreakerState:
        """Return the state at an instant."""
        if self.failures < MOST_FAILURES:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self.open_until_s else BreakerState.HALF_OPEN

    def wait_s(self, now_s: float) -> float:
        """Return how long nothing may be asked; 0 unless it is open."""
        return max(0.0, self.open_until_s - now_s)

    def failed(self, now_s: float) -> "Breaker":
        """Return the breaker after one more failure."""
        failures = self.failures + 1
        if failures < MOST_FAILURES:
            return Breaker(failures, self.open_until_s)
        doublings = min(failures - MOST_FAILURES, 16)
        return Breaker(failures, now_s + min(MOST_OPEN_S, FIRST_OPEN_S * 2.0**doublings))

    def succeeded(self) -> "Breaker":
        """Return the breaker after a success."""
        return Breaker()
