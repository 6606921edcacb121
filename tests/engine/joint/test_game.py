from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from domain.errors import Broken
from engine.bets import payoff
from engine.certificate import verify
from engine.game import NOISE, by_highs, solve
from engine.simplex import mixtures
from tests.engine.joint.exact_bets import GIVEN_BACK, LOST, WON, a_back, a_lay, some_bets, together
from tests.engine.oracle.exact_game import exact_value

CLOSE = 1e-9


@settings(max_examples=2600, deadline=None)
@given(some_bets())
def test_value_and_existence_are_those_of_the_exact_oracle(bets):
    exact = exact_value(bets.payoff)
    verdict = solve(payoff(bets.floats))
    assert verdict.value == pytest.approx(float(exact), abs=CLOSE)
    assert verdict.lower <= float(exact) + CLOSE
    assert verdict.upper >= float(exact) - CLOSE
    assert verdict.gap <= CLOSE
    if not 0 < exact < 2 * NOISE:
        assert verdict.found == (exact > 0)


coarse = st.integers(-2, 4).map(lambda twice: twice / 2)
wide = st.floats(-1, 9_999, width=32)
games = st.sampled_from([coarse, wide]).flatmap(
    lambda cells: arrays(
        np.float64, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=cells
    )
)


@settings(max_examples=300, deadline=None)
@given(games)
def test_every_game_is_proven_and_the_second_solver_agrees(game):
    verdict = solve(game)
    bounds = verify(game, verdict)
    assert bounds.upper - bounds.lower <= CLOSE
    assert by_highs(game).value == pytest.approx(verdict.value, abs=1e-7)


@settings(max_examples=100, deadline=None)
@given(games, st.randoms(use_true_random=False))
def test_repeated_and_reordered_bets_change_nothing(game, chance):
    order = [chance.randrange(game.shape[1]) for _ in range(7)]
    again = np.hstack([game[:, order], game[:, ::-1]])
    assert solve(again).value == pytest.approx(solve(game).value, abs=CLOSE)


@pytest.mark.parametrize(
    ("game", "value"),
    [
        (np.zeros((3, 4)), 0.0),
        (np.full((1, 1), -1.0), -1.0),
        (np.full((5, 2), 0.25), 0.25),
        (np.eye(4) - 1.0, -0.75),
        (np.eye(30) * 31.0 - 1.0, 1 / 30),
    ],
)
def test_degenerate_games_have_the_value_that_they_must(game, value):
    assert solve(game).value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "game",
    [
        np.empty((0, 0)),
        np.empty((3, 0)),
        np.empty((0, 3)),
        np.zeros(3),
        np.array([[0.1, np.nan]]),
        np.array([[np.inf, 0.1]]),
        np.array([[-np.inf, 0.1]]),
        np.array([[1e7, 0.1]]),
    ],
)
def test_what_is_no_game_is_refused_by_name(game):
    with pytest.raises(ValueError, match=r"a game needs|every payoff must"):
        solve(game)


def out_of_order(_game):
    raise Broken("out of order")


def careless(game):
    verdict = by_highs(game)
    return verdict._replace(upper=verdict.upper + 1e-8)


@pytest.mark.parametrize("first", [out_of_order, careless])
def test_where_a_solver_fails_or_proves_too_little_the_next_answers(first):
    game = np.array([[1.2, -1.0], [-1.0, 1.0]])
    assert solve(game, solvers=(first, by_highs)).value == pytest.approx(0.2 / 4.2)


@pytest.mark.parametrize("last", [out_of_order, careless])
def test_where_every_solver_fails_that_is_an_error_and_never_no_arbitrage(last):
    with pytest.raises(Broken, match="no solver"):
        solve(np.ones((2, 2)), solvers=(out_of_order, last))


def test_a_game_of_ten_thousand_bets_is_solved():
    chance = np.random.default_rng(1)
    wins = chance.random((12, 10_000)) < 0.3
    game = np.where(wins, chance.uniform(0.5, 2.5, 10_000), -1.0)
    verify(game, solve(game))


def test_the_simplex_ends_on_a_game_of_many_ties():
    chance = np.random.default_rng(2)
    for _ in range(200):
        game = chance.integers(-1, 2, chance.integers(1, 25, 2)).astype(float)
        assert mixtures(game)[0] >= 0


def test_laying_two_at_21_is_backing_one_or_draw_at_1_0476():
    laid = a_lay([LOST, LOST, WON], Fraction(21))
    assert laid[1] + 1 == Fraction(21, 20)
    doubled = together(laid, a_back([WON, WON, LOST], Fraction(21, 20)))
    column = np.array(payoff(doubled.floats))
    np.testing.assert_allclose(column[:, 0], column[:, 1], atol=1e-15)


def test_hockey_moneyline_against_regulation_is_a_surebet_only_without_overtime():
    # home in regulation, away in regulation, level and home wins overtime, level and away does
    moneyline = a_back([WON, LOST, WON, LOST], Fraction("2.05"))
    regulation = a_back([LOST, WON, LOST, LOST], Fraction("2.10"))
    bets = together(moneyline, regulation)
    naive = payoff(bets.floats)[:2]
    assert solve(naive).value == pytest.approx(1 / (1 / 2.05 + 1 / 2.10) - 1)
    assert solve(naive).value > 0.037
    assert not solve(payoff(bets.floats)).found


def test_a_push_makes_nothing_certain_of_all_cash():
    pair = together(
        a_back([WON, GIVEN_BACK, LOST], Fraction("2.1")),
        a_back([LOST, GIVEN_BACK, WON], Fraction("2.1")),
    )
    verdict = solve(payoff(pair.floats))
    assert not verdict.found
    assert verdict.value == pytest.approx(0.0, abs=1e-12)
