"""MILP: the best stakes on the books' steps and above their minimums, with a bound for all others.

Payouts are integers of their own below what the odds pay, so that the program rounds as the
certificate does. Where currencies or parts of a bet are rounded more than once its optimum is only
a bound, and the stakes are polished afterwards.
"""

from fractions import Fraction
from math import floor, inf
from typing import NamedTuple

import numpy as np

from engine.stakes.goal import Goal, Want, most_cash
from engine.stakes.ideal import LOSS_WEIGHT
from engine.stakes.integer import Column, Row, cheapest
from engine.stakes.settle import spent, spent_at, together
from engine.stakes.slip import Slip

_NEAR = 1e-6


class Solved(NamedTuple):
    """Stakes of the program, and the profit in minor units that no stakes exceed, if proven."""

    stakes: tuple[int, ...]
    bound_minor: int | None


def solve(slip: Slip, goal: Goal, *, seconds: float) -> Solved | None:
    """Return the best stakes that HiGHS finds within `seconds`, or None if it finds none.

    Maximise t subject to: the floored payouts of state i sum to t or more (to minus what is
    bearable in even states), stakes are whole steps, 0 or between the books' bounds, and cash is
    within the total and the balances. Without fixed stakes all zeros are feasible with t = 0.

    Raises:
        ValueError: Nothing bounds the stakes, or the limits cannot hold the fixed ones.
        Broken: The solver failed.
    """
    program = _Program(slip, goal)
    answer = cheapest(program.columns, program.rows, seconds=seconds)
    if answer is None:
        return None
    stakes = [goal.fixed.get(bet, 0) for bet in range(len(slip.bets))]
    for bet, column in program.steps.items():
        stakes[bet] = round(float(answer.at[column])) * slip.step(bet)
    return Solved(tuple(stakes), None if goal.fixed else floor(-answer.bound + _NEAR))


class _Program:
    """The columns and rows of one slip and goal; `steps` are the columns that count stakes."""

    def __init__(self, slip: Slip, goal: Goal) -> None:
        self.slip, self.goal, self.most = slip, goal, most_cash(slip, goal)
        self.columns: list[Column] = []
        self.rows: list[Row] = []
        free = [bet for bet in range(len(slip.bets)) if bet not in goal.fixed]
        self.steps = {bet: self._stake(bet) for bet in free}
        self._promise()
        self._hold()

    def _column(self, column: Column) -> int:
        self.columns.append(column)
        return len(self.columns) - 1

    def _floored(self, bet: int, unit: Fraction) -> dict[int, float]:
        """Return the terms of a whole number: `unit` times the stake, rounded down."""
        column, times = self.steps[bet], unit * self.slip.step(bet)
        if times.denominator == 1:
            return {column: float(times)} if times else {}
        paid = self._column(Column(-inf, inf))
        self.rows.append(Row({column: float(times), paid: -1.0}, 0.0))
        return {paid: 1.0}

    def _stake(self, bet: int) -> int:
        """Add a column that counts steps of a bet, none or at least the book's minimum."""
        step, least, most = self.slip.step(bet), self.slip.least(bet), self.slip.most(bet)
        if cost := self.slip.unit_cost(bet):
            most = min(most, floor(self.most / cost))
        steps = float(most // step)
        column = self._column(Column(0.0, steps))
        if least > step:
            placed = self._column(Column(0.0, 1.0))
            self.rows.append(Row({column: 1.0, placed: -float(least // step)}, 0.0))
            self.rows.append(Row({column: -1.0, placed: steps}, 0.0))
        return column

    def _promise(self) -> None:
        """Add a row for each distinct state that anything is promised of."""
        slip, goal = self.slip, self.goal
        gained = self._column(Column(0.0, inf, whole=False, cost=-1.0))
        worst = inf if goal.fixed else 0.0
        lost = self._column(Column(0.0, worst, whole=False, cost=LOSS_WEIGHT))
        paid = {
            bet: [self._floored(bet, unit) for unit in slip.unit_net(bet)] for bet in self.steps
        }
        wants = goal.of_states(slip)
        table = np.column_stack([slip.which, wants, together(slip, goal.fixed)])
        for *endings, want, stands in np.unique(table[wants != Want.OPEN], axis=0).tolist():
            shares = want == Want.PROFIT
            terms: dict[int, float] = {lost: 1.0, gained: -float(shares)}
            for bet in self.steps:
                terms |= paid[bet][int(endings[bet])]
            self.rows.append(Row(terms, -float(stands) - (0 if shares else goal.bearable_minor)))

    def _hold(self) -> None:
        """Add the rows of the total and of the balances, in whole minor units of cash."""
        slip, fixed = self.slip, self.goal.fixed
        units = {bet: slip.unit_cost(bet) for bet in self.steps}
        self._purse(units, spent(slip, fixed) - self.most)
        for number, book in enumerate(slip.books):
            if book.balance_minor is not None:
                there = [bet for bet in self.steps if slip.bets[bet].book == number]
                units = {bet: slip.bets[bet].risk for bet in there}
                self._purse(units, spent_at(slip, number, fixed) - book.balance_minor)

    def _purse(self, units: dict[int, Fraction], least: int) -> None:
        terms: dict[int, float] = {}
        for bet, unit in units.items():
            terms |= self._floored(bet, -unit)
        self.rows.append(Row(terms, float(least)))
