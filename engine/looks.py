"""Looks: how sources and books did between two looks at all prices, counted by who said them."""

from typing import NamedTuple

import numpy as np

from engine.quotes import Floats, Ints
from engine.sheet import Marks

CLOSE = 0.1
FRESH_S = 120.0
_BEST_BY = 0.03
_MOVE = 0.02


class Look(NamedTuple):
    """All prices at one moment; arrays of one figure a price.

    `price` is a number of its own for each place where a price may stand, `row` one for each
    outcome of a market, `who` one for each source and book. `logit` is of the implied chance,
    `middle` the median of the other books' (NaN: unknown). `best` marks the highest price of a row,
    `odd` an anomaly. `age_s` is NaN where it is unknown; `at_s` is by the source's own clock.
    """

    price: Ints
    row: Ints
    who: Ints
    logit: Floats
    middle: Floats
    best: Marks
    odd: Marks
    age_s: Floats
    at_s: Floats


class Counts(NamedTuple):
    """How many were good of how many, by who; shape (whos,) each."""

    good: Floats
    of: Floats


PARTS = 5


class Follows(NamedTuple):
    """Sums over prices, by who, of what it takes to say how a book follows the others.

    Of others' moves: `own_by_others` the book's own move times theirs, `others_squared` theirs
    squared; `moves` how many, over `interval_s` in all.
    """

    own_by_others: Floats
    others_squared: Floats
    interval_s: Floats
    moves: Floats


SUMS = 2 * PARTS + len(Follows._fields)


def freshness(now: Look, whos: int) -> Counts:
    """Count the prices confirmed in the last two minutes; of those that tell."""
    return _counts(now.who, now.age_s <= FRESH_S, ~np.isnan(now.age_s), whos)


def closeness(now: Look, whos: int) -> Counts:
    """Count the prices within 0.1 in logit of the median of the other books."""
    apart = np.abs(now.logit - now.middle)
    return _counts(now.who, apart <= CLOSE, ~np.isnan(apart), whos)


def soundness(now: Look, whos: int) -> Counts:
    """Count the prices that are no anomaly, of those that others price too."""
    return _counts(now.who, ~now.odd, ~np.isnan(now.middle), whos)


def completeness(then: Look, now: Look, whos: int) -> Counts:
    """Count the prices still there, of those whose outcome anybody prices still."""
    return _counts(then.who, np.isin(then.price, now.price), np.isin(then.row, now.row), whos)


def steadiness(then: Look, now: Look, whos: int) -> Counts:
    """Count the best prices that did not go back, of those that stood out by 0.03 in logit.

    One went back if it moved towards where the others stood by half the distance or more.
    """
    old, new = _same(then, now)
    distance = then.logit[old] - then.middle[old]
    back = (now.logit[new] - then.logit[old]) * np.sign(-distance) >= 0.5 * np.abs(distance)
    return _counts(then.who[old], ~back, then.best[old] & (distance <= -_BEST_BY), whos)


def follows(then: Look, now: Look, whos: int) -> Follows:
    """Return what it takes to say how each book follows the moves of the others."""
    old, new = _same(then, now)
    own, others = now.logit[new] - then.logit[old], now.middle[new] - then.middle[old]
    moved = np.abs(others) >= _MOVE
    who, own, others = now.who[new][moved], own[moved], others[moved]
    interval_s = (now.at_s[new] - then.at_s[old])[moved]
    return Follows(
        *(
            np.bincount(who, figures, whos).astype(np.float64)
            for figures in (own * others, others**2, interval_s, np.ones(len(who)))
        )
    )


def sums(then: Look | None, now: Look, whos: int) -> Floats:
    """Return all that is counted at one look, shape (`SUMS`, whos).

    Two rows a part, good and of, in the order freshness, completeness, closeness,
    steadiness, soundness; then those of `Follows`. What needs an
    earlier look is 0 without one.
    """
    nothing = Counts(np.zeros(whos), np.zeros(whos))
    counts = [
        freshness(now, whos),
        nothing if then is None else completeness(then, now, whos),
        closeness(now, whos),
        nothing if then is None else steadiness(then, now, whos),
        soundness(now, whos),
    ]
    moves = np.zeros((len(Follows._fields), whos)) if then is None else follows(then, now, whos)
    return np.vstack([*(figures for count in counts for figures in count), *moves])


def lag_s(sums: Follows) -> Floats:
    """Return the mean time by which each book is behind the others; NaN where none moved.

    A book that closes a share b of the gap at each look is behind by (1 - b) / b looks in the mean
    (the geometric lag of Koyck, Distributed Lags and Investment Analysis, 1954). b is the slope of
    its moves on the others'; noise in these makes it smaller, so that all lags are too long rather
    than too short, and books are to be compared with each other. Infinite where b is 0 or less.

    Examples:
        >>> at_half = Follows(np.array([1.0]), np.array([2.0]), np.array([600.0]), np.array([10.0]))
        >>> lag_s(at_half).tolist()
        [60.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.clip(sums.own_by_others / sums.others_squared, 0.0, 1.0)
        return sums.interval_s / sums.moves * (1.0 - slope) / slope


def shares(of_all: Floats) -> Floats:
    """Return the share of each part, shape (parts,), of the sums of one who.

    By Laplace's rule of succession, the mean of a Beta(1, 1) after so many good of so many: nothing
    seen is one half, and little seen never is all or nothing.

    Examples:
        >>> shares(np.array([9.0, 10.0] + [0.0] * 8 + [0.0] * 4)).round(3).tolist()
        [0.833, 0.5, 0.5, 0.5, 0.5]
    """
    good, of = of_all[0 : 2 * PARTS : 2], of_all[1 : 2 * PARTS : 2]
    return (good + 1.0) / (of + 2.0)


def follows_of(of_all: Floats) -> Follows:
    """Return the sums of how one who follows the others."""
    return Follows(*of_all[2 * PARTS :, np.newaxis])


def _same(then: Look, now: Look) -> tuple[Ints, Ints]:
    """Return where the prices that stand at both looks are, in each."""
    _, old, new = np.intersect1d(then.price, now.price, assume_unique=True, return_indices=True)
    return old, new


def _counts(who: Ints, good: Marks, told: Marks, whos: int) -> Counts:
    return Counts(
        np.bincount(who, good & told, whos).astype(np.float64),
        np.bincount(who, told, whos).astype(np.float64),
    )
