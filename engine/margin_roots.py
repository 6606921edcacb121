"""Margin roots: the one unknown a market of the power, Shin and odds ratio methods, by Newton.

Markets lie one after another: `bounds` says where each begins, and ends with the number of
outcomes. Every kernel fills in the chances and returns how many markets did not end. In each, the
function is convex or concave and the start lies on the side from which no Newton step passes the
root. The last step is below `NEAR`, and convergence is quadratic, so the error left is about its
square; what rounding leaves is removed by dividing by the sum.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from kit.jit import jit, jit_or

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROUNDS = 200
NEAR = 1e-10


def sums(values: Floats, bounds: Ints) -> Floats:
    """Return each market's sum."""
    return np.add.reduceat(values, bounds[:-1])


def spread(figures: Floats, bounds: Ints) -> Floats:
    """Return each market's figure once an outcome."""
    return np.repeat(figures, np.diff(bounds))


def over_sum(values: Floats, bounds: Ints) -> Floats:
    """Return the values over their market's sum."""
    return values / spread(sums(values, bounds), bounds)


def _newton(unknown: Floats, step: Callable[[Floats], Floats]) -> tuple[Floats, int]:
    far = np.ones(len(unknown), np.bool_)
    for _ in range(ROUNDS):
        change = step(unknown)
        unknown = unknown + change
        far = ~(np.abs(change) <= NEAR * (1.0 + np.abs(unknown)))
        if not bool(far.any()):
            break
    return unknown, int(far.sum())


@jit
def _arrived(change: float, unknown: float) -> bool:
    return abs(change) <= NEAR * (1.0 + abs(unknown))


@jit
def _divide_by_sum(fair: Floats, first: int, last: int) -> None:
    total = 0.0
    for place in range(first, last):
        total += fair[place]
    for place in range(first, last):
        fair[place] /= total


def _shin_plain(implied: Floats, bounds: Ints, fair: Floats) -> int:
    total, more = sums(implied, bounds), np.diff(bounds) - 2.0
    pairs = bounds[:-1][more == 0.0]
    square = implied * implied / spread(total, bounds)

    def roots(z: Floats) -> tuple[Floats, Floats]:
        each = spread(z, bounds)
        return each, np.sqrt(each * each + 4.0 * (1.0 - each) * square)

    def step(z: Floats) -> Floats:
        each, root = roots(z)
        value = sums(root, bounds) - 2.0 - more * z
        slope = sums((each - 2.0 * square) / root, bounds) - more
        return np.where(more == 0.0, 0.0, -value / np.where(more == 0.0, 1.0, slope))

    z, failed = _newton(2.0 * (np.sqrt(total) - 1.0) / (np.sqrt(total) + more), step)
    each, root = roots(z)
    fair[:] = over_sum(2.0 * square / (root + each), bounds)
    ahead = 0.5 * (implied[pairs] - implied[pairs + 1])
    fair[pairs], fair[pairs + 1] = 0.5 + ahead, 0.5 - ahead
    return failed


@jit
def _insiders(square: Floats, first: int, last: int, total: float) -> float:
    more = last - first - 2.0
    z = 2.0 * (np.sqrt(total) - 1.0) / (np.sqrt(total) + more)
    for _ in range(ROUNDS):
        value, slope = -2.0 - more * z, -more
        for place in range(first, last):
            root = np.sqrt(z * z + 4.0 * (1.0 - z) * square[place])
            value += root
            slope += (z - 2.0 * square[place]) / root
        change = -value / slope
        z += change
        if _arrived(change, z):
            return z
    return np.nan


@jit_or(_shin_plain)
def shin(implied: Floats, bounds: Ints, fair: Floats) -> int:
    """Fill in Shin's chances of pi = 1 / odds.

    p = (root - z) / (2 (1 - z)) with root = sqrt(z^2 + 4 (1 - z) q) and q = pi^2 / sum(pi), which
    is 2 q / (root + z) without the cancellation. The p sum to 1 where
    g(z) = sum(root) - 2 - (n - 2) z = 0. As root = sqrt((z - 2 q)^2 + 4 q (1 - q)) and q < 1, g is
    convex; g(1) = 0 always, with a positive slope, so there is one other zero, below 1, and g falls
    up to it. Newton's first step from z = 0 lands on its left, and no step passes it. With n = 2
    the p are (1 +- (pi1 - pi2)) / 2: the additive method.
    """
    failed = 0
    for market in range(bounds.size - 1):
        first, last = bounds[market], bounds[market + 1]
        if last - first == 2:
            ahead = 0.5 * (implied[first] - implied[first + 1])
            fair[first], fair[first + 1] = 0.5 + ahead, 0.5 - ahead
            continue
        total = 0.0
        for place in range(first, last):
            total += implied[place]
        for place in range(first, last):
            fair[place] = implied[place] * implied[place] / total
        z = _insiders(fair, first, last, total)
        failed += np.isnan(z)
        for place in range(first, last):
            square = fair[place]
            fair[place] = 2.0 * square / (np.sqrt(z * z + 4.0 * (1.0 - z) * square) + z)
        _divide_by_sum(fair, first, last)
    return failed


def _power_plain(logs: Floats, bounds: Ints, fair: Floats) -> int:
    def step(k: Floats) -> Floats:
        raised = np.exp(spread(k, bounds) * logs)
        total = sums(raised, bounds)
        return -total * np.log(total) / sums(raised * logs, bounds)

    begin = np.where(sums(np.exp(logs), bounds) >= 1.0, 1.0, 0.0)
    k, failed = _newton(begin, step)
    fair[:] = over_sum(np.exp(spread(k, bounds) * logs), bounds)
    return failed


@jit
def _exponent(logs: Floats, first: int, last: int) -> float:
    total = 0.0
    for place in range(first, last):
        total += np.exp(logs[place])
    k = 1.0 if total >= 1.0 else 0.0
    for _ in range(ROUNDS):
        total, slope = 0.0, 0.0
        for place in range(first, last):
            raised = np.exp(k * logs[place])
            total += raised
            slope += raised * logs[place]
        change = -total * np.log(total) / slope
        k += change
        if _arrived(change, k):
            return k
    return np.nan


@jit_or(_power_plain)
def power(logs: Floats, bounds: Ints, fair: Floats) -> int:
    """Fill in pi ** k, given log(pi).

    log(sum(pi ** k)) falls and is convex in k, as a log-sum-exp of lines; k = 1 lies left of its
    zero where the pi sum to 1 or more, and k = 0 always does.
    """
    failed = 0
    for market in range(bounds.size - 1):
        first, last = bounds[market], bounds[market + 1]
        k = _exponent(logs, first, last)
        failed += np.isnan(k)
        for place in range(first, last):
            fair[place] = np.exp(k * logs[place])
        _divide_by_sum(fair, first, last)
    return failed


def _ratio_plain(against: Floats, bounds: Ints, fair: Floats) -> int:
    def step(c: Floats) -> Floats:
        chance = 1.0 / (1.0 + spread(c, bounds) * against)
        total = sums(chance, bounds)
        return total * (total - 1.0) / sums(chance * chance * against, bounds)

    begin = np.where(sums(1.0 / (1.0 + against), bounds) >= 1.0, 1.0, 0.0)
    c, failed = _newton(begin, step)
    fair[:] = over_sum(1.0 / (1.0 + spread(c, bounds) * against), bounds)
    return failed


@jit
def _lengthening(against: Floats, first: int, last: int) -> float:
    total = 0.0
    for place in range(first, last):
        total += 1.0 / (1.0 + against[place])
    c = 1.0 if total >= 1.0 else 0.0
    for _ in range(ROUNDS):
        total, slope = 0.0, 0.0
        for place in range(first, last):
            chance = 1.0 / (1.0 + c * against[place])
            total += chance
            slope += chance * chance * against[place]
        change = total * (total - 1.0) / slope
        c += change
        if _arrived(change, c):
            return c
    return np.nan


@jit_or(_ratio_plain)
def odds_ratio(against: Floats, bounds: Ints, fair: Floats) -> int:
    """Fill in 1 / (1 + c w), given the odds against w = 1 / pi - 1.

    1 / sum(1 / (1 + c w)) rises and is concave in c, as a harmonic mean of rising lines is; c = 1
    lies left of where it is 1 if the pi sum to 1 or more, and c = 0 always does.
    """
    failed = 0
    for market in range(bounds.size - 1):
        first, last = bounds[market], bounds[market + 1]
        c = _lengthening(against, first, last)
        failed += np.isnan(c)
        for place in range(first, last):
            fair[place] = 1.0 / (1.0 + c * against[place])
        _divide_by_sum(fair, first, last)
    return failed
