"""Betfair's stream: books kept from images and changes, the same as an independent reader's."""

import bz2
import json

import betfairlightweight
import pytest

from domain.markets import MarketKind
from feeds.base import UNDATED, FeedDrifted, KeyRefused
from feeds.betfair import Betfair
from feeds.betfair_stream import BetfairStream
from feeds.recordings import readings as recorded
from tests.feeds.samples import payload_of, recording

MESSAGES = [json.loads(line) for line in recording("betfair_stream/session.jsonl").splitlines()]
IMAGE = MESSAGES[2]
STREAMS = {
    "1.197931750.bz2": 1_968,
    "1.197931751.bz2": 0,
    "1.200806927.bz2": 73_153,
    "BASIC-1.132153978.bz2": 0,
    "PRO-1.170258213.bz2": 626_428,
    "SELF-1.181223994.bz2": 888_910,
    "SELF-1.181223995.bz2": 0,
}


def heard(feed, *messages):
    """Return the last reading of some messages."""
    return [reading for m in messages for reading in feed.read(payload_of(m))][-1]


def change(**fields):
    return {"op": "mcm", "pt": 1784654402000, "mc": [{"id": "1.910001", **fields}]}


def odds(reading):
    return {(q.outcome.value, q.side.value): (q.odds, q.max_stake) for q in reading.quotes}


def test_an_image_and_its_changes_are_the_book():
    assert odds(heard(BetfairStream(), *MESSAGES[:3]))["home", "back"] == (1.8, 50.0)
    after = heard(BetfairStream(), *MESSAGES[:4])
    assert odds(after)["home", "back"] == (1.79, 20.0)
    assert odds(after)["away", "lay"] == (2.26, 12.0)


def test_a_price_changed_when_its_message_came_and_others_did_not():
    after = heard(BetfairStream(), *MESSAGES[:4])
    changed = {(q.outcome.value, q.side.value): q.changed_at for q in after.quotes}
    assert changed["home", "back"] == after.as_of
    assert changed["away", "back"] < after.as_of


def test_a_new_image_replaces_all_that_was_known():
    feed = BetfairStream()
    again = {**IMAGE["mc"][0], "rc": [{"id": 701, "bdatb": [[0, 1.7, 5.0]]}]}
    reading = heard(feed, IMAGE, {**IMAGE, "mc": [again]})
    assert odds(reading) == {("home", "back"): (1.7, 5.0)}


@pytest.mark.parametrize(
    ("back", "lay", "best"),
    [
        ({"atb": [[1.5, 9.0], [1.6, 3.0]]}, {"atl": [[1.9, 4.0], [1.7, 2.0]]}, (1.6, 1.7)),
        ({"batb": [[1, 1.5, 9.0], [0, 1.6, 3.0]]}, {"batl": [[0, 1.7, 2.0]]}, (1.6, 1.7)),
        ({"batb": [[0, 1.6, 3.0]], "atb": [[1.61, 3.0]]}, {"batl": [[0, 1.7, 2.0]]}, (1.6, 1.7)),
        ({"bdatb": [[0, 1.62, 1.0]], "batb": [[0, 1.6, 3.0]]}, {"atl": [[1.7, 2.0]]}, (1.62, 1.7)),
    ],
)
def test_every_way_in_which_a_book_can_come_is_read(back, lay, best):
    image = {**IMAGE["mc"][0], "rc": [{"id": 701, **back, **lay}]}
    found = odds(heard(BetfairStream(), {**IMAGE, "mc": [image]}))
    assert (found["home", "back"][0], found["home", "lay"][0]) == best


def test_a_suspended_market_has_no_prices_and_gets_them_back():
    feed = BetfairStream()
    suspended = heard(feed, *MESSAGES[:6])
    assert (suspended.quotes, suspended.complete) == ([], True)
    assert suspended.rejected == {"market_suspended": 4}
    reopened = heard(feed, MESSAGES[6])
    assert odds(reopened)["home", "back"] == (1.79, 20.0)
    assert reopened.events[0].starts_at == reopened.as_of


def test_nothing_stands_while_the_exchange_is_late():
    feed = BetfairStream()
    late = heard(feed, IMAGE, {"op": "mcm", "pt": 1784654402000, "status": 503})
    assert (late.scope, late.quotes, late.rejected) == ("1.910001", [], {"prices_delayed": 4})
    assert len(heard(feed, {"op": "mcm", "pt": 1784654403000, "ct": "HEARTBEAT"}).quotes) == 4


def test_a_change_that_cannot_be_read_costs_its_market_until_the_next_image():
    feed = BetfairStream()
    damaged = heard(feed, IMAGE, change(rc=[{"id": 701, "bdatb": [["x", 1.9, 5.0]]}]))
    assert (damaged.quotes, damaged.rejected) == ([], {"market_malformed": 1})
    lost = heard(feed, change(rc=[{"id": 701, "bdatb": [[0, 1.9, 5.0]]}]))
    assert (lost.quotes, lost.rejected) == ([], {"event_unknown": 1})
    assert len(heard(feed, IMAGE).quotes) == 4


def test_a_line_that_is_no_message_costs_every_book():
    feed = BetfairStream()
    heard(feed, IMAGE)
    with pytest.raises(FeedDrifted):
        list(feed.read(payload_of(b'{"op":"mcm","mc":[{')))
    assert heard(feed, change(rc=[{"id": 701, "bdatb": [[0, 1.9, 5.0]]}])).quotes == []


def test_a_closed_market_is_let_go():
    feed = BetfairStream()
    definition = {**IMAGE["mc"][0]["marketDefinition"], "status": "CLOSED"}
    assert heard(feed, IMAGE, change(marketDefinition=definition)).rejected == {"market_closed": 4}
    assert feed.books.markets == {}


def test_names_come_from_a_catalogue_where_the_stream_has_numbers():
    rest = Betfair()
    catalogue, _ = recording("betfair/answers.jsonl").splitlines()
    list(rest.read(payload_of(catalogue)))
    feed = BetfairStream(catalogues=rest.catalogues)
    runners = [{"status": "ACTIVE", "sortPriority": n, "id": n + 100} for n in (1, 2)]
    runners.append({"status": "ACTIVE", "sortPriority": 3, "id": 58805})
    definition = {
        **IMAGE["mc"][0]["marketDefinition"],
        "eventTypeId": "1",
        "eventId": "33000001",
        "eventName": "",
        "runners": runners,
    }
    image = {"id": "1.900001", "img": True, "marketDefinition": definition}
    image["rc"] = [{"id": 101, "bdatb": [[0, 2.1, 5.0]]}]
    reading = heard(feed, {"op": "mcm", "pt": 1, "mc": [image]})
    assert (reading.events[0].home, reading.events[0].away) == ("Northport", "Eastmere")
    assert [q.market.ways for q in reading.quotes] == [3]


def test_unnamed_runners_are_called_by_their_number_and_never_guessed():
    image = json.loads(json.dumps(IMAGE))
    definition = image["mc"][0]["marketDefinition"]
    definition["eventName"] = ""
    for runner in definition["runners"]:
        del runner["name"]
    reading = heard(BetfairStream(), image)
    assert reading.events[0].home == "selection 701"
    assert reading.quotes[0].market.kind is MarketKind.WINNER


def test_a_subscription_goes_on_behind_the_last_message():
    feed = BetfairStream()
    (first,) = feed.plan(["tennis"])
    heard(feed, *MESSAGES[:4])
    (again,) = feed.plan(["tennis"])
    sent = json.loads(again.messages[1])
    assert (sent["initialClk"], sent["clk"]) == ("aaaa", "AAAB")
    assert "clk" not in json.loads(first.messages[1])
    assert sent["marketFilter"]["eventTypeIds"] == ["2"]
    with pytest.raises(FeedDrifted):
        heard(feed, {"op": "status", "statusCode": "FAILURE", "errorCode": "INVALID_CLOCK"})
    assert feed.plan(["tennis"]) == [first]


def test_a_subscription_to_listed_markets_starts_anew_when_they_change():
    feed = BetfairStream()
    feed.plan(["tennis"])
    heard(feed, *MESSAGES[:4])
    heard(feed, json.loads(recording("betfair/answers.jsonl").splitlines()[0]))
    (again,) = feed.plan(["tennis"])
    sent = json.loads(again.messages[1])
    assert sent["marketFilter"] == {"marketIds": [f"1.90000{n}" for n in range(1, 7)]}
    assert "clk" not in sent
    assert feed.books.markets == {}


def test_a_refused_key_is_told_from_a_refused_question():
    refused = {"op": "status", "statusCode": "FAILURE", "errorCode": "INVALID_APP_KEY"}
    with pytest.raises(KeyRefused):
        list(BetfairStream().read(payload_of(refused)))
    with pytest.raises(FeedDrifted):
        list(BetfairStream().read(payload_of({**refused, "errorCode": "INVALID_INPUT"})))


def side_by_side(book, mine):
    """Yield each side of each runner as the other reader has it and as we do.

    Where a subscription brings whole ladders beside what the site displays, it shows the former.
    """
    for runner in book["runners"]:
        ours = mine.runners.get((runner["selectionId"], float(runner["handicap"])))
        for side, name in (("back", "availableToBack"), ("lay", "availableToLay")):
            theirs = [(level["price"], level["size"]) for level in runner["ex"][name]]
            levels = getattr(ours, side) if ours else None
            yield theirs, (levels.whole() or levels.displayed()) if levels else []


@pytest.mark.recorded
@pytest.mark.parametrize("name", STREAMS)
def test_books_equal_those_of_an_independent_reader(recorded_dir, name):
    other = betfairlightweight.StreamListener(max_latency=None, lightweight=True)
    other.register_stream(0, "marketSubscription")
    feed, compared = BetfairStream(), 0
    with bz2.open(recorded_dir / "betfair/streams" / name) as lines:
        for number, line in enumerate(lines, 1):
            other.on_data(line.decode())
            for _ in feed.read(payload_of(line)):
                pass
            if number % 100:
                continue
            for book in other.snap():
                mine = feed.books.markets[book["marketId"]]
                for theirs, ours in side_by_side(book, mine):
                    assert ours == theirs
                    compared += 1
    assert compared > 0


@pytest.mark.recorded
@pytest.mark.parametrize(("name", "quotes"), STREAMS.items())
def test_recorded_streams_are_recognised_and_read_at_their_own_time(recorded_dir, name, quotes):
    count, before = 0, UNDATED
    for reading in recorded(recorded_dir / "betfair/streams" / name):
        assert before <= reading.as_of
        before, count = reading.as_of, count + len(reading.quotes)
    assert count == quotes
