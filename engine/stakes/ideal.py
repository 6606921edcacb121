"""Ideal: the best stakes without steps and minimums, as a linear program; what rounding aims at."""

from typing import NamedTuple

import numpy as np

from engine.linear import minimum
from engine.stakes.goal import Goal, Want, most_cash
from engine.stakes.settle import spent, spent_at, together
from engine.stakes.slip import Floats, Slip

LOSS_WEIGHT = 1_000.0


class Ideal(NamedTuple):
    """Unrounded stakes by bet, in the book's minor units, and the least profit they share."""

    stakes: Floats
    profit: float


def ideal(slip: Slip, goal: Goal) -> Ideal:
    """Return the stakes whose worst promised state is best.

    Maximises t subject to A x >= t in the states that share the profit, A x >= -bearable in those
    that must be even, and the limits: the value of a matrix game, bounded. With fixed stakes a
    loss may be unavoidable: it is made as small as can be first.

    Raises:
        ValueError: Nothing bounds the stakes, or the limits cannot hold the fixed ones.
        Broken: The solver gave up.
    """
    unit = float(most := most_cash(slip, goal))
    free = [bet for bet in range(len(slip.bets)) if bet not in goal.fixed]
    promises, promised = _promises(slip, goal, free)
    purses, held = _purses(slip, goal, free, most)
    caps = [min(float(slip.most(bet)), _affordable(slip, bet, unit)) for bet in free]
    point = minimum(
        np.array([*np.zeros(len(free)), -1.0, LOSS_WEIGHT]),
        np.vstack([promises, purses]),
        np.concatenate([promised, held]) / unit,
        np.array([*(cap / unit for cap in caps), np.inf, np.inf if goal.fixed else 0.0]),
    ).at
    stakes = np.array([float(goal.fixed.get(bet, 0)) for bet in range(len(slip.bets))])
    stakes[free] = point[:-2] * unit
    return Ideal(stakes, float(point[-2] - point[-1]) * unit)


def brings(slip: Slip, bet: int) -> Floats:
    """Return what a stake of 1 brings in each state, unrounded, in our currency."""
    return np.array([float(net) for net in slip.unit_net(bet)])[slip.which[:, bet]]


def _promises(slip: Slip, goal: Goal, free: list[int]) -> tuple[Floats, Floats]:
    """Return the distinct rows of the promised states, and what each must reach."""
    wants, stands = goal.of_states(slip), together(slip, goal.fixed)
    shares = wants == Want.PROFIT
    reach = -stands.astype(float) - np.where(shares, 0.0, goal.bearable_minor)
    columns = [brings(slip, bet) for bet in free]
    ends = (-shares.astype(float), np.ones(len(wants)), reach)
    table: Floats = np.column_stack([*columns, *ends]).astype(np.float64)
    distinct = np.unique(table[wants != Want.OPEN], axis=0)
    return distinct[:, :-1], distinct[:, -1]


def _purses(slip: Slip, goal: Goal, free: list[int], most: int) -> tuple[Floats, Floats]:
    costs = [-float(slip.unit_cost(bet)) for bet in free]
    rows, held = [[*costs, 0.0, 0.0]], [float(spent(slip, goal.fixed) - most)]
    for number, book in enumerate(slip.books):
        if book.balance_minor is not None:
            own = [slip.bets[bet] for bet in free]
            there = [-float(bet.risk) if bet.book == number else 0.0 for bet in own]
            rows.append([*there, 0.0, 0.0])
            held.append(float(spent_at(slip, number, goal.fixed) - book.balance_minor))
    return np.array(rows), np.array(held)


def _affordable(slip: Slip, bet: int, most: float) -> float:
    cost = float(slip.unit_cost(bet))
    return most / cost if cost else np.inf
