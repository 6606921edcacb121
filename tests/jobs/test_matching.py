"""Matching in the worker: live sources share events, worlds stay apart, and persons are obeyed."""

from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from domain.markets import Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote
from feeds.base import event_id
from services import matching_review as review
from services.access import Permission, Subject
from services.work import Work
from store import matching as stored
from tests.facts import a_reading, an_event
from tests.jobs.parts import CLOCK, board, detecting, holds, tell

pytestmark = pytest.mark.usefixtures("emptied")

ADMIN = Subject(user_id=uuid4(), permissions=frozenset({Permission.MANAGE_MATCHING}))


def listed(source, outcome, name="Leeds United v Hull City", *, late=timedelta(0), **rest):
    """Return a source's picture of one match, with one book's price of one side."""
    now = CLOCK.now()
    starts_at = now.replace(microsecond=0) + timedelta(hours=3) + late
    event = an_event(name, id=event_id(source, "1"), source_id="1", starts_at=starts_at)
    market = Market(
        event_id=event.id, kind=MarketKind.WINNER, period=Period.FULL_TIME_INCL_OVERTIME
    )
    changed_at = now - timedelta(seconds=2)
    price = Quote(
        book=f"book of {source}", market=market, outcome=outcome, odds=2.1, changed_at=changed_at
    )
    told = {"origin": Origin.LIVE, "events": [event], "quotes": [price], "rejected": {}}
    return a_reading(source=source, as_of=now, arrived_at=now, **(told | rest))


ONE = ("one", Outcome.HOME)
TWO = ("two", Outcome.AWAY, "Leeds v Hull")
POSTPONED = {"late": timedelta(hours=4)}


async def crossing(cache, *readings):
    """Return the board's one row, after these readings."""
    for each in readings:
        await tell(cache, each)
    (row,) = (await board(cache, holds(1))).rows
    return row.opportunity


def links(owner):
    found = owner.execute("select source, canonical_id from event_links order by source")
    return dict(found.fetchall())


async def test_a_crossing_between_two_live_sources_reaches_the_board_and_the_store(
    database, cache, owner
):
    async with detecting(database, cache):
        found = await crossing(cache, listed(*ONE), listed(*TWO))
    assert {leg.source for leg in found.legs} == {"one", "two"}
    assert set(links(owner).values()) == {found.event.id}
    events = owner.execute("select source, source_id, home from events").fetchall()
    assert events == [("one", "1", "Leeds United")]
    legs = owner.execute("select source from opportunity_legs order by source").fetchall()
    assert legs == [("one",), ("two",)]
    quotes = owner.execute("select source from quotes order by source").fetchall()
    assert quotes == [("one",), ("two",)]


async def test_the_next_process_knows_what_the_last_one_matched(database, cache, owner):
    async with detecting(database, cache):
        await tell(cache, listed(*ONE))
        await tell(cache, listed(*TWO))
        first = (await board(cache, holds(1))).rows[0]
    before = links(owner)
    async with detecting(database, cache):
        later = listed("three", Outcome.AWAY, "Leeds Utd v Hull")
        await tell(cache, later)
        found = await board(cache, lambda s: bool(s.rows) and "three" in links(owner))
    assert found.rows[0].id == first.id
    assert links(owner) == {**before, "three": first.opportunity.event.id}


@pytest.mark.parametrize("origin", [Origin.REPLAY, Origin.SIMULATED])
async def test_recordings_and_the_simulator_are_worlds_of_their_own(database, cache, owner, origin):
    recorded = [
        listed("replay:a", Outcome.HOME, origin=origin),
        listed("replay:b", Outcome.AWAY, origin=origin),
    ]
    async with detecting(database, cache):
        for each in (*recorded, listed(*ONE), listed(*TWO)):
            await tell(cache, each)
        (row,) = (await board(cache, holds(1))).rows
    assert row.opportunity.source == "one + two"
    assert links(owner).keys() == {"one", "two"}
    kept = {id_ for (id_,) in owner.execute("select id from events").fetchall()}
    assert {reading.events[0].id for reading in recorded} < kept


async def test_a_doubt_waits_for_a_person_and_a_merge_is_obeyed_without_a_restart(
    database, cache, owner, clock
):
    async with detecting(database, cache):
        await tell(cache, listed(*ONE))
        await tell(cache, listed("two", Outcome.AWAY, **POSTPONED))
        await board(cache, lambda _: len(links(owner)) == 2)
        async with database.begin() as db:
            work = Work(ADMIN, db, cache, clock)
            (doubt,) = await review.doubts(work)
            into, from_ = doubt.proposal.canonical_id, doubt.event.canonical_id
            number = await review.merge(work, into, from_, reason="postponed")
        assert into != from_
        found = await crossing_again(
            cache, holds(1), listed(*ONE), listed("two", Outcome.AWAY, **POSTPONED)
        )
        assert found.rows[0].opportunity.event.id == into
        async with database.begin() as db:
            await review.undo(Work(ADMIN, db, cache, clock), number, reason="another match")
        await board(cache, holds(0))


async def crossing_again(cache, wanted, *readings):
    """Tell the same again and again, as sources do, until the board is as wanted."""
    while True:
        for each in readings:
            now = CLOCK.now()
            await tell(cache, msgspec.structs.replace(each, as_of=now, arrived_at=now))
        snapshot = await board(cache, bool)
        if wanted(snapshot):
            return snapshot


async def test_an_event_that_was_forgotten_comes_back_under_its_id(database, cache, owner):
    async with detecting(database, cache):
        await tell(cache, listed(*ONE))
        await board(cache, lambda _: len(links(owner)) == 1)
    ours = uuid4().hex
    owner.execute("insert into canonical_events (id, founded_by) values (%s, 'one')", [ours])
    owner.execute(
        "update event_links set canonical_id = %s, linked_at = now() - interval '90 days',"
        " starts_at = now() - interval '80 days'",
        [ours],
    )
    async with detecting(database, cache):
        await tell(cache, listed("one", Outcome.HOME, late=timedelta(hours=1)))
        found = await crossing(cache, listed("two", Outcome.AWAY, late=timedelta(hours=1)))
    assert found.event.id == ours
    async with database.begin() as db:
        assert {link.source for link in await stored.links_of(db, ours)} == {"one", "two"}
