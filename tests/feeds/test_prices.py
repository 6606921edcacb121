"""Prices as vendors write them."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.prices import NoPrice, Style, from_american, line, price, price_in_text, style_of

moneylines = st.one_of(st.integers(100, 900_000), st.integers(-900_000, -100))


def test_minus_110_is_21_elevenths_to_the_last_digit():
    assert from_american(-110) == 21 / 11


@given(moneylines)
def test_an_american_price_is_exact_to_the_last_digit_or_so(moneyline):
    exact = 1 + (Fraction(moneyline, 100) if moneyline > 0 else Fraction(100, -moneyline))
    assert abs(Fraction(from_american(moneyline)) - exact) <= Fraction(math.ulp(float(exact)))


@given(moneylines)
def test_a_price_and_its_complement_pay_exactly_what_they_cost(moneyline):
    cost = 1 / from_american(moneyline) + 1 / from_american(-moneyline)
    assert cost == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("value", [1.0, 0, 0.0001, -3.5, math.nan, math.inf, "-", "NaN", ""])
def test_what_is_off_the_board_is_no_price(value):
    with pytest.raises(NoPrice, match="odds_not_above_one"):
        price(value, Style.DECIMAL)


@pytest.mark.parametrize("value", [0, 5, -99, 99.9, math.nan, -math.inf, "-"])
def test_an_american_price_below_100_is_no_price(value):
    with pytest.raises(NoPrice, match="odds_not_above_one"):
        price(value, Style.AMERICAN)


@pytest.mark.parametrize("value", [10_001, 1e300, 10**400])
def test_absurd_odds_are_no_price(value):
    with pytest.raises(NoPrice, match="odds_absurd"):
        price(value, Style.DECIMAL)


@pytest.mark.parametrize("value", [None, True, [2.0], {}, "two", "2,10"])
def test_what_is_no_number_is_no_price(value):
    with pytest.raises(NoPrice, match="not_a_number"):
        price(value, Style.DECIMAL)


@pytest.mark.parametrize(
    ("values", "style"),
    [
        ([-110, 100, 250], Style.AMERICAN),
        ([1.91, 2, 101], Style.DECIMAL),
        ([150, 120], Style.AMERICAN),
        ([150.5, 120], Style.DECIMAL),
        ([-110, -115, 105, 1.5], Style.AMERICAN),
        ([1.0, 41.0, 1001], Style.DECIMAL),
        (["-", None, -140], Style.AMERICAN),
    ],
)
def test_the_style_is_told_by_the_whole_answer_and_not_price_by_price(values, style):
    assert style_of(values) is style


def test_cells_of_tables_are_read_alike():
    assert price_in_text("2.10") == 2.1
    with pytest.raises(NoPrice, match="not_a_number"):
        price_in_text("#")
    with pytest.raises(NoPrice, match="odds_not_above_one"):
        price_in_text("nan")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "line_missing"),
        ("4.5", "line_invalid"),
        (True, "line_invalid"),
        (math.nan, "line_i"),
        pytest.param(10**400, "line_invalid", id="beyond a float"),
    ],
)
def test_a_line_that_is_no_number_is_refused(value, reason):
    with pytest.raises(NoPrice, match=reason):
        line(value)


def test_a_line_of_zero_has_no_sign():
    assert math.copysign(1, line(-0.0)) == 1
