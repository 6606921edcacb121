"""Route: what sources say gets our ids, and goes to the shards of the events that it is of."""

import logging
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import accumulate

import msgspec

from domain.errors import Broken
from domain.markets import Event
from domain.quotes import Origin, Quote, Reading
from domain.shards import Forgotten, Shard, shard_number, shards
from jobs.matching import Matching, keep
from jobs.memory import Memory, remembered
from jobs.patience import surely
from jobs.sides import SidePrices
from kit.clock import Clock
from services.matching import Admitted
from store import odds, positions
from store.cache import Cache
from store.claims import Claim
from store.db import Database, Session
from store.streams import FIRST, Entry, Part, Routed, order

log = logging.getLogger(__name__)

CONSUMER = "router"
STREAM = "readings"
MOST_KNOWN = 50_000
TICK = timedelta(seconds=1)
BLOCK_MS = 200
# So many prices are handed on before more are looked at, or one reading of more.
MOST_A_TURN = 2_000


@dataclass(slots=True)
class Batch:
    """Everything of one turn: what PostgreSQL is to know before, and where the turn leads."""

    after: Routed
    admitted: list[Admitted] = field(default_factory=list[Admitted])
    events: dict[str, list[Event]] = field(default_factory=dict[str, list[Event]])
    parts: list[Part] = field(default_factory=list[Part])


class Router:
    """The one writer of links, and of what shards are told.

    Links and events are in PostgreSQL before their prices are in a shard's stream. The step that
    hands a batch to the shards moves the router's place with it, if the claim is still ours and
    nobody has moved it meanwhile; so no entry is left out and none is handed on twice.
    """

    def __init__(
        self, database: Database, cache: Cache, clock: Clock, of: int, claim: Claim
    ) -> None:
        self._database, self._cache, self._clock = database, cache, clock
        self._of, self._claim = of, claim
        self._sides = SidePrices()
        self._matching = Matching(self._sides.chances)
        self._memory = Memory()
        self._at = Routed(FIRST, None)
        self._waiting: list[Entry] = []
        self._place = positions.Place(CONSUMER, STREAM, FIRST, claim.holder)
        self._ticked_at = clock.now()
        self._known: dict[str, Event] = {}
        self._spread: dict[tuple[str, str], set[int]] = {}
        self._numbers: dict[str, int] = {}

    async def run(self) -> None:
        """Go on where the last router stopped, for ever; raise `Deposed` if another has begun."""
        await surely(self._resume, CONSUMER)
        while True:
            entries, batch = await surely(self._next, CONSUMER)
            await surely(partial(self._keep, batch), CONSUMER)
            await surely(partial(self._send, entries, batch), CONSUMER)

    async def _resume(self) -> None:
        self._at = await self._cache.streams.routed()
        async with self._database.begin() as db:
            self._place = await positions.take(db, CONSUMER, STREAM, self._claim.holder)
            await self._matching.restore(db, self._clock.now())
            if self._at.action is None:
                action, _ = await self._matching.obey(db, self._clock.now(), -1)
                self._at = self._at._replace(action=action)
        entry = remembered(self._clock.now())
        while order(entry) < order(self._at.at):
            past = await self._cache.streams.raw(entry, block_ms=1)
            past = [each for each in past if order(each.id) <= order(self._at.at)]
            if not past:
                break
            entry = past[-1].id
            await self._keep(await self._recalled(past))

    async def _recalled(self, past: list[Entry]) -> Batch:
        """Take in what was handed on before: no shard is told of it again."""
        batch = await self._admitted([each for each in past if _is_live(each)], self._at)
        self._memory.add(past)
        self._numbers |= {_reading(each).source: each.number for each in past}
        batch.parts.clear()
        return batch

    async def _next(self) -> tuple[list[Entry], Batch]:
        """Read what has come and say which shard is to be told what.

        Only the first steps can fail: after them the matcher knows the entries.
        """
        due = self._clock.now() - self._ticked_at >= TICK
        at, moved = (await self._obey()) if due else (self._at, [])
        if not self._waiting:
            self._waiting = await self._cache.streams.raw(at.at, block_ms=BLOCK_MS)
        entries = _turn(self._waiting)
        batch = await self._admitted(entries, at)
        del self._waiting[: len(entries)]
        batch.parts[:0] = [Part(self._shard(one.event_id), 0, one) for one in moved]
        for one in moved:
            self._sides.forget(one.source, one.event_id)
        if due:
            self._matching.retire(self._clock.now())
            self._sides.retire(self._clock.now())
            self._ticked_at = self._clock.now()
        return entries, batch

    async def _obey(self) -> tuple[Routed, list[Forgotten]]:
        """Act on merges and splits: prices of what moved are forgotten until named again.

        The same second, say which events are nearly an arbitrage by the names that sources use.
        """
        async with self._database.begin() as db:
            action, moved = await self._matching.obey(db, self._clock.now(), self._at.action or 0)
        near = await self._cache.near()
        ours = {id_ for teller, ids in near.items() if teller != CONSUMER for id_ in ids}
        await self._cache.put_near(CONSUMER, self._matching.names(ours))
        return self._at._replace(action=action), moved

    async def _admitted(self, entries: Sequence[Entry], at: Routed) -> Batch:
        readings = [_reading(entry) for entry in entries]
        if self._matching.unknown(readings):
            async with self._database.begin() as db:
                await self._matching.recall(db, readings, self._clock.now())
        batch = Batch(after=at._replace(at=entries[-1].id) if entries else at)
        for entry, reading in zip(entries, readings, strict=True):
            admitted = self._matching.admit(reading)
            self._sides.hear(admitted.reading)
            batch.admitted.append(admitted)
            for event in admitted.reading.events:
                if self._known.get(event.id) != event:
                    source = self._matching.described_by(event, admitted.reading)
                    batch.events.setdefault(source, []).append(event)
            batch.parts += self._parts(entry.number, admitted.reading)
        return batch

    def _parts(self, number: int, reading: Reading) -> list[Part]:
        """Return what each shard is told of a reading.

        A complete one goes to every shard that may hold prices of its scope, be it to say that
        they are gone; an answer to a question to every shard, since any may have asked.
        """
        if reading.answer is not None:
            return [Part(each, number, reading) for each in shards(self._of)]
        scope = reading.source, reading.scope
        events, quotes = defaultdict[int, list[Event]](list), defaultdict[int, list[Quote]](list)
        dealt: dict[str, int] = {}
        for event in reading.events:
            dealt[event.id] = here = shard_number(event.id, self._of)
            events[here].append(event)
        for quote in reading.quotes:
            event_id = quote.market.event_id
            if (here := dealt.get(event_id, -1)) < 0:
                dealt[event_id] = here = shard_number(event_id, self._of)
            quotes[here].append(quote)
        named = {*events, *quotes}
        told = self._spread.get(scope, set(range(self._of)))
        self._spread[scope] = named if reading.complete else told | named
        return [
            Part(
                Shard(here, self._of),
                number,
                msgspec.structs.replace(
                    reading, events=events[here], quotes=quotes[here], rejected={}
                ),
            )
            for here in sorted(named | told if reading.complete else named)
        ]

    async def _keep(self, batch: Batch) -> None:
        """Write what prices rest on, in the name of the one who holds the place."""
        new = any(one.links or one.proposals for one in batch.admitted)
        if not new and not batch.events:
            return
        async with self._database.begin() as db:
            await positions.move(db, self._place, self._place.entry)
            await self._keep_what_is_new(db, batch)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        for events in batch.events.values():
            self._known.update((event.id, event) for event in events)

    @staticmethod
    async def _keep_what_is_new(db: Session, batch: Batch) -> None:
        await keep(db, batch.admitted)
        for source, events in batch.events.items():
            await odds.save_events(db, source, events)

    async def _send(self, entries: list[Entry], batch: Batch) -> None:
        if batch.after == self._at and not batch.parts:
            return
        await self._cache.streams.route(self._claim, self._at, batch.after, batch.parts)
        self._at = batch.after
        self._count(entries)
        self._memory.add(entries)
        if before := self._memory.due(self._clock.now()):
            await self._cache.streams.trim(None, before)

    def _count(self, entries: list[Entry]) -> None:
        """Say so if a reading of a source is missing, which nothing of ours should bring about."""
        for entry in entries:
            source = _reading(entry).source
            lost = entry.number - self._numbers.get(source, entry.number - 1) - 1
            if lost:
                log.error("readings are missing", extra={"source": source, "count": lost})
            self._numbers[source] = entry.number

    def _shard(self, event_id: str) -> Shard:
        return shards(self._of)[shard_number(event_id, self._of)]


def _turn(waiting: Sequence[Entry]) -> list[Entry]:
    """Return the first of what waits: as many as bring prices for one turn, and one at least."""
    prices = accumulate(len(_reading(entry).quotes) for entry in waiting)
    return list(waiting[: max(1, bisect_right(list(prices), MOST_A_TURN))])


def _reading(entry: Entry) -> Reading:
    if isinstance(entry.said, Reading):
        return entry.said
    raise Broken("collectors append readings and nothing else")


def _is_live(entry: Entry) -> bool:
    return _reading(entry).origin is Origin.LIVE
