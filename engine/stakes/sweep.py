"""Sweep: the best whole stakes of bets of which exactly one wins, by trying every binding bet."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.stakes.goal import Goal, Want, most_cash
from engine.stakes.legs import Leg, leg_of, numbers
from engine.stakes.slip import Ints, Slip

MOST_TRIED, MOST_TRIED_EXACTLY = 1_000_000, 50_000
"""How many targets are weighed at most: by the processor's integers, and by longer ones."""
_FIRST, _BLOCK = 64, 8_192
_WORST = -(2**61)


class Swept(NamedTuple):
    """The best stakes, their least profit in minor units, and whether every plan was weighed."""

    stakes: tuple[int, ...]
    profit_minor: int
    proven: bool


def partitioned(slip: Slip, goal: Goal) -> bool:
    """Whether exactly one bet wins in each state that shares the profit, and no stake is fixed.

    In other promised states every stake must be returned, each bet must win somewhere and put up
    cash: then a plan is as good as its worst bet.
    """
    if goal.fixed or not all(bet.risk for bet in slip.bets):
        return False
    wants = goal.of_states(slip)
    won, lost = (
        np.column_stack(
            [
                np.array([float(pair[side]) for pair in endings])[slip.which[:, bet]]
                for bet, endings in enumerate(slip.settled)
            ]
        )
        for side in (0, 1)
    )
    one_wins = ((won == 1).sum(axis=1) == 1) & ((lost == 1).sum(axis=1) == len(slip.bets) - 1)
    returned = ((won == 0) & (lost == 0)).all(axis=1)
    sound = np.choose(wants, [np.ones_like(one_wins), returned, one_wins])
    sharing = wants == Want.PROFIT
    return bool(sound.all()) and bool((won[sharing] == 1).any(axis=0).all())


def sweep(slip: Slip, goal: Goal) -> Swept | None:
    """Return the stakes whose worst bet brings the most, or None if the limits refuse all.

    The worst bet of a best plan returns some L with a stake on its step; every other bet needs at
    least the smallest stake that returns L too, so the plan of these is as good. All such L are
    weighed but those that cannot win: a plan that returns L costs L sum(1/r) or more, r being what
    1 of cash returns, so one that earns p has L >= p / (1 - sum(1/r)). The payouts are those of
    the certificate. Of equal plans the one that uses more of the total is taken.

    At most about `MOST_TRIED` targets are weighed, or `MOST_TRIED_EXACTLY` where 64 bits do not
    hold a product: only where the return is so thin that hundreds of thousands of steps earn less
    than rounding to one costs; `proven` then says False.

    Raises:
        ValueError: The bets are not `partitioned`, or nothing bounds them.
    """
    if not partitioned(slip, goal):
        raise ValueError("a sweep needs bets of which exactly one wins, none of them fixed")
    total = most_cash(slip, goal)
    legs = [leg_of(slip, bet, total) for bet in range(len(slip.bets))]
    cost = sum((slip.unit_cost(bet) / leg.per_stake for bet, leg in enumerate(legs)), Fraction(0))
    smallest = _best_of(slip, legs, np.array([1], numbers(legs)), total)
    if smallest is None:
        return None
    top = _highest(slip, legs, total, floor(total / cost))
    if cost > 1:  # whatever returns L loses L (sum(1/r) - 1) or more
        top = min(top, floor(max(0, -smallest.profit_minor) / (cost - 1)))
    most = MOST_TRIED if numbers(legs) == np.int64 else MOST_TRIED_EXACTLY
    best, tried = None, 0
    for block in _from_the_top(legs, top):
        least = max(0, best.profit_minor) / (1 - cost) if best and cost < 1 else 0
        targets = block[block > floor(least)] if best and best.profit_minor > 0 else block
        if not len(targets):
            break
        if tried > most:
            return (best or smallest)._replace(proven=False)
        tried += len(targets)
        found = _best_of(slip, legs, targets, total)
        if found is not None and (best is None or found.profit_minor > best.profit_minor):
            best = found
    return best or smallest


def _highest(slip: Slip, legs: Sequence[Leg], total: int, top: int) -> int:
    """Return about the highest target that the limits allow, never less."""
    kind, low, high = numbers(legs), 0, top
    while high - low > _FIRST:
        tried = [low + (high - low) * part // _FIRST for part in range(1, _FIRST + 1)]
        fitting = int(_answered(slip, legs, np.array(tried, kind), total).fits.sum())
        if fitting == len(tried):
            break
        low, high = tried[fitting - 1] if fitting else low, tried[fitting]
    return high


def _from_the_top(legs: Sequence[Leg], top: int) -> Iterator[Ints]:
    """Yield blocks of falling targets: all that some leg returns with a stake on its step."""
    kind, upper, size = numbers(legs), top, _FIRST
    while upper > 0:
        lower = max(0, upper - ceil(size * min(leg.per_stake * leg.step for leg in legs)))
        blocks = [_between(leg, lower, upper, kind) for leg in legs]
        targets = np.unique(np.concatenate(blocks))[::-1]
        if len(targets):
            yield targets
        upper, size = lower, min(size * 4, _BLOCK)


def _between(leg: Leg, lower: int, upper: int, kind: np.dtype[np.int64]) -> Ints:
    """Return what stakes on a leg's step return, above `lower` and up to `upper`."""
    first, last = leg.fewest(np.array([lower + 1, upper + 1], kind))
    end = min(int(last), leg.most) + 1
    returns = leg.returns(np.arange(int(first), end, leg.step, dtype=kind))
    return returns[(returns > lower) & (returns <= upper)]


class _Answers(NamedTuple):
    """The cheapest stakes of each leg for some targets, their cash, and whether they may be."""

    stakes: list[Ints]
    spent: Ints
    fits: NDArray[np.bool_]


def _answered(slip: Slip, legs: Sequence[Leg], targets: Ints, total: int) -> _Answers:
    stakes = [leg.fewest(targets) for leg in legs]
    spent = _sum([leg.costs(each) for leg, each in zip(legs, stakes, strict=True)])
    fits = spent <= total
    for leg, each in zip(legs, stakes, strict=True):
        fits &= each <= leg.most
    for number, book in enumerate(slip.books):
        there = [bet for bet, own in enumerate(slip.bets) if own.book == number]
        if book.balance_minor is not None and there:
            fits &= _sum([legs[bet].put_up(stakes[bet]) for bet in there]) <= book.balance_minor
    return _Answers(stakes, spent, fits)


def _best_of(slip: Slip, legs: Sequence[Leg], targets: Ints, total: int) -> Swept | None:
    stakes, spent, fits = _answered(slip, legs, targets, total)
    if not bool(fits.any()):
        return None
    returns = [leg.returns(each) for leg, each in zip(legs, stakes, strict=True)]
    profits = np.where(fits, np.minimum.reduce(returns) - spent, _WORST)
    at = int(np.argmax(profits))
    return Swept(tuple(int(each[at]) for each in stakes), int(profits[at]), proven=True)


def _sum(amounts: Sequence[Ints]) -> Ints:
    return np.sum(amounts, axis=0)
