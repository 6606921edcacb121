"""Margin: the chances that a book's odds imply once its margin is taken out, in six ways.

Let pi = 1 / odds and B be a market's sum of them; a method turns the pi of a market into chances
that sum to 1. A market with B < 1, such as one of best prices, is treated alike: what is taken out
is then negative. No method is the true one: each is a model of how margins are laid on.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from importlib import import_module
from typing import Any

import numpy as np

from domain.errors import Broken
from engine.margin_roots import (
    NEAR,
    ROUNDS,
    Floats,
    Ints,
    odds_ratio,
    over_sum,
    power,
    shin,
    spread,
    sums,
)

_ENDLESS = "taking the margin out did not end"
_ROOT_2_PI = float(np.sqrt(2.0 * np.pi))


class Method(Enum):
    """A model of how the margin was laid on the fair odds.

    MULTIPLICATIVE: p = pi / B, the same share of every chance (basic normalisation).
    ADDITIVE: p = pi - (B - 1) / n, the same amount of each of n chances. Clarke, Kovalchik and
        Ingram, Adjusting bookmaker's odds to allow for overround, American Journal of Sports
        Science 5 (6), 2017, note that it can leave a long shot less than nothing.
    POWER: p = pi ** k (the same paper).
    SHIN: prices against a share z of insiders. Shin, Measuring the incidence of insider trading in
        a market for state-contingent claims, The Economic Journal 103 (420), 1993; the equation for
        z is Jullien and Salanie's, the same journal, 1994; compared as forecasts by Strumbelj, On
        determining probability forecasts from betting odds, International Journal of Forecasting
        30 (4), 2014. With two outcomes it is ADDITIVE (Clarke, Kovalchik and Ingram).
    ODDS_RATIO: the odds against, 1 / p - 1, are c times as long as pi has them.
    PROBIT: p = Phi(Phi^-1(pi) - c), the same shift of every normal score.
    """

    MULTIPLICATIVE = "multiplicative"
    ADDITIVE = "additive"
    POWER = "power"
    SHIN = "shin"
    ODDS_RATIO = "odds_ratio"
    PROBIT = "probit"


def fair_chances(
    odds: Floats, method: Method = Method.SHIN, *, starts: Ints | None = None
) -> Floats:
    """Return the chance of every outcome, of the shape of `odds`; those of a market sum to 1.

    Args:
        odds: Decimal odds of every outcome, after commission: shape (markets, outcomes), or one
            market after another where `starts` says at which place each begins.
        method: How the margin is taken out. ADDITIVE gives NaN to a market whose margin is more
            than a long shot's price can bear.
        starts: Ascending, shape (markets + 1,); the last is the number of odds.

    Raises:
        ValueError: A price is not a finite number above 1, a market has fewer than two outcomes,
            or the shapes do not fit.
        Broken: The search for a market's unknown did not end.

    Examples:
        >>> fair_chances(np.array([[2.6, 2.4, 4.3]])).round(6).tolist()
        [[0.372994, 0.404779, 0.222227]]
        >>> two_markets = np.array([1.9, 2.0, 2.6, 2.4, 4.3])
        >>> fair_chances(two_markets, Method.POWER, starts=np.array([0, 2, 5])).round(4).tolist()
        [0.5133, 0.4867, 0.373, 0.4051, 0.2219]
    """
    bounds = _bounds(odds, starts)
    return _METHODS[method](1.0 / odds.ravel(), bounds).reshape(odds.shape)


def worst_case(
    odds: Floats, methods: Iterable[Method] = tuple(Method), *, starts: Ints | None = None
) -> Floats:
    """Return the lowest chance that any of the methods gives each outcome: a backer's caution.

    Of the shape of `odds`; a market's sum to 1 or less. A method without an answer has no say.

    Raises:
        ValueError: No method is named, or as `fair_chances` does.
    """
    said = [fair_chances(odds, method, starts=starts) for method in methods]
    if not said:
        raise ValueError("name at least one way to take the margin out")
    lowest = said[0]
    for other in said[1:]:
        lowest = np.fmin(lowest, other)
    return lowest


def overrounds(odds: Floats, *, starts: Ints | None = None) -> Floats:
    """Return B - 1 of each market, shape (markets,); negative where the prices cross.

    Raises:
        ValueError: As `fair_chances` does.
    """
    bounds = _bounds(odds, starts)
    return sums(1.0 / odds.ravel(), bounds) - 1.0


def _bounds(odds: Floats, starts: Ints | None) -> Ints:
    if not bool(((odds > 1.0) & (odds < np.inf)).all()):
        raise ValueError("every price must be a finite number above 1")
    if starts is None:
        if odds.ndim != 2 or odds.size == 0 or odds.shape[1] < 2:
            raise ValueError("odds are a table: markets by at least two outcomes")
        return np.arange(0, odds.size + 1, odds.shape[1], dtype=np.int64)
    if odds.ndim != 1 or starts.ndim != 1 or len(starts) < 2:
        raise ValueError("with starts, odds are one row, and there is at least one market")
    if starts[0] != 0 or starts[-1] != odds.size or bool((np.diff(starts) < 2).any()):
        raise ValueError("starts ascend from 0 to the number of odds, two or more at a time")
    return starts


def _additive(implied: Floats, bounds: Ints) -> Floats:
    each = (sums(implied, bounds) - 1.0) / np.diff(bounds)
    fair = implied - spread(each, bounds)
    least = spread(np.minimum.reduceat(fair, bounds[:-1]), bounds)
    return np.where(least > 0.0, fair, np.nan)


def _filled(kernel: Callable[[Floats, Ints, Floats], int], values: Floats, bounds: Ints) -> Floats:
    fair = np.empty_like(values)
    if kernel(values, bounds, fair):
        raise Broken(_ENDLESS)
    return fair


def _probit(implied: Floats, bounds: Ints) -> Floats:
    """Return Phi(score - c) of each outcome.

    c lies between what the smallest score and the largest would need if all were like it. The sum
    falls in c but is neither convex nor concave, so the bracket is kept, every evaluation narrows
    it, and a Newton step that leaves it is replaced by its middle.
    """
    ndtr, ndtri = _normal()
    scores, level = ndtri(implied), ndtri(1.0 / np.diff(bounds))
    low = np.minimum.reduceat(scores, bounds[:-1]) - level
    high = np.maximum.reduceat(scores, bounds[:-1]) - level
    c = np.clip(np.zeros(len(level)), low, high)
    for _ in range(ROUNDS):
        shifted = scores - spread(c, bounds)
        excess = sums(ndtr(shifted), bounds) - 1.0
        low, high = np.where(excess >= 0.0, c, low), np.where(excess <= 0.0, c, high)
        slope = sums(np.exp(-0.5 * shifted * shifted), bounds) / _ROOT_2_PI
        aimed = c + excess / np.maximum(slope, np.finfo(float).tiny)
        after = np.where((aimed >= low) & (aimed <= high), aimed, 0.5 * (low + high))
        near = np.abs(after - c) <= NEAR * (1.0 + np.abs(after))
        c = after
        if bool(near.all()):
            return over_sum(ndtr(scores - spread(c, bounds)), bounds)
    raise Broken(_ENDLESS)


def _normal() -> tuple[Any, Any]:
    """Return Phi and its inverse; SciPy takes 0.3 s that a web process never needs."""
    special: Any = import_module("scipy.special")
    return special.ndtr, special.ndtri


_METHODS: dict[Method, Callable[[Floats, Ints], Floats]] = {
    Method.MULTIPLICATIVE: over_sum,
    Method.ADDITIVE: _additive,
    Method.POWER: lambda implied, bounds: _filled(power, np.log(implied), bounds),
    Method.SHIN: lambda implied, bounds: _filled(shin, implied, bounds),
    Method.ODDS_RATIO: lambda implied, bounds: _filled(odds_ratio, 1.0 / implied - 1.0, bounds),
    Method.PROBIT: _probit,
}
