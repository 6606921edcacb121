import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import engine.kelly as kelly_module
from engine.bets import Bets, payoff
from engine.concave import simplex
from engine.kelly import (
    Drawdown,
    Moments,
    binary,
    exclusive,
    moments_of,
    on_states,
    portfolio,
    together,
)

KKT = 1e-12


@st.composite
def markets(draw, most=8):
    """Chances and odds of a market, with or without an outcome that is not named."""
    ways = draw(st.integers(2, most))
    raw = draw(arrays(np.float64, ways, elements=st.floats(0.05, 1.0)))
    named = draw(st.sampled_from([1.0, 0.999, 0.9, 0.5]))
    chances = named * raw / raw.sum()
    bias = draw(arrays(np.float64, ways, elements=st.floats(-0.3, 0.3)))
    return chances, np.maximum(np.exp(bias - 0.02) / chances, 1.02)


@st.composite
def states(draw):
    """Bets that push and halve on a few states, and a measure."""
    count, ways = draw(st.integers(2, 6)), draw(st.integers(1, 5))
    parts = st.sampled_from([(1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (0.5, 0.0), (0.0, 0.5)])
    table = np.array(draw(st.lists(parts, min_size=count * ways, max_size=count * ways)))
    table = table.reshape(count, ways, 2)
    net = draw(arrays(np.float64, ways, elements=st.floats(0.2, 5.0)))
    raw = draw(arrays(np.float64, count, elements=st.floats(0.05, 1.0)))
    return Bets(table[..., 0], table[..., 1], net), raw / raw.sum()


def single(chance, odds):
    bets = Bets(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]), np.array([odds - 1.0]))
    return bets, np.array([chance, 1.0 - chance])


def growth(chances, odds, stakes):
    wealth = 1.0 - stakes.sum() + stakes * odds
    rest = 1.0 - chances.sum()
    with np.errstate(divide="ignore"):
        named = chances @ np.log(wealth)
        return named + (rest * np.log(1.0 - stakes.sum()) if rest > 1e-12 else 0.0)


@settings(deadline=None)
@given(st.floats(0.0, 1.0), st.floats(1.01, 100))
def test_one_bet_is_staked_only_with_an_edge_and_never_beyond_the_bankroll(chance, odds):
    stake = binary(np.array([chance]), np.array([odds]))[0]
    assert 0.0 <= stake <= 1.0
    assert (stake > 0.0) == (chance * odds - 1.0 > 0.0)


@settings(deadline=None)
@given(st.floats(0.05, 0.95), st.floats(1.05, 20), st.floats(0.0, 0.99))
def test_no_other_stake_on_one_bet_grows_faster(chance, odds, other):
    def grown(stake):
        return chance * np.log1p(stake * (odds - 1)) + (1 - chance) * np.log1p(-stake)

    assert grown(float(binary(np.array(chance), np.array(odds)))) >= grown(other) - 1e-12


@settings(deadline=None)
@given(st.floats(0.05, 0.9), st.floats(1.1, 20))
def test_one_outcome_of_a_market_with_the_rest_unnamed_is_the_plain_formula(chance, odds):
    table = exclusive(np.array([[chance, 0.0]]), np.array([[odds, 1.5]]))
    np.testing.assert_allclose(table[0, 0], binary(np.array(chance), np.array(odds)), atol=1e-14)
    assert table[0, 1] == 0.0


@settings(max_examples=500, deadline=None)
@given(markets())
def test_stakes_on_a_market_are_optimal_to_the_last_digits(drawn):
    chances, odds = drawn
    stakes = exclusive(chances[np.newaxis], odds[np.newaxis])[0]
    assume((1.0 / odds).sum() > 1.001 or chances.sum() < 0.9995)
    kept = 1.0 - stakes.sum()
    wealth = kept + stakes * odds
    # d growth / d stake: what the outcome returns less what every ending loses; 1 at the top
    gain = chances * odds / wealth
    price = (chances / wealth).sum() + max(1.0 - chances.sum(), 0.0) / kept
    staked = stakes > 0.0
    assert (np.abs(gain[staked] - price) <= KKT * price).all()
    assert (gain[~staked] <= price * (1.0 + KKT)).all()


@settings(max_examples=200, deadline=None)
@given(markets(), st.data())
def test_no_disturbed_stakes_grow_faster(drawn, data):
    chances, odds = drawn
    stakes = exclusive(chances[np.newaxis], odds[np.newaxis])[0]
    assert (stakes >= 0.0).all()
    assert stakes.sum() <= 1.0 + 1e-12
    change = data.draw(arrays(np.float64, len(odds), elements=st.floats(-0.2, 0.2)))
    other = np.maximum(stakes + change, 0.0)
    other = other / max(1.0, other.sum() * 1.0001)
    assume(stakes.sum() < 1.0 - 1e-9 or chances.sum() > 1.0 - 1e-9)
    assert growth(chances, odds, stakes) >= growth(chances, odds, other) - 1e-12


@settings(deadline=None)
@given(markets())
def test_nothing_is_staked_where_no_outcome_has_an_edge(drawn):
    chances, odds = drawn
    poor = np.minimum(odds, np.maximum(1.0 / chances, 1.02))
    assume((chances * poor <= 1.0).all())
    assert not exclusive(chances[np.newaxis], poor[np.newaxis]).any()


def test_a_market_that_costs_less_than_one_takes_all_each_chance_its_share():
    chances = np.array([[0.5, 0.3, 0.2]])
    stakes = exclusive(chances, np.array([[2.1, 3.5, 5.5]]))
    np.testing.assert_allclose(stakes, chances, atol=1e-12)


def test_an_outcome_may_be_staked_at_a_loss_of_its_own_to_cover_the_others():
    chances, odds = np.array([[0.6, 0.39, 0.01]]), np.array([[2.0, 2.5, 8.0]])
    assert 0.39 * 2.5 < 1.0 < (1.0 / odds).sum()
    np.testing.assert_allclose(exclusive(chances, odds), [[0.55, 0.35, 0.0]], atol=1e-12)


def test_ten_thousand_outcomes_are_one_market():
    chance = np.random.default_rng(4)
    chances = chance.dirichlet(np.ones(10_000))[np.newaxis]
    odds = np.maximum(chance.uniform(0.7, 1.1, chances.shape) / chances, 1.01)
    stakes = exclusive(chances, odds)
    assert 0.0 < stakes.sum() < 1.0


@settings(max_examples=60, deadline=None)
@given(st.lists(markets(most=3), min_size=1, max_size=4))
def test_numpy_gives_what_the_compiled_loops_give(drawn):
    width = max(len(odds) for _, odds in drawn)
    chances = np.stack([np.pad(p, (0, width - len(p))) for p, _ in drawn])
    odds = np.stack([np.pad(o, (0, width - len(o)), constant_values=2.0) for _, o in drawn])
    plain = np.empty_like(chances)
    kelly_module._exclusive_plain(chances, odds, plain)
    np.testing.assert_allclose(exclusive(chances, odds), plain, rtol=0, atol=1e-12)


@settings(max_examples=80, deadline=None)
@given(markets(most=5))
def test_on_states_that_are_outcomes_the_search_finds_the_exact_answer(drawn):
    chances, odds = drawn
    assume(abs(chances.sum() - 1.0) < 1e-12 and (1.0 / odds).sum() > 1.01)
    ways = len(odds)
    bets = Bets(np.eye(ways), 1.0 - np.eye(ways), odds - 1.0)
    found = on_states(bets, chances / chances.sum())
    exact = exclusive(chances[np.newaxis], odds[np.newaxis])[0]
    assert found.growth == pytest.approx(growth(chances, odds, exact), abs=1e-9)
    np.testing.assert_allclose(found.stakes, exact, atol=1e-4)


@settings(max_examples=120, deadline=None)
@given(states(), st.data())
def test_no_stakes_on_states_pass_the_proven_bound(drawn, data):
    bets, measure = drawn
    assume((bets.win > 0).any(axis=0).all())
    room = st.just(0.0) | st.floats(1e-6, 0.6)
    caps = data.draw(arrays(np.float64, len(bets.net), elements=room))
    budget = data.draw(st.floats(0.01, 1.0))
    found = on_states(bets, measure, caps=caps, budget=budget)
    assert found.gap <= 1e-9
    assert (found.stakes >= 0.0).all()
    assert (found.stakes <= caps + 1e-12).all()
    assert found.stakes.sum() <= budget + 1e-12
    other = data.draw(arrays(np.float64, len(bets.net), elements=st.floats(0.0, 1.0))) * caps
    other = other * min(1.0, 0.999 * budget / max(other.sum(), 1e-300))
    rival = measure @ np.log1p(payoff(bets) @ other)
    assert rival <= found.growth + found.gap + 1e-12


@settings(max_examples=60, deadline=None)
@given(states(), st.floats(0.05, 0.95), st.floats(0.01, 0.9), st.data())
def test_no_stakes_that_keep_a_drawdown_limit_pass_the_proven_bound(drawn, floor, unlikely, data):
    bets, measure = drawn
    assume((bets.win > 0).any(axis=0).all())
    found = on_states(bets, measure, limit=Drawdown(floor, unlikely))
    power = np.log(unlikely) / np.log(floor)

    def kept(stakes):
        return measure @ (1.0 + payoff(bets) @ stakes) ** -power <= 1.0 + 1e-9

    assert found.gap <= 1e-9
    assert kept(found.stakes)
    other = data.draw(arrays(np.float64, len(bets.net), elements=st.floats(0.0, 1.0)))
    other = other * min(1.0, 0.999 / max(other.sum(), 1e-300))
    while not kept(other) and other.sum() > 1e-9:
        other = 0.5 * other
    assert measure @ np.log1p(payoff(bets) @ other) <= found.growth + found.gap + 1e-9


@settings(deadline=None)
@given(states())
def test_nothing_is_staked_on_states_where_every_bet_is_expected_to_lose(drawn):
    bets, measure = drawn
    assume((bets.win > 0).any(axis=0).all())
    dear = Bets(bets.win, np.maximum(bets.lose, 0.1 * (bets.win == 0.0)), bets.net)
    fair = (measure @ dear.lose) / (measure @ dear.win)
    assume((fair > 0.0).all())
    found = on_states(dear._replace(net=0.999 * fair), measure)
    assert not found.stakes.any()
    assert (found.growth, found.gap) == (0.0, 0.0)


def test_a_bet_with_no_room_is_left_out():
    bets, measure = single(0.6, 2.0)
    found = on_states(bets, measure, caps=np.zeros(1))
    assert found.stakes.tolist() == [0.0]
    assert found.gap == 0.0


@settings(max_examples=40, deadline=None)
@given(st.floats(0.52, 0.8), st.floats(0.3, 0.8), st.floats(0.02, 0.4))
def test_a_drawdown_limit_is_kept_and_used_to_the_full(chance, floor, unlikely):
    bets, measure = single(chance, 2.0)
    free = on_states(bets, measure)
    found = on_states(bets, measure, limit=Drawdown(floor, unlikely))
    power = np.log(unlikely) / np.log(floor)
    moment = measure @ (1.0 + payoff(bets) @ found.stakes) ** -power
    assert moment <= 1.0 + 1e-12
    assert found.growth <= free.growth + free.gap
    if found.stakes[0] < free.stakes[0] - 1e-6:
        assert moment == pytest.approx(1.0, abs=1e-8)


def test_falls_below_the_floor_are_no_likelier_than_asked_in_a_long_simulation():
    bets, measure = single(0.55, 2.0)
    limit = Drawdown(floor=0.5, chance=0.1)
    stake = on_states(bets, measure, limit=limit).stakes[0]
    chance = np.random.default_rng(9)
    steps = np.where(chance.random((4_000, 3_000)) < 0.55, np.log1p(stake), np.log1p(-stake))
    fell = (np.cumsum(steps, axis=1).min(axis=1) < np.log(limit.floor)).mean()
    assert 0.05 < fell <= limit.chance


@settings(max_examples=40, deadline=None)
@given(states(), states(), st.data())
def test_a_portfolio_is_proven_best_and_keeps_its_caps(first, second, data):
    for bets, _ in (first, second):
        assume((bets.win > 0).any(axis=0).all())
    moments = together([moments_of(*first), moments_of(*second)])
    caps = np.full(len(moments.mean), data.draw(st.floats(0.01, 0.5)))
    found = portfolio(moments, caps=caps, budget=0.7)
    assert found.gap <= 1e-9
    assert (found.stakes >= 0.0).all()
    assert (found.stakes <= caps + 1e-12).all()
    assert found.stakes.sum() <= 0.7 + 1e-12
    other = data.draw(arrays(np.float64, len(caps), elements=st.floats(0.0, 1.0))) * caps
    other = other * min(1.0, 0.7 / max(other.sum(), 1e-300))
    second_moment = moments.covariance + np.outer(moments.mean, moments.mean)
    rival = moments.mean @ other - 0.5 * other @ second_moment @ other
    assert rival <= found.growth + found.gap + 1e-12


def test_moments_of_an_event_are_what_its_states_say_and_events_do_not_touch():
    bets, measure = single(0.6, 2.0)
    one = moments_of(bets, measure)
    assert one.mean[0] == pytest.approx(0.2)
    assert one.covariance[0, 0] == pytest.approx(0.96)
    both = together([one, one])
    assert both.covariance[0, 1] == both.covariance[1, 0] == 0.0


def test_opposite_sides_of_one_event_hedge_each_other():
    sides = Bets(np.eye(2), 1.0 - np.eye(2), np.array([1.2, 1.2]))
    moments = moments_of(sides, np.array([0.5, 0.5]))
    assert moments.covariance[0, 1] < 0.0
    found = portfolio(moments)
    alone = portfolio(Moments(moments.mean[:1], moments.covariance[:1, :1]))
    assert found.stakes[0] > alone.stakes[0]


def test_small_edges_are_sized_alike_by_moments_and_by_logarithms():
    bets, measure = single(0.51, 2.0)
    by_moments = portfolio(moments_of(bets, measure)).stakes[0]
    assert by_moments == pytest.approx(on_states(bets, measure).stakes[0], rel=0.01)


EVEN, CHANCES = single(0.55, 2.0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: binary(np.array(1.2), np.array(2.0)), r"in \[0, 1\]"),
        (lambda: binary(np.array(0.5), np.array(0.0)), "finite number above 1"),
        (lambda: exclusive(np.array([[0.5, 0.6]]), np.full((1, 2), 2.0)), "more than 1"),
        (lambda: exclusive(np.array([[0.5, np.nan]]), np.full((1, 2), 2.0)), r"in \[0, 1\]"),
        (lambda: exclusive(np.array([[0.5, 0.5]]), np.array([[2.0, np.inf]])), "above 1"),
        (lambda: exclusive(np.array([0.5, 0.5]), np.array([2.0, 2.0])), "tables"),
        (lambda: on_states(EVEN, np.array([0.5, 0.6])), "sum to 1"),
        (lambda: on_states(EVEN, CHANCES, caps=np.array([-0.1])), "caps are"),
        (lambda: on_states(EVEN, CHANCES, caps=np.array([np.nan])), "caps are"),
        (lambda: on_states(EVEN, CHANCES, budget=0.0), "share of the bankroll"),
        (lambda: on_states(EVEN, CHANCES, budget=2.0), "share of the bankroll"),
        (lambda: on_states(EVEN, CHANCES, limit=Drawdown(1.0, 0.1)), "drawdown"),
        (lambda: on_states(EVEN, CHANCES, limit=Drawdown(0.5, 0.0)), "drawdown"),
        (lambda: portfolio(Moments(np.array([0.1]), np.array([[-1.0]]))), "negative variance"),
        (lambda: portfolio(Moments(np.array([np.nan]), np.array([[1.0]]))), "finite"),
        (lambda: portfolio(Moments(np.zeros(2), np.array([[1.0, 0.5], [0.0, 1.0]]))), "symmetric"),
        (lambda: portfolio(Moments(np.zeros(2), np.eye(3))), "one number a bet"),
        (lambda: portfolio(Moments(np.zeros(0), np.zeros((0, 0)))), "nothing to stake"),
        (lambda: together([]), "no events"),
        (lambda: simplex(0, None, 1.0), "nothing to stake"),
    ],
)
def test_what_cannot_be_sized_is_refused_by_name(call, said):
    with pytest.raises(ValueError, match=said):
        call()
