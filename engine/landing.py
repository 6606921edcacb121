"""Landing: how likely a result is to fall between two lines, by one book's own ladder of lines.

Prices of two books on two lines say little about what lies between: where they disagree about the
middle of the results, the difference of their chances is that disagreement. So a chance of landing
is read from books that quote both lines, each by itself, and only where its lines bound the results
that are asked about; nothing is assumed of how results are distributed.
"""

from typing import NamedTuple

import numpy as np

from engine.bets import Floats

_NEGATIVE, _ALIKE = -1e-12, 1e-12


class Ladder(NamedTuple):
    """The chance that the result is above each line; lines are halves and ascend."""

    lines: Floats
    above: Floats


def ladder(lines: Floats, over: Floats) -> Ladder | None:
    """Return what one book thinks of the result, as far as its half lines tell.

    A half line tells the chance above it. A whole line, at which stakes are given back, tells how
    the chances above and below it compare, over / (1 - over), so that a half line next to it tells
    the one on its other side. Quarter lines tell nothing here.

    Args:
        lines: Shape (lines,).
        over: The chance that the over wins if it is settled at all, margin taken out, in (0, 1).

    Returns:
        None if the book tells nothing, or contradicts itself: a lower line is passed less often.

    Raises:
        ValueError: The shapes do not fit, or a chance is not in (0, 1).

    Examples:
        >>> told = ladder(np.array([2.5, 3.0]), np.array([0.5, 0.4]))
        >>> told.lines.tolist(), told.above.round(4).tolist()
        ([2.5, 3.5], [0.5, 0.3333])
    """
    if lines.ndim != 1 or lines.shape != over.shape:
        raise ValueError("every line has one chance of its over")
    if not bool(((over > 0.0) & (over < 1.0)).all()):
        raise ValueError("every chance of an over must be above 0 and below 1")
    whole = np.mod(lines, 1.0) == 0.0
    known = dict(
        zip(*(each[np.mod(lines, 1.0) == 0.5].tolist() for each in (lines, over)), strict=True)
    )
    odds_of = sorted(zip(lines[whole].tolist(), (over / (1.0 - over))[whole].tolist(), strict=True))
    for line, odds in odds_of:  # upwards: what a whole line tells, the next one may need
        if line - 0.5 in known:
            known.setdefault(line + 0.5, (1.0 - known[line - 0.5]) * odds)
    for line, odds in reversed(odds_of):
        if line + 0.5 in known:
            known.setdefault(line - 0.5, 1.0 - known[line + 0.5] / odds)
    if not known:
        return None
    at = np.array(sorted(known))
    told = Ladder(at, np.array([known[line] for line in at.tolist()]))
    return told if bool((_masses(told) >= _NEGATIVE).all()) else None


def mean(told: Ladder, results: Floats, values: Floats) -> Floats:
    """Return the mean of each column of values over the results, by what a book's ladder tells.

    Args:
        told: The ladder.
        results: Whole numbers, ascending, shape (results,).
        values: What each result is worth, shape (results, columns).

    Returns:
        Shape (columns,); NaN where results are worth different things between which no line lies.

    Examples:
        >>> told = Ladder(np.array([2.5, 3.5]), np.array([0.6, 0.35]))
        >>> goals = np.arange(6.0)
        >>> lands = np.stack([goals == 3, goals == 2], axis=1).astype(float)
        >>> mean(told, goals, lands).round(4).tolist()
        [0.25, nan]
    """
    cell, masses = np.searchsorted(told.lines, results), np.maximum(_masses(told), 0.0)
    low, high = (np.full((len(masses), values.shape[1]), worst) for worst in (np.inf, -np.inf))
    np.minimum.at(low, cell, values)
    np.maximum.at(high, cell, values)
    # A cell without a result leaves low above high.
    settled = (high - low <= _ALIKE) & (low - high <= _ALIKE)
    total = masses @ np.where(settled, low, 0.0)
    return np.where(settled.all(axis=0), total, np.nan)


def _masses(told: Ladder) -> Floats:
    """Return the chance of each cell: below the first line, between two, above the last."""
    return -np.diff(np.concatenate([[1.0], told.above, [0.0]]))
