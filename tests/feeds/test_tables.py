"""Sources in CSV files: football-data.co.uk, and The Odds API as people keep it."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

from domain.markets import MarketKind, Period, Side
from feeds.base import UNDATED, FeedDrifted
from feeds.football_data import FootballData
from feeds.odds_api_csv import OddsApiRows, OddsApiWide
from feeds.recordings import readings
from tests.feeds.samples import payload_of, prices, recording

SEASON = recording("football_data/season.csv")


def both(body: bytes):
    return list(FootballData().read(payload_of(body)))


def crossings(reading, *, least_books=1, kind="winner", ways=None, without=frozenset()):
    """Return how many of the markets that enough books price cross at their best back prices."""
    books = defaultdict(lambda: defaultdict(dict))
    for q in reading.quotes:
        if q.market.kind == kind and q.side is Side.BACK and q.book not in without:
            books[q.market][q.book][q.outcome] = q.odds
    counts = Counter()
    for market, rows in books.items():
        if len(rows) < least_books or ways not in (None, market.ways):
            continue
        offered = [[row[o] for row in rows.values() if o in row] for o in market.outcomes]
        counts["markets"] += 1
        counts["crossing"] += all(offered) and sum(1 / max(odds) for odds in offered) < 1
    return counts


def test_a_season_is_two_readings():
    opening, closing = both(SEASON)
    assert (opening.scope, closing.scope) == ("opening", "closing")
    assert ("bet365", "winner", None, "draw", "back", 3.4) in prices(opening)
    assert ("bet365", "winner", None, "draw", "back", 3.5) in prices(closing)
    assert ("pinnacle", "handicap", -0.5, "away", "back", 1.91) in prices(closing)
    assert {q.changed_at for q in opening.quotes + closing.quotes} == {None}


def test_kick_offs_are_london_clocks():
    summer, winter = both(SEASON)[0].events
    assert summer.starts_at == datetime(2025, 8, 15, 19, 0, tzinfo=UTC)
    assert winter.starts_at == datetime(2025, 12, 6, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "utc_hour"),
    [("29/03/2025", "12:00", 12), ("30/03/2025", "12:00", 11), ("26/10/2025", "12:00", 12)],
)
def test_clocks_change_on_the_last_sunday(day, clock, utc_hour):
    body = f"Div,Date,Time,HomeTeam,AwayTeam\nE0,{day},{clock},A,B\n".encode()
    assert both(body)[0].events[0].starts_at.hour == utc_hour


def test_aggregates_are_no_books_and_the_exchange_takes_its_commission():
    opening, _ = both(SEASON)
    assert {q.book for q in opening.quotes} == {"bet365", "bwin", "pinnacle", "betfair_ex"}
    assert {q.commission for q in opening.quotes if q.book == "betfair_ex"} == {0.05}


def test_a_book_without_all_outcomes_is_left_out_and_counted():
    opening, closing = both(SEASON)
    assert opening.rejected == {"not_a_number": 3, "odds_not_above_one": 3}
    assert closing.rejected == {"odds_not_above_one": 2, "line_missing": 4}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_names_are_read_in_any_encoding(encoding):
    body = "Div,Date,Time,HomeTeam,AwayTeam\nSP1,15/08/2025,20:00,Cádiz,Ávila\n".encode(encoding)
    assert [(e.home, e.away) for e in both(body)[0].events] == [("Cádiz", "Ávila")]


def test_odd_rows_are_counted_and_the_rest_kept():
    rows = [
        b"Div,Date,Time,HomeTeam,AwayTeam,B365H,B365D,B365A",
        b"E0,15/08/2025,20:00,A,B,2,3,4",
        b"E0,15/08/2025,20:00,A,B,2,3,4",
        b"E0,soon,20:00,C,D,2,3,4",
        b"E0,15/08/2025,20:00,,D,2,3,4",
        b",,,,,,,",
        b"E0,15/08/2025,later,C,D,2,3",
        b"E0,15/08/2025,20:00,E,F,2,3,4,5,6",
        b"E0,15/08/2025,20:00,G\x00,F,2,3,4",
        b"",
    ]
    opening, _ = both(b"\r\n".join(rows))
    assert [e.home for e in opening.events] == ["A", "C", "E"]
    assert opening.events[1].starts_at is None
    assert len(opening.quotes) == 6
    assert opening.rejected["duplicate"] == 1
    assert opening.rejected["time_invalid"] == 1
    assert sum(opening.rejected.values()) == 6


def test_a_table_without_its_columns_is_drift():
    for feed in (FootballData(), OddsApiRows(), OddsApiWide()):
        with pytest.raises(FeedDrifted, match="no column"):
            list(feed.read(payload_of(b"Div,Date\nE0,15/08/2025\n")))


def test_an_undated_season_is_of_its_first_kick_off():
    opening, _ = readings_of_season()
    assert opening.as_of == min(e.starts_at for e in opening.events)


def readings_of_season():
    from dataclasses import replace

    return FootballData().read(replace(payload_of(SEASON), as_of=UNDATED))


def test_rows_are_told_apart_by_snapshot():
    first, second = OddsApiRows().read(payload_of(recording("odds_api_rows/snapshots.csv")))
    assert first.as_of == datetime(2026, 3, 3, 6, 3, 44, tzinfo=UTC)
    assert second.as_of == datetime(2026, 3, 3, 7, 3, 44, tzinfo=UTC)
    assert ("book_one", "handicap", -15.5, "away", "back", 1.9) in prices(first)
    assert ("betfair_ex_au", "winner", None, "home", "lay", 1.31) in prices(first)
    assert (len(second.quotes), second.rejected) == (1, {"odds_not_above_one": 1})


def test_wide_rows_are_american_and_of_their_day():
    (reading,) = OddsApiWide().read(payload_of(recording("odds_api_wide/day.csv")))
    assert reading.as_of == datetime(2025, 10, 10, tzinfo=UTC)
    assert ("book_one", "winner", None, "home", "back", 1.625) in prices(reading)
    assert ("book_two", "handicap", -1.5, "home", "back", 2.45) in prices(reading)
    assert {q.market.period for q in reading.quotes} == {Period.FULL_TIME_INCL_OVERTIME}
    assert reading.rejected == {}


@pytest.mark.recorded
def test_four_seasons_cross_as_measured(recorded_dir):
    found = Counter()
    for path in sorted((recorded_dir / "football_data").glob("*/*.csv")):
        for reading in readings(path):
            for kind, least in (("winner", 3), ("total", 2), ("handicap", 2)):
                counts = crossings(reading, kind=kind, least_books=least, without={"betfair_ex"})
                found += Counter({(reading.scope, kind, what): n for what, n in counts.items()})
    assert {
        key: (found[*key, "crossing"], found[*key, "markets"])
        for key in (
            ("closing", "winner"),
            ("opening", "winner"),
            ("closing", "total"),
            ("closing", "handicap"),
        )
    } == {
        ("closing", "winner"): (1122, 24959),
        ("opening", "winner"): (226, 24954),
        ("closing", "total"): (105, 22207),
        ("closing", "handicap"): (317, 22255),
    }


@pytest.mark.recorded
def test_american_hockey_does_not_cross(recorded_dir):
    found = Counter()
    for path in sorted((recorded_dir / "oddsapi_nhl").rglob("*.csv")):
        for reading in readings(path):
            found += crossings(reading, least_books=2)
    assert (found["crossing"], found["markets"]) == (0, 1594)


@pytest.mark.recorded
def test_australian_football_crosses_as_measured(recorded_dir):
    found = Counter()
    for path in sorted((recorded_dir / "oddsapi_au").rglob("*.csv")):
        for reading in readings(path):
            drawn = {q.market.event_id for q in reading.quotes if q.market.ways == 3}
            kept = [q for q in reading.quotes if q.market.event_id not in drawn]
            reading.quotes[:] = kept
            found += crossings(reading, ways=2, without={"betfair_ex_au"})
    assert (found["crossing"], found["markets"]) == (11, 732)


def test_kinds_are_those_of_the_house():
    assert FootballData.manifest.markets <= {kind.value for kind in MarketKind}
