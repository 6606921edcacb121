"""History read back: how a market moved, days in short, days as files, and days let go."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
import sqlalchemy as sa
from arro3.io import read_parquet
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refused, Unavailable
from domain.markets import Outcome, Side
from domain.quotes import Origin
from store.history import (
    compact,
    compacted_days,
    event_with_markets,
    forget_days_before,
    moves,
    quote_days,
)
from store.history_export import export_day
from store.history_retention import detach_before
from store.history_rows import HEADER, TRAILER, Change, blocks, market_id
from store.odds import (
    drop_quotes_before,
    ensure_quote_days,
    forget_events_before,
    save_changes,
    save_events,
    save_markets,
)
from tests.facts import NOON, SOURCE, a_market, a_quote, an_event

DAY = NOON.date()
ID = market_id(a_market())


def a_change(minutes=0, *quotes, **fields):
    seen_at = NOON + timedelta(minutes=minutes)
    return Change(
        **{"source": SOURCE, "origin": Origin.LIVE, "seen_at": seen_at, "changed": quotes, **fields}
    )


@pytest.fixture
async def told(db):
    """One market of one event, whose price at one book moved, was withdrawn and came back."""
    await save_events(db, SOURCE, [an_event()])
    await save_markets(db, [a_market()])
    await save_changes(
        db,
        [
            a_change(0, a_quote(odds=2.0), a_quote(outcome=Outcome.AWAY, odds=1.9)),
            a_change(10, a_quote(odds=2.5)),
            a_change(20, withdrawn=[a_quote().price]),
            a_change(30, a_quote(odds=1.8), a_quote(odds=2.2, book="beta", side=Side.LAY)),
        ],
    )
    return db


def minutes(line):
    return [((at - NOON) / timedelta(minutes=1), odds) for at, odds in line.points]


async def test_each_books_line_is_told_in_order_with_its_gaps(told):
    alpha, beta = await moves(told, ID, Outcome.HOME, stretches=100, most=1000)
    assert (alpha.book, alpha.side, alpha.source, alpha.origin) == (
        *("alpha", Side.BACK, SOURCE, "live"),
    )
    assert minutes(alpha) == [(0, 2.0), (10, 2.5), (20, None), (30, 1.8)]
    assert (beta.side, minutes(beta)) == (Side.LAY, [(30, 2.2)])


async def test_of_many_prices_the_ends_and_extremes_of_each_stretch_are_told(db):
    odds = [2 + (n * 37 % 100) / 100 for n in range(400)]
    await save_changes(db, [a_change(n, a_quote(odds=o)) for n, o in enumerate(odds)])
    (line,) = await moves(db, ID, Outcome.HOME, stretches=10, most=1000)
    told = [o for _, o in line.points if o is not None]
    assert len(told) <= 40
    assert (told[0], told[-1], min(told), max(told)) == (odds[0], odds[-1], min(odds), max(odds))
    assert line.points == sorted(line.points)


async def test_no_more_prices_are_told_than_asked_for(told):
    lines = await moves(told, ID, Outcome.HOME, stretches=100, most=2)
    assert sum(len(line.points) for line in lines) == 2


async def test_a_market_without_history_has_no_lines(db):
    assert await moves(db, "unknown", Outcome.HOME, stretches=10, most=10) == []


async def test_an_event_is_told_with_its_markets(told):
    assert await event_with_markets(told, an_event().id, most=10) == (an_event(), {ID: a_market()})
    assert await event_with_markets(told, "unknown", most=10) is None


async def test_a_day_in_short_is_its_ends_extremes_and_how_often_it_changed(told):
    await compact(told, DAY)
    rows = (await told.execute(sa.text(
        "select book, opened, high, low, closed, changes, withdrawals, opened_at, closed_at"
        " from quotes_daily where outcome = 'home' order by book"
    ))).all()  # fmt: skip
    last = NOON + timedelta(minutes=30)
    assert rows == [
        ("alpha", 2.0, 2.5, 1.8, 1.8, 3, 1, NOON, last),
        ("beta", 2.2, 2.2, 2.2, 2.2, 1, 0, last, last),
    ]
    assert await compacted_days(told, [DAY, DAY - timedelta(days=1)]) == {DAY}


async def test_a_day_written_again_replaces_what_was_written(told):
    await compact(told, DAY)
    await save_changes(told, [a_change(40, a_quote(odds=3.0))])
    await compact(told, DAY)
    high = sa.text(
        "select high, closed from quotes_daily where book = 'alpha' and outcome = 'home'"
    )
    assert (await told.execute(high)).all() == [(3.0, 3.0)]


async def test_a_day_that_was_dropped_still_shows_where_its_prices_began_and_ended(told):
    await compact(told, DAY)
    await drop_quotes_before(told, DAY + timedelta(days=1))
    alpha, _ = await moves(told, ID, Outcome.HOME, stretches=100, most=100)
    assert minutes(alpha) == [(0, 2.0), (30, 1.8)]


async def test_an_event_is_not_forgotten_while_a_day_of_it_is_kept(told):
    later = date(2031, 1, 1)
    await compact(told, DAY)
    assert await forget_events_before(told, later) == 0
    assert await forget_days_before(told, later) == 3
    assert await forget_events_before(told, later) == 1


async def test_the_days_that_are_there_are_listed_in_order(db):
    await ensure_quote_days(db, [date(2029, 5, 2), date(2029, 5, 1)])
    found = await quote_days(db)
    assert {date(2029, 5, 1), date(2029, 5, 2)} <= set(found)
    assert found == sorted(found)


@pytest.mark.usefixtures("emptied")
async def test_a_day_as_a_file_holds_every_price_bit_for_bit(database, servers, tmp_path):
    seven = a_quote(odds=21 / 11, commission=0.02, max_stake=250.0)
    async with database.begin() as db:
        await save_events(db, SOURCE, [an_event()])
        await save_markets(db, [a_market()])
        await save_changes(
            db,
            [
                a_change(0, seven, a_quote(book="beta", odds=3.5, changed_at=None)),
                a_change(1, withdrawn=[seven.price]),
                a_change(2, a_quote(market=a_market(event_id="forgotten"))),
                a_change(24 * 60, a_quote(odds=9.0)),
            ],
        )
    file = tmp_path / "day.parquet"
    assert export_day(servers.database_url, DAY, file) == 4
    table = read_parquet(file).read_all()
    rows = [dict(zip(table.column_names, row, strict=True)) for row in zip(
        *(column.to_pylist() for column in table.columns), strict=True
    )]  # fmt: skip
    rows.sort(key=lambda row: (row["seen_at"], row["book"]))
    assert [row["odds"] for row in rows] == [21 / 11, 3.5, None, 21 / 11]
    assert (rows[0]["commission"], rows[0]["max_stake"]) == (0.02, 250.0)
    assert (rows[0]["seen_at"], rows[0]["changed_at"]) == (NOON, seven.changed_at)
    assert (rows[1]["changed_at"], rows[1]["side"], rows[1]["max_stake"]) == (None, "back", None)
    assert (rows[0]["home"], rows[0]["kind"], rows[0]["starts_at"]) == (
        *("Lions", "winner", an_event().starts_at),
    )
    assert (rows[3]["event_id"], rows[3]["home"]) == (None, None)
    assert [each.name for each in tmp_path.iterdir()] == ["day.parquet"]


def test_an_empty_day_is_a_file_without_rows(servers, tmp_path):
    file = tmp_path / "empty.parquet"
    assert export_day(servers.database_url, date(2001, 1, 1), file) == 0
    assert read_parquet(file).read_all().num_rows == 0


def test_a_file_that_cannot_be_written_is_refused_by_name(servers, tmp_path):
    with pytest.raises(Refused, match="nowhere"):
        export_day(servers.database_url, DAY, tmp_path / "nowhere" / "day.parquet")


def test_an_export_without_a_server_says_that_it_is_away(free_port, tmp_path):
    with pytest.raises(Unavailable):
        export_day(f"postgresql://a:b@127.0.0.1:{free_port}/x", DAY, tmp_path / "day.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("emptied")
async def test_the_owner_lets_old_days_go_while_others_write(servers, database):
    days = [date(2029, 7, n) for n in (1, 2, 3)]
    async with database.begin() as db:
        await ensure_quote_days(db, days)
    async with database.begin() as db:
        gone = detach_before(servers.owner_url, days[2])
        assert gone[-2:] == ["quotes_20290701", "quotes_20290702"]
        assert set(days) & set(await quote_days(db)) == {days[2]}
        await save_changes(db, [a_change(0, a_quote(), seen_at=datetime(2029, 7, 3, tzinfo=UTC))])
    assert detach_before(servers.owner_url, days[2]) == []


instants = st.builds(
    lambda micros: NOON + timedelta(microseconds=micros), st.integers(-(10**16), 10**15)
)
names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=9
)
quotes = st.builds(
    a_quote,
    book=names,
    outcome=st.sampled_from(Outcome),
    side=st.sampled_from(Side),
    odds=st.floats(1.001, 1e9),
    commission=st.sampled_from([0.0, 0.05]),
    max_stake=st.none() | st.floats(0, 1e9),
    changed_at=st.none() | instants,
    market=st.builds(a_market, line=st.none() | st.floats(-9, 9)),
)
EACH = """
select seen_at, market_id, source, origin, outcome, coalesce(side, 'back'), book, price,
  coalesce(commission, 0), most, changed
from quotes, unnest(outcomes, sides, books, odds, commissions, max_stakes, quotes.changed_at)
  as each (outcome, side, book, price, commission, most, changed)
"""


async def test_whatever_is_written_comes_back_bit_for_bit(db):
    changes = []

    @given(st.lists(quotes, max_size=8), st.lists(quotes, max_size=3), instants)
    def build(changed, gone, seen_at):
        changes.append(
            Change(
                source=SOURCE,
                origin=Origin.REPLAY,
                seen_at=seen_at.replace(year=2030, month=1, day=1),
                changed=changed,
                withdrawn=[quote.price for quote in gone],
            )
        )

    build()
    written = await save_changes(db, changes)
    rows = (await db.execute(sa.text(EACH))).all()
    expected = [
        *(
            (c.seen_at, market_id(q.market), SOURCE, "replay", q.outcome, q.side, q.book, q.odds,
             q.commission, q.max_stake, q.changed_at)
            for c in changes for q in c.changed
        ),
        *(
            (c.seen_at, market_id(m), SOURCE, "replay", outcome, side, book, None, 0.0, None, None)
            for c in changes for m, outcome, side, book in c.withdrawn
        ),
    ]  # fmt: skip
    assert written == len(rows)
    assert sorted(map(repr, map(tuple, rows))) == sorted(map(repr, map(_plain, expected)))


def _plain(row):
    return tuple(str(value) if isinstance(value, Outcome | Side) else value for value in row)


def test_a_large_change_is_handed_over_in_blocks():
    many = [
        msgspec.structs.replace(a_quote(), market=a_market(line=float(n))) for n in range(20_000)
    ]
    parts = list(blocks([a_change(0, *many)]))
    assert len(parts) > 10
    assert max(map(len, parts)) < 1 << 17
    whole = b"".join(parts)
    assert whole.startswith(HEADER)
    assert whole.endswith(TRAILER)
