import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Broken
from engine.bets import payoff
from engine.certificate import verify
from engine.game import by_whole_numbers, solve
from tests.engine.joint.exact_bets import some_bets
from tests.engine.oracle.exact_game import exact_value


@settings(max_examples=200, deadline=None)
@given(some_bets())
def test_whole_numbers_give_the_value_of_the_exact_oracle(bets):
    verdict = by_whole_numbers(payoff(bets.floats))
    assert verdict.value == pytest.approx(float(exact_value(bets.payoff)), abs=1e-12)
    assert verdict.gap < 1e-13


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_games_of_scales_far_apart_are_proven_all_the_same(seed):
    chance = np.random.default_rng(seed)
    size = chance.integers(1, 12, 2)
    tiny = chance.integers(-2, 3, size) * 10.0 ** chance.integers(-12, 1, size)
    large = chance.integers(-1, 2, size) * 100.0 * (chance.random(size) < 0.3)
    game = tiny + large
    verify(game, solve(game))


def test_a_game_that_misleads_rounding_is_solved():
    # two payoffs that differ in the eighth place, beside one of a hundred
    tiny = 1.18743628e-08
    game = np.array([[-tiny, 101.0], [-tiny, -tiny / 2], [0.0, -tiny], [100.0, -1.0]])
    verify(game, solve(game))
    assert by_whole_numbers(game).gap < 1e-16


def test_bland_ends_where_the_objective_stands_still():
    chance = np.random.default_rng(3)
    for _ in range(40):
        game = chance.integers(-1, 2, chance.integers(2, 14, 2)).astype(float)
        assert by_whole_numbers(game).gap < 1e-13


def test_what_would_take_too_long_is_an_error():
    with pytest.raises(Broken, match="too large"):
        by_whole_numbers(np.zeros((200, 200)))
