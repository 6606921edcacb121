"""Boards and streams: what changes tell stands until it is changed, locked or forgotten."""

import json

import pytest

from domain.markets import Event, Market, MarketKind, Outcome, Period, Side
from domain.quotes import Quote
from feeds.base import FeedDrifted, Wire
from feeds.boards import Boards
from feeds.optic_odds import OpticOdds, OpticOddsStream
from feeds.the_rundown import Known, TheRundown, TheRundownStream
from tests.feeds.samples import payload_of, prices, read, recording

FIXTURE, ODDS, MOVED, LOCKED = map(
    json.loads, recording("optic_odds_stream/messages.jsonl").splitlines()
)
POLLED, RAISED, HOME, OFF, HEARTBEAT = map(
    json.loads, recording("the_rundown_stream/messages.jsonl").splitlines()
)


def event(name: str) -> Event:
    return Event(id=name, source_id=name, sport="soccer", league="", home="Gulls", away="Foxes")


def quote(of: str, odds: float, outcome: Outcome = Outcome.HOME) -> Quote:
    market = Market(event_id=of, kind=MarketKind.WINNER, period=Period.FULL_TIME)
    return Quote(book="b", market=market, outcome=outcome, odds=odds, changed_at=None)


def test_a_later_price_replaces_the_one_before_and_others_stand():
    boards = Boards()
    boards.change(event("e"), [quote("e", 2.0), quote("e", 3.0, Outcome.AWAY)])
    now = boards.change(event("e"), [quote("e", 2.1)])
    assert sorted(q.odds for q in now) == [2.1, 3.0]


def test_what_is_gone_is_taken_away_before_what_is_new_is_put_in():
    boards = Boards()
    boards.change(event("e"), [quote("e", 2.0)])
    assert [q.odds for q in boards.change(event("e"), [quote("e", 2.2)], lambda _: True)] == [2.2]
    assert boards.change(event("e"), [], lambda key: key[2] is Side.BACK) == []


def test_the_longest_silent_event_is_let_go_when_there_are_too_many():
    boards = Boards(most=2)
    for name in ("a", "b", "a", "c"):
        boards.change(event(name), [quote(name, 2.0)])
    assert len(boards) == 2
    assert boards.event("b") is None
    assert boards.event("a") == boards.clear("a") == event("a")
    assert boards.clear("a") is None


@pytest.fixture
def optic():
    feed = OpticOddsStream()
    read(feed, FIXTURE)
    return feed


def test_streamed_odds_are_all_that_stands_of_their_fixture(optic):
    first = read(optic, ODDS)
    assert (first.scope, first.complete, len(first.quotes)) == ("F1", True, 4)
    moved = read(optic, MOVED)
    assert prices(moved) - prices(first) == {
        ("pinnacle", "winner", None, "home", "back", 1.625): 1,
    }
    assert len(moved.quotes) == 4


def test_locked_odds_are_taken_away(optic):
    read(optic, ODDS)
    locked = read(optic, LOCKED)
    assert [(q.market.kind.value, q.outcome.value) for q in locked.quotes] == [
        ("winner", "home"),
        ("handicap", "home"),
        ("handicap", "away"),
    ]
    assert locked.rejected == {"market_suspended": 1}


def test_a_streamed_fixture_that_nobody_named_is_counted():
    reading = read(OpticOddsStream(), ODDS)
    assert (reading.quotes, reading.rejected) == ([], {"event_unknown": 4})


def test_the_stream_knows_what_the_polled_feed_has_read():
    polled = OpticOdds()
    streamed = OpticOddsStream(fixtures=polled.fixtures)
    read(polled, FIXTURE)
    assert len(read(streamed, ODDS).quotes) == 4


def test_the_kind_of_an_event_may_stand_outside_its_data(optic):
    payload = payload_of({"data": ODDS["data"]})
    named = type(payload)(
        request=payload.request,
        body=payload.body,
        as_of=payload.as_of,
        arrived_at=payload.arrived_at,
        kind="odds",
    )
    (reading,) = optic.read(named)
    assert len(reading.quotes) == 4
    assert list(optic.read(payload_of({"type": "ping"}))) == []


def test_questions_of_the_polled_feed_and_the_stream():
    fixtures, *_ = OpticOdds().plan(["baseball"])
    asked = payload_of({"data": [{"id": "F 1"}, {"id": None}]})
    listed = type(asked)(
        request=fixtures, body=asked.body, as_of=asked.as_of, arrived_at=asked.arrived_at
    )
    (odds,) = OpticOdds(books=["Pinnacle", "bet365"]).follow(listed)
    assert odds.url.endswith("/fixtures/odds?fixture_id=F+1&sportsbook=Pinnacle&sportsbook=bet365")
    (stream,) = OpticOddsStream(books=["Pinnacle"]).plan(["baseball"])
    assert stream.url.endswith("/stream/odds/baseball?sportsbook=Pinnacle")
    assert OpticOddsStream.manifest.wire is Wire.SSE
    assert TheRundownStream.manifest.wire is Wire.WEBSOCKET


def test_a_price_change_names_its_side_by_what_was_polled():
    known = Known()
    polled = read(TheRundown(known=known), POLLED)
    assert polled.rejected == {"market_suspended": 2, "market_unsupported": 1}
    assert prices(polled)["draftkings", "handicap", -3.5, "away", "back", round(21 / 11, 6)] == 1
    stream = TheRundownStream(known=known)
    raised, home = read(stream, RAISED), read(stream, HOME)
    assert prices(raised) == {("draftkings", "winner", None, "away", "back", 2.55): 1}
    assert len(home.quotes) == 2
    off = read(stream, OFF)
    assert [q.outcome.value for q in off.quotes] == ["home"]
    assert off.rejected == {"market_suspended": 1}
    assert list(stream.read(payload_of(HEARTBEAT))) == []
    assert read(TheRundownStream(), RAISED).rejected == {"event_unknown": 1}


def test_days_with_events_lead_to_their_events():
    feed = TheRundown()
    (dates,) = feed.plan(["basketball"])
    days = payload_of({"4": {"dates": ["2026-02-13T00:30:00+0000"]}, "99": {"dates": ["x"]}})
    asked = type(days)(request=dates, body=days.body, as_of=days.as_of, arrived_at=days.arrived_at)
    assert [r.url.rpartition("v2")[2] for r in feed.follow(asked)] == [
        "/sports/4/events/2026-02-13"
    ]
    assert read(feed, days.body).quotes == []
    for body in ({}, {"error": "no"}):
        with pytest.raises(FeedDrifted):
            list(feed.read(payload_of(body)))
