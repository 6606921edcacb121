"""Surebets: sets of prices that return more than they cost, whatever happens."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Surebets(NamedTuple):
    """One row a market: cost of a certain 1, share of the cash a leg, is it a surebet."""

    cost: Floats
    shares: Floats
    found: NDArray[np.bool_]

    @property
    def roi(self) -> Floats:
        """Profit of every ending that one leg wins, as a share of the cash at risk."""
        return 1.0 / self.cost - 1.0


def surebets(odds: Floats, *, min_edge: float = 0.0) -> Surebets:
    """Find the surebets in a table of best prices, with shares that return the same everywhere.

    Args:
        odds: Shape (markets, legs), decimal, after commission. NaN: no price, so the market is
            never found. Infinity: the market has no such leg, which costs nothing and gets no
            share.
        min_edge: Smallest edge worth reporting, as a share of the cash at risk.

    Raises:
        ValueError: A price is 1 or less, or `odds` is not two-dimensional.

    Examples:
        >>> surebets(np.array([[2.10, 2.05], [1.90, 1.90]])).found.tolist()
        [True, False]
    """
    if odds.ndim != 2 or bool((odds <= 1.0).any()):
        raise ValueError("odds must have two dimensions and every price must be above 1")
    weights = 1.0 / odds
    cost = weights.sum(axis=1)
    return Surebets(cost, weights / cost[:, np.newaxis], 1.0 / cost - 1.0 > min_edge)
