"""Aggregators: the traps of each vendor's answers, and the questions that its answers lead to."""

import json
from dataclasses import replace

import pytest

from domain.markets import MarketKind, Period, Statistic
from domain.quotes import Reading
from feeds.api_football import ApiFootball
from feeds.base import Feed, FeedDrifted, Request
from feeds.odds_api_io import OddsApiIo
from feeds.prop_line import PropLine
from feeds.registry import FEEDS, build, together
from feeds.sharp_api import SharpApi
from feeds.sportmonks import Sportmonks
from feeds.sportradar_odds import SportradarOdds
from feeds.sports_game_odds import SportsGameOdds
from tests.feeds.samples import payload_of, prices, read, recording


def sample(name: str) -> dict[str, object]:
    return json.loads(recording(name))


def follow(feed: Feed, request: Request, answer: object) -> list[Request]:
    return list(feed.follow(replace(payload_of(answer), request=request)))


def kinds(reading: Reading) -> set[str]:
    return {q.market.kind.value for q in reading.quotes}


PAGED = ["sports_game_odds", "sharp_api", "sportmonks", "odds_api_io", "api_football", "betsapi"]


@pytest.mark.parametrize("name", [*PAGED, "sportradar_odds", "optic_odds", "the_rundown"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"7", b'{"data": 3, "results": "x"}'])
def test_an_answer_without_sense_leads_nowhere(name, body):
    feed = build(name)
    (request, *_) = feed.plan(sorted(feed.manifest.sports))
    assert list(feed.follow(replace(payload_of(b""), request=request, body=body))) == []


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_what_a_feed_never_heard_of_is_not_asked_for(name):
    assert build(name).plan(["quidditch"]) == []


# SportsGameOdds


def test_an_odd_id_says_what_its_price_is_of():
    reading = read(SportsGameOdds(), recording("sports_game_odds/events.json"))
    quotes = {(q.market.kind, q.market.subject): q for q in reading.quotes}
    assert quotes[MarketKind.TEAM_TOTAL, "home"].market.period is Period.FIRST_HALF
    assert quotes[MarketKind.DOUBLE_CHANCE, "1X"].odds == pytest.approx(4 / 3)
    assists = quotes[MarketKind.PLAYER_TOTAL, "Ann Bay"].market
    assert (assists.statistic, assists.line) == (Statistic.ASSISTS, 6.5)
    assert {q.market.line for q in reading.quotes if q.market.kind is MarketKind.HANDICAP} == {-3.5}
    assert reading.rejected == {"market_suspended": 1, "market_unsupported": 1}


def test_pages_follow_by_cursor_and_none_of_them_is_complete():
    feed, page = SportsGameOdds(), sample("sports_game_odds/events.json")
    (asked,) = feed.plan(["basketball"])
    (second,) = follow(feed, asked, {**page, "nextCursor": "abc"})
    assert second.params["cursor"] == "abc"
    assert not read(feed, {**page, "nextCursor": "abc"}).complete
    assert not read(feed, page, cursor="abc").complete
    assert read(feed, page).complete
    assert follow(feed, asked, page) == []


# Odds-API.io


def test_rows_are_lines_and_lay_prices_are_laid():
    reading = read(OddsApiIo(), recording("odds_api_io/multi.json"))
    got = prices(reading)
    assert got["bet365", "handicap", -0.5, "away", "back", 1.8] == 1
    assert got["betfair_exchange", "winner", None, "home", "lay", 2.14] == 1
    assert {q.commission for q in reading.quotes if q.book == "betfair_exchange"} == {0.05}
    assert {
        q.market.subject for q in reading.quotes if q.market.kind is MarketKind.DOUBLE_CHANCE
    } == {"1X", "12", "X2"}
    assert reading.rejected == {"market_unsupported": 2}


def test_soccer_is_three_way_even_without_a_draw_and_hockey_only_with_one():
    def winner(sport, row):
        event = {"id": 1, "home": "Gulls", "away": "Foxes", "sport": {"slug": sport}}
        books = {"b": [{"name": "ML", "odds": [row]}]}
        (quote, *_) = read(OddsApiIo(), {**event, "bookmakers": books}).quotes
        return quote.market.ways, quote.market.period

    two, three = {"home": 1.9, "away": 2.0}, {"home": 2.2, "draw": 4.0, "away": 2.6}
    assert winner("football", two) == (3, Period.FULL_TIME)
    assert winner("ice-hockey", two) == (2, Period.FULL_TIME_INCL_OVERTIME)
    assert winner("ice-hockey", three) == (3, Period.FULL_TIME)


def test_events_are_asked_for_ten_at_a_time_and_settled_ones_not():
    feed = OddsApiIo(bookmakers="bet365")
    (events,) = feed.plan(["soccer"])
    listed = [{"id": n, "status": "pending"} for n in range(11)] + [{"id": 99, "status": "settled"}]
    first, second = follow(feed, events, listed)
    assert (first.params["eventIds"].count(","), second.params["eventIds"]) == (9, "10")
    assert read(feed, [{"id": 1, "home": "Gulls", "away": "Foxes"}]).rejected == {}


# API-Football


def test_errors_with_a_status_of_200_are_drift():
    for errors in ({"token": "missing"}, ["limit"]):
        with pytest.raises(FeedDrifted, match="errors"):
            read(ApiFootball(), {"errors": errors, "response": []})


def test_lines_stand_in_labels_and_what_is_ambiguous_is_not_guessed():
    feed = ApiFootball()
    fixtures, odds = recording("api_football/odds.jsonl").splitlines()
    (asked,) = feed.plan(["soccer"])
    assert [r.params for r in follow(feed, asked, fixtures)] == [{"fixture": "500"}]
    read(feed, fixtures)
    reading = read(feed, odds)
    assert kinds(reading) == {
        "winner",
        "total",
        "team_total",
        "double_chance",
        "half_time_full_time",
        "correct_score",
    }
    assert {q.market.line for q in reading.quotes if q.market.kind is MarketKind.TOTAL} == {2.5}
    assert reading.rejected == {"market_unsupported": 2, "unknown_outcome": 1}
    assert read(ApiFootball(), odds).rejected == {"event_unknown": 1}


# Sportmonks


def test_the_decimal_written_as_a_fraction_is_never_read():
    reading = read(Sportmonks(), recording("sportmonks/odds.json"))
    assert prices(reading)["10bet", "winner", None, "home", "back", 1.48] == 1
    assert reading.rejected == {"market_suspended": 1, "market_unsupported": 1}
    changes = {q.changed_at and q.changed_at.isoformat() for q in reading.quotes}
    assert changes == {"2026-07-21T11:40:25+00:00"}


def test_the_next_page_is_asked_for_by_number():
    feed, page = Sportmonks(), sample("sportmonks/odds.json")
    (asked,) = feed.plan(["soccer"])
    more = {**page, "pagination": {"current_page": 1, "has_more": True}}
    assert [r.params["page"] for r in follow(feed, asked, more)] == ["2"]
    assert (read(feed, more).complete, read(feed, page).complete) == (False, True)


# SharpAPI


def test_only_the_books_own_change_dates_a_price():
    reading = read(SharpApi(), recording("sharp_api/odds.json"))
    dated = {
        q.outcome.value: q.changed_at for q in reading.quotes if q.market.kind is MarketKind.WINNER
    }
    assert dated["home"] is None
    assert dated["away"] is not None
    assert dated["away"].minute == 50
    assert {q.max_stake for q in reading.quotes if q.book == "pinnacle"} == {2000.0, None}
    assert [
        q.market.subject for q in reading.quotes if q.market.kind is MarketKind.PLAYER_TOTAL
    ] == ["Ann Bay"]
    assert reading.rejected == {"market_suspended": 1, "market_unsupported": 1}


def test_an_error_is_drift_and_a_cursor_leads_on():
    feed, page = SharpApi(), sample("sharp_api/odds.json")
    with pytest.raises(FeedDrifted):
        read(feed, {"error": {"code": "unauthorized"}})
    (asked,) = feed.plan(["basketball"])
    more = {**page, "meta": {"pagination": {"has_more": True, "next_cursor": "c"}}}
    assert [r.params["cursor"] for r in follow(feed, asked, more)] == ["c"]
    assert not read(feed, more).complete


# Sportradar Odds Comparison


def handicaps(*lines: object) -> Reading:
    answer = sample("sportradar_odds/event_markets.json")
    sides = ("home", "away")
    outcomes = [
        {"type": side, "odds_decimal": "1.91", "handicap": line}
        for side, line in zip(sides, lines, strict=False)
    ]
    markets = [{"id": "sr:market:223", "books": [{"name": "DraftKings", "outcomes": outcomes}]}]
    return read(SportradarOdds(), {**answer, "markets": markets})


@pytest.mark.parametrize(
    ("lines", "read_"),
    [(("-3.5", "3.5"), {-3.5}), (("-3.5", "-3.5"), {-3.5}), (("0", "0"), {0.0})],
)
def test_two_sides_show_whose_line_it_is(lines, read_):
    assert {q.market.line for q in handicaps(*lines).quotes} == read_


@pytest.mark.parametrize("lines", [("-3.5", "4.5"), ("-3.5",), ("-3.5", None)])
def test_sides_of_two_lines_are_not_one_market(lines):
    assert handicaps(*lines).quotes == []


def test_the_consensus_is_no_book_and_removed_is_suspended():
    reading = read(SportradarOdds(), recording("sportradar_odds/event_markets.json"))
    assert {q.book for q in reading.quotes} == {"draftkings"}
    assert reading.rejected == {"market_suspended": 1, "market_unsupported": 1}


def test_competitions_lead_to_schedules_and_schedules_to_markets():
    feed = SportradarOdds(access="production")
    (asked,) = feed.plan(["basketball"])
    assert asked.url.endswith("/production/v2/en/sports/sr%3Asport%3A2/competitions.json")
    (schedule,) = follow(feed, asked, {"competitions": [{"id": "sr:competition:1"}]})
    assert schedule.url.endswith("/competitions/sr%3Acompetition%3A1/schedules.json")
    (markets,) = follow(
        feed, schedule, {"schedules": [{"sport_event": {"id": "sr:sport_event:9"}}]}
    )
    assert markets.url.endswith("/sport_events/sr%3Asport_event%3A9/sport_event_markets.json")


# PropLine


def test_team_totals_and_fantasy_prices_are_not_taken_for_the_games():
    reading = read(PropLine(), recording("prop_line/odds.json"))
    assert prices(reading) == {
        ("fanduel", "winner", None, "home", "back", round(11 / 6, 6)): 1,
        ("fanduel", "winner", None, "away", "back", 2.02): 1,
        ("fanduel", "total", 44.5, "over", "back", round(21 / 11, 6)): 1,
        ("fanduel", "total", 44.5, "under", "back", round(21 / 11, 6)): 1,
    }
    assert reading.rejected == {"market_unsupported": 3}
    assert [r.url for r in PropLine().plan(["ice_hockey"])] == [
        "https://api.prop-line.com/v1/sports/hockey_nhl/odds"
    ]


# Streams


STREAMS = ["optic_odds_stream", "the_rundown_stream"]


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_knows_the_events_that_its_polled_feed_was_told(name):
    events, change, *_ = recording(f"{name}/messages.jsonl").splitlines()
    feeds = together()
    assert set(feeds) == set(FEEDS)
    list(feeds[name.removesuffix("_stream")].read(payload_of(events)))
    assert read(feeds[name], change).quotes
    assert not read(build(name), change).quotes


@pytest.mark.parametrize("name", STREAMS)
def test_a_new_connection_begins_without_the_prices_of_the_last(name):
    messages = recording(f"{name}/messages.jsonl").splitlines()
    feed = build(name)
    for message in messages:
        list(feed.read(payload_of(message)))
    last = read(feed, messages[1])
    feed.plan(["baseball"])
    assert len(read(feed, messages[1]).quotes) <= len(last.quotes)


def test_server_sent_events_that_price_nothing_are_passed_over():
    events, change, *_ = recording("optic_odds_stream/messages.jsonl").splitlines()
    feed = build("optic_odds_stream")
    list(feed.read(payload_of(events)))
    for kind in ("connected", "ping", "fixture-status"):
        assert list(feed.read(replace(payload_of(b"ok go"), kind=kind))) == []
    for kind in ("message", "odds"):
        (reading,) = feed.read(replace(payload_of(change), kind=kind))
        assert reading.quotes
