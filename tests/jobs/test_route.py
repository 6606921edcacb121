"""Routing: every reading to the shards of its events, once, by the one router."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest

from domain.markets import MarketKind, Outcome
from domain.questions import Answer
from domain.quotes import Origin
from domain.shards import Forgotten, Shard, shard_number, shards
from feeds.base import event_id
from jobs import route
from jobs.route import Router
from services import matching_review as review
from services.work import Work
from store.claims import Deposed
from store.streams import FIRST
from tests.facts import a_market, a_quote, a_reading, an_event
from tests.jobs.parts import CLOCK, claimed, routing, tell
from tests.jobs.test_matching import ADMIN, ONE, POSTPONED, TWO, links, listed

pytestmark = pytest.mark.usefixtures("emptied")

EVENTS = [an_event(f"Home {n} v Away {n}") for n in range(8)]
OF = 4


def picture(*events, complete=True, origin=Origin.REPLAY, **rest):
    """Return a reading of one price of each event."""
    now = CLOCK.now()
    quotes = [a_quote(market=a_market(event)) for event in events]
    told = {"origin": origin, "events": list(events), "quotes": quotes, "rejected": {}}
    return a_reading(as_of=now, arrived_at=now, complete=complete, **(told | rest))


async def told(cache, *, of=OF):
    """Return all that each shard was told."""
    every = {}
    for shard in shards(of):
        every[shard.number] = await cache.streams.of(shard, FIRST, block_ms=1)
    return every


async def routed(cache, *readings):
    """Tell the router, and wait until it has handed all of it on."""
    await tell(cache, *readings)
    last = await last_raw(cache)
    async with asyncio.timeout(30):
        while (await cache.streams.routed()).at != last:
            await asyncio.sleep(0.01)


async def last_raw(cache):
    after = FIRST
    while entries := await cache.streams.raw(after, block_ms=1):
        after = entries[-1].id
    return after


def named(entries):
    return [{event.id for event in entry.said.events} for entry in entries]


async def test_a_reading_is_dealt_out_by_event_and_keeps_its_number(database, cache):
    async with routing(database, cache, of=OF):
        await routed(cache, picture(*EVENTS), picture(*EVENTS))
        every = await told(cache)
    for number, entries in every.items():
        mine = {event.id for event in EVENTS if shard_number(event.id, OF) == number}
        assert named(entries) == [mine, mine]
        assert [{q.market.event_id for q in entry.said.quotes} for entry in entries] == [mine] * 2
        assert [entry.number for entry in entries] == [1, 2]


async def test_a_complete_reading_reaches_all_who_may_hold_what_it_no_longer_names(database, cache):
    one = EVENTS[0]
    others = [n for n in range(OF) if n != shard_number(one.id, OF)]
    async with routing(database, cache, of=OF):
        await routed(cache, picture(*EVENTS), picture(one), picture(one))
        every = await told(cache)
    assert named(every[shard_number(one.id, OF)])[1:] == [{one.id}, {one.id}]
    for number in others:
        assert named(every[number])[1:] == [set()]
        assert every[number][1].said.complete


async def test_an_incomplete_reading_reaches_those_it_names(database, cache):
    one = EVENTS[0]
    async with routing(database, cache, of=OF):
        await routed(cache, picture(one, complete=False))
        every = await told(cache)
    assert {number: len(entries) for number, entries in every.items() if entries} == {
        shard_number(one.id, OF): 1
    }


async def test_a_turn_ends_where_it_has_prices_enough_and_the_next_goes_on_there(
    database, cache, monkeypatch
):
    monkeypatch.setattr(route, "MOST_A_TURN", len(EVENTS) + 1)
    await tell(cache, *[picture(*EVENTS) for _ in range(3)])
    async with routing(database, cache, of=1):
        await routed(cache, picture(*EVENTS))
        (entries,) = (await told(cache, of=1)).values()
    assert [entry.number for entry in entries] == [1, 2, 3, 4]


async def test_events_are_stored_before_their_prices_are_handed_on(database, cache, owner):
    async with routing(database, cache, of=OF):
        await routed(cache, picture(*EVENTS))
    kept = owner.execute("select id from events").fetchall()
    assert {id_ for (id_,) in kept} == {event.id for event in EVENTS}


async def test_live_sources_share_our_ids_also_after_the_router_has_changed(database, cache, owner):
    async with routing(database, cache, of=1):
        await routed(cache, listed(*ONE))
    async with routing(database, cache, of=1):
        await routed(cache, listed(*TWO))
        every = await told(cache, of=1)
    (ours,) = set(links(owner).values())
    assert named(every[0]) == [{ours}, {ours}]


def reversed_by_prices(source, home, away, **rest):
    """Return a reading with both sides' prices of the one match."""
    reading = listed(source, Outcome.HOME, **rest)
    market = reading.quotes[0].market
    quotes = [
        msgspec.structs.replace(reading.quotes[0], outcome=outcome, odds=odds)
        for outcome, odds in ((Outcome.HOME, home), (Outcome.AWAY, away))
    ]
    assert market.kind is MarketKind.WINNER
    return msgspec.structs.replace(reading, quotes=quotes)


async def test_prices_that_say_the_sides_are_swapped_keep_events_apart(database, cache, owner):
    async with routing(database, cache, of=1):
        await routed(cache, reversed_by_prices("one", 1.2, 5.0))
        await routed(cache, reversed_by_prices("two", 5.0, 1.2))
    assert len(set(links(owner).values())) == 2


async def test_the_next_router_knows_the_prices_of_the_last_minutes(database, cache, owner):
    async with routing(database, cache, of=1):
        await routed(cache, reversed_by_prices("one", 1.2, 5.0))
    async with routing(database, cache, of=1):
        await routed(cache, reversed_by_prices("two", 5.0, 1.2))
    assert len(set(links(owner).values())) == 2


@pytest.mark.parametrize("away", [False, True])
async def test_a_merge_is_told_to_the_shard_in_order_whether_a_router_was_there_or_not(
    database, cache, owner, clock, away
):
    first, second = listed(*ONE), listed("two", Outcome.AWAY, **POSTPONED)

    async def merged():
        ours = links(owner)
        async with database.begin() as db:
            work = Work(ADMIN, db, cache, clock)
            await review.merge(work, ours["one"], ours["two"], reason="postponed")
        return Forgotten(source="two", event_id=ours["two"])

    async with routing(database, cache, of=1):
        await routed(cache, first, second)
        if not away:
            forgotten = await merged()
            await said(cache, forgotten)
    if away:
        forgotten = await merged()
    async with routing(database, cache, of=1):
        await said(cache, forgotten)
        await routed(cache, second)
        every = await told(cache, of=1)
    assert [entry.said for entry in every[0]].count(forgotten) == 1
    assert isinstance(every[0][2].said, Forgotten)
    assert named(every[0][3:]) == [{links(owner)["one"]}]


async def said(cache, forgotten):
    async with asyncio.timeout(30):
        while forgotten not in [entry.said for entry in (await told(cache, of=1))[0]]:
            await asyncio.sleep(0.02)


async def test_near_arbitrages_are_told_by_the_names_that_sources_use(database, cache, owner):
    async with routing(database, cache, of=1):
        await routed(cache, listed(*ONE), listed(*TWO))
        (ours,) = set(links(owner).values())
        await cache.put_near("0/1", [ours])
        wanted = {event_id("one", "1"), event_id("two", "1")}
        async with asyncio.timeout(30):
            while (await cache.near()).get("router") != wanted:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def asleep(database, cache):
    """A router that has resumed, and does nothing more until it is told to."""
    claim = await claimed(cache, "router")
    router = Router(database, cache, CLOCK, OF, claim)
    await router._resume()
    yield router
    await cache.claims.release([claim])


async def test_a_router_that_slept_while_another_went_on_hands_on_nothing(database, cache):
    async with asleep(database, cache) as old:
        await tell(cache, picture(*EVENTS))
        entries, batch = await old._next()
        await cache.claims.release([old._claim])
        async with routing(database, cache, of=OF):
            await routed(cache)
            with pytest.raises(Deposed):
                await old._send(entries, batch)
        every = await told(cache)
    assert [len(entries) for entries in every.values()] == [1] * OF


async def test_a_router_that_slept_links_nothing(database, cache, owner):
    async with asleep(database, cache) as old:
        await tell(cache, listed(*ONE))
        _, batch = await old._next()
        await cache.claims.release([old._claim])
        async with routing(database, cache, of=OF):
            await routed(cache)
            before = links(owner)
            with pytest.raises(Deposed):
                await old._keep(batch)
    assert before == links(owner) != {}


async def test_a_router_waits_for_a_shard_that_is_too_far_behind(database, cache, monkeypatch):
    monkeypatch.setattr("store.streams.MOST_ENTRIES", 2)
    async with routing(database, cache, of=1):
        await routed(cache, picture(EVENTS[0]), picture(EVENTS[0]))
        await cache.streams.trim(None, await last_raw(cache))
        await tell(cache, picture(EVENTS[0]))
        first = (await told(cache, of=1))[0]
        assert [entry.number for entry in first] == [1, 2]
        await cache.streams.trim(Shard(0, 1), first[-1].id)
        async with asyncio.timeout(20):
            while [e.number for e in (await told(cache, of=1))[0]] != [2, 3]:
                await asyncio.sleep(0.02)


async def test_an_answer_to_a_question_reaches_every_shard_behind_its_prices(database, cache):
    one, answer = EVENTS[0], Answer(questions=["q"], told=True)
    async with routing(database, cache, of=OF):
        await routed(cache, picture(*EVENTS), picture(one))
        await routed(cache, picture(quotes=[], complete=False, answer=answer))
        every = await told(cache)
    assert [entries[-1].said.answer for entries in every.values()] == [answer] * OF
    assert [entry.said.answer for entry in every[shard_number(one.id, OF)]][:-1] == [None, None]
