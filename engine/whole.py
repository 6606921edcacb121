"""The simplex in whole numbers: for games so nearly degenerate that rounding misleads the others.

A float is a whole number over a power of two, so a game of floats is a game of whole numbers. All
cells of the tableau of `engine.simplex` then share one denominator, the last pivot (Edmonds,
Systems of distinct representatives and linear algebra, 1967; Bareiss, Sylvester's identity and
multistep integer-preserving Gaussian elimination, 1968): with cells T over d and the pivot p, cell
(i, j) becomes (T[i, j] p - T[i, l] T[e, j]) / d, which has no remainder, over p.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.bets import Floats

Wholes = NDArray[np.object_]

_PATIENCE = 12


def exact_mixtures(payoff: Floats) -> tuple[Floats, Floats]:
    """Return optimal stakes and measure of the game, exact but for their own rounding to floats.

    Takes about a second for 48 states by 125 bets.

    Args:
        payoff: Shape (states, bets), finite.
    """
    height, width = len(payoff), len(payoff[0])
    table, labels = _start(payoff), (list(range(height)), list(range(height, height + width)))
    last, stalled, size = 1, 0, Fraction(0)
    while (row := _entering(table, labels[0], careful=stalled > _PATIENCE)) is not None:
        column = _leaving(table, row, labels[1])
        last = _exchange(table, row, column, last)
        labels[0][row], labels[1][column] = labels[1][column], labels[0][row]
        reached = Fraction(-table[-1, -1], last)
        stalled, size = (stalled + 1 if reached == size else 0), reached
    stakes, measure = np.zeros(width), np.zeros(height)
    total = -table[-1, -1]
    for label, price in zip(labels[0], table[:-1, -1], strict=True):
        if label >= height:
            stakes[label - height] = float(Fraction(-price, total))
    for label, share in zip(labels[1], table[-1, :-1], strict=True):
        if label < height:
            measure[label] = float(Fraction(share, total))
    return stakes, measure


def _start(payoff: Floats) -> Wholes:
    cells = [[Fraction(cell) for cell in row] for row in payoff.tolist()]
    scale = max(cell.denominator for row in cells for cell in row)
    lift = 1 - min(map(min, cells))
    table = np.ones((len(cells) + 1, len(cells[0]) + 1), dtype=object)
    table[:-1, :-1] = [[int((cell + lift) * scale) for cell in row] for row in cells]
    table[-1, -1] = 0
    return table


def _exchange(table: Wholes, row: int, column: int, last: int) -> int:
    """Exchange in place and return the new common denominator."""
    pivot = table[row, column]
    top, side = table[row].copy(), table[:, column].copy()
    table[:] = (table * pivot - side[:, np.newaxis] * top) // last
    table[row], table[:, column] = -top, side
    table[row, column] = last
    return pivot


def _entering(table: Wholes, states: list[int], *, careful: bool) -> int | None:
    """Return the row with the highest price, or with the first label; None at the optimum."""
    rows = [row for row, price in enumerate(table[:-1, -1]) if price > 0]
    if careful:
        return min(rows, key=lambda row: states[row], default=None)
    return max(rows, key=lambda row: table[row, -1], default=None)


def _leaving(table: Wholes, row: int, bets: list[int]) -> int:
    """Return the column that is reached first; of equal ones the first by label."""
    columns = [column for column, pivot in enumerate(table[row, :-1]) if pivot > 0]
    return min(
        columns, key=lambda column: (Fraction(table[-1, column], table[row, column]), bets[column])
    )
