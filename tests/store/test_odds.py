"""Events, markets and prices: what is written comes back, a day at a time."""

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from domain.markets import Market, MarketKind, Outcome, Period, Statistic
from domain.quotes import Origin
from store.db import Database
from store.odds import (
    Change,
    drop_quotes_before,
    ensure_quote_days,
    forget_events_before,
    market_id,
    save_changes,
    save_events,
    save_markets,
    save_quotes,
    summarise_quotes,
    withdraw_quotes,
)
from store.opportunities import save_lives
from store.tables import EventRow, MarketRow, QuoteRow
from tests.facts import NOON, SOURCE, a_market, a_quote, a_row, an_event

SEEN = {"source": SOURCE, "origin": Origin.REPLAY, "seen_at": NOON}


def partitions(owner):
    return {
        name
        for (name,) in owner.execute(
            "select relname from pg_inherits join pg_class on pg_class.oid = inhrelid"
            " where inhparent = 'quotes'::regclass"
        )
    }


async def test_a_price_comes_back_bit_for_bit(db):
    quote = a_quote(odds=21 / 11, commission=0.02, max_stake=250.0)
    assert await save_quotes(db, [quote], **SEEN) == 1
    row = (await db.scalars(select(QuoteRow))).one()
    assert (row.odds, row.commissions, row.max_stakes) == ([21 / 11], [0.02], [250.0])
    assert (row.seen_at, row.changed_at) == (NOON, [quote.changed_at])
    assert (row.market_id, row.outcomes, row.sides, row.books) == (
        *(market_id(quote.market), [Outcome.HOME], None, ["alpha"]),
    )
    assert (row.source, row.origin) == (SOURCE, "replay")


async def test_a_withdrawn_price_is_a_row_without_odds(db):
    assert await withdraw_quotes(db, [a_quote().price], **SEEN) == 1
    row = (await db.scalars(select(QuoteRow))).one()
    assert (row.odds, row.changed_at, row.books) == ([None], [None], ["alpha"])


async def test_nothing_to_write_writes_nothing(db, owner):
    before = partitions(owner)
    assert await save_quotes(db, [], **SEEN) == await withdraw_quotes(db, [], **SEEN) == 0
    await save_events(db, SOURCE, [])
    await save_markets(db, [])
    assert partitions(owner) == before


async def test_odds_that_pay_nothing_are_refused_by_name(db):
    with pytest.raises(Exception, match="ck_quotes_odds_above_one"):
        await save_quotes(db, [a_quote(odds=1.0)], **SEEN)


async def test_a_day_is_one_of_utc_wherever_the_instant_was_written(db):
    late = datetime(2030, 3, 3, 5, tzinfo=timezone(timedelta(hours=10)))
    await save_quotes(db, [a_quote()], **{**SEEN, "seen_at": late})
    where = await db.scalar(sa.text("select tableoid::regclass::text from quotes"))
    assert where == "quotes_20300302"


async def test_a_change_of_an_event_replaces_what_was_known(db):
    await save_events(db, SOURCE, [an_event(), an_event("Owls v Foxes")])
    later = an_event(starts_at=NOON + timedelta(hours=5))
    await save_events(db, SOURCE, [an_event(league="Old"), later])
    rows = (await db.scalars(select(EventRow).order_by(EventRow.source_id))).all()
    assert [(row.source_id, row.starts_at, row.league) for row in rows] == [
        ("Lions v Bears", later.starts_at, "Invented League"),
        ("Owls v Foxes", an_event().starts_at, "Invented League"),
    ]


async def test_an_unchanged_event_is_not_written_again(db):
    await save_events(db, SOURCE, [an_event()])
    version = sa.text("select ctid from events")
    first = await db.scalar(version)
    await save_events(db, SOURCE, [an_event()])
    assert await db.scalar(version) == first


async def test_markets_are_saved_once_and_read_back(db):
    total = a_market(kind=MarketKind.TOTAL, line=224.5)
    await save_events(db, SOURCE, [an_event()])
    player = a_market(
        kind=MarketKind.PLAYER_TOTAL, line=22.5, statistic=Statistic.POINTS, subject="A. Wilson"
    )
    await save_markets(db, {total, a_market(), player})
    await save_markets(db, [total])
    rows = await db.scalars(select(MarketRow))
    read = {msgspec.convert(row, Market, from_attributes=True) for row in rows}
    assert read == {total, a_market(), player}


async def test_a_market_of_an_unknown_event_is_refused_by_name(db):
    with pytest.raises(IntegrityError, match="fk_markets_event_id_events"):
        await save_markets(db, [a_market(event_id="unknown")])


lines = st.none() | st.floats(-300, 300)
markets = st.builds(
    Market,
    event_id=st.sampled_from(["a", "b"]),
    kind=st.sampled_from(MarketKind),
    period=st.sampled_from(Period),
    line=lines,
    ways=st.sampled_from([2, 3]),
    statistic=st.sampled_from(Statistic),
    subject=st.none() | st.sampled_from(["home", "score", "corners", "None"]),
)


@given(markets, markets)
def test_markets_have_the_same_id_exactly_when_they_are_equal(one, other):
    assert (market_id(one) == market_id(other)) == (one == other)


def test_a_market_of_the_score_keeps_the_id_it_had_before_there_was_anything_else():
    market = a_market(event_id="e", kind=MarketKind.TOTAL, line=2.5, period=Period.FULL_TIME)
    assert market_id(market) == "92e2623a283af17db2698490"
    assert (
        market_id(msgspec.structs.replace(market, statistic=Statistic.CORNERS))
        != "92e2623a283af17db2698490"
    )


def test_no_line_is_above_or_below_zero():
    for line, same in [(-0.0, 0.0), (3, 3.0)]:
        market_id.cache_clear()  # which takes equal markets for one
        one = market_id(a_market(line=line))
        market_id.cache_clear()
        assert market_id(a_market(line=same)) == one


@pytest.mark.usefixtures("emptied")
async def test_old_days_are_dropped_and_young_ones_kept(database, owner):
    days = [date(2029, 5, day) for day in (1, 2, 3)]
    async with database.begin() as db:
        await ensure_quote_days(db, days)
        await ensure_quote_days(db, days)
    assert {"quotes_20290501", "quotes_20290502", "quotes_20290503"} <= partitions(owner)
    async with database.begin() as db:
        dropped = await drop_quotes_before(db, date(2029, 5, 3))
    assert dropped[-2:] == ["quotes_20290501", "quotes_20290502"]
    assert "quotes_20290503" in partitions(owner)
    assert partitions(owner).isdisjoint(dropped)


async def test_a_search_by_time_reads_a_summary_once_it_is_made(db):
    await save_changes(db, [Change(changed=[a_quote()], **SEEN)] * 20_000)
    assert await summarise_quotes(db) >= 1
    assert await summarise_quotes(db) == 0


@pytest.mark.usefixtures("emptied")
async def test_two_workers_may_make_the_same_day_at_once(servers, database, owner):
    other = await Database.open(servers.database_url, application="tests", size=1)
    async with database.begin() as one:
        await ensure_quote_days(one, [date(2029, 6, 1)])
    async with other.begin() as two:
        await ensure_quote_days(two, [date(2029, 6, 1), date(2029, 6, 2)])
        await save_quotes(two, [a_quote()], **{**SEEN, "seen_at": datetime(2029, 6, 1, tzinfo=UTC)})
        async with database.begin() as one:  # a new day does not wait for those who write others
            await ensure_quote_days(one, [date(2029, 6, 1)])
            moment = datetime(2029, 6, 1, 23, 59, 59, 999999, tzinfo=UTC)
            await save_quotes(one, [a_quote()], **{**SEEN, "seen_at": moment})
    await other.close()
    assert owner.execute("select count(*) from quotes_20290601").fetchone() == (2,)


async def test_events_without_a_story_are_forgotten(db):
    old, told = an_event(), an_event("Owls v Foxes")
    await save_events(db, SOURCE, [old, told])
    await save_markets(db, [a_market(old)])
    await save_lives(db, [a_row(told)], seen_at=NOON)
    assert await forget_events_before(db, date(2030, 1, 1)) == 0
    assert await forget_events_before(db, date(2030, 1, 2)) == 1
    assert [row.source_id for row in await db.scalars(select(EventRow))] == [told.source_id]
    assert {row.event_id for row in await db.scalars(select(MarketRow))} == {told.id}
