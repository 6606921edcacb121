"""How long to wait before trying again."""

import random
from collections.abc import Iterator

_CHANCE = random.SystemRandom()


def backoff(*, first_s: float = 0.5, most_s: float = 60.0, factor: float = 2.0) -> Iterator[float]:
    """Yield waits in seconds without end: each drawn evenly from nothing to a growing ceiling.

    "Full jitter" of Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015):
    callers that failed together do not come back together.
    """
    ceiling = first_s
    while True:
        yield _CHANCE.uniform(0.0, ceiling)
        ceiling = min(most_s, ceiling * factor)
