"""What vendors say: numbers as text, pairs of lines, instants of any unit, names of books."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import said
from feeds.base import FeedDrifted, Tally
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.85", 1.85),
        ("+150", 150.0),
        ("\u2212115", -115.0),
        (" -0.5 ", -0.5),
        (3, 3.0),
        (".5", 0.5),
    ],
)
def test_numbers_are_read_as_such_or_as_plain_text(value, number):
    assert said.number(value) == number


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-",
        "1e5",
        "1_0",
        "١٢٣",
        "NaN",
        "inf",
        "0x10",
        None,
        True,
        [],
        float("nan"),
        10**30,
        pytest.param(10**400, id="beyond a float"),
    ],
)
def test_what_is_no_plain_number_is_refused(value):
    with pytest.raises(NoPrice):
        said.number(value)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("0,-0.5", -0.25),
        ("-1.0, -1.5", -1.25),
        ("2.5,3.0", 2.75),
        ("+0", 0.0),
        (-0.0, 0.0),
        ("3", 3.0),
    ],
)
def test_two_lines_half_a_point_apart_are_the_quarter_line_between(value, line):
    assert said.line(value) == line


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, Reason.LINE_MISSING),
        ("", Reason.LINE_MISSING),
        ("-1.0, 1.0", Reason.LINE_INVALID),
        ("1,1.5,2", Reason.LINE_INVALID),
        ("over", Reason.LINE_INVALID),
        ([], Reason.LINE_INVALID),
    ],
)
def test_a_line_that_is_none_says_why(value, reason):
    with pytest.raises(NoPrice) as refused:
        said.line(value)
    assert refused.value.reason == reason


def test_odds_may_be_text_in_either_style():
    assert said.odds("2.10", Style.DECIMAL) == 2.1
    assert said.odds("+150", Style.AMERICAN) == 2.5
    for off in ("-", "1.0", "0.0001", 0):
        with pytest.raises(NoPrice) as refused:
            said.odds(off, Style.DECIMAL)
        assert refused.value.reason == Reason.ODDS_NOT_ABOVE_ONE


NOON = datetime(2026, 7, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    ["2026-07-21T12:00:00Z", "2026-07-21T14:00:00+02:00", 1784635200, "1784635200", 1784635200000],
)
def test_instants_come_as_text_seconds_or_milliseconds(value):
    assert said.moment(value) == NOON


@pytest.mark.parametrize("value", ["2026-07-21 12:00:00", "soon", None, -5e14, 10**16, {}])
def test_an_instant_without_a_zone_or_sense_is_none(value):
    assert said.moment(value) is None


def test_text_without_a_zone_is_utc_only_where_the_vendor_means_it():
    assert said.moment_utc("2026-07-21 12:00:00") == NOON
    assert said.moment_utc("2026-07-21T12:00:00") == NOON
    assert said.moment_utc("2026-07-21") is None


def test_books_are_named_alike_whatever_the_capitals():
    assert said.book("William Hill") == said.book("william-hill") == "william_hill"
    assert said.book("10BET") == "10bet"
    assert said.book(" -.- ") is None


@pytest.mark.parametrize(("value", "most"), [(300, 300.0), ("12.5", 12.5), (0, None), (-1, None)])
def test_a_limit_is_a_positive_amount_or_untold(value, most):
    assert said.limit(value) == most


def test_json_may_hold_nan_and_nothing_but_json_is_drift():
    assert str(said.decoded(b'{"a": NaN}')["a"]) == "nan"
    with pytest.raises(FeedDrifted):
        said.decoded(b"<html>")


class Part(msgspec.Struct):
    id: int


def test_misshapen_parts_are_counted_and_the_others_kept():
    tally = Tally()
    parts = said.structs([{"id": 1}, 7, {}], Part, tally, Reason.MARKET_MALFORMED)
    assert (len(parts), tally.rejected) == (1, {"market_malformed": 2})


@given(st.text())
def test_no_text_makes_a_reader_crash(text):
    for reader in (said.number, said.line):
        try:
            reader(text)
        except NoPrice:
            continue
    said.moment(text)
    said.moment_utc(text)
    said.book(text)
