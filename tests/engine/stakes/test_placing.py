"""Round amounts, the order of placing, free bets and currencies: what a person does with a plan."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.stakes.bet import Book, Rate, back, exact, free_bet, lay
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal
from engine.stakes.natural import natural
from engine.stakes.order import Placing, Reason, placing_order
from engine.stakes.plan import plan
from engine.stakes.slip import slip
from tests.engine.stakes.slips import MIDDLE, backs, exclusive, slip_of

ENDS = np.eye(2)
CROSSING = (backs("2.15", "2.10"), exclusive(2))


def test_round_stakes_cost_no_more_than_was_allowed():
    bets, goal = slip_of(*CROSSING), Goal(total_minor=20_000)
    finest = plan(bets, goal).certificate.least_profit_minor
    spent = [natural(bets, goal, most_cost_minor=cost) for cost in (1, 50, 300)]
    for allowed, got in zip((1, 50, 300), spent, strict=True):
        assert got.cost_minor == finest - got.plan.certificate.least_profit_minor <= allowed
        grains = zip(got.plan.stakes_minor, got.grains_minor, strict=True)
        assert all(stake % grain == 0 for stake, grain in grains)
    rounder = [min(got.grains_minor) for got in spent]
    assert rounder == sorted(rounder)
    assert rounder[-1] >= 500


def test_round_stakes_are_the_amounts_that_a_person_would_type():
    got = natural(slip_of(*CROSSING), Goal(total_minor=20_000), most_cost_minor=300)
    assert (got.plan.stakes_minor, got.plan.certificate.profits_minor) == (
        (10_000, 10_000), (1_500, 1_000),
    )  # fmt: skip


def test_a_lock_that_no_round_stakes_keep_has_no_natural_ones():
    thin = slip_of(backs("2.85", "1.5494505495"), exclusive(2))
    assert natural(thin, Goal(total_minor=200), most_cost_minor=0) is None
    uncrossed = slip_of(backs("1.90", "1.90"), exclusive(2))
    assert natural(uncrossed, Goal(total_minor=10_000), most_cost_minor=10**6) is None


def test_a_negative_cost_is_refused():
    with pytest.raises(ValueError, match="the cost must be 0 or more"):
        natural(slip_of(*CROSSING), Goal(total_minor=100), most_cost_minor=-1)


def test_round_stakes_respect_the_books_own_step():
    bets = slip_of(*CROSSING, books=(Book(step_minor=30), Book()))
    got = natural(bets, Goal(total_minor=100_000), most_cost_minor=2_000)
    assert got.plan.stakes_minor[0] % 30 == 0


def order(*signs):
    """Return the order of legs of (stake, limit, seconds since a change, soft)."""
    stakes, limits, changed, soft = zip(*signs, strict=True)
    return placing_order(
        np.array(stakes), np.array(limits, float), np.array(changed, float), np.array(soft)
    )


def test_the_moving_leg_goes_first_then_the_soft_book_then_the_low_limit():
    assert order(
        (5_000, np.inf, np.nan, False),
        (5_000, 6_000, 900, False),
        (5_000, np.inf, 900, True),
        (5_000, np.inf, 10, False),
    ) == [
        Placing(3, Reason.MOVING),
        Placing(2, Reason.SOFT_BOOK),
        Placing(1, Reason.LOW_LIMIT),
        Placing(0, Reason.NONE),
    ]


def test_reasons_add_up_and_ties_go_to_the_leg_nearer_its_limit():
    assert order((100, 1_000, 5, True), (900, 1_000, 5, False), (0, 10, 1, True)) == [
        Placing(0, Reason.MOVING | Reason.SOFT_BOOK),
        Placing(1, Reason.MOVING | Reason.LOW_LIMIT),
    ]
    assert [bet for bet, _ in order((100, 1_000, 500, False), (400, 1_000, 500, False))] == [1, 0]


def test_signs_that_are_none_are_refused():
    with pytest.raises(ValueError, match="must be above 0"):
        order((100, 0, 5, True))
    with pytest.raises(ValueError, match="must be above 0"):
        order((100, np.nan, 5, True))
    with pytest.raises(ValueError, match="one figure a bet each"):
        placing_order(np.array([1]), np.ones(2), np.ones(1), np.array([True]))


@settings(deadline=None, max_examples=40)
@given(st.integers(2_500, 9_000), st.integers(-80, 80), st.integers(1_000, 10_000))
def test_a_free_bet_is_turned_into_cash_by_a_lay(milli, spread, amount):
    odds, laid = exact(milli / 1000), exact((milli + spread) / 1000)
    bets = slip([free_bet(odds, amount), lay(laid, commission_bp=200)], ENDS, 1 - ENDS)
    got = plan(bets, Goal(total_minor=10**6))
    kept = exact(0.98)
    ideal = amount * (odds - 1) * kept / (laid - 1 + kept)
    assert got.ideal_minor == pytest.approx(float(ideal), rel=1e-6)
    assert got.stakes_minor[0] == amount
    assert got.certificate.least_profit_minor >= 0.99 * got.ideal_minor - 2


@settings(deadline=None, max_examples=40)
@given(st.integers(100, 130), st.integers(0, 3), st.integers(2_050, 2_300))
def test_a_promise_across_currencies_holds_at_every_rate_of_the_interval(low, width, milli):
    rate = Rate(exact(low / 100), exact((low + width) / 100))
    price = exact(milli / 1000)
    bets = slip([back(price), back(price, book=1)], ENDS, 1 - ENDS, books=[Book(), Book(rate=rate)])
    got = plan(bets, Goal(total_minor=50_000))
    ours, theirs = got.stakes_minor
    for at in (rate.low, rate.high, (rate.low + rate.high) / 2):
        won_here = int(ours * price) - ours - theirs * at
        won_there = (int(theirs * price) - theirs) * at - ours
        assert min(won_here, won_there) >= got.certificate.least_profit_minor


def test_a_rate_too_uncertain_eats_the_profit():
    wide = Book(rate=Rate(exact(1.0), exact(1.5)))
    bets = slip_of(*CROSSING, books=(Book(), wide))
    assert not plan(bets, Goal(total_minor=50_000)).executable


def test_a_plan_of_a_middle_is_placed_in_parts_and_keeps_its_certificate():
    bets, goal = slip_of(*MIDDLE), Goal(total_minor=10_000)
    got = plan(bets, goal)
    assert certificate(bets, got.stakes_minor, goal) == got.certificate
