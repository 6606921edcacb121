"""Simplex: optimal mixtures of both players of a matrix game, in a condensed tableau.

With every payoff shifted above 0, the state player's mixture q and the game's value w solve
max sum(y), y A' <= 1, y >= 0, where y = q / w (von Neumann's reduction of a game to a linear
programme; Dantzig, A proof of the equivalence of the programming problem and the game problem,
1951). Its slack basis is feasible, so there is no first phase, and its dual prices are the stakes
divided by w. The tableau is Tucker's: one row a state, one column a bet, one margin each for the
prices and the right-hand side. Exchanging the state in row e for the slack in column l, with p in
the cell where they meet, turns cell (i, j) into T[i, j] - T[i, l] T[e, j] / p, row e into
-T[e] / p, column l into T[:, l] / p, and p into 1 / p.
"""

import numpy as np
from numpy.typing import NDArray

from engine.bets import Floats
from kit.jit import jit, jit_or

Ints = NDArray[np.int64]

_PRICE = 1e-12
_PIVOT = 1e-10
_STALLED = 1e-13
_PATIENCE = 12


def _exchange_plain(table: Floats, row: int, column: int) -> None:
    pivot = table[row, column]
    scaled = table[:, column] / pivot
    scaled[row] = 0.0
    top = table[row].copy()
    table -= scaled[:, np.newaxis] * top
    table[row] = -top / pivot
    table[:, column] = scaled
    table[row, column] = 1.0 / pivot


@jit_or(_exchange_plain)
def exchange(table: Floats, row: int, column: int) -> None:
    """Exchange the variable of a row for that of a column, in place."""
    height, width = table.shape
    pivot = table[row, column]
    top = table[row].copy()
    for i in range(height):
        if i != row:
            factor = table[i, column] / pivot
            line = table[i]
            for j in range(width):
                line[j] -= factor * top[j]
            line[column] = factor
    for j in range(width):
        table[row, j] = -top[j] / pivot
    table[row, column] = 1.0 / pivot


def _entering_plain(table: Floats, states: Ints, careful: bool) -> int:  # noqa: FBT001
    prices = table[:-1, -1]
    best = int(prices.argmax())
    if prices[best] <= _PRICE:
        return -1
    if not careful:
        return best
    return int(np.where(prices > _PRICE, states, np.iinfo(np.int64).max).argmin())


@jit_or(_entering_plain)
def entering(table: Floats, states: Ints, careful: bool) -> int:  # noqa: FBT001
    """Return the row whose price is highest; if careful, the first by label with any; or -1."""
    chosen = -1
    for row in range(len(states)):
        price = table[row, -1]
        if price > _PRICE and (
            chosen < 0 or (states[row] < states[chosen] if careful else price > table[chosen, -1])
        ):
            chosen = row
    return chosen


def _leaving_plain(table: Floats, row: int, bets: Ints, careful: bool) -> int:  # noqa: FBT001
    pivots, room = table[row, :-1], np.maximum(table[-1, :-1], 0.0)
    fit = pivots > _PIVOT
    if not bool(fit.any()):
        return -1
    ratios = np.where(fit, room / np.where(fit, pivots, 1.0), np.inf)
    tied = ratios == ratios.min()
    if careful:
        return int(np.where(tied, bets, np.iinfo(np.int64).max).argmin())
    return int(np.where(tied, pivots, -np.inf).argmax())


@jit_or(_leaving_plain)
def leaving(table: Floats, row: int, bets: Ints, careful: bool) -> int:  # noqa: FBT001
    """Return the column that the row's variable reaches first, by the largest pivot; or -1."""
    chosen, least = -1, np.inf
    for column in range(len(bets)):
        pivot = table[row, column]
        if pivot > _PIVOT:
            ratio = max(table[-1, column], 0.0) / pivot
            if ratio < least or (
                ratio == least
                and (bets[column] < bets[chosen] if careful else pivot > table[row, chosen])
            ):
                chosen, least = column, ratio
    return chosen


@jit
def pivoted(table: Floats, states: Ints, bets: Ints) -> int:
    """Exchange until no price is positive; return the exchanges made, or -1 if it never ends.

    Dantzig's rule, and Bland's (New finite pivoting rules for the simplex method, 1977) while the
    objective stands still.
    """
    stalled = 0
    for made in range(50 * (len(states) + len(bets))):
        careful = stalled > _PATIENCE
        row = entering(table, states, careful)
        if row < 0:
            return made
        column = leaving(table, row, bets, careful)
        if column < 0:
            return -1
        before = table[-1, -1]
        exchange(table, row, column)
        states[row], bets[column] = bets[column], states[row]
        stalled = stalled + 1 if before - table[-1, -1] <= _STALLED else 0
    return -1


@jit
def mixtures(payoff: Floats) -> tuple[int, Floats, Floats]:
    """Return (exchanges made, stakes, measure) of the game; -1 exchanges: it failed.

    Args:
        payoff: Shape (states, bets), finite.

    Returns:
        Stakes of shape (bets,) and a measure of shape (states,), each non-negative with sum 1.
    """
    height, width = len(payoff), len(payoff[0])
    table = np.ones((height + 1, width + 1))
    table[:-1, :-1] = payoff + (1.0 - payoff.min())
    table[-1, -1] = 0.0
    states = np.arange(height)
    bets = np.arange(height, height + width)
    made = pivoted(table, states, bets)
    stakes, measure = np.zeros(width), np.zeros(height)
    staked = measured = 0.0
    for row in range(height):
        if states[row] >= height:
            stakes[states[row] - height] = max(-table[row, -1], 0.0)
            staked += stakes[states[row] - height]
    for column in range(width):
        if bets[column] < height:
            measure[bets[column]] = max(table[-1, column], 0.0)
            measured += measure[bets[column]]
    if made < 0 or staked <= 0.0 or measured <= 0.0:
        return -1, stakes, measure
    return made, stakes / staked, measure / measured


@jit
def proven(payoff: Floats, stakes: Floats, measure: Floats) -> tuple[float, float]:
    """Return what the stakes keep in the worst state, and what the measure lets no bet exceed."""
    kept, expected = np.zeros(len(payoff)), np.zeros(len(stakes))
    for bet in np.flatnonzero(stakes):
        kept += stakes[bet] * payoff[:, bet]
    for state in np.flatnonzero(measure):
        expected += measure[state] * payoff[state]
    return kept.min(), expected.max()
