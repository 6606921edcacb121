import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.bets import payoff
from engine.columns import Floor, Quotes, most_profit
from engine.game import solve
from engine.linear import minimum
from tests.engine.joint.exact_bets import some_bets

BACK_AND_OPPOSITE = np.eye(2), 1.0 - np.eye(2)


def quotes_of(net, cap):
    """Three quotes a shape, each a little worse than the one before and with a cap of its own."""
    shape = np.repeat(np.arange(len(net)), 3)
    worse = np.tile([1.0, 0.99, 0.95], len(net))
    return Quotes(shape, np.repeat(net, 3) * worse, np.asarray(cap[: len(shape)]))


def over_all_columns(win, lose, quotes, budget):
    """The same programme with every quote in it at once."""
    each = quotes.net * win[:, quotes.shape] - lose[:, quotes.shape]
    states, width = each.shape
    rows = np.vstack([np.hstack([each, -np.ones((states, 1))]), np.append(-np.ones(width), 0.0)])
    least = np.append(np.zeros(states), -budget)
    caps = np.append(np.minimum(quotes.cap, budget), budget * quotes.net.max())
    return -minimum(np.append(np.zeros(width), -1.0), rows, least, caps).cost


caps = st.lists(st.sampled_from([0.0, 5.0, 20.0, 100.0]), min_size=15, max_size=15)


@settings(max_examples=200, deadline=None)
@given(some_bets(), caps, st.sampled_from([1.0, 50.0, 1_000.0]))
def test_the_plan_earns_what_all_columns_at_once_would(bets, cap, budget):
    win, lose, net = bets.floats
    quotes = quotes_of(net, cap)
    plan = most_profit(win, lose, quotes, budget)
    assert plan.profit == pytest.approx(
        over_all_columns(win, lose, quotes, budget), abs=1e-6 * budget
    )
    assert plan.bound >= plan.profit - 1e-12
    assert (plan.money <= quotes.cap + 1e-9).all()
    assert (plan.money >= 0).all()
    assert plan.money.sum() <= budget * (1 + 1e-9)
    kept = (quotes.net * win[:, quotes.shape] - lose[:, quotes.shape]) @ plan.money
    assert kept.min() == pytest.approx(plan.profit, abs=1e-9 * budget)


@settings(max_examples=100, deadline=None)
@given(some_bets())
def test_without_limits_the_profit_is_the_value_of_the_game(bets):
    win, lose, net = bets.floats
    quotes = Quotes(np.arange(len(net)), net, np.full(len(net), np.inf))
    earned = most_profit(win, lose, quotes, 100.0).profit
    assert earned == pytest.approx(100 * max(solve(payoff(bets.floats)).value, 0.0), abs=1e-5)


def test_stakes_walk_down_to_the_next_book_when_the_best_is_full():
    quotes = Quotes(np.array([0, 0, 1]), np.array([1.2, 1.1, 1.1]), np.array([30.0, 70.0, 500.0]))
    plan = most_profit(*BACK_AND_OPPOSITE, quotes, 1_000.0)
    assert plan.money == pytest.approx([30, 70, (30 * 2.2 + 70 * 2.1) / 2.1])
    assert plan.profit == pytest.approx(1.1 * plan.money[2] - 100)


def test_quotes_that_take_no_money_earn_nothing():
    quotes = Quotes(np.array([0, 1]), np.array([1.2, 1.2]), np.zeros(2))
    plan = most_profit(*BACK_AND_OPPOSITE, quotes, 100.0)
    assert (plan.profit, plan.money.tolist()) == (0.0, [0.0, 0.0])


def test_a_state_that_gives_all_back_may_be_excused_from_earning():
    win = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    quotes = Quotes(np.array([0, 1]), np.array([1.1, 1.1]), np.array([100.0, 100.0]))
    floor = Floor(share=np.array([1.0, 0.0, 1.0]), loss=np.zeros(3))
    assert most_profit(win, win[::-1], quotes, 1_000.0).profit == pytest.approx(0.0, abs=1e-9)
    assert most_profit(win, win[::-1], quotes, 1_000.0, floor).profit == pytest.approx(10.0)


@pytest.mark.parametrize(("loss", "profit"), [(0.0, 0.0), (30.0, 3.0), (np.inf, 10.0)])
def test_a_rule_state_may_lose_up_to_what_was_allowed(loss, profit):
    win, lose = np.array([[1.0, 0], [0, 1], [0, 0]]), np.array([[0.0, 1], [1, 0], [0, 1]])
    quotes = Quotes(np.array([0, 1]), np.array([1.1, 1.1]), np.array([100.0, 100.0]))
    floor = Floor(share=np.array([1.0, 1.0, 0.0]), loss=np.array([0.0, 0.0, loss]))
    plan = most_profit(win, lose, quotes, 1_000.0, floor)
    assert plan.profit == pytest.approx(profit, abs=1e-6)
    assert plan.money[1] <= loss + 1e-6


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_few_of_thousands_of_quotes_ever_enter_the_programme(seed):
    chance = np.random.default_rng(seed)
    wins = chance.random((20, 60)) < 0.4
    assume(wins.any(axis=0).all() and not wins.all(axis=0).any())
    shape = chance.integers(0, 60, 2_000)
    net = np.maximum((1 - wins.mean(axis=0)) / wins.mean(axis=0), 0.05)[shape]
    quotes = Quotes(shape, net * chance.uniform(0.9, 1.03, 2_000), chance.uniform(1, 50, 2_000))
    win = wins.astype(float)
    plan = most_profit(win, 1 - win, quotes, 500.0)
    assert plan.columns < 700
    assert plan.profit == pytest.approx(over_all_columns(win, 1 - win, quotes, 500.0), abs=5e-4)


GOOD = Quotes(np.array([0, 1]), np.array([1.1, 1.1]), np.array([10.0, 10.0]))


@pytest.mark.parametrize(
    ("quotes", "budget", "words"),
    [
        (GOOD, 0.0, "budget"),
        (GOOD, np.nan, "budget"),
        (GOOD, np.inf, "budget"),
        (GOOD._replace(net=np.array([np.nan, 1.0])), 1.0, "net odds"),
        (GOOD._replace(net=np.array([0.0, 1.0])), 1.0, "net odds"),
        (GOOD._replace(net=np.array([np.inf, 1.0])), 1.0, "net odds"),
        (GOOD._replace(cap=np.array([-1.0, 1.0])), 1.0, "caps"),
        (GOOD._replace(cap=np.array([np.nan, 1.0])), 1.0, "caps"),
        (GOOD._replace(shape=np.array([0, 2])), 1.0, "no shape"),
        (GOOD._replace(shape=np.array([0])), 1.0, "there must be quotes"),
        (Quotes(*(part[:0] for part in GOOD)), 1.0, "there must be quotes"),
    ],
)
def test_limits_that_make_no_sense_are_refused(quotes, budget, words):
    with pytest.raises(ValueError, match=words):
        most_profit(*BACK_AND_OPPOSITE, quotes, budget)


@pytest.mark.parametrize(
    ("share", "loss", "words"),
    [
        ([0.0, 0.0], [0.0, 0.0], "must earn"),
        ([1.0, 0.0], [np.inf, 0.0], "must earn"),
        ([1.0, 2.0], [0.0, 0.0], "must be in"),
        ([1.0, 1.0], [0.0, -1.0], "loss of 0"),
        ([1.0, 1.0], [0.0, np.nan], "loss of 0"),
        ([1.0], [0.0], "every state"),
    ],
)
def test_floors_that_make_no_sense_are_refused(share, loss, words):
    floor = Floor(np.array(share), np.array(loss))
    with pytest.raises(ValueError, match=words):
        most_profit(*BACK_AND_OPPOSITE, GOOD, 10.0, floor)
