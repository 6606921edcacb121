"""End to end: an opportunity whose legs were told a while ago is shown when asked for again."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import pytest

from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote, Reading
from domain.shards import shards
from feeds.base import Quota, Tally, event_id
from jobs.collecting import THING, Collecting
from jobs.detect import Detection, Means
from jobs.polled import Polled
from jobs.questions import Questions
from jobs.requote import LIMIT
from jobs.route import Router
from kit.clock import ManualClock
from store import questions
from store.cache import Cache
from store.refused import refused_by
from store.streams import FIRST
from tests.feeds.chaos import JSON
from tests.feeds.chaos import answer as http
from tests.jobs.parts import OF, board, holds, running, tell
from tests.jobs.vendors import NOON, Numbers, a_transport

pytestmark = pytest.mark.usefixtures("emptied")

EVENT = Event(
    id=event_id("vendor", "game"), source_id="game", sport="tennis", league="atp", home="A",
    away="B", starts_at=NOON.replace(hour=18),
)  # fmt: skip
TOTAL = Market(event_id=EVENT.id, kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=20.5)


def a_price(outcome, odds, at):
    """Return a leg's price at a book of its own."""
    return Quote(book=f"book of {outcome}", market=TOTAL, outcome=outcome, odds=odds, changed_at=at)


class Overs(Numbers):
    """A vendor whose every scope is the price of one outcome, changed when it was told."""

    def read(self, payload):
        tally = Tally()
        tally.events.append(EVENT)
        for odds in json.loads(payload.body):
            tally.quotes.append(a_price(Outcome.OVER, odds, payload.as_of))
        yield tally.reading(payload, origin=Origin.LIVE, complete=True)


class Server:
    """A vendor on this machine: what it answers, whether that has changed, how often it was asked.

    While `open` is cleared, its answers wait.
    """

    def __init__(self):
        self.odds, self.status, self.asked, self.heads = [2.1], "200 OK", 0, []
        self.open = asyncio.Event()
        self.open.set()

    async def asked_for(self, count):
        """Wait until it has been asked so often."""
        async with asyncio.timeout(30):
            while self.asked < count:
                await asyncio.sleep(0.01)

    async def serve(self, reader, writer):
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        self.asked += 1
        await self.open.wait()
        body = json.dumps(self.odds).encode()
        tag = f'"{body.hex()}"'
        if tag in self.heads[-1]:
            writer.write(http(b"", status="304 Not Modified", headers=f"ETag: {tag}\r\n"))
        else:
            writer.write(http(body, status=self.status, headers=f"{JSON}ETag: {tag}\r\n"))
        await writer.drain()
        writer.close()


class House:
    """Two workers: one routes and detects, the other follows the vendor; one clock for both."""

    def __init__(self, database, cache, clock, server):
        self.database, self.cache, self.clock, self.server = database, cache, clock, server

    async def tell(self, odds, **changes):
        """Tell the other leg, as another source."""
        now = self.clock.now()
        reading = Reading(
            source="other", scope="all", origin=Origin.LIVE, as_of=now, arrived_at=now,
            complete=True, events=[EVENT], quotes=[a_price(Outcome.UNDER, odds, now)],
        )  # fmt: skip
        await tell(self.cache, msgspec.structs.replace(reading, **changes))

    async def rows(self, count):
        return (await board(self.cache, holds(count))).rows

    async def heard(self, count):
        """Wait until so many readings and answers have been appended."""
        async with asyncio.timeout(30):
            while len(await self.cache.streams.raw(FIRST, block_ms=1)) < count:
                await asyncio.sleep(0.01)

    async def held_back(self):
        """Return how many crossings are held back for what, as last told."""
        told = await self.cache.refusals()
        return told and told.by_code


async def until(wanted):
    """Return what is wanted as soon as there is any."""
    async with asyncio.timeout(30):
        while not (found := await wanted()):
            await asyncio.sleep(0.01)
    return found


@asynccontextmanager
async def following(cache, clock, url, **given):
    """A worker that follows the vendor and hears what is asked of it."""
    async with a_transport(clock) as transport, AsyncExitStack() as stack:
        feed = Overs({"overs": url}, **given)
        source = Polled(feed=feed, transport=transport, sports=["tennis"], clock=clock)
        collecting = Collecting([source], _nobody, cache, clock)
        ear = asyncio.create_task(Questions(cache, collecting, asyncio.sleep).run())
        stack.callback(ear.cancel)
        await stack.enter_async_context(running(cache, THING + "vendor", collecting.follow))
        yield


async def _nobody():
    return []


@asynccontextmanager
async def a_house(database, cache, servers, **given):
    """A house in which the vendor has told its leg, five seconds ago."""
    clock, server = ManualClock(NOON), Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    means = Means(database=database, cache=cache, clock=clock, feeding=list)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        await enter(listening)
        other = await Cache.open(servers.redis_url, namespace=cache.key().removesuffix(":"))
        stack.push_async_callback(other.close)
        await enter(running(
            cache, "router", lambda claim: Router(database, cache, clock, OF, claim).run()
        ))  # fmt: skip
        for shard in shards(OF):
            await enter(running(
                cache, f"shard {shard}",
                lambda claim, shard=shard: Detection(means, shard, claim).run(),
            ))  # fmt: skip
        await enter(following(other, clock, f"http://127.0.0.1:{port}/overs", **given))
        house = House(database, cache, clock, server)
        await until(lambda: cache.streams.raw(FIRST, block_ms=1))
        clock.advance(5)
        yield house


async def test_one_that_still_crosses_is_shown_as_checked(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        house.server.odds = [2.2]
        await house.tell(2.1)
        (row,) = await house.rows(1)
    assert row.verified_at == row.first_seen_at == house.clock.now()
    assert sorted(leg.odds for leg in row.opportunity.legs) == [2.1, 2.2]
    assert house.server.asked == 2


async def test_that_nothing_has_changed_confirms_it(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        await house.tell(2.1)
        (row,) = await house.rows(1)
    assert row.verified_at == house.clock.now()
    assert (house.server.asked, "If-None-Match" in house.server.heads[-1]) == (2, True)


async def test_one_whose_price_was_corrected_is_never_shown(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        house.server.odds = [1.8]
        await house.tell(2.1)
        await house.heard(4)
        # Another market of the event: once it is on the board, all before it has been judged.
        now = house.clock.now()
        other = msgspec.structs.replace(TOTAL, kind=MarketKind.WINNER, line=None)
        await house.tell(2.1, scope="another", quotes=[
            msgspec.structs.replace(a_price(outcome, 2.2, now), market=other)
            for outcome in (Outcome.HOME, Outcome.AWAY)
        ])  # fmt: skip
        (row,) = await house.rows(1)
        house.clock.advance(1)

        async def told():
            async with database.begin() as db:
                _, codes = await refused_by(db, NOON)
            found = await questions.counts(cache)
            return len(found) == 2 and codes and (found, codes)

        found, codes = await until(told)
    assert row.opportunity.market.kind is MarketKind.WINNER
    assert (found, codes) == ({"gone": 1, "just_told": 1}, {"gone_when_checked": 1})


async def test_while_it_is_checked_it_stands_among_what_is_held_back(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        house.server.open.clear()
        await house.tell(2.1)
        await house.server.asked_for(2)
        house.clock.advance(1)
        assert await until(house.held_back) == {"being_checked": 1}
        house.server.open.set()
        (row,) = await house.rows(1)
    assert row.verified_at is not None


async def test_a_spent_quota_lets_it_be_shown_at_once(database, cache, servers):
    quota = Quota(credits=1, period_s=3600)
    async with a_house(database, cache, servers, quota=quota) as house:
        await house.tell(2.1)
        (row,) = await house.rows(1)
        assert row.arrived_at == house.clock.now()
    assert (row.verified_at, house.server.asked) == (None, 1)


async def test_a_source_that_does_not_answer_in_time_keeps_nobody_waiting(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        house.server.open.clear()
        await house.tell(2.1)
        await house.server.asked_for(2)
        house.clock.advance(LIMIT.total_seconds())
        (row,) = await house.rows(1)
        assert row.verified_at is None
        house.server.open.set()
    assert row.first_seen_at < row.arrived_at


async def test_what_was_told_just_now_is_not_held_and_asks_nobody(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        now = house.clock.now()
        both = [a_price(Outcome.UNDER, 2.1, now), a_price(Outcome.OVER, 2.3, now)]
        await house.tell(2.1, quotes=both)
        (row,) = await house.rows(1)
        assert row.arrived_at == row.verified_at == now
    assert (house.server.asked, await questions.latest(cache)) == (1, "0-0")


async def test_a_recording_is_shown_as_it_is(database, cache, servers):
    async with a_house(database, cache, servers) as house:
        now = house.clock.now()
        both = [a_price(Outcome.UNDER, 2.1, now), a_price(Outcome.OVER, 2.3, now)]
        house.clock.advance(30)
        await house.tell(2.1, origin=Origin.REPLAY, arrived_at=now, as_of=now, quotes=both)
        (row,) = await house.rows(1)
    assert (row.verified_at, house.server.asked) == (None, 1)


async def test_questions_that_cannot_be_read_are_passed_over(cache):
    await cache.commands.xadd(cache.key("questions"), {"q": b"{"})
    await cache.commands.xadd(cache.key("questions"), {"x": b"1"})
    last, found = await questions.asked(cache, "0-0", block_ms=1)
    assert (found, last) == ([], await questions.latest(cache))
