"""Trials: an admin has a source asked one question now, and hears what came of it."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.control import Happened, Happening, Trial, TrialAsked, TrialOutcome
from domain.errors import Broken, DutchbookError, Unavailable
from domain.sources import NotAsked, SourceState
from feeds.transport import NoCredential
from jobs.collect import Collector
from jobs.credentials import SwitchedOff
from jobs.polled import NotNow
from jobs.sources import Source
from jobs.vendors import Vendor
from kit.clock import Clock
from store import control_room
from store.cache import Cache

log = logging.getLogger(__name__)

MOST_S = 20.0
_NOT_ASKED = (NoCredential, SwitchedOff, NotNow)


class Following(Protocol):
    """The sources that this worker follows now, which change with the workers that live."""

    @property
    def sources(self) -> Sequence[Source]:
        """The sources."""
        ...

    @property
    def collectors(self) -> Sequence[Collector]:
        """What follows them."""
        ...


@dataclass(kw_only=True)
class Trials:
    """Answers what admins ask of the vendors that this worker follows, each in a task of its own.

    `hidden` takes a source's secrets out of a text.
    """

    following: Following
    cache: Cache
    clock: Clock
    hidden: Callable[[str, str], str]
    _running: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]], init=False)

    async def answer(self) -> None:
        """Take the questions that were asked for, and begin with each."""
        vendors = {one.name: one for one in self.following.sources if isinstance(one, Vendor)}
        for asked in await control_room.take_trials(self.cache, list(vendors)):
            task = asyncio.create_task(self._answer(vendors[asked.source], asked))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def settled(self) -> None:
        """Return when every trial that was begun has been answered."""
        await asyncio.gather(*self._running)

    async def _answer(self, vendor: Vendor, asked: TrialAsked) -> None:
        trial = await self._tried(vendor, asked)
        line = Happening(
            at=self.clock.now(), what=Happened.TRIED, text=_in_short(trial), by=asked.by
        )
        try:
            await control_room.put_trial(self.cache, trial)
            await control_room.note(self.cache, asked.source, [line])
        except Unavailable as e:
            log.warning("trial not told", extra={"source": asked.source, "why": str(e)})

    async def _tried(self, vendor: Vendor, asked: TrialAsked) -> Trial:
        collectors = self.following.collectors
        collector = next((each for each in collectors if each.health.name == vendor.name), None)
        began_s = self.clock.monotonic()
        said = _why_not(collector)
        if said is None:
            said = await self._asked(vendor)
            if collector and said["outcome"] is TrialOutcome.ANSWERED and _is_down(collector):
                collector.wake()
        said["sentence"] = self.hidden(said.get("sentence", ""), vendor.name)
        return Trial(asked=asked, took_s=self.clock.monotonic() - began_s, **said)

    async def _asked(self, vendor: Vendor) -> dict[str, Any]:
        try:
            async with asyncio.timeout(MOST_S):
                tried = await vendor.once()
        except TimeoutError:
            return _failed(f"it did not answer within {MOST_S:.0f} s")
        except (Unavailable, Broken) as e:
            return _failed(_sentence(vendor, e), asked=not isinstance(e, _NOT_ASKED))
        except Exception as e:  # the task's outermost edge: one trial must not end the worker
            log.exception("trial broke", extra={"source": vendor.name})
            return _failed(f"internal error: {type(e).__name__}")
        outcome = TrialOutcome.ANSWERED if tried.changed else TrialOutcome.UNCHANGED
        return {"outcome": outcome, "quotes": tried.quotes, "rejected": dict(tried.rejected)}


def _why_not(collector: Collector | None) -> dict[str, Any] | None:
    if collector is None:
        return _failed("another worker has just taken it over; test it again", asked=False)
    if collector.health.not_asked is not NotAsked.ASKED_TO_WAIT:
        return None
    return _failed("it told us to wait, and that time is not over", asked=False)


def _is_down(collector: Collector) -> bool:
    return collector.health.state in {SourceState.FAILING, SourceState.OFF}


def _failed(sentence: str, *, asked: bool = True) -> dict[str, Any]:
    outcome = TrialOutcome.FAILED if asked else TrialOutcome.NOT_ASKED
    return {"outcome": outcome, "sentence": sentence}


def _sentence(vendor: Vendor, error: DutchbookError) -> str:
    return str(error).removeprefix(f"{vendor.name}: ")


def _in_short(trial: Trial) -> str:
    rejected: Mapping[str, int] = trial.rejected
    if trial.outcome in {TrialOutcome.FAILED, TrialOutcome.NOT_ASKED}:
        return trial.sentence
    return f"{trial.quotes} quotes, {sum(rejected.values())} rejected, in {trial.took_s:.1f} s"
