"""Concave: the highest point of a capped simplex, with a proof of how little it misses.

The points are stakes: 0 <= x <= caps, sum(x) <= budget. The path of the logarithmic barrier is
followed by Newton's method (Boyd and Vandenberghe, Convex Optimization, 2004, chapter 11). The
answer does not rest on that: as f is concave, f(y) - f(x) <= f'(x) @ (y - x) for every y, and the
largest f'(x) @ y over the simplex, found by filling the dearest places first, bounds what any other
stakes could gain. Where a convex h must be 0 or less, the highest point of (1 - t) f - t h is
sought for the t that makes h vanish there; for every allowed y and every t in [0, 1)

    (1 - t) (f(y) - f(x)) <= ((1 - t) f'(x) - t h'(x)) @ (y - x) - t h(x).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Floats
from engine.margin import Ints

_PROVEN = 1e-9
_CLOSE = 1e-11
_CLOSE_WITHIN = 1e-10
_FIRMER = 20.0
_FIRMEST = 1e16
_STEPS = 60
_TURNS = 80
_CENTRED = 1e-9
_JOINING = 12
_NO_ROOM = 1e-9
_DUSTS = (1e-6, 1e-8, 0.0)


class Local(NamedTuple):
    """A function at one point: its value, gradient, and Hessian among some of the places."""

    value: float
    gradient: Floats
    hessian: Callable[[Ints], Floats]


Smooth = Callable[[Floats], Local]


class Simplex(NamedTuple):
    """The allowed points: between 0 and `caps`, and at most `budget` together."""

    caps: Floats
    budget: float


class Peak(NamedTuple):
    """The best point found, the function there, and what no allowed point can pass it by."""

    at: Floats
    value: float
    gap: float


def simplex(count: int, caps: Floats | None, budget: float) -> Simplex:
    """Return the points that caps and a budget allow.

    Args:
        count: How many places there are.
        caps: Most of each place, 0 or more, infinite where there is none; None: none anywhere. A
            billionth of the budget or less is no room at all.
        budget: Most of all together, in (0, 1].

    Raises:
        ValueError: There is no place, a cap is negative or no number, or the budget is not a share.
    """
    if count < 1:
        raise ValueError("there is nothing to stake on")
    if not 0.0 < budget <= 1.0:
        raise ValueError(f"a budget is a share of the bankroll, in (0, 1]: {budget}")
    most = np.full(count, np.inf) if caps is None else caps
    if most.shape != (count,) or not bool((most >= 0.0).all()):
        raise ValueError(f"caps are {count} numbers, 0 or more")
    return Simplex(np.where(most > _NO_ROOM * budget, np.minimum(most, budget), 0.0), budget)


def highest(height: Smooth, area: Simplex) -> Peak:
    """Return where a concave function, defined on the inside of the area, is highest.

    Raises:
        Broken: No point was found that is proven to be within 1e-9 of the highest.
    """
    return _proven(_searched(height, area))


def highest_within(height: Smooth, kept: Smooth, area: Simplex) -> Peak:
    """Return where a concave function is highest among points at which `kept` is 0 or less.

    Args:
        height: As for `highest`; 0 at 0.
        kept: Convex, of about the same size as `height`, and 0 at 0.
        area: Where the point may lie.

    Raises:
        Broken: No point was found that is proven to be within 1e-9 of the highest.
    """
    free = _proven(_searched(height, area))
    if kept(free.at).value <= 0.0:
        return free
    outside, inside, low, high = free.at, _searched(_mixed(height, kept, 1.0), area).at, 0.0, 1.0
    best = Peak(np.zeros(len(area.caps)), 0.0, free.value + free.gap)
    for turn in range(_TURNS):
        over, under = kept(outside).value, -kept(inside).value
        if best.gap <= _CLOSE_WITHIN or not under > 0.0:
            break
        share = over / (over + under) if turn % 2 else 0.5
        weight = low + share * (high - low)
        at = _searched(_mixed(height, kept, weight), area).at
        if kept(at).value > 0.0:
            low, outside = weight, at
        else:
            high, inside = weight, at
        on_edge = _between(kept, outside, inside)
        for multiplier in (low, weight):
            peak = _judged_within(height, kept, area, on_edge, multiplier)
            best = peak if peak.gap < best.gap else best
    return _proven(best)


def _proven(peak: Peak) -> Peak:
    if not peak.gap <= _PROVEN:
        raise Broken(f"the best stakes were proven only to within {peak.gap:g}")
    return peak


def _searched(height: Smooth, area: Simplex) -> Peak:
    """Return the best point found.

    Only the steepest places are searched at first; while the proof says that others could gain,
    the steepest of those join them. Most never do.
    """
    peak = _judged(height, area, np.zeros(len(area.caps)))
    places: Ints = np.zeros(0, np.int64)
    while peak.gap > _CLOSE:
        steepness = np.where(area.caps > 0.0, height(peak.at).gradient, -np.inf)
        steepness[places] = -np.inf
        joining = np.argsort(-steepness)[:_JOINING]
        joining = joining[steepness[joining] > 0.0]
        if not len(joining):
            break
        places = np.concatenate([places, joining])
        peak = _highest_among(height, area, places)
    return peak


def _highest_among(height: Smooth, area: Simplex, places: Ints) -> Peak:
    """Return the best point that stakes on those places alone; its gap is over all places."""
    caps = area.caps[places]
    x, firm = 0.5 * np.minimum(caps, area.budget / len(caps)), 1.0
    while firm <= _FIRMEST and len(caps) / firm > 0.1 * _CLOSE:
        x = _centred(_Barrier(height, area, places, firm), x)
        firm *= _FIRMER
    fine = _judged(height, area, _spread(x, places, area))
    tidied = (_judged(height, area, _tidied(fine.at, area, dust)) for dust in _DUSTS)
    return next((one for one in tidied if one.gap <= max(fine.gap, _CLOSE)), fine)


def most_of(gradient: Floats, area: Simplex) -> float:
    """Return the largest gradient @ y over the area: the dearest places filled first."""
    order = np.argsort(-gradient)
    filled = np.minimum(np.cumsum(area.caps[order]), area.budget)
    return float(np.maximum(gradient[order], 0.0) @ np.diff(filled, prepend=0.0))


def _judged(height: Smooth, area: Simplex, at: Floats) -> Peak:
    """Return the point with its proof; a point that could ruin proves nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value, gradient, _ = height(at)
    if not bool(np.isfinite(gradient).all()):
        return Peak(at, -np.inf, np.inf)
    gap = most_of(gradient, area) - float(gradient @ at)
    return Peak(at, value, max(gap, 0.0))


def _judged_within(height: Smooth, kept: Smooth, area: Simplex, at: Floats, weight: float) -> Peak:
    mixed = _judged(_mixed(height, kept, weight), area, at)
    bound = (mixed.gap - weight * kept(at).value) / (1.0 - weight) if weight < 1.0 else np.inf
    return Peak(at, height(at).value, bound)


def _mixed(height: Smooth, kept: Smooth, weight: float) -> Smooth:
    """Return (1 - weight) height - weight kept."""

    def at(x: Floats) -> Local:
        f, h, rest = height(x), kept(x), 1.0 - weight

        def hessian(places: Ints) -> Floats:
            return rest * f.hessian(places) - weight * h.hessian(places)

        value = rest * f.value - weight * h.value
        return Local(value, rest * f.gradient - weight * h.gradient, hessian)

    return at


def _between(kept: Smooth, outside: Floats, inside: Floats) -> Floats:
    """Return the last point on the way out at which `kept` is still 0 or less."""
    near, far = 0.0, 1.0
    for _ in range(_STEPS):
        middle = 0.5 * (near + far)
        if kept(inside + middle * (outside - inside)).value <= 0.0:
            near = middle
        else:
            far = middle
    return inside + near * (outside - inside)


def _tidied(x: Floats, area: Simplex, dust: float) -> Floats:
    """Return the point with what lies next to a bound put on it."""
    tidy = np.where(x < dust * area.budget, 0.0, x)
    tidy = np.where(area.caps - tidy < dust * area.caps, area.caps, tidy)
    return tidy * min(1.0, area.budget / max(float(tidy.sum()), np.finfo(float).tiny))


def _spread(x: Floats, places: Ints, area: Simplex) -> Floats:
    whole = np.zeros(len(area.caps))
    whole[places] = x
    return whole


class _Barrier(NamedTuple):
    """firm * height and the logarithms of all that a point on some places leaves over."""

    height: Smooth
    area: Simplex
    places: Ints
    firm: float

    def slope(self, x: Floats) -> Floats:
        """Return the gradient."""
        caps = self.area.caps[self.places]
        gradient = self.height(_spread(x, self.places, self.area)).gradient[self.places]
        return self.firm * gradient + 1.0 / x - 1.0 / (caps - x) - 1.0 / self._left(x)

    def step(self, x: Floats, slope: Floats) -> Floats:
        """Return Newton's step.

        Measured by the room that each place has, which keeps the system well conditioned; the part
        of the budget, a square of one vector, can be far larger than all else, and is put in last
        (Sherman and Morrison).
        """
        caps = self.area.caps[self.places]
        room = np.minimum(x, caps - x)
        hessian = self.height(_spread(x, self.places, self.area)).hessian(self.places)
        system = -self.firm * hessian * room[:, np.newaxis] * room
        system[np.diag_indices_from(system)] += (room / x) ** 2 + (room / (caps - x)) ** 2
        shared = room / self._left(x)
        right = np.column_stack([room * slope, shared])
        solved = np.asarray(np.linalg.solve(system, right), np.float64)
        back = float(shared @ solved[:, 0]) / (1.0 + float(shared @ solved[:, 1]))
        return room * (solved[:, 0] - back * solved[:, 1])

    def holds(self, x: Floats) -> bool:
        """Return whether a point is inside."""
        inside = (x > 0.0) & (x < self.area.caps[self.places])
        return bool(inside.all()) and self._left(x) > 0.0

    def _left(self, x: Floats) -> float:
        return self.area.budget - float(x.sum())


def _centred(barrier: _Barrier, x: Floats) -> Floats:
    """Return where the barrier is highest, from a point inside."""
    for _ in range(_STEPS):
        slope = barrier.slope(x)
        move = barrier.step(x, slope)
        gain = float(slope @ move)
        if not gain > _CENTRED:
            break
        x = _moved(barrier, x, move, gain)
    return x


def _moved(barrier: _Barrier, x: Floats, move: Floats, gain: float) -> Floats:
    """Return the point a step along, cut until it stays inside and is not far past the top.

    Judged by slopes: near the end the function itself no longer changes in the digits it has.
    """
    step = 1.0
    for _ in range(_STEPS):
        after = x + step * move
        if barrier.holds(after) and float(barrier.slope(after) @ move) >= -0.5 * gain:
            return after
        step *= 0.5
    return x
