"""Money: whole minor units of one currency."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money

MINOR = st.integers(-(10**12), 10**12)


@given(MINOR, MINOR)
def test_adding_and_taking_away_is_exact(one, other):
    total = Money(one) + Money(other)
    assert (total.minor, (total - Money(other)).minor) == (one + other, one)


@given(MINOR, st.sampled_from(["USD", "JPY", "KWD"]))
def test_an_amount_comes_back_as_it_went(minor, currency):
    money = Money(minor, currency)
    assert Money.of(money.amount, currency) == money


@pytest.mark.parametrize(
    ("amount", "minor"), [("0.005", 0), ("0.015", 2), ("-0.005", 0), ("10", 1000)]
)
def test_half_a_cent_goes_to_the_even_one(amount, minor):
    assert Money.of(Decimal(amount)).minor == minor


def test_two_currencies_do_not_add():
    with pytest.raises(ValueError, match="USD with EUR"):
        Money(1) + Money(1, "EUR")
