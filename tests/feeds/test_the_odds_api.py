"""The Odds API: what is taken over, and what is refused with its neighbours kept."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from domain.markets import MarketKind, Outcome, Period, Side
from feeds.base import FeedDrifted
from feeds.odds_api_markets import MARKETS
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
    assert len(reading.quotes) == 14
    assert reading.rejected == {}
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


def said(*rows):
    fields = ("name", "price", "point", "description")
    return [dict(zip(fields, row, strict=False)) for row in rows]


def asked(reading):
    return [
        (q.market.kind, q.market.statistic, q.market.subject, q.market.line, q.outcome)
        for q in reading.quotes
    ]


@pytest.mark.parametrize(
    ("key", "outcomes", "taken"),
    [
        ("alternate_spreads",
         said(("Gulls", 1.9, -3.5), ("Gulls", 2.4, -7), ("Foxes", 1.5, 7)),
         [("handicap", "score", None, -3.5, "home"), ("handicap", "score", None, -7.0, "home"),
          ("handicap", "score", None, -7.0, "away")]),
        ("alternate_totals_corners", said(("Over", 1.9, 9.5), ("Under", 1.9, 9.5)),
         [("total", "corners", None, 9.5, "over"), ("total", "corners", None, 9.5, "under")]),
        ("team_totals", said(("Over", 1.9, 1.5, "Foxes"), ("Under", 1.9, 2.5, "Gulls")),
         [("team_total", "score", "away", 1.5, "over"),
          ("team_total", "score", "home", 2.5, "under")]),
        ("btts", said(("Yes", 1.9), ("No", 1.9)),
         [("both_teams_to_score", "score", None, None, "yes"),
          ("both_teams_to_score", "score", None, None, "no")]),
        ("draw_no_bet", said(("Gulls", 1.5), ("Foxes", 2.6)),
         [("draw_no_bet", "score", None, None, "home"),
          ("draw_no_bet", "score", None, None, "away")]),
        ("double_chance", said(("Gulls or Draw", 1.2), ("Draw/Foxes", 1.8),
                               ("Foxes or Gulls", 1.3)),
         [("double_chance", "score", "1X", None, "yes"),
          ("double_chance", "score", "X2", None, "yes"),
          ("double_chance", "score", "12", None, "yes")]),
        ("halftime_fulltime", said(("Draw/Foxes", 7.0), ("Gulls / Gulls", 3.0)),
         [("half_time_full_time", "score", "draw/away", None, "yes"),
          ("half_time_full_time", "score", "home/home", None, "yes")]),
        ("player_points", said(("Over", 1.9, 22.5, "A. Wilson"), ("Under", 1.9, 22.5, "A. Wilson")),
         [("player_total", "points", "A. Wilson", 22.5, "over"),
          ("player_total", "points", "A. Wilson", 22.5, "under")]),
        ("player_points_alternate", said(("Over", 4.9, 29.5, "A. Wilson")),
         [("player_total", "points", "A. Wilson", 29.5, "over")]),
        ("player_goal_scorer_anytime", said(("Yes", 2.9, None, "B. Kane")),
         [("player_yes_no", "goals", "B. Kane", None, "yes")]),
        ("player_goal_scorer_first", said(("Yes", 5.9, None, "B. Kane")),
         [("player_yes_no", "goals", "B. Kane (first)", None, "yes")]),
        ("batter_strikeouts", said(("Over", 1.9, 0.5, "S. O")),
         [("player_total", "strikeouts_at_bat", "S. O", 0.5, "over")]),
        ("pitcher_strikeouts", said(("Over", 1.9, 0.5, "S. O")),
         [("player_total", "strikeouts", "S. O", 0.5, "over")]),
    ],
)  # fmt: skip
def test_what_a_key_means_is_taken_over(feed, key, outcomes, taken):
    reading = read(feed, one_market(key, outcomes, "soccer_epl"), oddsFormat="decimal")
    assert asked(reading) == taken
    assert reading.rejected == {}


@pytest.mark.parametrize(
    ("key", "outcomes", "reason"),
    [
        ("player_points", said(("Over", 1.9, 22.5)), "subject_missing"),
        ("player_points", said(("Over", 1.9, 22.5, {"first": "A."})), "subject_missing"),
        ("player_points", said(("Over", 1.9, None, "A. Wilson")), "line_missing"),
        ("player_points", said(("Over", 1.9, True, "A. Wilson")), "line_invalid"),
        ("spreads", said(("Gulls", 1.9, [3.5])), "line_invalid"),
        ("team_totals", said(("Over", 1.9, 1.5, "Wolves")), "unknown_outcome"),
        ("double_chance", said(("Gulls or Wolves", 1.9)), "unknown_outcome"),
        ("draw_no_bet", said(("Draw", 1.9)), "unknown_outcome"),
        ("btts", said(("Maybe", 1.9)), "unknown_outcome"),
        ("correct_score", said(("2-1", 9.0)), "market_unsupported"),
        ("totals_1st_3_innings", said(("Over", 1.9, 2.5)), "market_unsupported"),
    ],
)
def test_what_cannot_be_told_is_counted_and_never_guessed(feed, key, outcomes, reason):
    reading = read(feed, one_market(key, outcomes), oddsFormat="decimal")
    assert (reading.quotes, reading.rejected) == ([], {reason: 1})


def test_true_is_no_line_though_it_equals_one(feed):
    outcomes = said(("Over", 1.9, 1, "A"), ("Under", 1.9, 1.0, "A"), ("Over", 1.9, True, "A"))
    reading = read(feed, one_market("player_threes", outcomes), oddsFormat="decimal")
    assert [q.market.line for q in reading.quotes] == [1.0, 1.0]
    assert reading.rejected == {"line_invalid": 1}


@pytest.mark.parametrize(
    ("suffix", "period"),
    [("_h1", "first_half"), ("_q4", "fourth_quarter"), ("_p3", "third_period"),
     ("_1st_5_innings", "first_five_innings")],
)  # fmt: skip
@pytest.mark.parametrize("key", ["h2h", "spreads", "alternate_totals", "h2h_3_way"])
def test_a_part_of_the_game_is_a_market_of_its_own(feed, key, suffix, period):
    team, line = ("Over", 4.5) if "total" in key else ("Gulls", -4.5)
    reading = read(feed, one_market(key + suffix, said((team, 1.9, line))), oddsFormat="decimal")
    assert [q.market.period for q in reading.quotes] == [period]
    assert {q.market.ways for q in reading.quotes} == {3 if "3_way" in key else 2}


def test_main_and_alternate_lines_are_of_one_market_and_priced_once(feed):
    answer = one_market("totals", said(("Over", 1.9, 8.5), ("Under", 1.9, 8.5)))
    more = one_market("alternate_totals", said(("Over", 1.9, 8.5), ("Over", 2.4, 9.5)))
    answer[0]["bookmakers"][0]["markets"] += more[0]["bookmakers"][0]["markets"]
    reading = read(feed, answer, oddsFormat="decimal")
    assert [(q.market.line, q.outcome) for q in reading.quotes] == [
        (8.5, "over"), (8.5, "under"), (9.5, "over"),
    ]  # fmt: skip
    assert reading.rejected == {"duplicate": 1}


def test_each_runner_of_a_tournament_is_a_yes_or_no(feed):
    answer = one_market("outrights", said(("A. Palmer", 12.0), ("B. Nelson", 15.0)))
    lays = one_market("outrights_lay", said(("A. Palmer", 12.5)))
    answer[0]["bookmakers"][0]["markets"] += lays[0]["bookmakers"][0]["markets"]
    answer[0] |= {"sport_key": "golf_masters_tournament_winner", "sport_title": "Masters Winner",
                  "home_team": None, "away_team": None}  # fmt: skip
    reading = read(feed, answer, oddsFormat="decimal")
    (event,) = reading.events
    assert (event.sport, event.home, event.away) == ("golf", "Masters Winner", "any other")
    assert [(q.market.kind, q.market.subject, q.outcome, q.side) for q in reading.quotes] == [
        ("outright", "A. Palmer", "yes", "back"),
        ("outright", "B. Nelson", "yes", "back"),
        ("outright", "A. Palmer", "yes", "lay"),
    ]


def test_every_market_of_the_table_can_be_asked_of_a_sport():
    for native in MARKETS.values():
        assert native.kind in TheOddsApi.manifest.markets
        assert native.group % 4 == 0
    assert len(MARKETS) > 200


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


def test_other_markets_are_asked_for_by_their_keys():
    (request,) = TheOddsApi(markets="h2h,btts").plan(["soccer_epl"])
    assert request.params["markets"] == "h2h,btts"


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "prices"),
    [
        ("odds_api_player_props", 40),
        ("odds_api_historical_player_props", 16),
        ("odds_api_historical_odds", 12),
        ("odds_api_current_odds", 24),
    ],
)
def test_recorded_props_and_historical_answers_are_taken_over_whole(
    feed, recorded_dir, name, prices
):
    body = (recorded_dir / f"providers/wnba_ostepan8/{name}.json").read_text(encoding="utf-8")
    reading = read(feed, body)
    assert (len(reading.quotes), reading.rejected) == (prices, {})
    players = set(re.findall(r'"description": "([^"]+)"', body))
    assert {q.market.subject for q in reading.quotes} == (players or {None})


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


def test_a_question_costs_a_credit_a_market_and_region():
    feed = TheOddsApi(regions="us,uk", markets="h2h,spreads,totals")
    assert {request.cost for request in feed.plan(["soccer", "upcoming"])} == {6.0}
    assert TheOddsApi.manifest.quota.credits == 500
