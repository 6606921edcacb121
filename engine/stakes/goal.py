"""Goals: which states share the profit, which only must not lose, and how much cash may go."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from engine.stakes.bet import MOST_MINOR
from engine.stakes.settle import spent, spent_at, together
from engine.stakes.slip import Ints, Slip

_ROOM = 4


class Want(IntEnum):
    """What a state is to bring: nothing promised, no loss beyond a bound, a share of the profit."""

    OPEN = 0
    EVEN = 1
    PROFIT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What stakes are chosen for.

    `total_minor` is the most cash at risk, in our currency; `fixed` are stakes that stand already,
    by bet; `bearable_minor` is the loss that `EVEN` states may bring. `wants` has one entry a
    state; without it every state that decides a bet shares the profit, and the others are `EVEN`.

    Raises:
        ValueError: The total is not above 0, an amount is negative or above `MOST_MINOR`, or no
            state shares the profit.
    """

    total_minor: int | None = None
    fixed: dict[int, int] = field(default_factory=dict[int, int])
    wants: tuple[Want, ...] | None = None
    bearable_minor: int = 0

    def __post_init__(self) -> None:
        if self.total_minor is not None and not 0 < self.total_minor <= MOST_MINOR:
            raise ValueError(f"the total must be above 0, at most {MOST_MINOR}: {self.total_minor}")
        if not all(0 <= amount <= MOST_MINOR for amount in self.fixed.values()):
            raise ValueError(f"fixed stakes must be in 0..{MOST_MINOR}: {self.fixed}")
        if not 0 <= self.bearable_minor <= MOST_MINOR:
            raise ValueError(f"the bearable loss must be 0 or more: {self.bearable_minor}")
        if self.wants is not None and Want.PROFIT not in self.wants:
            raise ValueError("no state is to bring a profit")

    def of_states(self, slip: Slip) -> Ints:
        """Return the want of each state as an integer; raise `ValueError` for a wrong number."""
        if self.wants is None:
            return np.where(decided(slip), Want.PROFIT, Want.EVEN).astype(np.int64)
        if len(self.wants) != len(slip.which):
            raise ValueError(f"{len(self.wants)} wants for {len(slip.which)} states")
        return np.array(self.wants, np.int64)


def most_cash(slip: Slip, goal: Goal) -> int:
    """Return the most cash at risk that a goal allows, in our currency.

    Without a total, fixed stakes bound the others: at four times what they may return at most, a
    hedge has long become a bet of its own. Without these, the limits of all bets do.

    Raises:
        ValueError: Neither a total nor a fixed stake nor the bets' limits bound it, a fixed bet is
            not there, or the fixed stakes do not fit into the total or the balances.
    """
    unknown = [bet for bet in goal.fixed if not 0 <= bet < len(slip.bets)]
    if unknown:
        raise ValueError(f"no such bets to fix: {unknown}")
    stands = spent(slip, goal.fixed)
    if not fits_balances(slip, goal.fixed) or stands > (goal.total_minor or stands):
        raise ValueError("the total and the balances cannot hold the fixed stakes")
    if goal.total_minor is not None:
        return goal.total_minor
    if stands:
        return _ROOM * (stands + max(0, int(together(slip, goal.fixed).max())))
    if any(slip.most(bet) > MOST_MINOR // 2 for bet in range(len(slip.bets))):
        raise ValueError("without a total, a fixed stake or limits the stakes have no bound")
    return MOST_MINOR


def allowed(slip: Slip, stakes: Sequence[int], goal: Goal, most: int) -> bool:
    """Whether the books take these stakes, and `most` holds the cash at risk.

    A fixed stake stands: only its cash counts.
    """
    for bet, stake in enumerate(stakes):
        if bet in goal.fixed:
            if stake != goal.fixed[bet]:
                return False
        elif stake and (stake % slip.step(bet) or not slip.least(bet) <= stake <= slip.most(bet)):
            return False
    by_bet = dict(enumerate(stakes))
    return fits_balances(slip, by_bet) and spent(slip, by_bet) <= most


def fits_balances(slip: Slip, stakes: dict[int, int]) -> bool:
    """Whether the books' balances hold these stakes, by bet."""
    return all(
        book.balance_minor is None or spent_at(slip, number, stakes) <= book.balance_minor
        for number, book in enumerate(slip.books)
    )


def decided(slip: Slip) -> NDArray[np.bool_]:
    """Return which states win or lose a part of some bet."""
    return np.any(
        [
            np.array([bool(won or lost) for won, lost in endings])[slip.which[:, bet]]
            for bet, endings in enumerate(slip.settled)
        ],
        axis=0,
    )


def won_by(slip: Slip, bets: Collection[int]) -> tuple[Want, ...]:
    """Return wants that share the profit among the states that one of `bets` wins, at least partly.

    All other states are `EVEN`: they return what they cost.

    Raises:
        ValueError: No bet is given, or one is not there.
    """
    if not bets or not all(0 <= bet < len(slip.bets) for bet in bets):
        raise ValueError(f"no such bets to share the profit: {sorted(bets)}")
    won = np.any(
        [
            np.array([won > 0 for won, _ in slip.settled[bet]])[slip.which[:, bet]]
            for bet in sorted(bets)
        ],
        axis=0,
    )
    return tuple(Want.PROFIT if each else Want.EVEN for each in won.tolist())
