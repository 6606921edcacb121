"""Betfair over REST: catalogues name what books price, at the market's own commission."""

import json

import pytest

from domain.markets import MarketKind, Outcome, Side
from feeds.base import FeedDrifted, KeyRefused
from feeds.betfair import Betfair
from tests.feeds.samples import AT, payload_of, recording

CATALOGUE, BOOKS = recording("betfair/answers.jsonl").splitlines()
MATCH_ODDS = json.loads(BOOKS)["result"][0]


def told():
    feed = Betfair()
    list(feed.read(payload_of(CATALOGUE)))
    return feed


def books(feed, body):
    return {reading.scope: reading for reading in feed.read(payload_of(body))}


def match_odds(**changes):
    (reading,) = books(told(), {"result": [{**MATCH_ODDS, **changes}]}).values()
    return reading


def test_every_market_is_a_whole_picture_of_its_own():
    readings = books(told(), BOOKS)
    assert {scope: len(r.quotes) for scope, r in readings.items()} == {
        "1.900001": 5,
        "1.900002": 4,
        "1.900003": 3,
        "1.900004": 3,
        "1.900005": 0,
        "1.900006": 2,
    }
    assert all(reading.complete for reading in readings.values())


def test_backs_and_lays_carry_the_backers_stake_and_the_base_rate():
    back, lay, *_ = match_odds().quotes
    assert (back.side, back.odds, back.max_stake) == (Side.BACK, 2.14, 35.79)
    assert (lay.side, lay.odds, lay.max_stake) == (Side.LAY, 2.2, 41.0)
    assert back.commission == lay.commission == 0.05
    assert back.changed_at is None


def test_a_handicap_is_of_the_home_side_on_both_runners():
    quotes = books(told(), BOOKS)["1.900003"].quotes
    assert {q.market.line for q in quotes} == {-0.5}
    assert {q.outcome for q in quotes} == {Outcome.HOME, Outcome.AWAY}


def test_propositions_are_markets_of_their_own():
    chances = books(told(), BOOKS)["1.900004"].quotes
    assert {(q.market.subject, q.outcome) for q in chances} == {
        ("1X", Outcome.YES),
        ("X2", Outcome.YES),
        ("12", Outcome.YES),
    }
    race = books(told(), BOOKS)["1.900006"]
    assert {(q.market.kind, q.market.subject) for q in race.quotes} == {
        (MarketKind.OUTRIGHT, "Low Tide")
    }
    assert race.events[0].home == "Saltwick 21st Jul 18:45"
    assert race.rejected == {"selection_closed": 1}


def test_where_the_price_is_a_line_there_are_no_odds():
    assert books(told(), BOOKS)["1.900005"].rejected == {"market_unsupported": 2}


@pytest.mark.parametrize(
    ("change", "rejected"),
    [
        ({"status": "SUSPENDED"}, {"market_suspended": 5}),
        ({"status": "CLOSED"}, {"market_closed": 5}),
        ({"isMarketDataDelayed": True}, {"prices_delayed": 5}),
        ({"marketId": "1.999999"}, {"event_unknown": 5}),
        ({"numberOfWinners": 2}, {"market_unsupported": 5}),
    ],
)
def test_what_cannot_be_bet_on_is_withdrawn_and_counted(change, rejected):
    reading = match_odds(**change)
    assert (reading.quotes, reading.rejected, reading.complete) == ([], rejected, True)


def test_one_damaged_market_leaves_the_others():
    body = json.loads(BOOKS)
    body["result"][0]["runners"] = 7
    readings = books(told(), body)
    assert readings["all"].rejected == {"market_malformed": 1}
    assert len(readings["1.900002"].quotes) == 4


def test_an_event_in_play_has_started_whatever_its_schedule():
    assert match_odds(inplay=True).events[0].starts_at == AT
    assert match_odds().events[0].starts_at > AT


def test_a_catalogue_is_followed_by_books_of_at_most_the_weight_allowed():
    feed, catalogue = told(), json.loads(CATALOGUE)
    catalogue["result"] = [
        {**catalogue["result"][0], "marketId": f"1.{number}"} for number in range(90)
    ]
    asked = feed.follow(payload_of(catalogue))
    assert [request.weight for request in asked] == [200, 200, 50]
    sent = json.loads(asked[2].body)["params"]["marketIds"]
    assert sent == [f"1.{number}" for number in range(80, 90)]
    assert feed.follow(payload_of(BOOKS)) == []
    assert feed.follow(payload_of(b"nonsense")) == ()


def test_a_session_is_the_token_of_an_answer_that_says_so():
    feed = Betfair()
    assert feed.session(payload_of({"token": "t0", "status": "SUCCESS"})) == "t0"
    with pytest.raises(KeyRefused):
        feed.session(payload_of({"token": "", "status": "FAIL", "error": "INVALID_USERNAME"}))


@pytest.mark.parametrize(
    ("code", "error"),
    [("INVALID_SESSION_INFORMATION", KeyRefused), ("TOO_MUCH_DATA", FeedDrifted)],
)
def test_an_error_instead_of_markets_says_whose_it_is(code, error):
    body = {"jsonrpc": "2.0", "error": {"data": {"APINGException": {"errorCode": code}}}, "id": 1}
    with pytest.raises(error) as raised:
        list(told().read(payload_of(body)))
    assert raised.type is error


@pytest.mark.parametrize("body", [b"", b"[", b"7", b'{"result":7}', b'{"a":1}'])
def test_what_is_no_list_of_markets_is_drift(body):
    with pytest.raises(FeedDrifted):
        list(Betfair().read(payload_of(body)))


@pytest.mark.recorded
def test_recorded_books_without_their_catalogue_are_counted(recorded_dir):
    body = (recorded_dir / "betfair/rest/list_market_book.json").read_bytes()
    readings = list(Betfair().read(payload_of(body)))
    assert [r.quotes for r in readings] == [[]] * len(readings)
    assert {reason for r in readings for reason in r.rejected} == {"event_unknown"}
