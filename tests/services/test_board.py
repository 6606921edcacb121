"""The board as it is, one opportunity of it, and those who follow it."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.board import BoardPatch, BoardSnapshot
from domain.errors import NotAllowed, NotFound
from kit.clock import ManualClock
from kit.ids import fresh
from services import board
from services.board import BoardFollower, Life
from store.cache import Cache
from store.opportunities import close_lives, save_lives
from tests.facts import NOON, a_patch, a_row, a_snapshot, some_refusals


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
    """Publishes a board that changes, and remembers what it was at every version."""

    def __init__(self, cache):
        self.cache = cache
        self.epoch, self.seq, self.shown, self.sent = 1, 0, {}, []
        self.truth, self.latest = {}, None

    async def publish(self, *, lost=0):
        """Publish the next version; the patches of `lost` ones before it reach nobody."""
        for _ in range(lost + 1):
            self.seq += 1
            row = a_row(id=f"{self.epoch}.{self.seq}")
            gone = list(self.shown)[:1] if len(self.shown) > 2 else []
            self.shown = {k: v for k, v in self.shown.items() if k not in gone} | {row.id: row}
            self.latest = str(self.epoch), self.seq
            self.truth[self.latest] = dict(self.shown)
        patch = a_patch(self.seq, epoch=str(self.epoch), rows=[row], gone=gone)
        self.sent.append(patch)
        await self._send(patch)

    async def repeat(self, back):
        """Send an older patch of this epoch once more."""
        if self.sent:
            await self._send(self.sent[-1 - back % len(self.sent)])

    async def start_again(self):
        """Begin a new epoch, with its first version."""
        self.epoch, self.seq, self.shown, self.sent = self.epoch + 1, 0, {}, []
        await self.publish()

    async def _send(self, patch):
        version = {"epoch": str(self.epoch), "rows": list(self.shown.values())}
        await self.cache.publish(patch, a_snapshot(self.seq, **version))


class Reader:
    """Reads what a follower yields, for ever."""

    def __init__(self, cache):
        self.follower = BoardFollower(cache, ManualClock(NOON))
        self.messages, self._came = [], asyncio.Event()

    async def read(self):
        async with aclosing(self.follower.messages()) as messages:
            async for message in messages:
                self.messages.append(message)
                self._came.set()

    async def reach(self, version):
        """Wait until `version` was yielded."""
        while not self.messages or version_of(self.messages[-1]) != version:
            self._came.clear()
            await self._came.wait()


def version_of(message):
    return message.epoch, message.seq


def assert_follows(messages, truth):
    assert isinstance(messages[0], BoardSnapshot)
    shown, at = {}, None
    for message in messages:
        if isinstance(message, BoardSnapshot):
            assert at != version_of(message)
            shown = {row.id: row for row in message.rows}
        else:
            assert at == (message.epoch, message.seq - 1)
            shown = {k: v for k, v in shown.items() if k not in message.gone}
            shown |= {row.id: row for row in message.rows}
        at = version_of(message)
        assert shown == truth[at]


steps = st.one_of(
    st.builds(lambda lost: lambda p: p.publish(lost=lost), st.sampled_from([0, 0, 0, 1, 3])),
    st.builds(lambda back: lambda p: p.repeat(back), st.integers(0, 4)),
    st.just(Publisher.start_again),
)
bursts = st.lists(st.lists(steps, min_size=1, max_size=5), max_size=6)


@given(before=st.lists(steps, max_size=4), bursts=bursts)
@settings(deadline=None, max_examples=50)
async def test_a_follower_always_arrives_at_the_board_of_now_without_a_gap(servers, before, bursts):
    cache = await Cache.open(servers.redis_url, namespace=fresh("test-"))
    publisher, reader = Publisher(cache), Reader(cache)
    for step in before:
        await step(publisher)
    reading = asyncio.ensure_future(reader.read())
    async with asyncio.timeout(10):
        for burst in [[Publisher.publish], *bursts]:
            for step in burst:
                await step(publisher)
            await reader.reach(publisher.latest)
    reading.cancel()
    await asyncio.wait([reading])
    await cache.close()
    assert_follows(reader.messages, publisher.truth)


async def test_a_follower_is_sent_patches_and_not_snapshots_while_nothing_is_lost(cache):
    publisher, reader = Publisher(cache), Reader(cache)
    reading = asyncio.ensure_future(reader.read())
    for _ in range(5):
        await publisher.publish()
        await reader.reach(publisher.latest)
    reading.cancel()
    await asyncio.wait([reading])
    assert [type(message) for message in reader.messages] == [BoardSnapshot, *[BoardPatch] * 4]


async def test_what_is_published_while_it_joins_is_not_missed(cache, clock):
    publisher, messages = Publisher(cache), BoardFollower(cache, clock).messages()
    first = asyncio.ensure_future(anext(messages))
    while not first.done():
        await publisher.publish()
    got = [await first]
    while version_of(got[-1]) != publisher.latest:
        got.append(await anext(messages))
    assert_follows(got, publisher.truth)
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
