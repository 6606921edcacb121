"""Detection against real servers: everything once, PostgreSQL before the board, and no loss."""

import asyncio
import hashlib
from contextlib import AsyncExitStack
from datetime import timedelta

import msgspec
import pytest

from domain.markets import Outcome
from domain.quotes import Origin
from domain.shards import shards
from services.reliability import standings
from store import opportunities
from tests.facts import a_quote, a_reading, an_event
from tests.jobs.parts import CLOCK, OF, board, detecting, detecting_on, holds, routing, tell
from tests.jobs.test_route import routed

pytestmark = pytest.mark.usefixtures("emptied")


def prices(home, away, *, later_s=0.0, origin=Origin.LIVE):
    """One picture of a two-way market; both books changed their price just before."""
    now = CLOCK.now() + timedelta(seconds=later_s)
    changed_at = now - timedelta(seconds=2)
    quotes = [
        a_quote(outcome=Outcome.HOME, odds=home, changed_at=changed_at),
        a_quote(book="beta", outcome=Outcome.AWAY, odds=away, changed_at=changed_at),
    ]
    event = an_event(starts_at=now + timedelta(hours=3))
    return a_reading(
        as_of=now, arrived_at=now, origin=origin, events=[event], quotes=quotes, rejected={}
    )


async def recorded_odds(owner):
    rows = owner.execute(
        "select unnest(odds) as odds from quotes order by seen_at, odds"
    ).fetchall()
    return [None if odds is None else float(odds) for (odds,) in rows]


async def test_a_crossing_reaches_the_board_and_the_store(database, cache, owner):
    async with detecting(database, cache):
        await tell(cache, prices(2.1, 2.1))
        (row,) = (await board(cache, holds(1))).rows
    async with database.begin() as db:
        life = await opportunities.by_id(db, row.id)
    assert life.gone_at is None
    assert life.row.opportunity.roi == pytest.approx(0.05)
    assert await recorded_odds(owner) == [2.1, 2.1]


async def test_every_opportunity_that_is_published_is_on_record_once(database, cache, owner):
    async with detecting(database, cache):
        await tell(cache, prices(2.1, 2.1))
        first = (await board(cache, holds(1))).rows[0]
        await tell(cache, prices(2.2, 2.1, later_s=0.01))
        await board(cache, lambda told: any(row.opportunity.roi > 0.06 for row in told.rows))
    told = owner.execute(
        "select action, details from audit where subject = %s", [f"opportunity {first.id}"]
    ).fetchall()
    content = hashlib.sha256(msgspec.json.encode(first.opportunity)).hexdigest()
    assert told == [
        ("opportunity.publish", {"key": first.opportunity.key, "sha256": content}),
    ]


async def test_what_stops_crossing_leaves_and_says_why(database, cache):
    async with detecting(database, cache):
        await tell(cache, prices(2.1, 2.1))
        (row,) = (await board(cache, holds(1))).rows
        await tell(cache, prices(1.9, 1.9))
        await board(cache, holds(0))
    async with database.begin() as db:
        life = await opportunities.by_id(db, row.id)
    assert life.gone_reason == "no_longer_crosses"


async def test_a_life_goes_on_in_the_next_process_and_nothing_is_recorded_twice(
    database, cache, owner
):
    async with detecting(database, cache):
        await tell(cache, prices(2.1, 2.1))
        first = await board(cache, holds(1))
    async with detecting(database, cache):
        second = await board(cache, lambda snapshot: snapshot.epoch != first.epoch)
        await tell(cache, prices(2.2, 2.1))
        third = await board(cache, lambda s: s.rows and s.rows[0].opportunity.roi > 0.06)
    assert [row.id for row in first.rows] == [row.id for row in second.rows]
    assert [row.id for row in first.rows] == [row.id for row in third.rows]
    assert await recorded_odds(owner) == [2.1, 2.1, 2.2]


async def test_readings_that_came_while_nobody_listened_are_not_lost(database, cache, owner):
    await tell(cache, prices(2.1, 2.1))
    await tell(cache, prices(2.1, 2.15, later_s=0.01))
    async with detecting(database, cache):
        await board(cache, lambda told: any(row.best_roi > 0.06 for row in told.rows))
    assert await recorded_odds(owner) == [2.1, 2.1, 2.15]


async def test_what_changes_the_board_is_shown_before_more_is_judged(database, cache):
    rows, gone = [], []
    async with routing(database, cache):
        await routed(cache, prices(2.1, 2.1))
        await routed(cache, prices(1.9, 1.9, later_s=0.01))
    async with AsyncExitStack() as stack, asyncio.timeout(20):
        patches = await stack.enter_async_context(cache.subscribed())
        for shard in shards(OF):
            await stack.enter_async_context(detecting_on(database, cache, shard))
        while not gone:
            _, patch = await anext(patches)
            rows.extend(row.id for row in patch.rows)
            gone.extend(patch.gone)
    assert len(rows) == 1
    assert gone == rows


async def test_what_the_gates_hold_back_is_told_beside_the_board(database, cache):
    async with detecting(database, cache):
        stale = prices(2.1, 2.1)
        old = [a_quote(outcome=Outcome.HOME, odds=2.1, changed_at=stale.as_of - timedelta(hours=1))]
        await tell(cache, a_reading(
            as_of=stale.as_of, arrived_at=stale.arrived_at, origin=Origin.LIVE,
            events=stale.events, quotes=old + stale.quotes[1:], rejected={},
        ))  # fmt: skip
        snapshot = await board(cache, lambda s: s.refused_total == 1)
        refusals = await cache.refusals()
    assert snapshot.rows == []
    assert refusals.by_code["leg_too_old"] == 1


async def test_a_recording_played_again_starts_over(database, cache):
    async with detecting(database, cache):
        await tell(cache, prices(2.1, 2.1, later_s=600, origin=Origin.REPLAY))
        await board(cache, holds(1))
        await tell(cache, prices(1.9, 1.9, origin=Origin.REPLAY))
        await board(cache, holds(0))


async def test_how_far_a_source_can_be_trusted_is_told_as_soon_as_it_has_prices(database, cache):
    async with detecting(database, cache):
        await tell(cache, prices(1.9, 1.9))
        async with asyncio.timeout(30):
            while not (told := standings(await cache.looks())):
                await asyncio.sleep(0.02)
    (source,) = told
    assert [book.name for book in source.books] == ["alpha", "beta"]
    assert (source.whole.name, source.whole.prices) == ("invented", 2)
