import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.looks import (
    PARTS,
    SUMS,
    Look,
    closeness,
    completeness,
    follows,
    follows_of,
    freshness,
    lag_s,
    shares,
    soundness,
    steadiness,
    sums,
)


def look(logit, middle=None, *, price=None, at_s=0.0, **rest):
    """Return a look at prices of one outcome each, all said by number 0 unless told otherwise."""
    count = len(logit)
    fields = {
        "price": np.arange(count) if price is None else np.array(price),
        "row": np.arange(count),
        "who": np.zeros(count, np.int64),
        "logit": np.array(logit, float),
        "middle": np.zeros(count) if middle is None else np.array(middle, float),
        "best": np.ones(count, bool),
        "odd": np.zeros(count, bool),
        "age_s": np.zeros(count),
        "at_s": np.full(count, at_s),
    }
    return Look(**(fields | {name: np.array(value) for name, value in rest.items()}))


def ratio(counts, who=0):
    return counts.good[who], counts.of[who]


def test_fresh_are_prices_of_two_minutes_of_those_that_tell():
    seen = look([0, 0, 0], age_s=[120.0, 121.0, np.nan])
    assert ratio(freshness(seen, 1)) == (1, 2)


def test_close_are_prices_within_a_tenth_of_what_the_others_say():
    assert ratio(closeness(look([0.1, -0.11, 0.0], [0.0, 0.0, np.nan]), 1)) == (1, 2)


def test_sound_is_what_is_no_anomaly_among_what_others_price():
    seen = look([0, 0, 0], [0, 0, np.nan], odd=[True, False, True])
    assert ratio(soundness(seen, 1)) == (1, 2)


def test_a_price_is_missing_where_others_still_have_one():
    then = look([0, 0, 0], row=[7, 8, 9])
    now = look([0, 0], price=[0, 5], row=[7, 8])
    assert ratio(completeness(then, now, 1)) == (1, 2)


@pytest.mark.parametrize(("after", "kept"), [(-0.2, 1), (-0.11, 1), (-0.1, 0), (0.0, 0), (-0.3, 1)])
def test_a_best_price_that_goes_half_way_back_was_not_kept(after, kept):
    assert ratio(steadiness(look([-0.2]), look([after]), 1)) == (kept, 1)


def test_a_best_price_that_hardly_stands_out_is_not_counted():
    assert ratio(steadiness(look([-0.02]), look([0.0]), 1)) == (0, 0)
    assert ratio(steadiness(look([-0.2], best=[False]), look([0.0]), 1)) == (0, 0)


def test_counts_are_kept_apart_by_who():
    seen = look([0, 0, 0], who=[0, 1, 1], age_s=[0, 0, 500])
    assert [ratio(freshness(seen, 2), who) for who in (0, 1)] == [(1, 1), (1, 2)]


@given(st.floats(0.05, 1), st.lists(st.floats(0.02, 2), min_size=1, max_size=9), st.floats(1, 999))
def test_a_book_that_closes_a_share_of_every_gap_is_behind_by_what_koyck_says(share, moves, look_s):
    count = len(moves)
    then = look(np.zeros(count))
    now = look(share * np.array(moves), moves, at_s=look_s)
    assert lag_s(follows(then, now, 1))[0] == pytest.approx(look_s * (1 - share) / share, abs=1e-6)


def test_a_book_that_does_not_move_or_moves_the_other_way_never_follows():
    then = look([0.0])
    assert lag_s(follows(then, look([0.0], [0.5], at_s=60), 1))[0] == np.inf
    assert lag_s(follows(then, look([-0.2], [0.5], at_s=60), 1))[0] == np.inf
    assert np.isnan(lag_s(follows(then, look([0.0], [0.0], at_s=60), 1))[0])


def test_the_first_look_counts_what_needs_no_other():
    first = sums(None, look([0.0]), 1)
    assert first.shape == (SUMS, 1)
    assert first[:, 0].tolist() == [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0]
    again = sums(look([0.0]), look([0.3], [0.3]), 1)
    assert follows_of(again[:, 0]).moves.tolist() == [1.0]


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=PARTS, max_size=PARTS))
def test_a_share_is_never_all_or_nothing_and_nears_what_was_seen(told):
    flat = [float(n) for good, more in told for n in (good, good + more)]
    for share, (good, more) in zip(shares(np.array([*flat, 0, 0, 0, 0])), told, strict=True):
        assert 0.0 < share < 1.0
        assert abs(share - (good + 1) / (good + more + 2)) < 1e-12
