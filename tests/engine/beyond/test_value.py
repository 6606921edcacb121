from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from engine.bets import Bets
from engine.odds import lay_net
from engine.surebet import surebets
from engine.value import (
    closing_value,
    edge,
    expected,
    free_bet,
    holds,
    low_holds,
    refunded_bet,
)

markets = st.integers(2, 5).flatmap(
    lambda ways: st.tuples(
        arrays(np.float64, ways, elements=st.floats(1.05, 50)),
        arrays(np.float64, ways, elements=st.floats(1.05, 50)),
    )
)


@settings(deadline=None)
@given(st.floats(0, 1), st.floats(1.01, 1_000))
def test_the_edge_is_the_mean_profit_of_both_endings(chance, odds):
    mean = chance * (odds - 1) - (1 - chance)
    np.testing.assert_allclose(edge(np.array(chance), np.array(odds)), mean, atol=1e-9)


def test_a_fair_price_has_no_edge_and_an_unknown_chance_no_number():
    assert edge(np.array([0.25, np.nan]), np.array([4.0, 4.0])).tolist()[0] == 0.0
    assert np.isnan(edge(np.array([np.nan]), np.array([4.0]))).all()


def test_the_closing_line_is_beaten_only_past_its_margin():
    close = np.array([[1.9, 1.9], [1.9, 1.9], [1.9, 1.9]])
    found = closing_value(np.array([1.95, 2.0, 2.1]), np.zeros(3, np.int64), close)
    np.testing.assert_allclose(found, [-0.025, 0.0, 0.05], atol=1e-12)


@settings(deadline=None)
@given(markets)
def test_expected_profit_on_states_is_the_edge_where_states_are_outcomes(drawn):
    odds, raw = drawn
    chances = raw / raw.sum()
    ways = len(odds)
    bets = Bets(np.eye(ways), 1.0 - np.eye(ways), odds - 1.0)
    np.testing.assert_allclose(expected(bets, chances), edge(chances, odds), atol=1e-9)


@settings(deadline=None)
@given(markets)
def test_a_hold_is_lost_whatever_happens(drawn):
    odds = np.stack(drawn)
    found = holds(odds)
    np.testing.assert_allclose(found.shares.sum(axis=1), 1.0)
    lost = 1.0 - found.shares * odds
    np.testing.assert_allclose(lost, found.hold[:, np.newaxis].repeat(odds.shape[1], 1), atol=1e-9)
    np.testing.assert_allclose(found.shares, surebets(odds).shares)


def test_low_holds_come_lowest_first_and_none_above_the_limit():
    odds = np.array([[1.9, 1.9], [2.02, 1.98], [2.1, 2.1], [1.99, 2.0]])
    assert low_holds(odds, 0.01).tolist() == [2, 1, 3]
    assert low_holds(odds, -0.01).tolist() == [2]


@settings(max_examples=60, deadline=None)
@given(markets)
def test_a_converted_free_bet_leaves_the_same_in_every_outcome_and_no_programme_finds_more(drawn):
    odds, cover = drawn
    found = free_bet(odds, cover)
    for on, (rate, hedges) in enumerate(zip(found.rate, found.hedges, strict=True)):
        returns = np.where(np.arange(len(odds)) == on, odds[on] - 1.0, hedges * cover)
        np.testing.assert_allclose(returns - hedges.sum(), rate, atol=1e-9)
        # what the best hedges on the other outcomes keep; without cover at a loss it is no less
        assert rate <= _best_guarantee(odds[on] - 1.0, 0.0, cover, on) + 1e-7


def _best_guarantee(won, lost, cover, on):
    ways = len(cover)
    rows = np.diag(cover) - 1.0
    credit = np.where(np.arange(ways) == on, won, lost)
    answer = linprog(
        np.append(np.zeros(ways), -1.0),
        np.column_stack([-rows, np.ones(ways)]),
        credit,
        bounds=[(0, 0 if place == on else 1e6) for place in range(ways)] + [(None, None)],
    )
    return -answer.fun


def test_hedges_that_cost_less_than_one_are_the_best_there_are():
    odds, cover = np.array([5.0, 1.2, 30.0]), np.array([4.8, 1.28, 26.0])
    found = free_bet(odds, cover)
    for on in range(3):
        best = _best_guarantee(odds[on] - 1.0, 0.0, cover, on)
        np.testing.assert_allclose(found.rate[on], best, atol=1e-7)
    assert found.best == found.rate.argmax()


def test_a_free_bet_of_200_at_plus_200_hedged_at_minus_215_leaves_126_98():
    found = free_bet(np.array([3.0, 1.4]), np.array([3.0, 1 + 100 / 215]))
    assert round(200 * found.hedges[0, 1], 2) == 273.02
    assert round(200 * found.rate[0], 2) == 126.98


def test_a_free_bet_laid_on_an_exchange_is_hedged_by_the_lay_as_a_back_of_the_rest():
    size, back, lay, fee = 50, 3.0, 3.05, 0.05
    found = free_bet(np.array([back, 1.01]), np.array([1.01, lay_net(lay, fee)]))
    liability = size * found.hedges[0, 1]
    np.testing.assert_allclose(liability / (lay - 1), size * (back - 1) / (lay - fee))
    np.testing.assert_allclose(size * found.rate[0], size * (back - 1) - liability)


def test_laying_at_22_is_backing_the_rest_at_22_over_21():
    assert lay_net(Fraction(22), Fraction(0)) == Fraction(22, 21)
    assert round(float(lay_net(Fraction(22), Fraction(0))), 4) == 1.0476
    assert lay_net(Fraction(21), Fraction(0)) == Fraction(21, 20)


@settings(deadline=None)
@given(markets, st.floats(0, 1))
def test_a_refunded_bet_leaves_the_same_in_every_outcome(drawn, refund):
    odds, cover = drawn
    found = refunded_bet(odds, cover, refund)
    for on, (rate, hedges) in enumerate(zip(found.rate, found.hedges, strict=True)):
        backed = np.where(np.arange(len(odds)) == on, odds[on], refund) - 1.0
        np.testing.assert_allclose(backed + hedges * cover - hedges.sum(), rate, atol=1e-9)


def test_a_full_refund_is_worth_more_than_half_of_it_and_none_is_a_plain_hedge():
    odds, cover = np.array([3.0, 1.4]), np.array([2.9, 1.42])
    rates = [refunded_bet(odds, cover, refund).rate for refund in (1.0, 0.5, 0.0)]
    assert (rates[0] > rates[1]).all()
    assert (rates[1] > rates[2]).all()
    assert (rates[2] < 0).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: edge(np.array([1.1]), np.array([2.0])), r"in \[0, 1\]"),
        (lambda: edge(np.array([0.5]), np.array([np.inf])), "finite number above 1"),
        (lambda: holds(np.array([[2.0, np.nan]])), "finite number above 1"),
        (lambda: free_bet(np.array([2.0]), np.array([2.0])), "two or more"),
        (lambda: free_bet(np.array([2.0, 1.0]), np.array([2.0, 2.0])), "finite number above 1"),
        (lambda: refunded_bet(np.array([2.0, 2.0]), np.array([2.0, 2.0]), 1.5), "a share"),
        (lambda: closing_value(np.array([2.0]), np.array([2]), np.array([[2.0, 2.0]])), "not in"),
        (lambda: closing_value(np.array([2.0]), np.array([0]), np.array([2.0, 2.0])), "there is"),
    ],
)
def test_what_is_no_price_chance_or_market_is_refused_by_name(call, said):
    with pytest.raises(ValueError, match=said):
        call()


@pytest.mark.parametrize(
    ("measure", "said"),
    [([0.5], "one chance a state"), ([0.5, 0.6], "sum to 1"), ([1.5, -0.5], r"in \[0, 1\]")],
)
def test_chances_that_are_no_measure_are_refused_by_name(measure, said):
    bets = Bets(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]), np.array([1.0]))
    with pytest.raises(ValueError, match=said):
        expected(bets, np.array(measure))
