"""Questions: what detectors ask reaches whoever follows the source, within milliseconds."""

import logging
from collections.abc import Iterable
from typing import Protocol

from domain.errors import Unavailable
from domain.questions import Question
from jobs.sources import Sleep
from kit.retry import backoff
from store import questions
from store.cache import Cache

log = logging.getLogger(__name__)

_BLOCK_MS = 1_000


class Asked(Protocol):
    """Who has sources asked again."""

    def ask_now(self, questions: Iterable[Question]) -> None:
        """Have those sources asked that it knows."""
        ...


class Questions:
    """One worker's ear for detectors, be they its own or others'.

    What was asked before it listened, or while Valkey was away, it leaves alone: whoever asked
    waits no longer.
    """

    def __init__(self, cache: Cache, following: Asked, sleep: Sleep) -> None:
        self._cache, self._following, self._sleep = cache, following, sleep

    async def run(self) -> None:
        """Listen for ever."""
        for pause_s in backoff(most_s=5.0):
            try:
                await self._listen()
            except Unavailable as e:
                log.warning("questions are not heard", extra={"why": str(e)})
                await self._sleep(pause_s)

    async def _listen(self) -> None:
        after = await questions.latest(self._cache)
        while True:
            after, asked = await questions.asked(self._cache, after, block_ms=_BLOCK_MS)
            self._following.ask_now(asked)
