from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quality import (
    clone_groups,
    if_void,
    logits,
    mirrored,
    off_ladder,
    one_a_group,
    way_out,
)

FAVOURITE = np.array([[1.2, 1.22, 1.2, 1.21, 1.19], [5.0, 4.8, 5.1, 4.9, 5.2]])
THRESHOLDS = {"min_others": 3, "most": 0.45}


def test_a_book_that_exchanged_the_sides_is_found_and_no_other():
    price = FAVOURITE.copy()
    price[:, 2] = price[::-1, 2]
    assert mirrored(price, **THRESHOLDS).tolist() == [False, False, True, False, False]
    assert not mirrored(FAVOURITE, **THRESHOLDS).any()


def test_a_draw_stays_where_it_is_when_sides_are_exchanged():
    price = np.insert(FAVOURITE, 1, 6.5, axis=0)
    price[:, 0] = price[::-1, 0]
    assert mirrored(price, **THRESHOLDS).tolist() == [True, False, False, False, False]


def test_an_error_that_exchanging_does_not_mend_is_not_called_mirrored():
    price = FAVOURITE.copy()
    price[:, 2] = [3.57, 1.98]
    assert not mirrored(price, **THRESHOLDS).any()


def test_among_equals_and_with_too_few_others_nobody_can_tell():
    even = np.array([[1.9, 1.9, 1.95, 1.9], [1.95, 1.95, 1.9, 1.95]])
    assert not mirrored(even, **THRESHOLDS).any()
    few = FAVOURITE[:, :3].copy()
    few[:, 2] = few[::-1, 2]
    assert not mirrored(few, **THRESHOLDS).any()
    few = FAVOURITE.copy()
    few[:, 2] = few[::-1, 2]
    few[1, 2] = 0.0
    assert not mirrored(few, **THRESHOLDS).any()


def test_one_outcome_has_no_sides():
    with pytest.raises(ValueError, match="two outcomes"):
        mirrored(np.array([[2.0, 2.0]]), **THRESHOLDS)


ladders = st.lists(st.sampled_from([0.0, 1.2, 1.5, 1.5, 1.9, 2.4, 3.3, 9.0]), max_size=7)


@given(ladders, st.booleans())
def test_believed_is_what_no_longest_ordered_run_leaves_out(prices, rising):
    """Against every subset of the lines, largest first."""
    price = np.array(prices)
    places = [place for place, odds in enumerate(prices) if odds]
    for size in range(len(places), -1, -1):
        runs = [
            set(chosen)
            for chosen in combinations(places, size)
            if list(odds := [prices[at] for at in chosen]) == sorted(odds, reverse=not rising)
        ]
        if runs:
            break
    believed = set.intersection(*runs)
    off = off_ladder(price, rising=rising)
    assert set(np.flatnonzero(off)) == set(places) - believed


def test_over_2_5_cannot_pay_more_than_over_3_5():
    assert off_ladder(np.array([2.1, 1.9]), rising=True).tolist() == [True, True]
    assert not off_ladder(np.array([1.9, 2.1]), rising=True).any()
    assert not off_ladder(np.array([1.9, 1.9]), rising=True).any()
    assert not off_ladder(np.array([2.1, 1.9]), rising=False).any()


def test_the_odd_line_out_is_the_one_that_is_not_believed():
    handicaps = np.array([1.4, 1.55, 1.1, 1.95, 2.4, 0.0, 3.1])
    assert np.flatnonzero(off_ladder(handicaps, rising=True)).tolist() == [2]


def test_a_leg_is_way_out_in_either_direction_beyond_the_threshold():
    payoff, stakes = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([30.0, 70.0])
    at = way_out(np.array([-0.45, 0.45]), payoff, stakes, most=0.45)
    assert not at.generous.any()
    assert not at.mean.any()
    beyond = way_out(np.array([-0.46, 0.46]), payoff, stakes, most=0.45)
    assert beyond.generous.tolist() == [True, False]
    assert beyond.mean.tolist() == [False, True]
    assert beyond.if_void.tolist() == [-70.0, -30.0]


def test_what_is_not_known_is_not_way_out():
    unknown = way_out(np.array([np.nan]), np.array([[1.0]]), np.array([1.0]), most=0.45)
    assert not unknown.generous.any()
    assert not unknown.mean.any()


def test_if_a_book_voids_the_palpable_leg_the_other_one_stands_alone():
    """10.0 instead of 1.90, against 2.10: the void leaves the whole of the other stake."""
    shares = np.array([1 / 10.0, 1 / 2.1])
    stakes = 100 * shares / shares.sum()
    payoff = np.array([[9.0, -1.0], [-1.0, 1.1]])
    assert if_void(payoff, stakes) == pytest.approx([-stakes[1], -stakes[0]])


@given(
    st.integers(1, 4).flatmap(
        lambda legs: st.tuples(
            st.lists(
                st.lists(st.floats(-1, 20), min_size=legs, max_size=legs), min_size=1, max_size=5
            ),
            st.lists(st.floats(0, 100), min_size=legs, max_size=legs),
        )
    )
)
def test_the_cost_of_a_void_is_the_worst_of_what_is_left(table_and_stakes):
    table, stakes = table_and_stakes
    for leg, got in enumerate(if_void(np.array(table), np.array(stakes))):
        rest = [at for at in range(len(stakes)) if at != leg]
        worst = min(sum(row[at] * stakes[at] for at in rest) for row in table)
        assert got == pytest.approx(worst, abs=1e-9)


@pytest.mark.parametrize(
    ("distance", "payoff", "stakes"),
    [([0.0], [[1.0, 1.0]], [1.0, 1.0]), ([0.0], [[1.0]], [1.0, 2.0]), ([], [[]], [])],
)
def test_legs_that_do_not_fit_their_payoffs_are_refused(distance, payoff, stakes):
    with pytest.raises(ValueError, match="a leg has one"):
        way_out(np.array(distance), np.array(payoff), np.array(stakes), most=0.45)


def opinions(rows, books, seed=3):
    return np.random.default_rng(seed).normal(0, 0.05, (rows, books))


CLONES = {"close": 0.01, "min_shared": 30, "min_share": 0.8}


def test_books_that_stand_out_together_are_one_group():
    said = opinions(200, 5)
    said[:, 3] = said[:, 1]
    said[:, 4] = said[:, 3] + 0.001
    assert clone_groups(said, **CLONES).tolist() == [0, 1, 2, 1, 1]


def test_books_that_only_agree_with_everybody_are_nobodys_clones():
    said = np.zeros((200, 5))
    assert clone_groups(said, **CLONES).tolist() == [0, 1, 2, 3, 4]
    said[::10] = opinions(20, 5)
    assert clone_groups(said, **CLONES).tolist() == [0, 1, 2, 3, 4]


def test_clones_need_enough_rows_that_tell():
    said = opinions(29, 4)
    said[:, 1] = said[:, 0]
    assert clone_groups(said, **CLONES).tolist() == [0, 1, 2, 3]
    assert clone_groups(said, **{**CLONES, "min_shared": 20}).tolist() == [0, 0, 2, 3]


def test_what_a_book_does_not_quote_is_not_compared():
    said = opinions(200, 4)
    said[:, 1] = said[:, 0]
    said[::2, 1] = np.nan
    assert clone_groups(said, **CLONES).tolist() == [0, 0, 2, 3]


def test_of_a_group_one_book_a_row_is_left():
    price = np.array([[2.0, 2.1, 2.2], [0.0, 1.5, 1.6], [0.0, 0.0, 3.0]])
    left = one_a_group(price, np.array([0, 0, 0]))
    assert left.tolist() == [[2.0, 0, 0], [0, 1.5, 0], [0, 0, 3.0]]
    assert one_a_group(price, np.array([0, 1, 2])).tolist() == price.tolist()


def test_a_logit_is_the_log_of_the_odds_against():
    assert logits(np.array([2.0, 3.0])) == pytest.approx([0.0, -np.log(2)])
    assert np.isnan(logits(np.array([0.0, 1.0]))).all()
