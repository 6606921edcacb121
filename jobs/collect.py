"""Collect: follow one source for as long as the worker lives, and hand on what it says."""

import asyncio
import logging
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from domain.errors import DutchbookError, Unavailable
from domain.quotes import Reading
from domain.sources import SourceHealth, SourceState
from jobs.sources import Sleep, Source
from kit.clock import Clock
from kit.retry import backoff

log = logging.getLogger(__name__)

HandOn = Callable[[Reading], Awaitable[object]]


class Collector:
    """One source's task. Its failures are its own: they are counted, told, and tried again."""

    def __init__(
        self, source: Source, hand_on: HandOn, clock: Clock, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._source, self._hand_on, self._clock, self._sleep = source, hand_on, clock, sleep
        self.health = SourceHealth(
            name=source.name, title=source.title, origin=source.origin, state=SourceState.STARTING
        )

    async def run(self) -> None:
        """Collect round after round; return only when the source has an end and reached it."""
        waits = backoff()
        while True:
            try:
                await self._round()
            except DutchbookError as e:
                pause_s = next(waits)
                self._failed(str(e), e.code)
            except Exception as e:  # the task's outermost edge: one source must not end the worker
                pause_s = next(waits)
                log.exception("source broke", extra={"source": self._source.name})
                self._failed(f"internal error: {type(e).__name__}", "internal_error")
            else:
                if self._source.ends:
                    self._tell(state=SourceState.FINISHED, note="The recording has ended.")
                    return
                pause_s, waits = self._source.pause_s, backoff()
            self._tell(next_due_at=self._clock.now() + timedelta(seconds=pause_s))
            await self._sleep(pause_s)

    async def _round(self) -> None:
        async for reading in self._source.readings():
            await self._deliver(reading)
            self._heard(reading)

    async def _deliver(self, reading: Reading) -> None:
        """Hand on a reading, however long that takes: a recording must not start over for it."""
        for pause_s in backoff():
            try:
                await self._hand_on(reading)
            except Unavailable as e:
                self._failed(f"cannot hand on: {e}", e.code)
                await self._sleep(pause_s)
            else:
                return

    def _heard(self, reading: Reading) -> None:
        told = self.health
        ages = [
            (reading.as_of - q.changed_at).total_seconds() for q in reading.quotes if q.changed_at
        ]
        self._tell(
            state=SourceState.HEALTHY,
            note="",
            readings=told.readings + 1,
            quotes=told.quotes + len(reading.quotes),
            rejected=dict(Counter(told.rejected) + Counter(reading.rejected)),
            lag_s=statistics.median(ages) if ages else told.lag_s,
            quota_left=self._source.quota_left,
            last_answer_at=self._clock.now(),
        )

    def _failed(self, note: str, code: str) -> None:
        log.warning("source failed", extra={"source": self._source.name, "code": code})
        self._tell(state=SourceState.FAILING, note=note, failures=self.health.failures + 1)

    def _tell(self, **facts: object) -> None:
        self.health = msgspec.structs.replace(self.health, **facts)
