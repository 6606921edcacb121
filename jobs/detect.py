"""Detect: a shard's prices, through the engine, into PostgreSQL, then onto the board."""

import asyncio
import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import chain

import msgspec

from domain.board import BoardRow, Feeding
from domain.markets import Market
from domain.quotes import Origin, PriceKey, Quote, Reading
from domain.shards import Forgotten, Shard
from jobs.lives import LifeChanges, Lives
from jobs.memory import Memory, remembered
from jobs.patience import surely
from jobs.prospects import Beside, Prospects
from jobs.publish import NOTHING, Publisher
from jobs.requote import Judged, Requotes
from jobs.told import Told
from kit.clock import Clock
from services.detect import Changes, Detector
from services.reliability import LOOK_EVERY
from services.slates import load_solvers
from store import audit, odds, opportunities, positions
from store.cache import Cache
from store.claims import Claim
from store.days import make_quote_days
from store.db import Database, Session
from store.history_mirror import Mirror
from store.streams import FIRST, Entry, order

CONSUMER = "detector"
MOST_KNOWN = 50_000
TICK = timedelta(seconds=1)
BLOCK_MS = 200
# Who has so much waiting judges all of it before anything is written: that is faster.
FAR_BEHIND = 12
# What crosses is judged anew every second for the time that has passed, in about so many parts.
PARTS_A_TICK = 16


@dataclass(slots=True)
class Heard:
    """What one reading brought that is kept."""

    reading: Reading
    changed: list[Quote]
    withdrawn: list[PriceKey]


@dataclass(slots=True)
class Batch:
    """Everything of one turn that one transaction writes."""

    heard: list[Heard] = field(default_factory=list[Heard])
    lives: LifeChanges = field(default_factory=LifeChanges)
    beside: Beside = NOTHING
    ticked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What every detector of a worker works with; `feeding` says what the board is made of.

    `prospects` says whether other kinds than arbitrage are looked for.
    """

    database: Database
    cache: Cache
    clock: Clock
    feeding: Callable[[], list[Feeding]]
    prospects: Callable[[], bool] = lambda: True
    mirror: Mirror | None = None


class Detection:
    """The one writer of a shard's opportunities.

    PostgreSQL first, board second: whatever a member has seen survives any crash. Quotes, lives and
    the place in the stream are one transaction, which fails if another has taken the place; so
    nothing is recorded twice or left out, whoever slept through the end of a claim.
    """

    def __init__(self, means: Means, shard: Shard, claim: Claim) -> None:
        self._shard, self._name = shard, f"{CONSUMER} {shard}"
        self._database, self._cache, self._clock = means.database, means.cache, means.clock
        self._feeding, self._mirror = means.feeding, means.mirror
        self._seeks_prospects = means.prospects
        self._detector = Detector()
        self._publisher = Publisher(means.cache, means.clock, shard, claim)
        self._told = Told(self._name, means.database, means.cache, means.clock)
        self._requotes = Requotes(self._detector.named_by)
        self._lives = Lives()
        self._prospects = Prospects(means.clock, shards=shard.of)
        self._memory = Memory()
        self._place = positions.Place(CONSUMER, f"quotes:{shard}", FIRST, claim.holder)
        self._read = FIRST
        self._waiting = deque[Entry]()
        self._ticked_at = means.clock.now()
        self._overdue = deque[list[Market]]()
        self._looked_at: datetime | None = None
        self._played: dict[tuple[str, str], datetime] = {}
        self._known_markets: set[Market] = set()
        self._days: set[date] = set()

    async def run(self) -> None:
        """Go on where the last one stopped, for ever; raise `Deposed` if another has begun."""
        await asyncio.to_thread(load_solvers)
        await surely(self._resume, self._name)
        while True:
            batch = await surely(self._next, self._name)
            await self._told.ask(self._requotes)
            await surely(partial(self._keep, batch), self._name)
            await surely(partial(self._show, batch), self._name)

    async def _resume(self) -> None:
        """Take up the lives left open; rebuild the prices from the last minutes of the stream."""
        at = self._place
        async with self._database.begin() as db:
            self._place = await positions.take(db, at.consumer, at.stream, at.holder)
            alive = await opportunities.alive(db)
        self._read = self._place.entry
        self._lives = Lives([row for row in alive if row.opportunity.event.id in self._shard])
        self._detector = Detector()
        self._requotes = Requotes(self._detector.named_by)
        entry = remembered(self._clock.now())
        while order(entry) < order(self._place.entry):
            past = await self._cache.streams.of(self._shard, entry, block_ms=1)
            past = [each for each in past if order(each.id) <= order(self._place.entry)]
            if not past:
                break
            entry = past[-1].id
            self._memory.add(past)
            for each in past:
                self._take_in(each)
        self._look(self._lives.markets)

    async def _next(self) -> Batch:
        """Read what has come, detect, and collect what there is to keep.

        Only the first step can fail: after it the engine has heard the entries, and a second
        hearing would find nothing new in them. What has changed the board is shown before more is
        judged. Between two entries others have their turn.
        """
        if not self._waiting:
            block_ms = 1 if self._overdue else BLOCK_MS
            self._waiting.extend(
                await self._cache.streams.of(self._shard, self._read, block_ms=block_ms)
            )
        batch, is_far_behind = Batch(), len(self._waiting) >= FAR_BEHIND
        while self._waiting and (is_far_behind or not self._lives.have_changed):
            self._hear(self._waiting.popleft(), batch)
            await asyncio.sleep(0)
        if self._clock.now() - self._ticked_at >= TICK:
            batch.ticked = True
            self._tick()
        if self._overdue:
            self._look(self._overdue.popleft())
        self._look(self._requotes.overdue(self._clock.now()))
        if not self._seeks_prospects():
            self._prospects.clear()
        elif not is_far_behind:
            self._prospects.look(self._detector)
        batch.lives, batch.beside = self._lives.take(), self._prospects.take()
        return batch

    def _hear(self, entry: Entry, batch: Batch) -> None:
        """Take in an entry, and judge what it has changed."""
        self._read = entry.id
        self._memory.add([entry])
        if isinstance(entry.said, Reading) and entry.said.answer is not None:
            self._look(self._requotes.hear(entry.said.answer, entry.said.arrived_at))
            return
        changes = self._take_in(entry)
        if isinstance(entry.said, Reading):
            self._look(changes.markets, heard_at=entry.said.arrived_at)
            batch.heard.append(Heard(entry.said, changes.changed, changes.withdrawn))

    def _take_in(self, entry: Entry) -> Changes:
        if isinstance(entry.said, Forgotten):
            self._detector.forget_event(entry.said.source, entry.said.event_id)
            self._prospects.hear((entry.said.event_id,))
            return Changes()
        changes = self._absorb(entry.said)
        self._prospects.hear(market.event_id for market in changes.markets)
        return changes

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
        """Let time do its work: legs grow old, events start, sources fall silent.

        What crosses is judged in parts, with what has come between them, and an event's markets in
        one.
        """
        now = self._clock.now()
        self._detector.retire(now)
        if not self._overdue:
            self._overdue.extend(_parts(self._lives.markets))
        self._ticked_at = now

    def _look(self, markets: Collection[Market], heard_at: datetime | None = None) -> None:
        if not markets:
            return
        now = self._clock.now()
        found, cleared = self._requotes.sifted(
            Judged(markets),
            self._detector.judge(markets, now),
            self._lives.keys,
            now,
            heard_at or now,
        )
        self._lives.judged(markets, found, now, heard_at=heard_at or now, cleared=cleared)

    async def _keep(self, batch: Batch) -> None:
        """Write the batch in one transaction, the place in the stream with it.

        What changed nothing is noted as read within a second: to hear it again changes nothing.
        """
        changed = batch.lives or any(heard.changed or heard.withdrawn for heard in batch.heard)
        if not changed and (not batch.ticked or self._read == self._place.entry):
            return
        await self._make_days(batch)
        now = self._clock.now()
        new = {market for heard in batch.heard for market in _markets(heard)} - self._known_markets
        async with self._database.begin() as db:
            # First of all: who is deposed must not meet what its successor wrote.
            place = await positions.move(db, self._place, self._read)
            if new:
                await odds.save_markets(db, new)
            await odds.save_changes(db, _changes(batch.heard))
            await _keep_lives(db, batch.lives, now)
            await audit.record_all(db, [_published(row, self._name) for row in batch.lives.begun])
        self._place = place
        self._remember(new)
        if self._mirror:
            self._mirror.offer(_changes(batch.heard))

    async def _make_days(self, batch: Batch) -> None:
        days = {heard.reading.as_of.astimezone(UTC).date() for heard in batch.heard} - self._days
        if days:
            async with self._database.begin() as db:
                await make_quote_days(db, days)
            self._days |= days

    def _remember(self, new: set[Market]) -> None:
        """Note the markets that PostgreSQL has by now."""
        if len(self._known_markets) > MOST_KNOWN:
            self._known_markets.clear()
        self._known_markets |= new

    async def _show(self, batch: Batch) -> None:
        """Put on the board what PostgreSQL has acknowledged."""
        await self._publisher.publish(self._lives, batch.lives, self._feeding(), batch.beside)
        self._told.note(self._requotes)
        await self._told.tell(self._detector, self._lives)
        if batch.ticked:
            await self._cache.put_near(str(self._shard), self._lives.events)
        await self._tell_looks()
        if before := self._memory.due(self._clock.now()):
            await self._cache.streams.trim(self._shard, before)

    async def _tell_looks(self) -> None:
        """Tell now and then what was seen of every book: how far it can be trusted follows."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at < LOOK_EVERY:
            return
        if looks := await asyncio.to_thread(self._detector.looks, now):
            self._looked_at = now
            await self._cache.put_looks(self._shard, looks)


def _parts(markets: Collection[Market]) -> list[list[Market]]:
    """Return markets in parts of about as many events each."""
    of = defaultdict[str, list[Market]](list)
    for market in markets:
        of[market.event_id].append(market)
    events = list(of.values())
    size = -(-len(events) // PARTS_A_TICK) or 1
    starts = range(0, len(events), size)
    return [list(chain.from_iterable(events[start : start + size])) for start in starts]


def _changes(some: list[Heard]) -> list[odds.Change]:
    """Return what history keeps of readings."""
    return [
        odds.Change(
            source=heard.reading.source,
            origin=heard.reading.origin,
            seen_at=heard.reading.as_of,
            changed=heard.changed,
            withdrawn=heard.withdrawn,
        )
        for heard in some
    ]


def _published(row: BoardRow, by: str) -> audit.Entry:
    """Return the entry of a life that begins: what it began with, as a hash of its content."""
    opportunity = row.opportunity
    content = hashlib.sha256(msgspec.json.encode(opportunity)).hexdigest()
    return audit.Entry(
        actor=by,
        action="opportunity.publish",
        subject=f"opportunity {row.id}",
        details={"key": opportunity.key, "sha256": content},
    )


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
