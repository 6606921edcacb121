"""Recorded odds: what crosses in them was listed by somebody else's program."""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from domain.markets import MarketKind, Side
from domain.opportunities import GateCode
from engine.gates import NO_GATES
from feeds.recordings import readings
from services.books import twins
from services.detect import Detector
from services.scan import Scan

DATA = Path(__file__).parents[3] / "shared" / "data"
WINDOWS = [
    "mlb_2026-08-04_216snaps",
    "mlb_2026-08-07_168snaps",
    "nfl_2025-11-23_43snaps",
    "nfl_2026-01-03_88snaps",
    "wnba_2026-07-21_72snaps",
    "wnba_2026-08-05_216snaps",
    "worldcup_2026-06-20_72snaps",
    "worldcup_2026-07-03_192snaps",
]
VENDORS_NAME = {"winner": "h2h", "handicap": "spreads", "total": "totals"}
pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not DATA.is_dir(), reason="the recorded odds are not beside the project"),
]


def listed(window):
    """Return the crossings that the list beside a window names, by time, event and market."""
    lines = (DATA / "odds_stream" / f"{window}.expected_arbs.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    return {(r["t"], r["ev"], r["market"], r["point"]): r for r in rows}


def place_of(opportunity):
    market = opportunity.market
    at = int(opportunity.as_of.timestamp())
    return at, opportunity.event.source_id, VENDORS_NAME[market.kind], market.line


def quoted(window, places):
    """Return the prices at some places in a window: by place, the odds of a book's outcome."""
    prices = defaultdict(dict)
    for reading in readings(DATA / "odds_stream" / f"{window}.jsonl.xz"):
        ids = {event.id: event.source_id for event in reading.events}
        for q in reading.quotes:
            kind = (VENDORS_NAME[q.market.kind], q.market.line)
            place = (int(reading.as_of.timestamp()), ids[q.market.event_id], *kind)
            if place in places:
                prices[place][q.book, q.outcome] = q.odds
    return prices


@pytest.mark.parametrize("window", WINDOWS)
def test_exactly_the_listed_crossings_are_found(window):
    expected = listed(window)
    prices = quoted(window, expected)
    scan = Scan([DATA / "odds_stream" / f"{window}.jsonl.xz"], gates=NO_GATES, joint=False)
    got = list(scan)
    assert len(got) == len(expected)
    assert {place_of(opportunity) for opportunity in got} == set(expected)
    for opportunity in got:
        row = expected[place_of(opportunity)]
        names = {
            opportunity.event.home: "home", opportunity.event.away: "away", "Draw": "draw",
            "Over": "over", "Under": "under",
        }  # fmt: skip
        legs = {leg.outcome: leg for leg in opportunity.legs}
        assert opportunity.accepted
        assert opportunity.in_play == row["live"]
        assert 1 / (1 + opportunity.roi) == pytest.approx(row["sum"], abs=1e-5)
        assert {names[name] for name in row["legs"]} == set(legs)
        for name, (odds, book, _) in row["legs"].items():
            leg = legs[names[name]]
            assert leg.odds == pytest.approx(odds, abs=1e-3)
            offers = prices[place_of(opportunity)]
            assert offers[leg.book, leg.outcome] == offers[book, leg.outcome]


def test_the_gates_accept_nothing_in_play_and_part_of_the_rest():
    scan = Scan([DATA / "odds_stream" / f"{window}.jsonl.xz" for window in WINDOWS])
    found = list(scan)
    pre_match, in_play = (
        [getattr(tally, stage) for tally in scan.tallies.values()]
        for stage in ("pre_match", "in_play")
    )
    assert sum(tally.quotes for tally in scan.tallies.values()) == 855_106
    assert sum(tally.crossings - tally.joint for tally in pre_match) == 560
    assert sum(tally.crossings - tally.joint for tally in in_play) == 1561
    assert not any(tally.accepted or tally.mended for tally in in_play)
    alone = [one for one in found if one.accepted and not one.joint]
    together = [one for one in found if one.accepted and one.joint]
    assert len(alone) == 304 + 32
    assert sum(tally.refused[GateCode.WAVERING_BOOK] for tally in pre_match) == 118
    assert not any({leg.book for leg in one.legs} <= twins("lowvig") for one in (*alone, *together))
    assert sum(tally.accepted + tally.mended for tally in pre_match) == len(alone) + len(together)
    assert together
    assert all(leg.age_s <= 120 for one in (*alone, *together) for leg in one.legs)
    assert all(one.roi >= 1e-9 for one in (*alone, *together))


def crossings_alone(reading, quotes):
    """Return what crosses among some quotes of a reading, held by nobody before."""
    detector = Detector(NO_GATES, joint=False)
    detector.absorb(msgspec.structs.replace(reading, quotes=quotes))
    return detector.judge({q.market for q in quotes}, reading.arrived_at)


TWO_BOOKS = {"bet365", "pinnacle"}


def comparable(quotes):
    """Return the quotes that the published counts are of, by their definitions."""
    sides = defaultdict(Counter)
    for q in quotes:
        sides[q.market][q.book] += not q.book.startswith("betfair_ex")
    full = {
        market: {book for book, count in books.items() if count == market.ways}
        for market, books in sides.items()
    }
    for q in quotes:
        books = full[q.market]
        if q.market.kind is MarketKind.WINNER:
            if q.book in books and len(books) >= 3:
                yield q
        elif q.book in TWO_BOOKS <= books:
            yield q


def test_four_seasons_of_football_give_the_published_counts():
    markets, crossings = Counter(), Counter()
    for path in sorted((DATA / "football_data").glob("*/*.csv")):
        for reading in readings(path):
            quotes = list(comparable(reading.quotes))
            for market in {q.market for q in quotes}:
                markets[reading.scope, market.kind] += 1
            for opportunity in crossings_alone(reading, quotes):
                crossings[reading.scope, opportunity.market.kind] += 1
    counted = {place: (crossings[place], markets[place]) for place in markets}
    assert counted["closing", "winner"] == (1122, 24959)
    assert counted["opening", "winner"] == (226, 24954)
    assert counted["closing", "total"] == (105, 22207)
    assert counted["closing", "handicap"] == (317, 22255)


def test_a_season_of_hockey_has_no_money_line_that_crosses():
    groups = crossings = 0
    for path in sorted((DATA / "oddsapi_nhl" / "odds-data" / "historical").glob("*.csv")):
        for reading in readings(path):
            books = defaultdict(set)
            for q in reading.quotes:
                if q.market.kind is MarketKind.WINNER:
                    books[q.market].add(q.book)
            quotes = [q for q in reading.quotes if len(books[q.market]) >= 2]
            groups += sum(len(some) >= 2 for some in books.values())
            found = crossings_alone(reading, quotes)
            crossings += sum(one.market.kind is MarketKind.WINNER for one in found)
    assert (crossings, groups) == (0, 1594)


@pytest.mark.parametrize(("commission", "pairs"), [(0.0, 50), (0.05, 9)])
def test_australian_books_and_the_exchanges_lays_give_the_published_counts(commission, pairs):
    counts = Counter()
    for path in sorted((DATA / "oddsapi_au" / "afl").glob("*.csv")):
        for reading in readings(path):
            upcoming = {e.id for e in reading.events if (e.starts_at or MIN) > reading.as_of}
            quotes = [
                msgspec.structs.replace(q, commission=commission if q.side is Side.LAY else 0.0)
                for q in reading.quotes
                if q.market.kind is MarketKind.WINNER
                and q.market.event_id in upcoming
                and (q.side is Side.LAY or not q.book.startswith("betfair"))
            ]
            counts["groups"] += len({q.market for q in quotes})
            for opportunity in crossings_alone(reading, quotes):
                counts["/".join(sorted(leg.side for leg in opportunity.legs))] += 1
    assert counts == {"groups": 732, "back/back": 11, "back/lay": pairs}


MIN = datetime.min.replace(tzinfo=UTC)
