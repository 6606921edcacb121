"""Profit on chosen outcomes only, and what is fixed: the total, or one stake."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.stakes.goal import Goal, Want, won_by
from engine.stakes.plan import plan
from engine.stakes.split import split
from tests.engine.stakes.slips import MIDDLE, backs, exclusive, slip_of

returns = st.lists(st.integers(105, 900).map(lambda n: Fraction(n, 100)), min_size=2, max_size=6)
amounts = st.integers(1, 10**6).map(Fraction)


@given(returns, amounts, st.data())
def test_sharing_bets_bring_the_same_and_the_others_nothing(odds, amount, data):
    sharing = data.draw(st.lists(st.booleans(), min_size=len(odds), max_size=len(odds)))
    if not any(sharing):
        return
    got = split(odds, total=amount, sharing=sharing)
    brought = [stake * each - got.total for stake, each in zip(got.stakes, odds, strict=True)]
    assert got.total == amount
    assert brought == [got.profit * shared for shared in sharing]


@given(returns, amounts, st.data())
def test_a_fixed_stake_stands_and_the_total_follows(odds, amount, data):
    sharing = data.draw(st.lists(st.booleans(), min_size=len(odds), max_size=len(odds)))
    bet = data.draw(st.integers(0, len(odds) - 1))
    if not any(sharing) or sum(1 / each for each in odds) >= 1:
        return
    got = split(odds, fixed=(bet, amount), sharing=sharing)
    assert got.stakes[bet] == amount
    assert got == split(odds, total=got.total, sharing=sharing)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "either the total or one stake"),
        ({"total": Fraction(1), "fixed": (0, Fraction(1))}, "either the total or one stake"),
        ({"total": Fraction(0)}, "the amount must be above 0"),
        ({"fixed": (1, Fraction(-1))}, "the amount must be above 0"),
        ({"fixed": (2, Fraction(1))}, "no such bet to fix"),
        ({"total": Fraction(1), "sharing": [False, False]}, "at least one bet must share"),
        ({"total": Fraction(1), "sharing": [True]}, "at least one bet must share"),
    ],
)
def test_a_split_of_nothing_or_for_nobody_is_refused(asked, sentence):
    with pytest.raises(ValueError, match=sentence):
        split([Fraction(21, 10)] * 2, **asked)


def test_a_return_of_one_is_refused():
    with pytest.raises(ValueError, match="every return must be above 1"):
        split([Fraction(1), Fraction(3)], total=Fraction(1))


THREE = ("3.1", "3.4", "2.75")


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, 2), min_size=1), st.integers(5_000, 10**6))
def test_rounded_stakes_keep_chosen_outcomes_in_profit_and_the_others_even(sharing, total):
    bets = slip_of(backs(*THREE), exclusive(3))
    goal = Goal(total_minor=total, wants=won_by(bets, sharing))
    got = plan(bets, goal)
    exact = split([Fraction(each) for each in THREE], total=Fraction(total),
                  sharing=[bet in sharing for bet in range(3)])  # fmt: skip
    assert got.ideal_minor == pytest.approx(float(exact.profit), rel=1e-6)
    assert got.executable
    assert got.kept >= 0.95
    others = [p for bet, p in enumerate(got.certificate.profits_minor) if bet not in sharing]
    assert all(profit >= 0 for profit in others)


def test_one_fixed_leg_sets_the_size_of_the_others():
    bets = slip_of(backs("2.10", "2.05"), exclusive(2))
    got = plan(bets, Goal(fixed={0: 5_000}))
    exact = split([Fraction("2.10"), Fraction("2.05")], fixed=(0, Fraction(5_000)))
    assert got.stakes_minor[0] == 5_000
    assert abs(got.stakes_minor[1] - exact.stakes[1]) <= 1
    assert got.certificate.least_profit_minor == int(exact.profit) == 378


def test_a_fixed_leg_off_the_step_stands_as_it_is():
    got = plan(slip_of(*MIDDLE), Goal(fixed={0: 5_037}, total_minor=10_000))
    assert got.stakes_minor[0] == 5_037
    assert got.executable


def test_a_fixed_leg_may_leave_nothing_but_the_smallest_loss():
    bets = slip_of(backs("1.90", "1.90"), exclusive(2))
    got = plan(bets, Goal(fixed={0: 1_000}))
    assert (got.executable, got.stakes_minor) == (False, (1_000, 1_000))
    assert got.certificate.least_profit_minor == -100


def test_a_core_is_protected_where_other_states_lose_a_bounded_amount():
    settlements = [*exclusive(2), [(0, 1), (0, 0)]]
    bets = slip_of(backs("2.20", "2.20"), settlements)
    wants = (Want.PROFIT, Want.PROFIT, Want.EVEN)
    assert not plan(bets, Goal(total_minor=10_000, wants=wants)).executable
    bounded = plan(bets, Goal(total_minor=10_000, wants=wants, bearable_minor=2_000))
    assert bounded.executable
    assert bounded.certificate.profits_minor[2] >= -2_000
    free = plan(bets, Goal(total_minor=10_000, wants=(Want.PROFIT, Want.PROFIT, Want.OPEN)))
    assert free.certificate.least_profit_minor == 1_000
    assert free.certificate.unprotected == (2,)
