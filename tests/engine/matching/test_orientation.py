"""Orientation: prices say which side is which, or that they cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.matching.orientation import Chances, Sides, sides

chances = st.builds(
    lambda home, rest: Chances(home, (1 - home) * rest), st.floats(0.02, 0.9), st.floats(0.1, 0.99)
)


def test_a_clear_favourite_tells_the_sides():
    assert sides(Chances(0.6, 0.2), Chances(0.58, 0.22)) is Sides.SAME
    assert sides(Chances(0.6, 0.2), Chances(0.22, 0.58)) is Sides.REVERSED


def test_an_even_match_tells_nothing():
    assert sides(Chances(0.37, 0.35), Chances(0.36, 0.36)) is Sides.UNCLEAR


def test_prices_far_apart_either_way_are_of_neither():
    assert sides(Chances(0.9, 0.05), Chances(0.45, 0.45)) is Sides.NEITHER


@given(chances, chances)
def test_turning_a_list_round_turns_the_answer_round(one, other):
    turned = {Sides.SAME: Sides.REVERSED, Sides.REVERSED: Sides.SAME}
    answer = sides(one, other)
    assert sides(one, Chances(other.away, other.home)) is turned.get(answer, answer)


@pytest.mark.parametrize("chance", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_chance_is_refused(chance):
    with pytest.raises(ValueError, match="between 0 and 1"):
        sides(Chances(chance, 0.5), Chances(0.4, 0.4))
