"""Native quotes: strict, with reasons that name the field."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.markets import Outcome, Side
from feeds.native import Native
from tests.feeds.samples import payload_of, recording

LINE = json.loads(recording("native/quotes.jsonl").splitlines()[0])


def lines(*changes: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps({**LINE, **change}).encode() for change in changes)


def rejected(body: bytes) -> dict[str, int]:
    (reading,) = Native().read(payload_of(body))
    return reading.rejected


def test_lines_of_one_instant_are_one_reading_that_withdraws_nothing():
    first, second = Native().read(payload_of(recording("native/quotes.jsonl")))
    assert (len(first.quotes), len(second.quotes)) == (2, 1)
    assert not first.complete
    assert first.as_of == datetime(2026, 7, 21, 12, 0, 49, tzinfo=UTC)
    (lay,) = second.quotes
    assert (lay.side, lay.outcome, lay.market.line) == (Side.LAY, Outcome.AWAY, -4.5)
    assert first.events == second.events


def test_a_labelled_line_is_of_its_own_source():
    readings = list(Native().read(payload_of(lines({"source": "mine"}, {}))))
    assert [r.source for r in readings] == ["sample/mine", "sample"]
    assert readings[0].events[0].id != readings[1].events[0].id


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"odds": 1}, "odds_not_above_one"),
        ({"odds": "-"}, "odds_not_above_one"),
        ({"odds": float("nan")}, "odds_not_above_one"),
        ({"odds": True}, "not_a_number"),
        ({"odds": 20_000}, "odds_absurd"),
        ({"chnged_at": None}, "field_unknown:chnged_at"),
        ({"market": "corners"}, "field_invalid:market"),
        ({"market": "total"}, "line_missing"),
        ({"line": 2.5}, "field_invalid:line"),
        ({"ways": 4}, "field_invalid:ways"),
        ({"subject": "home"}, "field_invalid:subject"),
        ({"market": "team_total", "line": 1.5, "outcome": "over"}, "field_invalid:subject"),
        ({"market": "correct_score", "subject": "2:1", "outcome": "yes"}, "field_invalid:subject"),
        ({"market": "outright", "subject": "\u200b", "outcome": "yes"}, "field_invalid:subject"),
        ({"statistic": "moods"}, "field_invalid:statistic"),
        ({"outcome": "over"}, "unknown_outcome"),
        ({"outcome": "draw"}, "unknown_outcome"),
        ({"book": "\u200b"}, "field_invalid:book"),
        ({"book": None}, "field_invalid:book"),
        ({"seen_at": "2026-07-21T12:00:49"}, "field_invalid:seen_at"),
        ({"seen_at": "0001-01-01T00:00:00+14:00"}, "field_invalid:seen_at"),
        ({"changed_at": "yesterday"}, "field_invalid:changed_at"),
        ({"changed_at": "9999-12-31T00:00:00Z"}, "field_invalid:changed_at"),
        ({"commission": 1}, "field_invalid:commission"),
        ({"commission": float("nan")}, "field_invalid:commission"),
        ({"max_stake": -1}, "field_invalid:max_stake"),
        ({"event": {**LINE["event"], "away": "Northport Gulls"}}, "field_invalid:event.away"),
        ({"event": {}}, "field_missing:source_id"),
        ({"event": "g1"}, "field_invalid:event"),
    ],
)
def test_a_line_is_refused_by_what_is_wrong_with_which_field(change, reason):
    assert rejected(lines({}, change)) == {reason: 1}


@pytest.mark.parametrize("junk", [b"{", b"[]", b"7", b"\xff\xfe", b"[" * 5000])
def test_a_line_that_is_no_quote_is_counted(junk):
    assert rejected(lines({}) + b"\n" + junk) == {"row_malformed": 1}


def test_a_price_said_twice_at_one_instant_is_taken_once():
    assert rejected(lines({}, {"odds": 3})) == {"duplicate": 1}


def test_three_ways_are_said_and_not_guessed():
    (reading,) = Native().read(payload_of(lines({"ways": 3, "outcome": "draw"})))
    assert reading.quotes[0].market.ways == 3


@pytest.mark.parametrize(
    "said",
    [
        {"market": "handicap", "line": 2.0, "statistic": "corners"},
        {"market": "team_total", "line": 1.5, "outcome": "over", "subject": "away"},
        {"market": "player_total", "line": 22.5, "outcome": "over", "subject": "A. Wilson",
         "statistic": "points"},
        {"market": "correct_score", "subject": "2-1", "outcome": "no"},
        {"market": "half_time_full_time", "subject": "draw/home", "outcome": "yes"},
        {"market": "odd_even", "outcome": "odd", "period": "first_half"},
        {"market": "handicap", "line": -1.0, "ways": 3, "outcome": "draw"},
    ],
)  # fmt: skip
def test_every_market_of_the_taxonomy_can_be_said(said):
    (reading,) = Native().read(payload_of(lines(said)))
    (quote,) = reading.quotes
    market = quote.market
    assert (market.kind, market.line, market.subject) == (
        *(said["market"], said.get("line"), said.get("subject")),
    )
    assert market.statistic == said.get("statistic", "score")
    assert quote.outcome in market.outcomes


def test_nothing_but_junk_is_a_reading_of_nothing():
    (reading,) = Native().read(payload_of(b"{}\n{}"))
    assert (reading.quotes, reading.rejected) == ([], {"field_missing:seen_at": 2})
