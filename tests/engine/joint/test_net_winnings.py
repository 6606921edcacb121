import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bets import payoff
from engine.game import solve
from engine.net_winnings import NO_MARKET, best_net, kept
from tests.engine.joint.exact_bets import some_bets

markets = st.lists(st.sampled_from([NO_MARKET, 0, 1]), min_size=5, max_size=5)
RATES = np.array([0.05, 0.02])


def charged_alone(gross, market, rates):
    rate = np.where(market == NO_MARKET, 0.0, rates[market])
    return np.where(gross > 0.0, (1 - rate) * gross, gross)


@settings(max_examples=200, deadline=None)
@given(some_bets(), markets)
def test_setting_off_losers_never_costs_and_the_stakes_keep_what_was_said(bets, among):
    gross, market = payoff(bets.floats), np.array(among[: len(bets.net)])
    found = best_net(gross, market, RATES)
    assert found.value >= solve(charged_alone(gross, market, RATES)).value - 1e-8
    assert found.value <= solve(gross).value + 1e-8
    assert found.bound - found.value == pytest.approx(0.0, abs=1e-7)
    assert kept(gross, market, RATES, found.stakes).min() == found.value
    assert found.stakes.sum() == pytest.approx(1.0)


@settings(max_examples=100, deadline=None)
@given(some_bets(most_bets=2))
def test_a_market_of_one_bet_charges_that_bet_alone(bets):
    gross = payoff(bets.floats)
    market = np.arange(len(bets.net))
    alone = solve(charged_alone(gross, market, RATES)).value
    assert best_net(gross, market, RATES).value == pytest.approx(alone, abs=1e-8)


def test_two_sides_of_one_market_pay_on_what_is_left_only():
    gross = np.array([[1.2, -1.0], [-1.0, 1.0]])
    both, rates = np.array([0, 0]), np.array([0.05])
    assert best_net(gross, both, rates).value == pytest.approx(0.95 * solve(gross).value)
    assert solve(charged_alone(gross, both, rates)).value < 0.03


@pytest.mark.parametrize(
    ("gross", "market", "rates"),
    [
        (np.empty((0, 0)), [], [0.05]),
        ([[np.nan, 0.0]], [0, 0], [0.05]),
        ([[np.inf, 0.0]], [0, 0], [0.05]),
        ([[-2.0, 0.0]], [0, 0], [0.05]),
        ([[1.0, 0.0]], [0, 1], [0.05]),
        ([[1.0, 0.0]], [0, -2], [0.05]),
        ([[1.0, 0.0]], [0], [0.05]),
        ([[1.0, 0.0]], [0, 0], [1.0]),
        ([[1.0, 0.0]], [0, 0], [np.nan]),
    ],
)
def test_what_makes_no_sense_is_refused(gross, market, rates):
    with pytest.raises(ValueError, match=r"must be|no market"):
        best_net(np.array(gross), np.array(market, int), np.array(rates))
