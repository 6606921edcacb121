"""Bets in one normal form: the share of the cash at risk that wins and that loses, by state."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Bets(NamedTuple):
    """Bets over the states in which an event can end.

    `win[state, bet]` and `lose[state, bet]` are shares of the cash at risk, whole multiples of 1/2
    but for dead heats and deductions; what is neither won nor lost is given back. `net[bet]` is
    what one unit of cash at risk wins, after commission: a back's unit is its stake, with
    (odds - 1)(1 - commission); a lay's unit is its liability, with (1 - commission) / (odds - 1).
    """

    win: Floats
    lose: Floats
    net: Floats


def checked(bets: Bets) -> Bets:
    """Return the same bets.

    Raises:
        ValueError: The shapes do not fit; there is no bet or no state; a number is NaN or
            infinite; shares are negative or pass 1 together; a bet wins nothing.

    Examples:
        >>> one = np.array([[1.0]])
        >>> checked(Bets(one, one, np.array([1.1])))
        Traceback (most recent call last):
            ...
        ValueError: a bet wins and loses more than its cash
    """
    win, lose, net = bets
    if win.ndim != 2 or win.shape != lose.shape or net.shape != win.shape[1:]:
        raise ValueError("win and lose are states by bets, and net has one number a bet")
    if 0 in win.shape:
        raise ValueError("there are no bets, or no states to settle them in")
    if not all(bool(np.isfinite(part).all()) for part in bets):
        raise ValueError("every share and every net odds must be a finite number")
    if bool((win < 0.0).any()) or bool((lose < 0.0).any()):
        raise ValueError("a share is negative")
    if bool((win + lose > 1.0 + 1e-12).any()):
        raise ValueError("a bet wins and loses more than its cash")
    if not bool((net > 0.0).all()):
        raise ValueError("net odds must be above 0: such a bet can win nothing")
    return bets


def payoff(bets: Bets) -> Floats:
    """Return the profit of one unit of cash at risk, shape (states, bets).

    Examples:
        >>> quarter = Bets(np.array([[1.0], [0.0]]), np.array([[0.0], [0.5]]), np.array([0.9]))
        >>> payoff(quarter).tolist()
        [[0.9], [-0.5]]
    """
    return bets.net * bets.win - bets.lose
