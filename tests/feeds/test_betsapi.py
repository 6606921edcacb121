"""BetsAPI: the newest of a history, sides turned round, and the answers that it passes on."""

import json

import pytest

from domain.markets import MarketKind
from feeds.base import FeedDrifted
from feeds.betsapi import BetsApi
from tests.feeds.samples import payload_of, prices, read, recording

EVENTS, SUMMARY, SBOBET, BET365, BWIN = map(
    json.loads, recording("betsapi/event.jsonl").splitlines()
)


def row(**said: object) -> dict[str, object]:
    return {"id": "1", "ss": None, "add_time": "1784635100", **said}


@pytest.fixture
def feed():
    feed = BetsApi()
    read(feed, EVENTS)
    return feed


def odds(feed: BetsApi, markets: object, direction: object = 1):
    return read(
        feed,
        {"results": {"stats": {"matching_dir": direction}, "odds": markets}},
        event_id="sample",
    )


def test_events_come_first_and_lead_to_their_prices(feed):
    (question,) = feed.plan(["soccer"])
    assert question.params == {"sport_id": "1"}
    listed = payload_of(EVENTS)
    asked = type(listed)(
        request=question, body=listed.body, as_of=listed.as_of, arrived_at=listed.as_of
    )
    assert [(r.scope, r.params) for r in feed.follow(asked)] == [
        ("odds:sample", {"event_id": "sample"})
    ]


def test_of_a_history_only_the_newest_is_a_price(feed):
    newest, older = (
        row(home_od="2.0", draw_od="3.0", away_od="4.0"),
        row(home_od="9.0", add_time="1"),
    )
    assert prices(odds(feed, {"1_1": [newest, older]})) == {
        ("bet365", "winner", None, "home", "back", 2.0): 1,
        ("bet365", "winner", None, "draw", "back", 3.0): 1,
        ("bet365", "winner", None, "away", "back", 4.0): 1,
    }


def test_a_book_that_names_the_sides_the_other_way_round_is_turned(feed):
    line = row(home_od="1.85", handicap="0.5", away_od="1.95")
    straight, turned = (prices(odds(feed, {"1_2": [line]}, d)) for d in (1, "-1"))
    assert straight == {
        ("bet365", "handicap", 0.5, "home", "back", 1.85): 1,
        ("bet365", "handicap", 0.5, "away", "back", 1.95): 1,
    }
    assert turned == {
        ("bet365", "handicap", -0.5, "away", "back", 1.85): 1,
        ("bet365", "handicap", -0.5, "home", "back", 1.95): 1,
    }


def test_quarter_lines_are_pairs_and_a_dash_is_no_price(feed):
    reading = odds(feed, {"1_3": [row(over_od="1.9", handicap="2.5,3.0", under_od="-")]})
    assert prices(reading) == {("bet365", "total", 2.75, "over", "back", 1.9): 1}
    assert reading.rejected == {"odds_not_above_one": 1}


@pytest.mark.parametrize(("score", "read_"), [(None, 2), ("0-0", 2), ("0:0", 2), ("1-0", 0)])
def test_in_play_a_handicap_is_read_only_while_it_counts_from_the_start(feed, score, read_):
    reading = odds(feed, {"1_2": [row(home_od="1.8", away_od="2.0", handicap="0", ss=score)]})
    assert len(reading.quotes) == read_


def test_a_summary_holds_every_book_as_it_is_now(feed):
    reading = read(feed, SUMMARY, event_id="sample")
    assert {q.book for q in reading.quotes} == {"bet365", "10bet"}
    assert {
        q.odds for q in reading.quotes if q.outcome == "home" and q.market.kind is MarketKind.WINNER
    } == {2.05, 2.1}
    assert reading.rejected == {"market_unsupported": 3, "odds_not_above_one": 2}


def test_an_event_that_was_not_listed_is_counted():
    assert odds(
        BetsApi(), {"1_1": [row(home_od="2.0", draw_od="3.0", away_od="4.0")]}
    ).rejected == {"event_unknown": 3}


def test_bet365_before_the_match_writes_scores_from_the_winners_side():
    reading = read(BetsApi(), BET365)
    scores = {
        q.market.subject: q.odds
        for q in reading.quotes
        if q.market.kind is MarketKind.CORRECT_SCORE
    }
    assert scores == {"1-0": 9.0, "1-2": 26.0}
    lines = {
        (q.outcome.value, q.market.line)
        for q in reading.quotes
        if q.market.kind is MarketKind.HANDICAP
    }
    assert lines == {("home", -1.25), ("away", -1.25)}


def test_sbobet_and_bwin_are_read_as_they_write_them():
    assert prices(read(BetsApi(), SBOBET))["sbobet", "handicap", -0.25, "away", "back", 1.98] == 1
    bwin = read(BetsApi(), BWIN)
    assert prices(bwin)["bwin", "total", 2.5, "under", "back", 1.85] == 1
    assert bwin.rejected == {"selection_closed": 1, "market_unsupported": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"success":0,"error":"TOO_MANY_REQUESTS"}'])
def test_what_holds_no_results_is_drift(body):
    with pytest.raises(FeedDrifted):
        list(BetsApi().read(payload_of(body)))
