import math
from fractions import Fraction

import numpy as np
import pytest

from engine.stakes.bet import Bet, Book, Rate, back, free_bet, lay
from engine.stakes.goal import Goal, Want, won_by
from engine.stakes.plan import plan
from engine.stakes.slip import slip
from engine.stakes.sweep import sweep
from tests.engine.stakes.slips import LOST, MIDDLE, WON, backs, exclusive, slip_of

HALF, WHOLE = Fraction(1, 2), Fraction(1)


@pytest.mark.parametrize("odds", [math.nan, math.inf, -math.inf, 0.0, 1.0, -3.0])
@pytest.mark.parametrize("make", [back, lay, lambda odds: free_bet(odds, 100)])
def test_odds_that_are_none_are_refused(make, odds):
    with pytest.raises(ValueError, match=r"odds must be above 1|not a finite number"):
        make(odds)


@pytest.mark.parametrize("commission_bp", [-1, 10_000, math.nan])
def test_a_commission_that_is_none_is_refused(commission_bp):
    with pytest.raises(ValueError, match=r"commission must be|not a finite number"):
        back(2.0, commission_bp=commission_bp)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"min_minor": 200, "max_minor": 100}, "the minimum 200 is above the maximum 100"),
        ({"step_minor": 0}, "the step must be above 0"),
        ({"max_minor": 10**13}, "max_minor must be in"),
        ({"balance_minor": -1}, "balance_minor must be in"),
        ({"rate": Rate(WHOLE, HALF)}, "upside down"),
        ({"rate": Rate(Fraction(0), WHOLE)}, "must be above 0"),
    ],
)
def test_absurd_limits_of_a_book_are_refused_by_name(limits, sentence):
    with pytest.raises(ValueError, match=sentence):
        Book(**limits)


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"risk": -WHOLE, "gain": WHOLE}, "risks 0 or more"),
        ({"risk": WHOLE, "gain": Fraction(0)}, "gains more than 0"),
        ({"risk": WHOLE, "gain": WHOLE, "parts": 0}, "1 part or more"),
        ({"risk": WHOLE, "gain": WHOLE, "most_minor": 10**13}, "the limit must be in"),
        ({"risk": Fraction(0), "gain": WHOLE}, "risks nothing must have a limit"),
    ],
)
def test_bets_that_are_none_are_refused_by_name(figures, sentence):
    with pytest.raises(ValueError, match=sentence):
        Bet(**figures)


@pytest.mark.parametrize(
    ("win", "lose", "sentence"),
    [
        ([[math.nan]], [[0.0]], "must be numbers"),
        ([[0.7]], [[0.7]], "must be numbers"),
        ([[-0.5]], [[0.0]], "must be numbers"),
        ([[1.0, 0.0]], [[0.0, 1.0]], "do not fit"),
        ([[]], [[]], "do not fit"),
    ],
)
def test_settlements_that_are_none_are_refused(win, lose, sentence):
    with pytest.raises(ValueError, match=sentence):
        slip([back(2.0)], np.array(win), np.array(lose))


def test_an_empty_market_one_without_states_and_one_beyond_reason_are_refused():
    with pytest.raises(ValueError, match="0 bets"):
        slip([], np.zeros((1, 0)), np.zeros((1, 0)))
    with pytest.raises(ValueError, match="1 to 4000000 cells"):
        slip([back(2.0)], np.zeros((0, 1)), np.zeros((0, 1)))
    many = np.broadcast_to(np.zeros(1), (10_000, 10_000))
    with pytest.raises(ValueError, match="1 to 4000000 cells"):
        slip([back(9_000.0)] * 10_000, many, many)
    with pytest.raises(ValueError, match="beyond the 1 given"):
        slip([back(2.0, book=1)], np.ones((1, 1)), np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ({"total_minor": 0}, "the total must be above 0"),
        ({"total_minor": -5}, "the total must be above 0"),
        ({"total_minor": 10**13}, "the total must be above 0, at most"),
        ({"fixed": {0: -1}}, "fixed stakes must be in"),
        ({"bearable_minor": -1}, "bearable loss must be 0 or more"),
        ({"wants": (Want.EVEN, Want.OPEN)}, "no state is to bring a profit"),
    ],
)
def test_goals_that_are_none_are_refused_by_name(figures, sentence):
    with pytest.raises(ValueError, match=sentence):
        Goal(**figures)


@pytest.mark.parametrize(
    ("goal", "sentence"),
    [
        (Goal(), "have no bound"),
        (Goal(fixed={7: 100}), "no such bets to fix"),
        (Goal(total_minor=50, fixed={0: 100}), "cannot hold the fixed stakes"),
        (Goal(total_minor=50, wants=(Want.PROFIT,)), "1 wants for 2 states"),
    ],
)
def test_a_goal_that_does_not_fit_the_slip_is_refused(goal, sentence):
    with pytest.raises(ValueError, match=sentence):
        plan(slip_of(backs(2.1, 2.1), exclusive(2)), goal)


def test_profit_cannot_be_shared_by_bets_that_are_not_there():
    with pytest.raises(ValueError, match="no such bets to share"):
        won_by(slip_of(backs(2.1, 2.1), exclusive(2)), {2})


def test_a_sweep_of_bets_that_may_win_together_is_refused():
    with pytest.raises(ValueError, match="exactly one wins"):
        sweep(slip_of(*MIDDLE), Goal(total_minor=10_000))


def test_a_state_that_every_bet_loses_leaves_nothing_to_lock():
    uncovered = slip_of(backs(2.1, 2.1), [*exclusive(2), [LOST, LOST]])
    answer = plan(uncovered, Goal(total_minor=10_000))
    assert (answer.executable, answer.stakes_minor, answer.bound_minor) == (False, (0, 0), 0)
    assert plan(slip_of(backs(2.1, 2.1), [[WON, LOST]]), Goal(total_minor=100)).executable
