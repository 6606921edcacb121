"""Kelly: stakes whose wealth grows fastest, given chances that are believed.

Kelly, A new interpretation of information rate, Bell System Technical Journal 35, 1956: whoever
maximises the expected logarithm of wealth ends up ahead of every different way of staking. All
stakes are shares of the bankroll. They are as good as the chances they are given: see
`engine.shrink` for what to believe, and `drawdown` for how much of it to risk.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.bets import Bets, Floats, checked, payoff
from engine.concave import Local, Smooth, highest, highest_within, simplex
from engine.margin import Ints
from engine.value import checked_measure, edge
from kit.jit import jit_or

_SUM = 1e-9


class Sized(NamedTuple):
    """Stakes as shares of the bankroll, the growth expected of one round, and a proof.

    `growth` is the expected logarithm of wealth; no allowed stakes have one above growth + gap.
    """

    stakes: Floats
    growth: float
    gap: float


class Moments(NamedTuple):
    """Mean, shape (bets,), and covariance, (bets, bets), of the profit of 1 staked on each bet."""

    mean: Floats
    covariance: Floats


class Drawdown(NamedTuple):
    """That wealth ever falls below `floor` of where it began may have at most this `chance`."""

    floor: float
    chance: float


def binary(chance: Floats, odds: Floats) -> Floats:
    """Return the stake on one bet that wins or loses: edge / (odds - 1), or nothing (Kelly 1956).

    The derivative of p log(1 + (o - 1) f) + (1 - p) log(1 - f) vanishes there.

    Args:
        chance: Of winning, in [0, 1]; NaN: nothing is staked on what is not known.
        odds: Decimal odds after commission; broadcast against `chance`.

    Raises:
        ValueError: A chance is outside [0, 1], or a price is not a finite number above 1.

    Examples:
        >>> binary(np.array([0.55, 0.45]), np.array([2.0, 2.0])).round(4).tolist()
        [0.1, 0.0]
    """
    return np.fmax(edge(chance, odds), 0.0) / (odds - 1.0)


def _exclusive_plain(chances: Floats, odds: Floats, stakes: Floats) -> None:
    worth, price = chances * odds, 1.0 / odds
    reserve = np.ones(len(chances))
    for _ in range(chances.shape[1]):
        chosen = worth > reserve[:, np.newaxis]
        unlikely = np.maximum(1.0 - np.where(chosen, chances, 0.0).sum(axis=1), 0.0)
        unpaid = 1.0 - np.where(chosen, price, 0.0).sum(axis=1)
        after = np.where(unpaid > 0.0, unlikely / np.where(unpaid > 0.0, unpaid, 1.0), reserve)
        if bool((after >= reserve).all()):
            break
        reserve = np.minimum(reserve, after)
    chosen = worth > reserve[:, np.newaxis]
    stakes[:] = np.where(chosen, chances - reserve[:, np.newaxis] * price, 0.0)


@jit_or(_exclusive_plain)
def _exclusive(chances: Floats, odds: Floats, stakes: Floats) -> None:
    markets, outcomes = chances.shape
    for market in range(markets):
        reserve = 1.0
        for _ in range(outcomes):
            unlikely, unpaid = 1.0, 1.0
            for place in range(outcomes):
                if chances[market, place] * odds[market, place] > reserve:
                    unlikely -= chances[market, place]
                    unpaid -= 1.0 / odds[market, place]
            if unpaid <= 0.0:
                break
            after = max(unlikely, 0.0) / unpaid
            if after >= reserve:
                break
            reserve = after
        for place in range(outcomes):
            chance, price = chances[market, place], odds[market, place]
            stakes[market, place] = chance - reserve / price if chance * price > reserve else 0.0


def exclusive(chances: Floats, odds: Floats) -> Floats:
    """Return the best stakes on outcomes of which one comes at most, shape (markets, outcomes).

    Smoczynski and Tomkins, An explicit solution to the problem of optimizing the allocations of a
    bettor's wealth when wagering on horse races, The Mathematical Scientist 35, 2010: with the
    outcomes of a set S bet on, the part of the bankroll that is kept back is
    R = (1 - sum p) / (1 - sum 1/o) over S; an outcome belongs to S if and only if p o > R, and
    takes p - R / o. They add outcomes in falling order of p o. Here all with p o > R are added at
    once, and again until none is: R only falls, so none of them would have been left out.

    An outcome may be worth a stake at a negative edge of its own, as cover for the others. Where
    the whole market costs less than 1, all is staked, each chance its own share.

    Args:
        chances: Shape (markets, outcomes), in [0, 1], a row's sum at most 1; what is missing is
            that none of them comes. 0 for places that a market does not have.
        odds: Decimal odds after commission, of the same shape.

    Raises:
        ValueError: The shapes differ, a row sums to more than 1, a chance is outside [0, 1], or a
            price is not a finite number above 1.

    Examples:
        >>> exclusive(np.array([[0.45, 0.30, 0.25]]), np.array([[2.5, 3.2, 3.3]])).round(4).tolist()
        [[0.1022, 0.0283, 0.0]]
    """
    if chances.ndim != 2 or chances.shape != odds.shape:
        raise ValueError("chances and odds are tables of one shape, markets by outcomes")
    if not bool(((chances >= 0.0) & (chances <= 1.0)).all()):
        raise ValueError("every chance must be in [0, 1]")
    if not bool(((odds > 1.0) & (odds < np.inf)).all()):
        raise ValueError("every price must be a finite number above 1")
    if bool((chances.sum(axis=1) > 1.0 + _SUM).any()):
        raise ValueError("the chances of a market sum to more than 1")
    stakes = np.empty_like(chances)
    _exclusive(chances, odds, stakes)
    return stakes


def on_states(
    bets: Bets,
    measure: Floats,
    *,
    caps: Floats | None = None,
    budget: float = 1.0,
    limit: Drawdown | None = None,
) -> Sized:
    """Return the best stakes on any bets on one event, whatever they push, halve or overlap.

    Maximises sum(q log(1 + A x)), with A the payoffs and q the measure.

    With a `limit`: subject to E[(1 + r x) ** -lambda] <= 1 with lambda = log(chance) / log(floor),
    so that wealth ** -lambda is a supermartingale, and by its maximal inequality the chance that
    wealth ever falls below `floor`, were the same bets offered for ever, is at most `chance`
    (Busseti, Ryu and Boyd, Risk-constrained Kelly gambling, Journal of Investing 25 (3), 2016).

    Args:
        bets: Over the states of `measure`.
        measure: Chance of every state, shape (states,), summing to 1.
        caps: Most to stake on each bet, as shares of the bankroll, shape (bets,).
        budget: Most to stake on all, in (0, 1].
        limit: How unlikely a fall must be.

    Raises:
        ValueError: Bets, measure, caps, budget or limit are out of order.
        Broken: The stakes were not proven to be within 1e-9 of the best growth.

    Examples:
        >>> bets = Bets(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]), np.array([1.0]))
        >>> on_states(bets, np.array([0.55, 0.45])).stakes.round(6).tolist()
        [0.1]
        >>> careful = Drawdown(floor=0.5, chance=0.1)
        >>> on_states(bets, np.array([0.55, 0.45]), limit=careful).stakes.round(4).tolist()
        [0.0464]
    """
    chances = checked_measure(measure, len(checked(bets).win))
    area = simplex(len(bets.net), caps, budget)
    likely = chances > 0.0
    profit, weight = payoff(bets)[likely], chances[likely]
    if not bool((weight @ profit > 0.0).any()):
        return Sized(np.zeros(len(bets.net)), 0.0, 0.0)
    height = _log_wealth(profit, weight)
    if limit is None:
        return Sized(*highest(height, area))
    return Sized(*highest_within(height, _shrinking(profit, weight, _aversion(limit)), area))


def portfolio(moments: Moments, *, caps: Floats | None = None, budget: float = 1.0) -> Sized:
    """Return stakes on bets that run at the same time, from the exact moments of their profits.

    Maximises mean x - x (C + mean mean') x / 2, the expansion of E log(1 + r x) to second order. It
    needs no scenarios, and so cannot fit their noise; `growth` is that expansion.

    Args:
        moments: Of all bets together; see `moments_of` and `together`.
        caps: Most to stake on each bet, as shares of the bankroll, shape (bets,).
        budget: Most to stake on all, in (0, 1].

    Raises:
        ValueError: The covariance is not symmetric or not one, or a number is not finite, or caps
            or budget are out of order.
        Broken: The stakes were not proven to be within 1e-9 of the best.

    Examples:
        >>> even = Bets(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]]), np.array([1.0]))
        >>> one = moments_of(even, np.array([0.55, 0.45]))
        >>> portfolio(together([one, one])).stakes.round(4).tolist()
        [0.099, 0.099]
    """
    mean, covariance = moments
    area = simplex(len(mean), caps, budget)
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise ValueError("a mean is one number a bet, a covariance one a pair of bets")
    if not bool(np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise ValueError("every moment must be a finite number")
    spread = float(np.abs(covariance).max(initial=0.0))
    if bool((np.abs(covariance - covariance.T) > 1e-12 * spread).any()):
        raise ValueError("a covariance is symmetric")
    if float(np.linalg.eigvalsh(covariance).min()) < -1e-9 * spread:
        raise ValueError("a covariance has no negative variance in any direction")
    if not bool((mean > 0.0).any()):
        return Sized(np.zeros(len(mean)), 0.0, 0.0)
    return Sized(*highest(_parabola(mean, covariance + np.outer(mean, mean)), area))


def moments_of(bets: Bets, measure: Floats) -> Moments:
    """Return the exact moments of bets on one event, correlated as its states make them.

    Raises:
        ValueError: The measure is none, or the bets are out of order.
    """
    chances = checked_measure(measure, len(checked(bets).win))
    profit = payoff(bets)
    mean = chances @ profit
    return Moments(mean, (profit - mean).T @ (chances[:, np.newaxis] * (profit - mean)))


def together(events: Sequence[Moments]) -> Moments:
    """Return the moments of bets on several events that do not depend on each other, in order.

    Raises:
        ValueError: There is no event.
    """
    if not events:
        raise ValueError("there are no events")
    mean = np.concatenate([event.mean for event in events])
    covariance = np.zeros((len(mean), len(mean)))
    first = 0
    for event in events:
        last = first + len(event.mean)
        covariance[first:last, first:last] = event.covariance
        first = last
    return Moments(mean, covariance)


def _log_wealth(profit: Floats, weight: Floats) -> Smooth:
    def at(x: Floats) -> Local:
        wealth = 1.0 + profit @ x
        pull = weight / wealth

        def hessian(places: Ints) -> Floats:
            bend = profit[:, places] * np.sqrt(pull / wealth)[:, np.newaxis]
            return -bend.T @ bend

        return Local(float(weight @ np.log(wealth)), pull @ profit, hessian)

    return at


def _parabola(mean: Floats, second: Floats) -> Smooth:
    def at(x: Floats) -> Local:
        pull = second @ x

        def hessian(places: Ints) -> Floats:
            return -second[np.ix_(places, places)]

        return Local(float(mean @ x - 0.5 * x @ pull), mean - pull, hessian)

    return at


def _shrinking(profit: Floats, weight: Floats, aversion: float) -> Smooth:
    """Return log E[wealth ** -aversion] / aversion, which is convex in the stakes."""

    def at(x: Floats) -> Local:
        wealth = 1.0 + profit @ x
        tilted = np.log(weight) - aversion * np.log(wealth)
        top = float(tilted.max())
        share = np.exp(tilted - top)
        total = float(share.sum())
        share = share / total
        slope = -(share / wealth) @ profit

        def hessian(places: Ints) -> Floats:
            scale = np.sqrt((aversion + 1.0) * share) / wealth
            bend = profit[:, places] * scale[:, np.newaxis]
            return bend.T @ bend - aversion * np.outer(slope[places], slope[places])

        return Local((top + float(np.log(total))) / aversion, slope, hessian)

    return at


def _aversion(limit: Drawdown) -> float:
    floor, chance = limit
    if not (0.0 < floor < 1.0 and 0.0 < chance < 1.0):
        raise ValueError(f"floor and chance of a drawdown are in (0, 1): {floor}, {chance}")
    return float(np.log(chance) / np.log(floor))
