"""Kalshi: contracts with their fee, as yes or no of the side that they name."""

import json

import pytest

from domain.markets import MarketKind, Outcome
from feeds.base import FeedDrifted
from feeds.kalshi import Kalshi
from tests.feeds.samples import payload_of, read, recording

PAGE = json.loads(recording("kalshi/markets.json"))


def page(**changes: object) -> dict[str, object]:
    return {"cursor": "", "markets": [{**PAGE["markets"][0], **changes}]}


def test_each_contract_is_a_question_of_its_own():
    reading = read(Kalshi(), recording("kalshi/markets.json"))
    assert [(e.home, e.away, e.league) for e in reading.events] == [
        ("Northport", "Eastmere", "wnba"),
        ("Eastmere", "Northport", "wnba"),
    ]
    assert {q.market.kind for q in reading.quotes} == {MarketKind.YES_NO}
    assert reading.rejected == {"odds_not_above_one": 1, "unknown_sport": 2}


def test_the_fee_is_rounded_up_to_a_cent_and_part_of_the_price():
    yes, no, _ = read(Kalshi(), recording("kalshi/markets.json")).quotes
    assert yes.odds == pytest.approx(1 / (0.41 + 0.02), abs=1e-12)
    assert no.odds == pytest.approx(1 / (0.60 + 0.02), abs=1e-12)
    assert (yes.outcome, no.outcome) == (Outcome.YES, Outcome.NO)


def test_the_stake_is_bounded_by_what_the_best_offer_takes():
    yes, no, _ = read(Kalshi(), recording("kalshi/markets.json")).quotes
    assert yes.max_stake == pytest.approx(80 * 0.43)
    assert no.max_stake == pytest.approx(500 * 0.62)


def test_a_page_before_others_is_not_the_whole_picture():
    assert read(Kalshi(), page()).complete
    assert not read(Kalshi(), {**page(), "cursor": "more"}).complete


@pytest.mark.parametrize(
    ("change", "rejected"),
    [
        ({"status": "closed"}, {"market_closed": 2}),
        ({"yes_ask_dollars": "0.0000"}, {"odds_not_above_one": 1}),
        ({"yes_ask_dollars": "1.0000"}, {"odds_not_above_one": 1}),
        ({"yes_ask_dollars": "0.9950"}, {"odds_not_above_one": 1}),
        ({"yes_ask_dollars": 41}, {"not_a_number": 1}),
        ({"yes_ask_dollars": "NaN"}, {"not_a_number": 1}),
        ({"yes_ask_dollars": "1e999999"}, {"not_a_number": 1}),
        ({"yes_ask_size_fp": "1e999999"}, {"not_a_number": 1}),
        ({"yes_ask_size_fp": "0.00"}, {"market_closed": 1}),
        ({"yes_sub_title": ""}, {"event_malformed": 2}),
        ({"ticker": None}, {"market_malformed": 1}),
        ({"event_ticker": "KXELONMARS-99"}, {"unknown_sport": 2}),
    ],
)
def test_what_cannot_be_bought_is_counted(change, rejected):
    assert read(Kalshi(), page(**change)).rejected == rejected


def test_contracts_inside_events_are_read_too():
    answer = {"events": [{"event_ticker": "x", "markets": PAGE["markets"][:2]}], "cursor": ""}
    assert len(read(Kalshi(), answer).quotes) == 3


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"markets":7}', b'{"error":"no"}'])
def test_what_is_no_page_is_drift(body):
    with pytest.raises(FeedDrifted):
        list(Kalshi().read(payload_of(body)))


def test_the_book_of_a_contract_sells_what_the_other_side_bids_for():
    feed = Kalshi()
    read(feed, recording("kalshi/markets.json"))
    bids = {"yes_dollars": [["0.3900", "5.00"], ["0.4000", "7.00"]], "no_dollars": []}
    book = {"ticker": "KXWNBAGAME-26JUL09EASNOR-NOR", "orderbook_fp": bids}
    (no,) = read(feed, book).quotes
    assert (no.outcome, no.odds) == (Outcome.NO, pytest.approx(1 / (0.60 + 0.02)))
    assert no.max_stake == pytest.approx(7 * 0.62)
    bids["no_dollars"] = [["0.5500", "20.00"], ["odd"], ["x", "1"]]
    reading = read(feed, book)
    assert reading.quotes[0].odds == pytest.approx(1 / (0.45 + 0.02))
    assert reading.rejected == {"price_malformed": 1, "not_a_number": 1}
    assert read(Kalshi(), book).rejected["event_unknown"] == 2


def test_one_request_a_series_of_the_sports_asked_for():
    assert [r.scope for r in Kalshi().plan(["basketball"])] == ["KXNBAGAME", "KXWNBAGAME"]


@pytest.mark.recorded
def test_recorded_contracts_are_read_and_other_trades_left(recorded_dir):
    games = (recorded_dir / "providers/wnba_ostepan8/kalshi_markets.json").read_bytes()
    assert len(read(Kalshi(), games).quotes) == 6
    for name in ("kalshi_events.json", "kalshi_markets.json"):
        other = (recorded_dir / "providers/kalshi_polymarket_bobaoxu" / name).read_bytes()
        reading = read(Kalshi(), other)
        assert reading.quotes == []
        assert set(reading.rejected) == {"unknown_sport"}
    other = recorded_dir / "providers/kalshi_polymarket_bobaoxu/kalshi_orderbook.json"
    assert read(Kalshi(), other.read_bytes()).rejected == {"event_unknown": 1}
