"""Detect: quotes from the stream, through the engine, into PostgreSQL, then onto the board."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from domain.board import Feeding
from domain.errors import Unavailable
from domain.markets import Event, Market
from domain.quotes import Origin, PriceKey, Quote, Reading
from engine.matching.orientation import Chances
from jobs.lives import LifeChanges, Lives
from jobs.matching import Matching, keep
from jobs.publish import Publisher
from jobs.told import Told
from kit.clock import Clock, epoch_ms
from kit.retry import backoff
from services.detect import Changes, Detector
from services.matching import Admitted, chances
from services.reliability import LOOK_EVERY
from services.slates import load_solvers
from store import odds, opportunities, positions
from store.cache import Cache
from store.db import Database, Session
from store.history_mirror import Mirror

log = logging.getLogger(__name__)

T = TypeVar("T")

CONSUMER = "detector"
SHARD = 0
STREAM = f"quotes:{SHARD}"
MOST_KNOWN = 50_000
MEMORY = timedelta(minutes=5)
TICK = timedelta(seconds=1)
BLOCK_MS = 200


@dataclass(slots=True)
class Heard:
    """What one reading brought that is kept; `events` are by the source that describes them."""

    admitted: Admitted
    events: dict[str, list[Event]]
    changed: list[Quote]
    withdrawn: list[PriceKey]


@dataclass(slots=True)
class Batch:
    """Everything of one turn that one transaction writes."""

    position: str
    heard: list[Heard] = field(default_factory=list[Heard])
    lives: LifeChanges = field(default_factory=LifeChanges)


class Detection:
    """The one writer of a stream's opportunities.

    PostgreSQL first, board second: whatever a member has seen survives any crash. Links, quotes,
    lives and the place in the stream are one transaction, so nothing is recorded twice or left out.
    """

    def __init__(
        self,
        database: Database,
        cache: Cache,
        clock: Clock,
        feeding: Callable[[], list[Feeding]],
        mirror: Mirror | None = None,
    ) -> None:
        self._database, self._cache, self._clock = database, cache, clock
        self._feeding, self._mirror = feeding, mirror
        self._detector = Detector()
        self._matching = Matching(self._chances)
        self._publisher = Publisher(cache, clock)
        self._told = Told(CONSUMER, database, cache, clock)
        self._lives = Lives()
        self._position = "0-0"
        self._ticked_at = clock.now()
        self._looked_at: datetime | None = None
        self._played: dict[tuple[str, str], datetime] = {}
        self._known_events: dict[str, Event] = {}
        self._known_markets: set[Market] = set()

    async def run(self) -> None:
        """Resume where the last process stopped, then turn for ever."""
        await asyncio.to_thread(load_solvers)
        await self._surely(self._resume)
        while True:
            batch = await self._surely(self._next)
            await self._surely(partial(self._keep, batch))
            await self._surely(partial(self._show, batch))

    @property
    def near(self) -> frozenset[str]:
        """The events that are an arbitrage now, or would be one if the gates let it."""
        return self._lives.events

    async def _surely(self, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step, waiting out PostgreSQL or Valkey being away: nothing is skipped."""
        waits = backoff(most_s=5.0)
        while True:
            try:
                return await step()
            except Unavailable as e:
                log.warning("detector waits", extra={"why": str(e)})
                await asyncio.sleep(next(waits))

    async def _resume(self) -> None:
        """Take up the lives left open; rebuild the prices from the last minutes of the stream."""
        async with self._database.begin() as db:
            self._lives = Lives(await opportunities.alive(db))
            self._position = await positions.position(db, CONSUMER, STREAM) or "0-0"
            await self._matching.restore(db, self._clock.now())
        self._detector = Detector()
        entry = self._remembered(self._clock.now())
        while _order(entry) < _order(self._position):
            past = await self._cache.readings(SHARD, entry, block_ms=1)
            if not past:
                break
            entry = past[-1][0]
            await self._rebuild([r for e, r in past if _order(e) <= _order(self._position)])
        self._look(self._lives.markets)

    async def _rebuild(self, readings: list[Reading]) -> None:
        """Take in readings that were kept before; what they lead to now is kept if it is new."""
        await self._recall(readings)
        heard: list[Heard] = []
        for reading in readings:
            admitted = self._matching.admit(reading)
            self._absorb(admitted.reading)
            heard.append(self._heard(admitted, Changes()))
        async with self._database.begin() as db:
            await self._keep_heard(db, heard)
        self._remember(heard)

    async def _recall(self, readings: list[Reading]) -> None:
        if self._matching.unknown(readings):
            async with self._database.begin() as db:
                await self._matching.recall(db, readings, self._clock.now())

    async def _obey(self) -> None:
        """Act on merges and splits: prices of what moved are forgotten until named again."""
        async with self._database.begin() as db:
            for link in await self._matching.obey(db, self._clock.now()):
                self._detector.forget_event(link.source, link.canonical_id)

    async def _next(self) -> Batch:
        """Read what has come, detect, and collect what there is to keep.

        Only the first steps can fail: after them the engine has heard the entries, and a second
        hearing would find nothing new in them.
        """
        due = self._clock.now() - self._ticked_at >= TICK
        if due:
            await self._obey()
        entries = await self._cache.readings(SHARD, self._position, block_ms=BLOCK_MS)
        await self._recall([reading for _, reading in entries])
        batch = Batch(position=self._position)
        for entry, reading in entries:
            batch.heard.append(self._hear(reading))
            batch.position = entry
        if due:
            self._tick()
        batch.lives = self._lives.take()
        return batch

    def _hear(self, reading: Reading) -> Heard:
        admitted = self._matching.admit(reading)
        changes = self._absorb(admitted.reading)
        self._look(changes.markets, heard_at=reading.arrived_at)
        return self._heard(admitted, changes)

    def _heard(self, admitted: Admitted, changes: Changes) -> Heard:
        events: dict[str, list[Event]] = {}
        for event in admitted.reading.events:
            if self._known_events.get(event.id) != event:
                source = self._matching.described_by(event, admitted.reading)
                events.setdefault(source, []).append(event)
        return Heard(admitted, events, changes.changed, changes.withdrawn)

    def _chances(self, event_id: str) -> Chances | None:
        return chances(self._detector.quotes(event_id)).get(event_id)

    def _absorb(self, reading: Reading) -> Changes:
        """Take in a reading; a recording that steps back in time is being played again."""
        place = (reading.source, reading.scope)
        if reading.origin is Origin.REPLAY and reading.as_of < self._played.get(
            place, reading.as_of
        ):
            self._detector.forget(reading.source)
        if reading.origin is Origin.REPLAY:
            self._played[place] = reading.as_of
        return self._detector.absorb(reading)

    def _tick(self) -> None:
        """Let time do its work: legs grow old, events start, sources fall silent."""
        now = self._clock.now()
        self._detector.retire(now)
        self._matching.retire(now)
        self._look(self._lives.markets)
        self._ticked_at = now

    @staticmethod
    def _remembered(now: datetime) -> str:
        """Return the first stream id that a restart still needs."""
        return f"{max(0, epoch_ms(now - MEMORY))}-0"

    def _look(self, markets: Collection[Market], heard_at: datetime | None = None) -> None:
        now = self._clock.now()
        found = self._detector.judge(markets, now)
        self._lives.judged(markets, found, now, heard_at=heard_at or now)

    async def _keep(self, batch: Batch) -> None:
        """Write the batch in one transaction, the place in the stream with it."""
        if not batch.heard and not batch.lives:
            return
        now = self._clock.now()
        async with self._database.begin() as db:
            await self._keep_heard(db, batch.heard)
            await _keep_lives(db, batch.lives, now)
            await positions.move(db, CONSUMER, STREAM, batch.position)
        self._remember(batch.heard)
        if self._mirror:
            self._mirror.offer(_changes(batch.heard))

    def _remember(self, kept: list[Heard]) -> None:
        """Note the events and markets that PostgreSQL has by now."""
        if len(self._known_events) > MOST_KNOWN:
            self._known_events.clear()
            self._known_markets.clear()
        for heard in kept:
            for events in heard.events.values():
                self._known_events.update((event.id, event) for event in events)
            self._known_markets |= _markets(heard)

    async def _keep_heard(self, db: Session, some: list[Heard]) -> None:
        await keep(db, [heard.admitted for heard in some])
        for heard in some:
            for source, events in heard.events.items():
                await odds.save_events(db, source, events)
            if new := _markets(heard) - self._known_markets:
                await odds.save_markets(db, new)
        await odds.save_changes(db, _changes(some))

    async def _show(self, batch: Batch) -> None:
        """Put on the board what PostgreSQL has acknowledged."""
        await self._publisher.publish(self._lives, batch.lives, self._feeding())
        await self._told.tell(self._detector, self._lives)
        await self._tell_reliability()
        if batch.position != self._position:
            self._position = batch.position
            oldest = min(self._remembered(self._clock.now()), self._position, key=_order)
            await self._cache.trim(SHARD, oldest)

    async def _tell_reliability(self) -> None:
        """Tell the status page now and then how far every source can be trusted."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        for source in self._detector.reliability(now):
            self._looked_at = now
            await self._cache.put_reliability(source)


def _changes(some: list[Heard]) -> list[odds.Change]:
    """Return what history keeps of readings."""
    return [
        odds.Change(
            source=heard.admitted.reading.source,
            origin=heard.admitted.reading.origin,
            seen_at=heard.admitted.reading.as_of,
            changed=heard.changed,
            withdrawn=heard.withdrawn,
        )
        for heard in some
    ]


def _markets(heard: Heard) -> set[Market]:
    return {q.market for q in heard.changed} | {price[0] for price in heard.withdrawn}


async def _keep_lives(db: Session, lives: LifeChanges, now: datetime) -> None:
    """Close before opening: one bet has one open life, and may have had two in this batch."""
    untouched: dict[str, list[str]] = {}
    for life, reason in lives.ended.items():
        if life not in lives.rows:
            untouched.setdefault(reason, []).append(life)
    for reason, ids in untouched.items():
        await opportunities.close_lives(db, ids, at=now, reason=reason)
    for life in [each for each in lives.ended if each in lives.rows]:
        await opportunities.save_lives(db, [lives.rows[life]], seen_at=now)
        await opportunities.close_lives(db, [life], at=now, reason=lives.ended[life])
    living = [row for life, row in lives.rows.items() if life not in lives.ended]
    await opportunities.save_lives(db, living, seen_at=now)


def _order(entry: str) -> tuple[int, int]:
    """The order of stream ids, which are two numbers and not text."""
    ms, _, n = entry.partition("-")
    return int(ms), int(n or 0)
