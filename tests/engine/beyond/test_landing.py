"""Landing: what one book's lines tell of the results between them, and what they do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.landing import Ladder, ladder, mean
from engine.middles import Ladder as Prices
from engine.middles import pairs, reach, spans

GOALS = np.arange(9.0)
measures = st.lists(st.floats(0.01, 1.0), min_size=9, max_size=9).map(
    lambda parts: np.array(parts) / sum(parts)
)
halves = st.lists(st.sampled_from(np.arange(0.5, 8.0, 1.0)), min_size=1, max_size=8, unique=True)


def says(measure, lines):
    """Return what a book that believes a measure would ask for each line, but for its margin."""
    above = np.array([measure[line < GOALS].sum() for line in lines])
    below = np.array([measure[line > GOALS].sum() for line in lines])
    return above / (above + below)


@given(measure=measures, lines=halves)
def test_between_two_half_lines_lies_the_difference_of_their_chances(measure, lines):
    told = ladder(np.array(lines), says(measure, lines))
    cells = np.stack([np.searchsorted(told.lines, GOALS) == cell for cell in range(len(lines) + 1)])
    got = mean(told, GOALS, cells.T.astype(float))
    assert got == pytest.approx(cells @ measure, abs=1e-9)
    assert got.sum() == pytest.approx(1.0)


@given(measure=measures, whole=st.integers(1, 7), below=st.booleans())
def test_a_whole_line_beside_a_half_line_tells_how_often_stakes_are_given_back(
    measure, whole, below
):
    lines = np.array([whole - 0.5 if below else whole + 0.5, float(whole)])
    told = ladder(lines, says(measure, lines))
    assert told.lines.tolist() == [whole - 0.5, whole + 0.5]
    (got,) = mean(told, GOALS, (whole == GOALS).astype(float)[:, np.newaxis])
    assert got == pytest.approx(measure[whole], abs=1e-9)


@given(measure=measures, lines=halves)
def test_a_mean_that_hangs_on_results_no_line_parts_is_not_told(measure, lines):
    told = ladder(np.array(lines), says(measure, lines))
    values = GOALS[:, np.newaxis] ** 2
    apart = len(lines) == len(GOALS) - 1
    assert bool(np.isnan(mean(told, GOALS, values))[0]) is not apart


def test_results_that_leave_a_cell_empty_tell_nothing():
    told = Ladder(np.array([2.5, 3.5]), np.array([0.6, 0.3]))
    assert np.isnan(mean(told, np.array([2.0, 4.0]), np.ones((2, 1)))).all()


@pytest.mark.parametrize(
    ("lines", "over"),
    [
        ([2.5, 3.5], [0.4, 0.6]),  # passed more often the higher it lies
        ([3.0, 2.25], [0.5, 0.6]),  # no half line, and none that follows
        ([2.5, 3.0], [0.9, 0.95]),  # what is above 3 would be more than what is above 2.5
    ],
)
def test_a_ladder_that_contradicts_itself_or_says_nothing_is_none(lines, over):
    assert ladder(np.array(lines), np.array(over)) is None


@pytest.mark.parametrize(("lines", "over"), [([2.5], [0.5, 0.5]), ([2.5], [1.0]), ([2.5], [0.0])])
def test_what_is_no_ladder_is_refused(lines, over):
    with pytest.raises(ValueError, match=r"line|chance"):
        ladder(np.array(lines), np.array(over))


@given(
    measure=measures,
    over=st.tuples(st.sampled_from(np.arange(0.5, 7.75, 0.25)), st.floats(1.01, 20.0)),
    under=st.tuples(st.sampled_from(np.arange(0.5, 7.75, 0.25)), st.floats(1.01, 20.0)),
)
def test_pairs_without_an_opinion_pay_what_pairs_with_one_pay(measure, over, under):
    ladders = [Prices(np.array([line]), np.array([odds])) for line, odds in (over, under)]
    with_one, without = pairs(*ladders, GOALS, measure), spans(*ladders, GOALS)
    assert without.outside == pytest.approx(with_one.outside)
    assert without.pays.min(axis=0) == pytest.approx(with_one.worst)
    assert measure @ without.pays == pytest.approx(with_one.expected)


@given(lines=st.lists(st.integers(-40, 40).map(lambda n: n / 4), min_size=1, max_size=5))
def test_results_reach_past_every_line_and_tell_all_of_them_apart(lines):
    results = reach(np.array(lines))
    assert results.min() < min(lines) - 0.25
    assert results.max() > max(lines) + 0.25
    assert all(np.isin([np.floor(line), np.ceil(line)], results).all() for line in lines)
