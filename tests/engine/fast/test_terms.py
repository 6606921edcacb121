from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bets import payoff
from engine.fees import Fees, Part
from engine.terms import (
    Limits,
    Rate,
    Terms,
    backs,
    free_bets,
    joined,
    ladder,
    lays,
    shared_limits,
    walk,
)
from tests.engine.fast.settled import Taken, back_result, lay_result

WINS = Part(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
COLUMN = Part(WINS.win[:, np.newaxis], WINS.lose[:, np.newaxis])
WAYS = ([(Decimal(1), "won")], [(Decimal(1), "lost")])
prices = st.decimals("1.01", "50", places=2)
sizes = st.decimals("0", "500", places=2)
levels = st.lists(st.tuples(prices, sizes), min_size=1, max_size=6)
amounts = st.decimals("0.01", "3000", places=2)
SETTLES = {False: back_result, True: lay_result}


def walked_in_decimal(levels, stake, *, laid):
    """Return (price, part of the stake) as an exchange matches an order, best price first."""
    matched = []
    for price, size in sorted(levels, key=lambda level: level[0] if laid else -level[0]):
        part = min(size, stake)
        stake -= part
        matched.append((price, part))
    return matched


@given(levels, amounts, st.booleans(), st.sampled_from(["0", "0.05"]).map(Decimal))
def test_a_stake_walks_the_ladder_as_the_exchange_matches_it(levels, stake, laid, commission):
    odds, depth = (np.array([float(v) for v in column]) for column in zip(*levels, strict=True))
    terms = Terms(fees=Fees(winnings=float(commission)))
    offered = ladder(WINS, odds, depth, terms, laid=laid)
    taken = walk(odds, depth, float(stake), laid=laid)
    due = [
        sum(
            SETTLES[laid](part, price, way, Taken(winnings=commission))
            for price, part in walked_in_decimal(levels, stake, laid=laid)
        )
        for way in WAYS
    ]
    got = payoff(offered.bets) @ (taken * offered.unit)
    np.testing.assert_allclose(got, np.array(due, float), rtol=1e-9, atol=1e-7)
    assert (taken <= depth).all()
    assert taken.sum() == pytest.approx(float(min(stake, sum(size for _, size in levels))))


@given(levels, st.lists(st.floats(0, 1), min_size=6, max_size=6), st.booleans())
def test_no_other_way_down_the_ladder_is_better_anywhere_for_the_same_stake(levels, parts, laid):
    odds, depth = (np.array([float(v) for v in column]) for column in zip(*levels, strict=True))
    offered = ladder(WINS, odds, depth, Terms(), laid=laid)
    other = depth * np.array(parts[: len(odds)])
    best = walk(odds, depth, other.sum(), laid=laid)
    pays = payoff(offered.bets)
    assert (pays @ (best * offered.unit) >= pays @ (other * offered.unit) - 1e-6).all()


def test_a_level_takes_its_size_and_the_order_its_limit_on_the_step():
    terms = Terms(limits=Limits(least=2, most=100, step=5))
    offered = ladder(WINS, np.array([2.0, 3.0]), np.array([33.0, np.inf]), terms)
    assert offered.cap.tolist() == [30, 100]
    laid = ladder(WINS, np.array([2.0, 3.0]), np.array([33.0, np.inf]), terms, laid=True)
    assert laid.cap.tolist() == [30, 200]
    assert laid.stakes(laid.cap).tolist() == [30, 100]


def test_without_a_step_or_limit_a_cap_is_what_there_is():
    assert backs(COLUMN, np.array([2.0]), Terms()).cap.tolist() == [np.inf]
    stepped = backs(COLUMN, np.array([2.0]), Terms(limits=Limits(step=0.1, most=0.3)))
    assert stepped.cap.tolist() == [pytest.approx(0.3)]
    endless = backs(COLUMN, np.array([2.0]), Terms(limits=Limits(step=0.1)))
    assert endless.cap.tolist() == [np.inf]


@given(prices, st.floats(0.2, 5), st.floats(1, 1.3), st.floats(0, 1), st.booleans())
def test_at_every_rate_of_the_interval_a_bet_brings_at_least_what_its_column_says(
    price, low, spread, at, laid
):
    rate = Rate(low, low * spread)
    true = low + (rate.high - low) * at
    odds = np.array([float(price)])
    offered = (lays if laid else backs)(COLUMN, odds, Terms(rate=rate))
    per_stake = payoff(offered.bets)[:, 0] * offered.unit[0]
    due = [true * float(SETTLES[laid](Decimal(1), price, way, Taken())) for way in WAYS]
    assert (per_stake <= np.array(due) + 1e-9).all()
    worst = [min(due_at * rate.low, due_at * rate.high) / true for due_at in due]
    np.testing.assert_allclose(per_stake, worst, rtol=1e-9, atol=1e-9)


def test_a_stake_of_one_with_a_fee_on_top_is_more_than_one_unit():
    offered = backs(COLUMN, np.array([2.0]), Terms(fees=Fees(added=0.05), rate=Rate(1.1, 1.2)))
    assert offered.unit.tolist() == pytest.approx([1.05 * 1.2])
    assert offered.stakes(np.array([12.6])).tolist() == pytest.approx([10.0])


def test_a_free_bet_needs_a_limit_and_costs_nothing():
    with pytest.raises(ValueError, match="must have a most stake"):
        free_bets(COLUMN, np.array([3.0]), Terms())
    offered = free_bets(COLUMN, np.array([3.0]), Terms(limits=Limits(most=20)))
    assert (offered.cash.tolist(), offered.cap.tolist()) == ([0.0], [20.0])
    assert payoff(offered.bets).tolist() == [[2.0], [0.0]]


def test_orders_stay_apart_when_joined_and_share_their_limits():
    at_most = Terms(limits=Limits(most=40))
    both = joined(
        [
            ladder(WINS, np.array([2.0, 1.9]), np.array([30.0, 30.0]), at_most),
            ladder(WINS, np.array([4.0, 4.2]), np.array([30.0, 30.0]), at_most, laid=True),
            backs(COLUMN, np.array([2.0]), Terms()),
        ]
    )
    assert both.order.tolist() == [0, 0, 1, 1, 2]
    assert payoff(both.bets).shape == (2, 5)
    shared = shared_limits(both, np.array([0, 0, 0, 0, -1]), np.array([100.0]))
    assert shared.most.tolist() == [40, 40, 100]
    full = np.array([30, 10, 30 * 3, 10 * 3.2, 1e6])
    assert (shared.rows @ full).tolist() == pytest.approx([40, 40, 30 + 10 + 90 + 32])


def test_free_bets_take_nothing_from_a_balance():
    free = free_bets(COLUMN, np.array([3.0]), Terms(limits=Limits(most=20)))
    shared = shared_limits(free, np.array([0]), np.array([5.0]))
    assert (shared.rows @ np.array([20.0])).tolist() == [20.0, 0.0]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Limits(least=-1), "least stake"),
        (lambda: Limits(least=5, most=4), "not above the most"),
        (lambda: Limits(least=np.nan), "least stake"),
        (lambda: Limits(least=np.inf), "finite"),
        (lambda: Limits(step=np.inf), "step"),
        (lambda: Limits(step=-0.1), "step"),
        (lambda: Terms(rate=Rate(1.2, 1.1)), "upside down"),
        (lambda: Terms(rate=Rate(0, 1)), "above 0"),
        (lambda: Terms(rate=Rate(1, np.nan)), "rate"),
        (lambda: ladder(WINS, np.array([2.0]), np.array([-1.0]), Terms()), "size"),
        (lambda: ladder(WINS, np.array([2.0]), np.array([np.nan]), Terms()), "size"),
        (lambda: ladder(WINS, np.array([2.0]), np.array([1.0, 1.0]), Terms()), "size"),
        (lambda: ladder(WINS, np.array([1.0]), np.array([1.0]), Terms()), "above 1"),
        (lambda: joined([]), "there must be offers"),
    ],
)
def test_terms_that_nobody_can_keep_are_refused(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong()


def test_an_account_without_a_balance_is_refused():
    offered = backs(COLUMN, np.array([2.0]), Terms())
    for account, balance in (([1], [10.0]), ([0], [np.nan]), ([0], [-1.0])):
        with pytest.raises(ValueError, match="account"):
            shared_limits(offered, np.array(account), np.array(balance))


def test_offers_over_different_states_do_not_join():
    other = Part(np.ones((3, 1)), np.zeros((3, 1)))
    with pytest.raises(ValueError, match="same states"):
        joined([backs(COLUMN, np.array([2.0]), Terms()), backs(other, np.array([2.0]), Terms())])
