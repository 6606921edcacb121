"""Settlement as small numbers: what a bet pays in an ending, as far as no rule is needed to say.

A code below 8 is 3 x halves won + halves lost, of two halves: 0 is void, 6 won, 2 lost, 3 and 1
half won and half lost, 4 a dead heat of two. The two that this leaves over say that a rule decides:
5 that the sides are level, 7 that play ended before the bet was decided. Higher codes add to one of
these what a rule may make of it; `engine.settlement.rules` turns them into what a book pays.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.bets import Floats

Codes = NDArray[np.int8]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

VOID, HALF_LOST, LOST, HALF_WON, DEAD_HEAT, LEVEL, WON, UNDECIDED = range(8)
DECIDED_EARLY = 8
CALLED_UNDECIDED = 16
CALLED_DECIDED = 24
OTHER_PITCHER = 32
RETIRED_IN_FIRST_SET = 64
RETIRED_LATER = 72
MOST_CODES = 80

_SWAPPED = np.array([VOID, HALF_WON, WON, HALF_LOST, DEAD_HEAT, LEVEL, LOST, UNDECIDED], np.int8)
_WON_SHARE = np.array([0.0, 0.0, 0.0, 0.5, 0.5, np.nan, 1.0, np.nan])
_LOST_SHARE = np.array([0.0, 0.5, 1.0, 0.0, 0.5, np.nan, 0.0, np.nan])
_HELD_BITS = 1 << 56


def won_if(won: Marks) -> Codes:
    """Return the code of a bet that wins there and loses elsewhere."""
    return np.where(won, np.int8(WON), np.int8(LOST))


def above(measured: Ints, line: float) -> Codes:
    """Return the codes of a bet that a whole number exceeds a line.

    A quarter line is half a bet on the half line below it and half on the one above; a whole line
    that is hit gives the stake back. Compared in quarters, so that nothing is rounded.

    Examples:
        >>> above(np.array([2, 3]), 2.75).tolist() == [LOST, HALF_WON]
        True
    """
    quarters = round(line * 4)
    halves = (quarters - 1, quarters + 1) if quarters % 2 else (quarters, quarters)
    exceeding = 4 * measured
    won = sum((exceeding > half).astype(np.int8) for half in halves)
    lost = sum((exceeding < half).astype(np.int8) for half in halves)
    return np.asarray(3 * won + lost, np.int8)


def opposite(codes: Codes) -> Codes:
    """Return the codes of the same bets taken from the other side; only codes below 8."""
    return _SWAPPED[codes]


def shares(codes: Codes) -> tuple[Floats, Floats]:
    """Return what codes that need no rule win and lose, as shares of the cash at risk."""
    return _WON_SHARE[codes], _LOST_SHARE[codes]


def worst(alternatives: Codes) -> Codes:
    """Return the code that wins no more and loses no less than any alternative (first axis)."""
    return np.asarray(3 * (alternatives // 3).min(axis=0) + (alternatives % 3).max(axis=0), np.int8)


def classes(columns: Iterable[Codes], size: int) -> Ints:
    """Return the number of each row's class: rows are in one class if all columns agree on them.

    Exact refinement: labels are joined in a mixed radix, and renumbered before they overflow.
    """
    labels, span = np.zeros(size, np.int64), 1
    for column in columns:
        rank, ways = _ranks(column)
        if span > _HELD_BITS // ways:
            labels = np.unique(labels, return_inverse=True)[1]
            span = int(labels.max(initial=0)) + 1
        labels = labels * ways + rank[column]
        span *= ways
    return np.unique(labels, return_inverse=True)[1]


def firsts(labels: Ints) -> Ints:
    """Return the first row of each class, ascending."""
    return np.sort(np.unique(labels, return_index=True)[1])


def _ranks(column: Codes) -> tuple[Ints, int]:
    used = np.bincount(column, minlength=MOST_CODES) > 0
    return np.cumsum(used) - 1, max(1, int(used.sum()))
