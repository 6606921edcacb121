"""Exchanges and pools: what each of their answers means, and what of it cannot be bet on."""

import json
from collections import Counter

import pytest

from domain.markets import MarketKind, Outcome, Period, Side, Statistic
from feeds.base import FeedDrifted, KeyRefused
from feeds.registry import build
from tests.feeds.samples import AT, RECORDINGS, payload_of, prices, recording

NAMES = ["azuro", "betdaq", "cloudbet", "matchbook", "polymarket", "smarkets", "sx_bet"]


def answers(name):
    """Return the hand-written answers of a source, in the order they would come."""
    (path,) = (RECORDINGS / name).iterdir()
    body = path.read_bytes()
    return [body] if path.suffix == ".json" else body.splitlines()


def last(name, *bodies):
    """Return the last reading of some answers, or of the hand-written ones."""
    feed = build(name)
    return [r for body in bodies or answers(name) for r in feed.read(payload_of(body))][-1]


def changed(body, *path, to):
    """Return a JSON answer with one part replaced."""
    answer = json.loads(body)
    at = answer
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return answer


def quoted(reading, kind):
    """Return the quotes of one kind of market by outcome and side."""
    return {(q.outcome, q.side): q for q in reading.quotes if q.market.kind is kind}


@pytest.mark.parametrize("name", NAMES)
def test_prices_without_what_names_them_are_counted(name):
    alone = last(name, answers(name)[-1])
    if len(answers(name)) > 1:
        assert alone.quotes == []
        assert alone.rejected["event_unknown"] > 0
    else:
        assert alone.quotes


@pytest.mark.parametrize(
    ("name", "rejected"),
    [
        (
            "azuro",
            {
                "market_suspended": 2,
                "market_unsupported": 1,
                "unknown_sport": 1,
                "event_unknown": 1,
            },
        ),
        ("betdaq", {"selection_closed": 2, "market_unsupported": 1, "market_suspended": 1}),
        ("cloudbet", {"market_suspended": 2, "market_unsupported": 1, "event_malformed": 1}),
        ("matchbook", {"market_unsupported": 1, "market_suspended": 1}),
        ("polymarket", {"event_unknown": 1}),
        ("smarkets", {"market_unsupported": 1, "market_suspended": 1, "event_unknown": 1}),
        (
            "sx_bet",
            {
                "market_unsupported": 1,
                "market_closed": 1,
                "event_unknown": 1,
                "currency_unsupported": 1,
                "nothing_offered": 1,
            },
        ),
    ],
)
def test_what_cannot_be_bet_on_is_counted_by_reason(name, rejected):
    assert last(name).rejected == rejected


def test_matchbook_takes_the_best_of_each_side_and_reads_away_at_home():
    reading = last("matchbook")
    assert prices(reading)["matchbook", "winner", None, "home", "lay", 2.2] == 1
    assert [(e.home, e.away) for e in reading.events] == [
        ("Northport", "Eastmere"),
        ("Marlow", "Tarn"),
    ]
    handicap = quoted(reading, MarketKind.HANDICAP)
    assert {q.market.line for q in handicap.values()} == {-0.5}
    (body,) = answers("matchbook")
    deeper = changed(
        body,
        *("events", 0, "markets", 0, "runners", 0, "prices"),
        to=[
            {"side": "back", "odds": 2.12, "available-amount": 60.0},
            {"side": "back", "odds": 2.1, "available-amount": 600.0},
            {"side": "sideways", "odds": 2.1, "available-amount": 600.0},
        ],
    )
    found = last("matchbook", deeper)
    assert [q.max_stake for q in found.quotes if q.odds == 2.12] == [60.0]
    assert not [q for q in found.quotes if q.max_stake == 600.0]
    assert found.rejected["price_malformed"] == 1


def test_matchbook_in_running_has_begun():
    (body,) = answers("matchbook")
    reading = last("matchbook", changed(body, "events", 0, "in-running-flag", to=True))
    assert reading.events[0].starts_at == AT


def test_matchbook_turns_pages_until_one_is_short():
    feed = build("matchbook")
    (first,) = feed.plan(["soccer"])
    answer = payload_of({"events": [{}] * 100})
    full = type(answer)(
        request=first, body=answer.body, as_of=answer.as_of, arrived_at=answer.arrived_at
    )
    assert [r.params["offset"] for r in feed.follow(full)] == ["100"]
    assert feed.follow(payload_of(answers("matchbook")[0])) == ()


def test_a_session_is_a_token_or_a_refusal():
    feed = build("matchbook")
    assert feed.session(payload_of({"session-token": "t0"})) == "t0"
    with pytest.raises(KeyRefused):
        feed.session(payload_of({"errors": [{"messages": ["no"]}]}))


def test_smarkets_offers_are_backed_and_bids_laid_at_their_share_of_the_pot():
    winner = quoted(last("smarkets"), MarketKind.WINNER)
    back, lay = winner[Outcome.HOME, Side.BACK], winner[Outcome.HOME, Side.LAY]
    assert back.odds == pytest.approx(10_000 / 4700)
    assert lay.odds == pytest.approx(10_000 / 4600)
    assert back.max_stake == pytest.approx(200 * 0.47)
    assert back.commission == lay.commission == 0.02


def test_smarkets_answers_lead_from_events_to_quotes():
    feed = build("smarkets")
    asked = [feed.follow(payload_of(body)) for body in answers("smarkets")]
    assert [requests[0].url.rpartition("/v3/")[2] for requests in asked[:3]] == [
        "events/4400001,4400002,4400003/markets/",
        "markets/11900001,11900002,11900003,11900004,11900005,11900006/contracts/",
        "markets/11900001,11900002,11900003,11900004,11900005,11900006/quotes/",
    ]
    assert asked[3] == ()


def test_smarkets_turns_pages_until_one_is_empty():
    feed, events = build("smarkets"), answers("smarkets")[0]
    link = "?type=football_match&limit=50&pagination_last_id=77"
    more = changed(events, "pagination", "next_page", to=link)
    *_, following = feed.follow(payload_of(more))
    assert following.params["pagination_last_id"] == "77"
    assert following.url.endswith("/v3/events/")
    assert not feed.follow(payload_of({**more, "events": []}))


def test_smarkets_goals_are_of_football_alone():
    events, *others = answers("smarkets")
    tennis = changed(events, "events", 0, "type", to="tennis_match")
    kinds = Counter(q.market.kind for q in last("smarkets", tennis, *others).quotes)
    assert MarketKind.TOTAL not in kinds
    assert MarketKind.HANDICAP not in kinds


def test_betdaq_reads_its_tree_and_its_prices():
    reading = last("betdaq")
    assert prices(reading)["betdaq", "winner", None, "draw", "lay", 3.6] == 1
    assert {q.market.subject for q in reading.quotes if q.market.kind is MarketKind.OUTRIGHT} == {
        "Low Tide"
    }
    assert {e.league for e in reading.events} == {"Coast Premier", "Horse Racing"}


def test_betdaq_asks_for_sports_then_trees_then_prices():
    feed = build("betdaq")
    (first,) = feed.plan(["soccer"])
    assert b"{{password}}" in first.body
    tree, _ = answers("betdaq")
    (asked,) = feed.follow(payload_of(tree))
    assert b"<MarketIds>901</MarketIds>" in asked.body
    assert b"<MarketIds>905</MarketIds>" not in asked.body


@pytest.mark.parametrize(
    ("told", "error"),
    [("Punter username unknown", KeyRefused), ("Parameter missing", FeedDrifted)],
)
def test_betdaq_says_when_it_does_not_answer(told, error):
    _, body = answers("betdaq")
    success = b'Code="0" Description="Success"'
    assert success in body
    with pytest.raises(error):
        last("betdaq", body.replace(success, f'Code="406" Description="{told}"'.encode()))


def test_sx_bet_gives_the_taker_what_the_maker_leaves():
    winner = quoted(last("sx_bet"), MarketKind.WINNER)
    away = winner[Outcome.AWAY, Side.BACK]
    assert away.odds == pytest.approx(1 / (1 - 0.525))
    assert away.max_stake == pytest.approx(100 / 0.525 - 100, abs=1e-6)
    assert away.commission == 0.04


def test_sx_bet_turns_teams_and_lines_where_the_second_is_at_home():
    markets, orders = answers("sx_bet")
    turned = json.loads(markets)
    for market in turned["data"]["markets"]:
        market["homeTeamFirst"] = False
    (quote,) = quoted(last("sx_bet", turned, orders), MarketKind.HANDICAP).values()
    assert (quote.outcome, quote.market.line) == (Outcome.AWAY, 3.5)


def test_sx_bet_is_void_when_level_where_it_says_so():
    (quote,) = quoted(last("sx_bet"), MarketKind.DRAW_NO_BET).values()
    assert (quote.outcome, quote.market.period) == (Outcome.AWAY, Period.FULL_TIME)


def test_sx_bet_does_not_say_what_is_counted_in_tennis():
    markets, orders = answers("sx_bet")
    tennis = changed(markets, "data", "markets", 1, "sportId", to=6)
    tennis["data"]["markets"][1]["type"] = 2
    assert last("sx_bet", tennis, orders).rejected["market_unsupported"] == 2


def test_polymarket_costs_what_the_cheapest_share_costs_with_its_fee():
    winner = quoted(last("polymarket"), MarketKind.WINNER)
    cost = 0.57 + 0.05 * 0.57 * 0.43
    away = winner[Outcome.AWAY, Side.BACK]
    assert away.odds == pytest.approx(1 / cost)
    assert away.max_stake == pytest.approx(120.5 * cost)


def test_polymarket_no_is_a_lay_that_pays_the_same():
    soccer = [q for q in last("polymarket").quotes if q.market.ways == 3]
    yes, no = soccer
    assert (yes.side, yes.odds) == (Side.BACK, pytest.approx(1 / 0.46))
    assert (no.side, no.outcome, no.commission) == (Side.LAY, Outcome.HOME, 0.0)
    liability = no.max_stake * (no.odds - 1)
    assert liability == pytest.approx(150 * 0.56)
    assert no.max_stake == pytest.approx(150 * 0.44)


def test_polymarket_without_a_told_fee_takes_the_dearest():
    markets, books = answers("polymarket")
    silent = json.loads(markets)
    for market in silent:
        del market["feeSchedule"], market["feesEnabled"]
    soccer = [q for q in last("polymarket", silent, books).quotes if q.market.ways == 3]
    assert soccer[0].odds == pytest.approx(1 / (0.46 + 0.05 * 0.46 * 0.54))


def test_polymarket_asks_for_the_books_of_what_it_understands():
    feed = build("polymarket")
    first, *_ = feed.plan(["basketball"])
    answer = payload_of(answers("polymarket")[0])
    page = type(answer)(
        request=first, body=answer.body, as_of=answer.as_of, arrived_at=answer.arrived_at
    )
    list(feed.read(page))
    (asked,) = feed.follow(page)
    assert [one["token_id"] for one in json.loads(asked.body)] == [f"t{n}" for n in range(1, 9)]


def test_azuro_means_what_its_dictionaries_say():
    reading = last("azuro")
    assert prices(reading)["azuro", "handicap", -2.5, "away", "back", 1.8] == 1
    overtime = [q for q in reading.quotes if q.market.period is Period.FULL_TIME_INCL_OVERTIME]
    assert {q.outcome: q.odds for q in overtime} == {Outcome.HOME: 1.7, Outcome.AWAY: 2.1}
    assert {q.max_stake for q in reading.quotes} == {None}


def test_azuro_numbers_count_only_in_their_sports():
    games, conditions = answers("azuro")
    moved = changed(games, "games", 0, "sport", "sportId", to="31")
    assert not quoted(last("azuro", moved, conditions), MarketKind.DOUBLE_CHANCE)


def test_azuro_subgraph_answers_are_read_too():
    games, conditions = (json.loads(body) for body in answers("azuro"))
    first = conditions["conditions"][0]
    outcomes = [{"outcomeId": o["outcomeId"], "currentOdds": o["odds"]} for o in first["outcomes"]]
    inside = {"conditionId": "1", "state": "Active", "outcomes": outcomes}
    body = {"data": {"games": [{**games["games"][0], "conditions": [inside]}]}}
    assert {q.odds for q in last("azuro", body).quotes} == {2.08, 3.35, 3.6}


def test_cloudbet_handicaps_are_the_home_sides_and_limits_the_books_own():
    reading = last("cloudbet")
    assert {q.market.line for q in quoted(reading, MarketKind.HANDICAP).values()} == {-0.5}
    home = [q for q in reading.quotes if q.odds == 2.09]
    assert [(q.market.period, q.max_stake) for q in home] == [(Period.FULL_TIME, 250.5)]
    (team,) = quoted(reading, MarketKind.TEAM_TOTAL).values()
    assert (team.market.subject, team.market.line) == ("home", 1.5)
    assert team.market.statistic is Statistic.SCORE


@pytest.mark.parametrize("period", ["period=ot", "period=ft&x=1", "period=ft&team=home", "", "ft"])
def test_cloudbet_periods_that_are_not_known_are_left(period):
    (body,) = answers("cloudbet")
    submarkets = json.loads(body)["events"][0]["markets"]["soccer.match_odds"]["submarkets"]
    moved = {period: submarkets["period=ft"]}
    reading = last(
        "cloudbet",
        changed(body, "events", 0, "markets", "soccer.match_odds", "submarkets", to=moved),
    )
    assert not quoted(reading, MarketKind.WINNER)
    assert reading.rejected["market_unsupported"] == 4


def test_cloudbet_competitions_with_events_are_asked_for():
    answer = {
        "categories": [
            {"competitions": [{"key": "soccer-a", "eventCount": 2}, {"key": "b", "eventCount": 0}]}
        ]
    }
    (asked,) = build("cloudbet").follow(payload_of(answer))
    assert asked.url.endswith("/competitions/soccer-a")


@pytest.mark.parametrize("name", ["azuro", "kalshi", "polymarket", "smarkets", "sx_bet"])
def test_those_that_need_no_key_say_so(name):
    assert not build(name).manifest.needs_credential


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("body", [b"", b"[", b"7", b'{"a":1}', b"<a/>"])
def test_what_is_no_answer_is_drift_and_leads_nowhere(name, body):
    assert not build(name).follow(payload_of(body))
    with pytest.raises(FeedDrifted):
        list(build(name).read(payload_of(body)))


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("path", "rejected"),
    [
        ("kalshi_polymarket_bobaoxu/polymarket_book.json", {"event_unknown": 1}),
        (
            "kalshi_polymarket_bobaoxu/polymarket_events.json",
            {"market_closed": 12, "market_unsupported": 4},
        ),
        ("kalshi_polymarket_bobaoxu/polymarket_markets.json", {"market_unsupported": 6}),
        ("wnba_ostepan8/polymarket_events.json", {"market_unsupported": 12}),
    ],
)
def test_recorded_polls_and_seasons_are_counted_and_not_guessed(recorded_dir, path, rejected):
    body = (recorded_dir / "providers" / path).read_bytes()
    reading = last("polymarket", body)
    assert (reading.quotes, reading.rejected) == ([], rejected)


def test_a_recording_of_markets_alone_is_read_at_its_best_prices(tmp_path):
    markets = recording("polymarket/answers.jsonl").splitlines()[0]
    path = tmp_path / "games.json"
    path.write_bytes(markets)
    feed = build("polymarket")
    answer = payload_of(markets)
    request = type(answer.request)(source="replay", scope="all", url=path.as_uri())
    filed = type(answer)(
        request=request, body=markets, as_of=answer.as_of, arrived_at=answer.arrived_at
    )
    (reading,) = feed.read(filed)
    assert len(reading.quotes) == 8
    assert not build("polymarket").read(answer).__next__().quotes
