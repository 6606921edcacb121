"""The board as it is, one opportunity of it, and those who follow it."""

import asyncio
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.board import BoardPatch, BoardSnapshot
from domain.errors import NotAllowed, NotFound
from domain.opportunities import Kind
from domain.shards import ONLY, shards
from kit.clock import ManualClock
from kit.ids import fresh
from services import board
from services.board import BoardFollower, Life
from store.cache import Cache
from store.opportunities import close_lives, save_lives
from tests.accounts import READER
from tests.facts import NOON, a_patch, a_row, a_snapshot, some_refusals


@pytest.fixture
def work(work):
    """The work of a visitor who is shown everything."""
    return replace(work, subject=READER)


async def test_the_board_and_its_near_misses_are_as_published(work):
    assert (await board.latest(work), await board.refusals(work)) == (None, None)
    snapshot = a_snapshot(5, rows=[a_row()])
    await work.cache.publish(a_patch(5, rows=snapshot.rows), snapshot)
    await work.cache.put_refusals(some_refusals())
    assert await board.latest(work) == snapshot
    assert await board.refusals(work) == some_refusals()


async def test_an_opportunity_on_the_board_is_as_it_stands_there(work):
    row = a_row(best_roi=0.9)
    await save_lives(work.db, [msgspec.structs.replace(row, best_roi=0.5)], seen_at=NOON)
    await work.cache.publish(a_patch(rows=[row]), a_snapshot(rows=[a_row(), row]))
    assert await board.opportunity(work, row.id) == Life(row=row, last_seen_at=NOON)


async def test_an_opportunity_that_has_left_the_board_is_remembered(work):
    row, later = a_row(), NOON + timedelta(minutes=1)
    await save_lives(work.db, [row], seen_at=NOON)
    await close_lives(work.db, [row.id], at=later, reason="no longer crosses")
    await work.cache.publish(a_patch(), a_snapshot())
    assert await board.opportunity(work, row.id) == Life(
        row=row, last_seen_at=NOON, gone_at=later, gone_reason="no longer crosses"
    )


async def test_an_opportunity_that_never_was_is_not_found(work):
    with pytest.raises(NotFound):
        await board.opportunity(work, "never")


@pytest.mark.parametrize(
    "question",
    [board.latest, board.refusals, lambda work: board.opportunity(work, "any")],
)
async def test_whoever_may_nothing_sees_nothing(work, stranger, question):
    with pytest.raises(NotAllowed):
        await question(replace(work, subject=stranger))


class Publisher:
    """Publishes a shard's board that changes, and remembers what it is now."""

    def __init__(self, cache, shard=ONLY):
        self.cache, self.shard = cache, shard
        self.epoch, self.seq, self.shown, self.sent = 1, 0, {}, []

    async def publish(self, *, lost=0, ago_s=0):
        """Publish the next version; the patches of `lost` ones before it reach nobody."""
        for _ in range(lost + 1):
            self.seq += 1
            row = a_row(id=f"{self.shard}:{self.epoch}.{self.seq}")
            gone = list(self.shown)[:1] if len(self.shown) > 2 else []
            self.shown = {k: v for k, v in self.shown.items() if k not in gone} | {row.id: row}
        await self.tell(rows=[row], gone=gone, published_at=NOON - timedelta(seconds=ago_s))

    async def tell(self, **changes):
        """Send a patch and its snapshot; without changes it is a heartbeat."""
        patch = a_patch(self.seq, epoch=f"{self.shard}:{self.epoch}", **changes)
        self.sent.append(patch)
        await self._send(patch)

    async def beat(self, **changes):
        """Say that the board still holds."""
        self.seq += 1
        await self.tell(**changes)

    async def repeat(self, back):
        """Send an older patch of this epoch once more."""
        if self.sent:
            await self._send(self.sent[-1 - back % len(self.sent)])

    async def start_again(self):
        """Begin a new epoch, with its first version."""
        self.epoch, self.seq, self.shown, self.sent = self.epoch + 1, 0, {}, []
        await self.publish()

    async def _send(self, patch):
        figures = {
            name: getattr(patch, name) for name in ("epoch", "published_at", "refused_total")
        }
        snapshot = a_snapshot(self.seq, rows=list(self.shown.values()), **figures)
        await self.cache.publish(patch, snapshot, self.shard)


class Reader:
    """Reads what a follower yields, for ever, and applies it as a browser does."""

    def __init__(self, cache):
        self.follower = BoardFollower(cache, ManualClock(NOON))
        self.messages, self.shown, self._came = [], {}, asyncio.Event()

    async def read(self):
        async with aclosing(self.follower.messages()) as messages:
            async for message in messages:
                self.take(message)
                self._came.set()

    def take(self, message):
        if isinstance(message, BoardSnapshot):
            self.shown = {}
        else:
            assert self.messages, "the first message is a snapshot"
            last = self.messages[-1]
            assert (message.epoch, message.seq) == (last.epoch, last.seq + 1)
            self.shown = {k: v for k, v in self.shown.items() if k not in message.gone}
        self.shown |= {row.id: row for row in message.rows}
        self.messages.append(message)

    async def reach(self, *publishers):
        """Wait until what these publish is shown, and nothing else."""
        wanted = {life: row for each in publishers for life, row in each.shown.items()}
        while self.shown != wanted:
            self._came.clear()
            await self._came.wait()


@asynccontextmanager
async def following(cache):
    reader = Reader(cache)
    reading = asyncio.ensure_future(reader.read())
    try:
        async with asyncio.timeout(30):
            yield reader
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


steps = st.one_of(
    st.builds(lambda lost: lambda p: p.publish(lost=lost), st.sampled_from([0, 0, 0, 1, 3])),
    st.builds(lambda back: lambda p: p.repeat(back), st.integers(0, 4)),
    st.just(Publisher.start_again),
)
turns = st.tuples(st.integers(0, 2), steps)
bursts = st.lists(st.lists(turns, min_size=1, max_size=5), max_size=6)


@given(before=st.lists(turns, max_size=4), bursts=bursts)
@settings(deadline=None, max_examples=50)
async def test_a_follower_always_arrives_at_the_board_of_now_without_a_gap(servers, before, bursts):
    cache = await Cache.open(servers.redis_url, namespace=fresh("test-"))
    publishers = [Publisher(cache, shard) for shard in shards(3)]
    for number, step in before:
        await step(publishers[number])
    async with following(cache) as reader:
        for burst in [[(n, Publisher.publish) for n in range(3)], *bursts]:
            for number, step in burst:
                await step(publishers[number])
            # What was repeated may have been the last word: the next version heals it.
            for publisher in publishers:
                await publisher.publish()
            await reader.reach(*publishers)
    await cache.close()


async def test_a_follower_is_sent_patches_and_not_snapshots_while_nothing_is_lost(cache):
    one, two = (Publisher(cache, shard) for shard in shards(2))
    await one.publish()
    await two.publish()
    async with following(cache) as reader:
        for publisher in (one, two) * 3:
            await reader.reach(one, two)
            await publisher.publish()
        await reader.reach(one, two)
    assert [type(message) for message in reader.messages] == [BoardSnapshot, *[BoardPatch] * 6]


async def test_a_gap_or_a_new_start_of_one_shard_is_a_patch_of_what_differs(cache):
    one, two = (Publisher(cache, shard) for shard in shards(2))
    await one.publish()
    await two.publish()
    async with following(cache) as reader:
        await reader.reach(one, two)
        await one.publish(lost=1)
        await reader.reach(one, two)
        gap = reader.messages[-1]
        assert {row.id for row in gap.rows} == {"0/2:1.2", "0/2:1.3"}
        await one.start_again()
        await reader.reach(one, two)
        again = reader.messages[-1]
        assert (set(again.gone), [row.id for row in again.rows]) == (
            {"0/2:1.1", "0/2:1.2", "0/2:1.3"},
            ["0/2:2.1"],
        )
    assert [type(message) for message in reader.messages] == [BoardSnapshot, BoardPatch, BoardPatch]


async def test_a_silent_shard_keeps_the_age_and_nobody_elses_rows(cache):
    one, two = (Publisher(cache, shard) for shard in shards(2))
    await one.publish(ago_s=30)
    await two.publish(ago_s=2)
    async with following(cache) as reader:
        await reader.reach(one, two)
        await two.publish()
        await reader.reach(one, two)
        assert reader.messages[-1].published_at == NOON - timedelta(seconds=30)
        await one.publish()
        await reader.reach(one, two)
        assert reader.messages[-1].published_at == NOON


async def test_heartbeats_that_say_the_same_are_not_handed_on(cache):
    one, two = (Publisher(cache, shard) for shard in shards(2))
    await one.publish(ago_s=4)
    await two.publish(ago_s=4)
    async with following(cache) as reader:
        await reader.reach(one, two)
        for publisher in (one, two, one, two):
            await publisher.beat(published_at=NOON - timedelta(seconds=3.9))
        await one.beat(published_at=NOON - timedelta(seconds=2))
        await two.beat(published_at=NOON - timedelta(seconds=2))
        await one.beat(published_at=NOON - timedelta(seconds=2), refused_total=5)
        await two.publish()
        await reader.reach(one, two)
    told = [(m.published_at, m.refused_total, len(m.rows)) for m in reader.messages[1:]]
    later = NOON - timedelta(seconds=2)
    assert told == [(later, 0, 0), (later, 5, 0), (later, 5, 1)]


async def test_events_dealt_out_anew_are_a_new_board(cache):
    old, (one, two) = Publisher(cache), (Publisher(cache, shard) for shard in shards(2))
    await old.publish()
    async with following(cache) as reader:
        await reader.reach(old)
        await one.publish()
        await two.publish()
        await reader.reach(one, two)
    assert isinstance(reader.messages[-1], BoardSnapshot)


async def test_what_is_published_while_it_joins_is_not_missed(cache):
    publisher, reader = Publisher(cache), Reader(cache)
    messages = reader.follower.messages()
    first = asyncio.ensure_future(anext(messages))
    while not first.done():
        await publisher.publish()
    reader.take(await first)
    while reader.shown != publisher.shown:
        reader.take(await anext(messages))
    await messages.aclose()


async def test_silence_is_measured(cache, clock):
    follower = BoardFollower(cache, clock)
    assert follower.silent_s is None
    await Publisher(cache).publish()
    messages = follower.messages()
    await anext(messages)
    clock.advance(3)
    assert follower.silent_s == 3
    await messages.aclose()


async def test_kinds_that_are_switched_off_leave_the_board_and_come_back(cache, clock):
    on = True

    async def offered():
        return on

    lock, other = a_row(id=fresh()), a_row(id=fresh())
    of = msgspec.structs.replace(other.opportunity, kind=Kind.MIDDLE)
    rows = [lock, msgspec.structs.replace(other, opportunity=of)]
    messages = BoardFollower(cache, clock, offered).messages()
    await cache.publish(a_patch(1, rows=rows), a_snapshot(1, rows=rows))

    async def after(seq):
        waiting = asyncio.ensure_future(anext(messages))
        await asyncio.sleep(0)
        await cache.publish(a_patch(seq, rows=rows), a_snapshot(seq, rows=rows))
        return await waiting

    assert {row.id for row in (await anext(messages)).rows} == {row.id for row in rows}
    on = False
    turned = await after(2)
    assert isinstance(turned, BoardSnapshot)
    assert [row.id for row in turned.rows] == [lock.id]
    assert [row.id for row in (await after(3)).rows] == [lock.id]
    on = True
    back = await after(4)
    assert isinstance(back, BoardSnapshot)
    assert {row.id for row in back.rows} == {row.id for row in rows}
    await messages.aclose()
