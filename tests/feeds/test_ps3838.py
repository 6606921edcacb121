"""PS3838: fixtures name the events, deltas change the board, and what is gone is not told again."""

import json
from dataclasses import replace

import pytest

from domain.markets import MarketKind, Period, Statistic
from feeds.base import FeedDrifted
from feeds.ps3838 import Ps3838
from tests.feeds.samples import payload_of, prices, read, recording

FIXTURES, ODDS = map(json.loads, recording("ps3838/soccer.jsonl").splitlines())


def delta(*periods: dict[str, object], event: int = 1) -> dict[str, object]:
    return {
        "sportId": 29,
        "last": 300,
        "leagues": [{"id": 7, "events": [{"id": event, "periods": [*periods]}]}],
    }


@pytest.fixture
def feed():
    feed = Ps3838()
    read(feed, FIXTURES)
    return feed


def test_a_snapshot_is_read_with_limits_and_both_sides_of_the_home_line(feed):
    reading = read(feed, ODDS)
    assert reading.complete
    assert [(e.home, e.away, e.league) for e in reading.events] == [
        ("Gulls", "Foxes", "Coast League")
    ]
    assert prices(reading)["pinnacle", "handicap", -0.75, "away", "back", 1.72] == 1
    limits = {q.max_stake for q in reading.quotes if q.market.kind is MarketKind.HANDICAP}
    assert limits == {5000.0, 1000.0}
    assert reading.rejected == {"market_closed": 1, "event_unknown": 1}


def test_corners_are_a_statistic_of_the_parent_fixture(feed):
    corners = [q for q in read(feed, ODDS).quotes if q.market.statistic is Statistic.CORNERS]
    assert [(q.market.kind.value, q.market.line) for q in corners] == [("total", 9.5)] * 2
    assert len({q.market.event_id for q in read(feed, ODDS).quotes}) == 1


def test_a_draw_makes_the_money_line_three_way_in_each_period(feed):
    winners = {q.market for q in read(feed, ODDS).quotes if q.market.kind is MarketKind.WINNER}
    assert {(m.period, m.ways) for m in winners} == {(Period.FULL_TIME, 3), (Period.FIRST_HALF, 3)}


def test_a_delta_changes_its_periods_and_the_rest_stands(feed):
    before = prices(read(feed, ODDS))
    half = {"number": 1, "status": 1, "moneyline": {"home": 2.7, "away": 4.4, "draw": 2.05}}
    after = prices(read(feed, delta(half), since="200"))
    assert after - before == {
        ("pinnacle", "winner", None, o, "back", p): 1
        for o, p in (("home", 2.7), ("draw", 2.05), ("away", 4.4))
    }
    assert sum(after.values()) == sum(before.values())


def test_what_a_period_no_longer_offers_is_gone(feed):
    read(feed, ODDS)
    bare = {"number": 0, "status": 1, "moneyline": {"home": 2.0, "away": 4.0, "draw": 3.5}}
    after = read(feed, delta(bare), since="200")
    whole = {q.market.kind for q in after.quotes if q.market.period is Period.FULL_TIME}
    assert (after.complete, whole) == (
        True,
        {MarketKind.WINNER, MarketKind.TOTAL},
    )  # corners' total
    offline = read(feed, delta({"number": 0, "status": 2}), since="300")
    assert {q.market.statistic for q in offline.quotes if q.market.period is Period.FULL_TIME} == {
        Statistic.CORNERS
    }


def test_a_new_snapshot_forgets_the_old_board(feed):
    read(feed, ODDS)
    assert read(feed, {**ODDS, "leagues": []}).quotes == []


def test_after_the_cutoff_nothing_is_offered(feed):
    closed = {
        "number": 0,
        "status": 1,
        "cutoff": "2026-07-21T12:00:00Z",
        "moneyline": {"home": 2.0},
    }
    assert read(feed, delta(closed)).rejected == {"market_closed": 1}


@pytest.mark.parametrize("sport", [33, 34])
def test_lines_that_count_sets_or_games_are_not_guessed(sport):
    feed = Ps3838()
    read(feed, {**FIXTURES, "sportId": sport})
    period = {
        "number": 0,
        "status": 1,
        "moneyline": {"home": 1.5, "away": 2.6},
        "spreads": [{"hdp": -1.5, "home": 2.0, "away": 1.8}],
    }
    reading = read(feed, {**delta(period), "sportId": sport})
    assert ({q.market.kind for q in reading.quotes}, reading.rejected) == (
        {MarketKind.WINNER},
        {"market_unsupported": 2},
    )


def test_two_questions_a_sport_and_the_next_ones_begin_where_the_answers_ended(feed):
    assert [r.scope for r in feed.plan(["soccer"])] == ["fixtures:29", "odds:29"]
    assert feed.resume(payload_of(ODDS)) == {"since": "200"}
    for body in (b"{", b"[]", b'{"last": "x"}', b'{"last": true}'):
        assert feed.resume(replace(payload_of(b""), body=body)) == {}


@pytest.mark.parametrize("body", [{}, {"sportId": 999, "leagues": []}, {"sportId": 29}, []])
def test_what_is_no_answer_is_drift(feed, body):
    with pytest.raises(FeedDrifted):
        list(feed.read(payload_of(body)))
