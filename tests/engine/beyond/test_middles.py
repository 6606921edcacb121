import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Broken
from engine.bets import payoff
from engine.middles import Ladder, best_middle, break_even, line_bets, pairs

GOALS = np.arange(0.0, 9.0)
quarters = st.integers(2, 22).map(lambda line: line / 4)


@st.composite
def ladders(draw):
    lines = sorted(draw(st.sets(quarters, min_size=1, max_size=4)))
    odds = draw(st.lists(st.floats(1.2, 6.0), min_size=len(lines), max_size=len(lines)))
    return Ladder(np.array(lines), np.array(odds))


measures = st.lists(st.floats(0.01, 1), min_size=9, max_size=9).map(
    lambda raw: np.array(raw) / sum(raw)
)


def settled(line, odds, result, *, above):
    """Return the profit of 1 on a line, by hand: a quarter line is two half bets."""
    halves = [line] if line * 2 % 1 == 0 else [line - 0.25, line + 0.25]
    won = 0.0
    for half in halves:
        lead = result - half if above else half - result
        won += (odds - 1 if lead > 0 else -1 if lead < 0 else 0) / len(halves)
    return won


@settings(deadline=None)
@given(ladders(), ladders())
def test_every_line_settles_as_a_person_would_settle_it(over, under):
    profit = payoff(line_bets(over, under, GOALS))
    by_hand = [
        [settled(line, odds, goals, above=True) for line, odds in zip(*over, strict=True)]
        + [settled(line, odds, goals, above=False) for line, odds in zip(*under, strict=True)]
        for goals in GOALS
    ]
    np.testing.assert_allclose(profit, by_hand, atol=1e-12)


@settings(deadline=None)
@given(ladders(), ladders(), measures)
def test_a_pair_pays_the_same_far_above_and_far_below_and_is_ranked_by_what_is_expected(
    over, under, measure
):
    found = pairs(over, under, GOALS, measure)
    assert len(found.over) == len(over.lines) * len(under.lines)
    assert (np.diff(found.expected) <= 1e-12).all()
    profit = payoff(line_bets(over, under, GOALS))
    for row, (first, second) in enumerate(zip(found.over, found.under, strict=True)):
        share = found.over_share[row]
        each = share * profit[:, first] + (1 - share) * profit[:, len(over.lines) + second]
        np.testing.assert_allclose([each[0], each[-1]], found.outside[row], atol=1e-12)
        np.testing.assert_allclose(each.min(), found.worst[row], atol=1e-12)
        np.testing.assert_allclose(measure @ each, found.expected[row], atol=1e-12)
        assert found.gap[row] == under.lines[second] - over.lines[first]


def test_minus_2_at_190_against_plus_3_at_225_wins_in_all_four_endings():
    home, away = (
        Ladder(np.array([2.0]), np.array([1.90])),
        Ladder(np.array([3.0]), np.array([2.25])),
    )
    margins = np.arange(-3.0, 7.0)
    found = pairs(home, away, margins, np.full(10, 0.1))
    share = 2.25 / (1.90 + 2.25)
    profit = payoff(line_bets(home, away, margins)) @ [share, 1 - share]
    outside = 1.90 * share - 1
    by_margin = dict(zip(margins.tolist(), profit.tolist(), strict=True))
    assert by_margin[1.0] == pytest.approx(outside) == pytest.approx(0.0301, abs=5e-5)
    assert by_margin[2.0] == pytest.approx(1.25 * (1 - share))  # home pushes, away wins
    assert by_margin[3.0] == pytest.approx(0.90 * share)  # home wins, away pushes
    assert by_margin[4.0] == pytest.approx(outside)
    assert found.worst[0] == pytest.approx(outside)
    assert found.chance[0] == 0.0  # no margin lies strictly between: they never both win


def test_a_polish_middle_loses_all_between_its_lines():
    home, away = (
        Ladder(np.array([4.5]), np.array([2.25])),
        Ladder(np.array([3.5]), np.array([2.25])),
    )
    margins = np.arange(-5.0, 10.0)
    measure = np.full(15, 1 / 15)
    found = pairs(home, away, margins, measure)
    assert found.gap[0] == -1.0
    assert found.outside[0] == pytest.approx(0.125)
    assert found.inside[0] == found.worst[0] == pytest.approx(-1.0)
    assert found.chance[0] == pytest.approx(1 / 15)
    assert found.expected[0] == pytest.approx(0.125 * 14 / 15 - 1 / 15)
    even = break_even(found.outside, found.inside)[0]
    assert even == pytest.approx(1 / 9)


def test_a_middle_must_come_more_often_than_its_break_even_and_a_certain_one_never():
    hit = break_even(np.array([-0.025, 0.03, -0.02]), np.array([0.95, 0.9, -0.5]))
    assert hit[0] == pytest.approx(0.025 / 0.975)
    assert np.isnan(hit[1:]).all()


@settings(max_examples=60, deadline=None)
@given(ladders(), ladders(), measures, st.floats(0.0, 0.3))
def test_the_best_middle_keeps_the_bound_and_no_classical_pair_beats_it(
    over, under, measure, most_loss
):
    bets = line_bets(over, under, GOALS)
    found = best_middle(bets, measure, most_loss)
    pair = pairs(over, under, GOALS, measure)
    kept = pair.expected[pair.worst >= -most_loss]
    if found is None:
        assert not len(kept)
        return
    assert found.gap <= 1e-7
    assert found.worst >= -most_loss - 1e-7
    assert found.shares.sum() == pytest.approx(1.0)
    assert (found.shares >= 0.0).all()
    assert found.expected == pytest.approx(float(measure @ payoff(bets) @ found.shares))
    assert found.expected >= kept.max(initial=-1.0) - 1e-7


def test_a_looser_bound_is_never_expected_to_return_less():
    over = Ladder(np.array([2.5, 3.5]), np.array([1.95, 2.9]))
    under = Ladder(np.array([2.5, 3.5]), np.array([1.9, 1.45]))
    measure = np.array([0.07, 0.18, 0.25, 0.22, 0.15, 0.08, 0.03, 0.01, 0.01])
    found = [best_middle(line_bets(over, under, GOALS), measure, loss) for loss in (0.05, 0.2, 1.0)]
    expected = [one.expected for one in found]
    assert expected == sorted(expected)


def test_where_every_mixture_loses_more_there_is_no_middle():
    poor = Ladder(np.array([2.5]), np.array([1.5]))
    assert best_middle(line_bets(poor, poor, GOALS), np.full(9, 1 / 9), 0.1) is None


def test_a_solver_that_fails_is_an_error_and_never_no_middle(monkeypatch):
    def fails(*_):
        raise Broken("HiGHS gave up")

    monkeypatch.setattr("engine.middles.minimum", fails)
    over, under = Ladder(np.array([2.5]), np.array([2.0])), Ladder(np.array([3.5]), np.array([2.0]))
    with pytest.raises(Broken, match="gave up"):
        best_middle(line_bets(over, under, GOALS), np.full(9, 1 / 9), 0.5)


@pytest.mark.parametrize(
    ("line", "odds", "results", "said"),
    [
        (2.3, 1.9, GOALS, "multiple of 1/4"),
        (np.nan, 1.9, GOALS, "multiple of 1/4"),
        (2.5, 1.0, GOALS, "finite number above 1"),
        (2.5, np.nan, GOALS, "finite number above 1"),
        (2.5, 1.9, GOALS + 0.5, "whole number"),
        (2.5, 1.9, GOALS[:3], "reach past"),
        (2.5, 1.9, GOALS[:0], "reach past"),
    ],
)
def test_lines_prices_and_results_that_are_none_are_refused_by_name(line, odds, results, said):
    ladder = Ladder(np.array([line]), np.array([odds]))
    with pytest.raises(ValueError, match=said):
        line_bets(ladder, ladder, results)


def test_a_bound_beyond_the_stake_and_a_measure_of_another_length_are_refused():
    ladder = Ladder(np.array([2.5]), np.array([1.9]))
    bets = line_bets(ladder, ladder, GOALS)
    with pytest.raises(ValueError, match="most to lose"):
        best_middle(bets, np.full(9, 1 / 9), 1.5)
    with pytest.raises(ValueError, match="one chance a state"):
        pairs(ladder, ladder, GOALS, np.full(8, 1 / 8))
