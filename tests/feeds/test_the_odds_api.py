"""The Odds API: what is taken over, and what is refused with its neighbours kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from domain.markets import MarketKind, Outcome, Period, Side
from feeds.base import FeedDrifted
from feeds.the_odds_api import TheOddsApi
from tests.feeds.samples import payload_of, prices, read, recording


@pytest.fixture
def feed() -> TheOddsApi:
    return TheOddsApi()


def one_market(
    key: str, outcomes: list[dict[str, Any]], sport: str = "basketball_nba", **more: Any
):
    market = {"key": key, "last_update": "2026-07-21T12:00:27Z", "outcomes": outcomes, **more}
    return [
        {
            "id": "e1",
            "sport_key": sport,
            "commence_time": "2026-07-23T02:00:00Z",
            "home_team": "Gulls",
            "away_team": "Foxes",
            "bookmakers": [{"key": "book_one", "markets": [market]}],
        }
    ]


def h2h(*odds: object, names: tuple[str, ...] = ("Gulls", "Foxes", "Draw")) -> list[dict[str, Any]]:
    return [{"name": name, "price": price} for name, price in zip(names, odds, strict=False)]


def test_a_decimal_answer_is_taken_over_whole(feed):
    reading = read(feed, recording("the_odds_api/decimal.json"))
    assert [e.league for e in reading.events] == ["wnba", "epl"]
    assert len(reading.quotes) == 13
    assert reading.rejected == {"market_unsupported": 1}
    assert ("book_one", "handicap", 4.5, "away", "back", 1.91) in prices(reading)
    assert reading.complete


def test_a_recorded_line_is_american_and_of_its_own_instant(feed):
    first, *_ = recording("the_odds_api/american.jsonl").splitlines()
    reading = read(feed, first)
    assert reading.as_of == datetime(2026, 7, 21, 12, 0, 49, tzinfo=UTC)
    assert ("book_one", "winner", None, "home", "back", 2.18) in prices(reading)


def test_the_format_asked_for_is_believed_before_the_looks_of_prices(feed):
    answer = one_market("h2h", h2h(150, 120))
    assert [q.odds for q in read(feed, answer, oddsFormat="decimal").quotes] == [150, 120]
    assert [q.odds for q in read(feed, answer).quotes] == [2.5, 2.2]


def test_the_line_is_the_home_sides_handicap(feed):
    outcomes = [
        {"name": "Foxes", "price": 1.9, "point": 3.5},
        {"name": "Gulls", "price": 1.9, "point": -3.5},
    ]
    reading = read(feed, one_market("spreads", outcomes))
    assert {(q.outcome, q.market.line) for q in reading.quotes} == {
        (Outcome.AWAY, -3.5),
        (Outcome.HOME, -3.5),
    }
    assert reading.quotes[0].market is reading.quotes[1].market


def test_sides_that_do_not_mirror_are_refused(feed):
    outcomes = [
        {"name": "Foxes", "price": 1.9, "point": 3.5},
        {"name": "Gulls", "price": 1.9, "point": -4.5},
    ]
    assert read(feed, one_market("spreads", outcomes)).rejected == {"sides_do_not_mirror": 2}


def test_a_line_of_zero_is_a_line(feed):
    outcomes = [
        {"name": "Foxes", "price": 1.9, "point": 0},
        {"name": "Gulls", "price": 1.95, "point": -0.0},
    ]
    reading = read(feed, one_market("spreads", outcomes))
    assert [str(q.market.line) for q in reading.quotes] == ["0.0", "0.0"]


@pytest.mark.parametrize(
    ("sport", "odds", "ways", "period"),
    [
        ("basketball_nba", (1.9, 1.9), 2, Period.FULL_TIME_INCL_OVERTIME),
        ("icehockey_nhl", (1.9, 1.9), 2, Period.FULL_TIME_INCL_OVERTIME),
        ("icehockey_nhl", (2.4, 2.6, 4.1), 3, Period.FULL_TIME),
        ("soccer_epl", (2.1, 3.6, 3.4), 3, Period.FULL_TIME),
        ("soccer_epl", (2.1, 3.6), 3, Period.FULL_TIME),
    ],
)
def test_a_market_with_a_draw_is_never_one_without(feed, sport, odds, ways, period):
    reading = read(feed, one_market("h2h", h2h(*odds), sport))
    assert {(q.market.ways, q.market.period) for q in reading.quotes} == {(ways, period)}
    assert len(reading.quotes) == len(odds)


def test_lay_prices_are_of_the_same_market_and_pay_commission(feed):
    reading = read(feed, recording("the_odds_api/decimal.json"))
    exchange = [q for q in reading.quotes if q.book == "betfair_ex_uk"]
    assert {q.side for q in exchange} == {Side.BACK, Side.LAY}
    assert {q.commission for q in exchange} == {0.05}
    assert len({q.market for q in exchange}) == 1


def test_the_change_is_the_markets_else_the_books_else_unknown(feed):
    answer = one_market("h2h", h2h(1.9, 1.9), last_update=None)
    assert {q.changed_at for q in read(feed, answer).quotes} == {None}
    answer[0]["bookmakers"][0]["last_update"] = "2026-07-21T11:59:00Z"
    assert {q.changed_at for q in read(feed, answer).quotes} == {
        datetime(2026, 7, 21, 11, 59, tzinfo=UTC)
    }


@pytest.mark.parametrize("said", ["yesterday", 5, "2026-07-21T12:00:27", "99999-01-01T00:00:00Z"])
def test_a_change_that_cannot_be_told_is_unknown_and_counted(feed, said):
    reading = read(feed, one_market("h2h", h2h(1.9, 1.9), last_update=said))
    assert [q.changed_at for q in reading.quotes] == [None, None]
    assert reading.rejected == {"time_invalid": 1}


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (1.0, "odds_not_above_one"),
        (0, "odds_not_above_one"),
        (0.0001, "odds_not_above_one"),
        ("-", "odds_not_above_one"),
        (None, "not_a_number"),
        ({"was": 2}, "not_a_number"),
        (1e9, "odds_absurd"),
    ],
)
def test_one_bad_price_leaves_its_neighbours(feed, price, reason):
    reading = read(feed, one_market("h2h", h2h(price, 1.9)))
    assert [q.odds for q in reading.quotes] == [1.9]
    assert reading.rejected == {reason: 1}


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999"])
def test_numbers_that_are_no_json_spoil_only_themselves(feed, number):
    body = msgspec.json.encode(one_market("h2h", h2h(7777, 1.9))).replace(b"7777", number)
    reading = read(feed, body)
    assert [q.odds for q in reading.quotes] == [1.9]
    assert sum(reading.rejected.values()) == 1


@pytest.mark.parametrize(
    ("damage", "rejected"),
    [
        (lambda e: e.pop("home_team"), {"event_malformed": 2}),
        (lambda e: e.update(home_team="Foxes"), {"event_malformed": 2}),
        (lambda e: e.update(home_team="a\x00b"), {"event_malformed": 2}),
        (lambda e: e.update(home_team="G" * 201), {"event_malformed": 2}),
        (lambda e: e.update(sport_key="quidditch_league"), {"unknown_sport": 2}),
        (lambda e: e.update(sport_key="basketball"), {"unknown_sport": 2}),
        (lambda e: e.update(bookmakers="none"), {"event_malformed": 1}),
        (lambda e: e["bookmakers"][0].pop("key"), {"book_malformed": 2}),
        (lambda e: e["bookmakers"][0].update(key="\u200b"), {"book_malformed": 2}),
        (lambda e: e["bookmakers"][0]["markets"][0].pop("key"), {"market_malformed": 2}),
        (lambda e: e["bookmakers"][0]["markets"].append(7), {"market_malformed": 1}),
        (
            lambda e: e["bookmakers"][0]["markets"][0]["outcomes"].append({"price": 2}),
            {"price_malformed": 1},
        ),
        (
            lambda e: e["bookmakers"][0]["markets"][0]["outcomes"][0].update(name="Wolves"),
            {"unknown_outcome": 1},
        ),
        (
            lambda e: e["bookmakers"].append(e["bookmakers"][0]),
            {"duplicate": 2},
        ),
    ],
)
def test_damage_is_counted_by_what_it_hit(feed, damage: Callable[[Any], object], rejected):
    broken = one_market("h2h", h2h(1.9, 1.95))
    damage(broken[0])
    sound = one_market("h2h", h2h(1.8, 2.05))
    sound[0]["id"] = "e2"
    reading = read(feed, [*broken, *sound])
    assert reading.rejected == rejected
    assert [q.odds for q in reading.quotes][-2:] == [1.8, 2.05]


def test_an_event_that_is_there_twice_is_taken_once(feed):
    reading = read(feed, one_market("h2h", h2h(1.9, 1.95)) * 2)
    assert (len(reading.events), reading.rejected) == (1, {"duplicate": 2})


def test_an_historical_answer_is_of_its_own_instant(feed):
    answer = {"timestamp": "2023-06-01T11:55:39Z", "data": one_market("h2h", h2h(1.9, 1.95))}
    reading = read(feed, answer)
    assert reading.as_of == datetime(2023, 6, 1, 11, 55, 39, tzinfo=UTC)
    assert len(reading.quotes) == 2


def test_one_events_answer_says_nothing_of_other_events(feed):
    (event,) = one_market("h2h", h2h(1.9, 1.95))
    reading = read(feed, event)
    assert (len(reading.quotes), reading.complete) == (2, False)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"7", b'{"message":"out of credits"}', b"[" * 9999]
)
def test_what_is_no_answer_at_all_is_drift(feed, body):
    with pytest.raises(FeedDrifted):
        list(feed.read(payload_of(body)))


def test_one_request_a_league_and_no_key_in_any():
    requests = TheOddsApi(regions="us,uk").plan(
        ["soccer", "basketball_wnba", "upcoming", "chess_a"]
    )
    assert [r.scope for r in requests] == [
        "basketball_wnba",
        "soccer_epl",
        "soccer_uefa_champs_league",
        "upcoming",
    ]
    assert requests[0].params == {
        "regions": "us,uk",
        "markets": "h2h,spreads,totals",
        "oddsFormat": "decimal",
        "dateFormat": "iso",
    }


@pytest.mark.recorded
def test_the_recorded_answers_cross_as_measured(feed, recorded_dir):
    reading = read(feed, (recorded_dir / "providers/oddsapi_shrimperD/odds.json").read_bytes())
    best: dict[Any, dict[Outcome, float]] = {}
    for q in reading.quotes:
        if q.market.kind is MarketKind.WINNER:
            sides = best.setdefault(q.market, {})
            sides[q.outcome] = max(sides.get(q.outcome, 0), q.odds)
    league = {e.id: e.league for e in reading.events}
    crossing = [
        league[market.event_id]
        for market, sides in best.items()
        if len(sides) == market.ways and sum(1 / odds for odds in sides.values()) < 1
    ]
    assert sorted(crossing) == ["nba"] * 4 + ["nhl"]
    assert reading.rejected == {"odds_not_above_one": 4}
