"""Greedy: unrounded stakes put on their steps, then mended one step at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.stakes.goal import Goal, Want, allowed, most_cash
from engine.stakes.settle import nets
from engine.stakes.slip import Floats, Ints, Slip

Score = tuple[int, int]
Move = tuple[tuple[int, int], ...]

_MOST_MOVES = 400
_MOST_PAIRED = 8
_NEAR = 1e-7


@dataclass(slots=True)
class Scores:
    """How well stakes do, by integer arithmetic: no broken promise first, then the least profit."""

    slip: Slip
    goal: Goal
    most: int = field(init=False)
    _columns: dict[tuple[int, int], Ints] = field(default_factory=dict[tuple[int, int], Ints])
    _sharing: NDArray[np.bool_] = field(init=False)
    _even: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.most = most_cash(self.slip, self.goal)
        wants = self.goal.of_states(self.slip)
        self._sharing, self._even = wants == Want.PROFIT, wants == Want.EVEN

    def column(self, bet: int, stake: int) -> Ints:
        """Return what one bet brings in each state."""
        known = self._columns.get((bet, stake))
        if known is None:
            known = self._columns[bet, stake] = nets(self.slip, bet, stake)
        return known

    def of(self, profits: Ints) -> Score:
        """Return minus the shortfall of the even states, and the least profit of the others."""
        even = int(profits[self._even].min(initial=0)) + self.goal.bearable_minor
        return min(0, even), int(profits[self._sharing].min())

    def of_stakes(self, stakes: Sequence[int]) -> Score:
        """Return the score of stakes, one a bet."""
        return self.of(self.profits(stakes))

    def change(self, stakes: Sequence[int], move: Move) -> Ints:
        """Return what a move from the stakes brings more in each state."""
        return np.sum(
            [self.column(bet, to) - self.column(bet, stakes[bet]) for bet, to in move], axis=0
        )

    def profits(self, stakes: Sequence[int]) -> Ints:
        """Return what the stakes bring in each state."""
        return np.sum([self.column(bet, stake) for bet, stake in enumerate(stakes)], axis=0)


def greedy(scores: Scores, start: Floats) -> tuple[int, ...] | None:
    """Return stakes on the books' steps near `start`, or None if no such stakes are allowed.

    From the stakes rounded down, and from those rounded to the nearest, the move of one bet by one
    step up or down (or of two bets, one each way) that improves the score most is made until none
    does. This finds no proof that nothing is better.
    """
    slip, goal = scores.slip, scores.goal
    rounded = [_rounded(slip, goal, start, upwards=upwards) for upwards in (0.0, 0.5)]
    mended = [
        _mended(scores, list(each)) for each in rounded if allowed(slip, each, goal, scores.most)
    ]
    return max(mended, key=scores.of_stakes, default=None)


def polished(scores: Scores, stakes: Sequence[int]) -> tuple[int, ...]:
    """Return allowed stakes after every move of one step that improves them."""
    return _mended(scores, list(stakes))


def _rounded(slip: Slip, goal: Goal, start: Floats, *, upwards: float) -> tuple[int, ...]:
    stakes: list[int] = []
    for bet, stake in enumerate(start.tolist()):
        if bet in goal.fixed:
            stakes.append(goal.fixed[bet])
            continue
        step = slip.step(bet)
        whole = int(stake / step + upwards + _NEAR) * step
        least = slip.least(bet)
        stakes.append(min(whole if whole >= least else least * (2 * stake > least), slip.most(bet)))
    return tuple(stakes)


def _mended(scores: Scores, stakes: list[int]) -> tuple[int, ...]:
    profits = scores.profits(stakes)
    score = scores.of(profits)
    for _ in range(_MOST_MOVES):
        best = (score, stakes, profits)
        for move in _moves(scores.slip, scores.goal, stakes):
            moved = profits + scores.change(stakes, move)
            reached, after = scores.of(moved), _after(stakes, move)
            if reached > best[0] and allowed(scores.slip, after, scores.goal, scores.most):
                best = (reached, after, moved)
        if best[0] == score:
            break
        score, stakes, profits = best
    return tuple(stakes)


def _moves(slip: Slip, goal: Goal, stakes: list[int]) -> Iterator[Move]:
    free = [bet for bet in range(len(stakes)) if bet not in goal.fixed]
    ups = [(bet, max(slip.least(bet), stakes[bet] + slip.step(bet))) for bet in free]
    downs = [(bet, _less(slip, bet, stakes[bet])) for bet in free if stakes[bet]]
    yield from ((move,) for move in (*ups, *downs))
    if len(free) > _MOST_PAIRED:
        return
    yield from ((up, down) for up in ups for down in downs if up[0] != down[0])


def _less(slip: Slip, bet: int, stake: int) -> int:
    less = stake - slip.step(bet)
    return less if less >= slip.least(bet) else 0


def _after(stakes: list[int], move: Move) -> list[int]:
    after = list(stakes)
    for bet, stake in move:
        after[bet] = stake
    return after
