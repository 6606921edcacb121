from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.bets import payoff
from engine.certificate import verify_guarantee
from engine.game import solve
from engine.tiers import guarantee
from tests.engine.joint.exact_bets import GIVEN_BACK, LOST, WON, a_back, some_bets, together
from tests.engine.oracle.exact_game import exact_value

CORE, OPEN = np.nan, np.inf
STEP = Fraction(1, 10**7)


def settles(bets):
    return all(any(p + n for p, n in column) for column in zip(*cells(bets), strict=True))


def cells(bets):
    return [list(zip(*row, strict=True)) for row in zip(bets.win, bets.lose, strict=True)]


@settings(max_examples=300, deadline=None)
@given(some_bets().filter(settles))
def test_the_return_of_settled_cash_is_that_of_the_exact_oracle(bets):
    found = guarantee(bets.floats)
    assert verify_guarantee(bets.floats, None, found).lower == found.roi
    least = Fraction(found.roi)
    assert exact_value(bets.asking(least - STEP).payoff) >= 0
    assert exact_value(bets.asking(Fraction(found.upper)).payoff) < 0
    assert found.upper - found.roi < 1e-7 or found.upper < -0.5


@settings(max_examples=150, deadline=None)
@given(some_bets())
def test_what_is_certain_of_all_cash_is_certain_of_what_settles(bets):
    strict = solve(payoff(bets.floats))
    if strict.lower > 1e-6:
        assert guarantee(bets.floats).roi >= strict.lower - 1e-9


losses = st.lists(st.sampled_from([CORE, 0.0, 0.1, 0.5, OPEN]), min_size=4, max_size=4)


@settings(max_examples=300, deadline=None)
@given(some_bets(), losses)
def test_rule_states_never_lose_more_than_was_allowed(bets, tiers):
    loss = np.array([CORE, *tiers[: len(bets.win) - 1]])
    core, settled = np.isnan(loss), bets.floats.win + bets.floats.lose
    assume(settled[core].any())
    found = guarantee(bets.floats, loss)
    if found is None:
        allowed = np.where(core[:, np.newaxis], settled, loss[:, np.newaxis])
        kept = payoff(bets.floats)[loss != np.inf] + allowed[loss != np.inf]
        assert solve(kept[:, settled[core].any(axis=0)]).upper < 1e-9
        return
    verify_guarantee(bets.floats, loss, found)
    rule = ~np.isnan(loss)
    assert (found.worst[rule] >= -loss[rule] - 1e-9).all()
    open_and_losing = np.flatnonzero(np.isposinf(loss) & (found.worst < -1e-9))
    assert found.unprotected.tolist() == open_and_losing.tolist()
    assert found.stakes.sum() == pytest.approx(1.0, abs=1e-9)
    assert found.worst == pytest.approx(payoff(bets.floats) @ found.stakes)


@settings(max_examples=100, deadline=None)
@given(some_bets(), st.floats(0, 1), st.floats(0, 1))
def test_allowing_a_larger_loss_never_costs_return(bets, one, other):
    states = len(bets.win)
    assume((bets.floats.win + bets.floats.lose)[:-1].any())
    returns = []
    for loss in sorted([one, other]):
        found = guarantee(bets.floats, np.array([CORE] * (states - 1) + [loss]))
        returns.append(-1.0 if found is None else found.roi)
    assert returns[1] >= returns[0] - 1e-7


# retirement: A leads, B leads; one book needs the match completed, the other one set
def tennis(home, away, lenient):
    completed, first_set = [GIVEN_BACK, GIVEN_BACK], [LOST, WON] if lenient else [GIVEN_BACK] * 2
    return together(
        a_back([WON, LOST, *completed], Fraction(home)),
        a_back([LOST, WON, *first_set], Fraction(away)),
    )


def test_a_retirement_that_one_book_settles_and_the_other_voids_is_listed_with_its_loss():
    found = guarantee(
        tennis("2.10", "2.10", lenient=True).floats, np.array([CORE, CORE, OPEN, OPEN])
    )
    assert found.roi == pytest.approx(0.05)
    assert found.unprotected.tolist() == [2]
    assert found.worst[2] == pytest.approx(-0.5)


def test_protecting_the_retirement_leaves_no_arbitrage_between_these_books():
    bets = tennis("2.10", "2.10", lenient=True).floats
    assert guarantee(bets, np.array([CORE, CORE, 0.0, 0.0])).roi <= 0.0
    half = guarantee(bets, np.array([CORE, CORE, 0.5, 0.0]))
    assert half.roi == pytest.approx(0.05)


def test_books_of_the_same_rule_are_protected_since_all_is_given_back():
    found = guarantee(
        tennis("2.10", "2.10", lenient=False).floats, np.array([CORE, CORE, 0.0, 0.0])
    )
    assert found.roi == pytest.approx(0.05)
    assert found.worst[2:].tolist() == [0.0, 0.0]
    assert not len(found.unprotected)


def test_a_whole_line_that_gives_all_back_counts_by_what_settles():
    pair = together(
        a_back([WON, GIVEN_BACK, LOST], Fraction("2.05")),
        a_back([LOST, GIVEN_BACK, WON], Fraction("2.10")),
    )
    assert guarantee(pair.floats).roi == pytest.approx(1 / (1 / 2.05 + 1 / 2.10) - 1)


def test_the_best_of_two_refunded_pairs_is_found():
    refunded = [a_back([WON, GIVEN_BACK, LOST], Fraction(odds)) for odds in ("2.02", "2.20")] + [
        a_back([LOST, GIVEN_BACK, WON], Fraction(odds)) for odds in ("2.00", "2.10")
    ]
    best = 1 / (1 / 2.20 + 1 / 2.10) - 1
    assert guarantee(together(*refunded).floats).roi == pytest.approx(best)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        ([0.0, 0.0], "no state is core"),
        ([CORE, -0.1], "of 0 or more"),
        ([CORE], "one number a state"),
    ],
)
def test_tiers_that_make_no_sense_are_refused(loss, words):
    pair = together(a_back([WON, LOST], Fraction(2)), a_back([LOST, WON], Fraction(2)))
    with pytest.raises(ValueError, match=words):
        guarantee(pair.floats, np.array(loss))


def test_bets_that_settle_in_no_core_state_are_refused():
    void = together(a_back([GIVEN_BACK, WON], Fraction(2)))
    with pytest.raises(ValueError, match="settles"):
        guarantee(void.floats, np.array([CORE, 0.0]))
