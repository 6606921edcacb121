from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.odds import (
    back_net,
    from_american,
    from_fractional,
    implied,
    lay_net,
    to_american,
)

moneylines = st.integers(100, 100_000) | st.integers(-100_000, -101)
odds = st.fractions(Fraction(101, 100), 1000)
commissions = st.fractions(0, Fraction(99, 100))


def test_minus_110_is_21_elevenths():
    assert from_american(-110) == Fraction(21, 11)


def test_evens_are_the_same_on_both_sides():
    assert from_american(100) == from_american(-100) == from_fractional("1/1") == 2


@given(moneylines)
def test_american_prices_survive_the_way_there_and_back(moneyline):
    assert to_american(from_american(moneyline)) == moneyline


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_fractional_prices_are_winnings_over_stake(wins, stake):
    assert from_fractional(f"{wins}/{stake}") == 1 + Fraction(wins, stake)


@given(odds, commissions)
def test_commission_is_taken_of_the_winnings_alone(price, commission):
    assert back_net(price, commission) - 1 == (price - 1) * (1 - commission)


@given(odds, commissions)
def test_a_lay_wins_the_stake_less_commission_for_its_liability(price, commission):
    assert (lay_net(price, commission) - 1) * (price - 1) == 1 - commission


@given(odds)
def test_a_lay_without_commission_is_the_fair_price_of_the_opposite(price):
    assert implied(price) + implied(lay_net(price, Fraction(0))) == 1


def test_without_commission_a_price_is_not_touched_by_rounding():
    assert back_net(1.1, 0.0) == 1.1


@pytest.mark.parametrize("moneyline", [0, 99, -99])
def test_what_lies_between_minus_and_plus_100_is_no_american_price(moneyline):
    with pytest.raises(ValueError, match="no American price"):
        from_american(moneyline)


@pytest.mark.parametrize("text", ["5", "5/0", "0/5", "-1/2", "x/2"])
def test_what_is_no_fraction_is_refused(text):
    with pytest.raises(ValueError, match=r"fractional|invalid literal"):
        from_fractional(text)


@pytest.mark.parametrize("price", [1.0, 0.5, float("nan")])
def test_odds_of_one_or_less_are_no_price(price):
    for call in (implied, lambda o: back_net(o, 0.0), lambda o: lay_net(o, 0.0)):
        with pytest.raises(ValueError, match="above 1"):
            call(price)


@pytest.mark.parametrize("commission", [1.0, -0.1])
def test_commission_is_a_share(commission):
    with pytest.raises(ValueError, match="commission"):
        lay_net(2.0, commission)
