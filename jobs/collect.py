"""Collect: follow one source for as long as the worker lives, and hand on what it says."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime, timedelta

import msgspec

from domain.errors import DutchbookError, Unavailable
from domain.questions import Question
from domain.quotes import Reading
from domain.sources import NotAsked, SourceHealth, SourceState
from feeds.base import KeyRefused, RegionRefused
from feeds.transport import AskedToWait, NoCredential
from jobs.breaker import Breaker
from jobs.credentials import SwitchedOff
from jobs.pending import MOST_PENDING
from jobs.sources import Sleep, Source
from jobs.vendors import Vendor
from kit.clock import Clock
from kit.retry import backoff
from kit.waiting import unless

log = logging.getLogger(__name__)

HandOn = Callable[[Reading], Awaitable[object]]

# Why a source is not asked after an error that asking again at once cannot mend, and how long it
# rests at least: a credential may be set, and a key changed, at any time.
_RESTS: dict[type[DutchbookError], tuple[NotAsked, float]] = {
    NoCredential: (NotAsked.NO_CREDENTIAL, 5.0),
    SwitchedOff: (NotAsked.SWITCHED_OFF, 5.0),
    KeyRefused: (NotAsked.KEY_REFUSED, 60.0),
    RegionRefused: (NotAsked.REGION_REFUSED, 900.0),
    AskedToWait: (NotAsked.ASKED_TO_WAIT, 0.0),
}
_OFF = (NoCredential, SwitchedOff, RegionRefused)
_MOST_ASKED_S = 3600.0
_SPENT = "Its quota is spent: it is asked again when a new period begins."


class Collector:
    """One source's task. Its failures are its own: they are counted, told, and tried again."""

    def __init__(
        self, source: Source, hand_on: HandOn, clock: Clock, *, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._source, self._hand_on, self._clock, self._sleep = source, hand_on, clock, sleep
        self._breaker, self._waits, self._failures = Breaker(), backoff(), 0
        self._not_asked: NotAsked | None = None
        self._woken, self._alone_until_s = asyncio.Event(), 0.0
        self._hurried, self._rests = asyncio.Event(), False
        self._turned_down: list[Question] = []
        self.health = SourceHealth(
            name=source.name, title=source.title, origin=source.origin, state=SourceState.STARTING
        )

    async def run(self) -> None:
        """Collect round after round; return only when the source has an end and reached it."""
        while True:
            answers = self._source.facts.answers
            self._woken.clear()
            self._hurried.clear()
            try:
                self._source.check()
                if not self._left_alone_s():
                    await self._round()
            except DutchbookError as e:
                self._rests = True
                pause_s = self._failed(e)
            except Exception as e:  # the task's outermost edge: one source must not end the worker
                log.exception("source broke", extra={"source": self._source.name})
                self._rests = True
                pause_s = self._missed(f"internal error: {type(e).__name__}", "internal_error")
            else:
                if self._source.ends:
                    self._tell(state=SourceState.FINISHED, note="The recording has ended.")
                    return
                if self._source.facts.answers > answers:
                    self._answered()
                pause_s = self._left_alone_s() or self._source.pause_s
                self._rests = bool(self._left_alone_s())
            self._tell(next_due_at=self._clock.now() + timedelta(seconds=pause_s))
            await self._rest(pause_s)

    def wake(self) -> None:
        """End the source's rest and trust it again: its credential or its switch has changed.

        One that told us to wait is still left alone for as long as it said.
        """
        self._breaker, self._waits, self._not_asked = Breaker(), backoff(), None
        if self._left_alone_s():
            self._not_asked = NotAsked.ASKED_TO_WAIT
        if self.health.state is SourceState.OFF:
            self._tell(state=SourceState.STARTING, note="")
        self._source.renew()
        self._woken.set()

    def ask_now(self, questions: Sequence[Question]) -> None:
        """Have a vendor that is well answer questions at once; one that rests is left to rest.

        Either way the answer is handed on among its readings.
        """
        if not isinstance(self._source, Vendor):
            return
        if self._rests:
            self._turned_down = [*self._turned_down, *questions][-MOST_PENDING:]
        else:
            self._source.ask_now(questions)
        self._hurried.set()

    async def _rest(self, pause_s: float) -> None:
        """Sleep, unless somebody wakes the source; what is asked meanwhile ends only a pause."""
        until_s = self._clock.monotonic() + pause_s
        while True:
            await unless(self._hurried, self._pause(pause_s))
            await self._turn_down()
            if self._woken.is_set() or not self._rests or not self._hurried.is_set():
                break
            self._hurried.clear()
            pause_s = max(0.0, until_s - self._clock.monotonic())
        if not self._woken.is_set():
            self._alone_until_s = 0.0

    async def _pause(self, pause_s: float) -> None:
        await unless(self._woken, self._sleep(pause_s))

    async def _turn_down(self) -> None:
        """Say that what was asked of a source that rests is not asked of it."""
        asked, self._turned_down = self._turned_down, []
        if asked and isinstance(self._source, Vendor):
            ids = [question.id for question in asked]
            await self._deliver(self._source.pending.answer(ids, told=False))

    async def _round(self) -> None:
        async with aclosing(self._source.readings()) as readings:
            async for reading in readings:
                await self._deliver(reading)
                if reading.answer is None:
                    self._heard(reading)

    async def _deliver(self, reading: Reading) -> None:
        """Hand on a reading, however long that takes: a recording must not start over for it."""
        for pause_s in backoff():
            try:
                await self._hand_on(reading)
            except Unavailable as e:
                self._note(f"cannot hand on: {e}", e.code)
                await self._sleep(pause_s)
            else:
                return

    def _heard(self, reading: Reading) -> None:
        told = self.health
        changed = sorted(q.changed_at for q in reading.quotes if q.changed_at)
        self._answered()
        self._tell(
            readings=told.readings + 1,
            quotes=told.quotes + len(reading.quotes),
            rejected=dict(Counter(told.rejected) + Counter(reading.rejected)),
            lag_s=_median_age_s(changed, reading.as_of) if changed else told.lag_s,
            last_answer_at=self._clock.now(),
        )

    def _answered(self) -> None:
        """Trust the source again; what fails of it beside the rest is said."""
        self._breaker, self._waits, self._not_asked = Breaker(), backoff(), None
        failing = self._source.facts.failing
        scope = next(iter(failing), "")
        note = f"{len(failing)} of its scopes fail, {scope}: {failing[scope]}" if failing else ""
        self._tell(state=SourceState.FAILING if failing else SourceState.HEALTHY, note=note)

    def _failed(self, error: DutchbookError) -> float:
        """Tell what went wrong; return how long the source rests."""
        rest = next((rest for kind, rest in _RESTS.items() if isinstance(error, kind)), None)
        if rest and isinstance(error, _OFF):
            self._not_asked = rest[0]
            self._tell(state=SourceState.OFF, note=str(error))
            return rest[1]
        pause_s = self._missed(str(error), error.code)
        if rest:
            self._not_asked = rest[0]
            pause_s = max(pause_s, rest[1])
        if isinstance(error, AskedToWait):
            pause_s = max(pause_s, min(_MOST_ASKED_S, error.wait_s))
            self._alone_until_s = self._clock.monotonic() + pause_s
        return pause_s

    def _left_alone_s(self) -> float:
        """Return how long the source still wants to be left alone."""
        return max(0.0, self._alone_until_s - self._clock.monotonic())

    def _missed(self, note: str, code: str) -> float:
        """Count a failed round; return how long the source rests, longer where it keeps failing."""
        self._note(note, code)
        now_s = self._clock.monotonic()
        self._breaker = self._breaker.failed(now_s)
        open_s = self._breaker.wait_s(now_s)
        self._not_asked = NotAsked.BREAKER_OPEN if open_s else None
        return open_s + next(self._waits)

    def _note(self, note: str, code: str) -> None:
        log.warning("source failed", extra={"source": self._source.name, "code": code})
        self._failures += 1
        self._tell(state=SourceState.FAILING, note=note)

    def _tell(self, **facts: object) -> None:
        """Bring the health up to date: what the source knows of itself, then `facts`."""
        own = asdict(self._source.facts)
        own["failures"] = self._failures + own.pop("failed")
        own["last_answer_at"] = own["last_answer_at"] or self.health.last_answer_at
        own["not_asked"] = self._not_asked or own["not_asked"]
        if own["not_asked"] is NotAsked.QUOTA_SPENT:
            own["note"] = _SPENT
        self.health = msgspec.structs.replace(self.health, **own | facts)


def _median_age_s(changed: Sequence[datetime], as_of: datetime) -> float:
    """Return the median of ages; `changed` is sorted."""
    older, newer = changed[(len(changed) - 1) // 2], changed[len(changed) // 2]
    return ((as_of - older) + (as_of - newer)).total_seconds() / 2
