"""Certificates: what whole stakes promise, proven by integer arithmetic alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.stakes.bet import MOST_MINOR
from engine.stakes.goal import Goal, Want
from engine.stakes.settle import spent, together
from engine.stakes.slip import Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What stakes bring.

    `stakes_minor` are in each book's currency; `at_risk_minor` and `profits_minor`, one figure a
    state, in ours. `wants` says what the goal promises of each state.
    """

    stakes_minor: tuple[int, ...]
    at_risk_minor: int
    profits_minor: tuple[int, ...]
    wants: tuple[Want, ...]
    bearable_minor: int = 0

    @property
    def least_profit_minor(self) -> int:
        """The least that a state which shares the profit brings."""
        return min(self._brought(Want.PROFIT))

    @property
    def shortfall_minor(self) -> int:
        """By how much the worst `EVEN` state loses more than is bearable; 0 if none does."""
        return max(0, -min(self._brought(Want.EVEN), default=0) - self.bearable_minor)

    @property
    def locked(self) -> bool:
        """Whether every state that is to share a profit does, and no other loses too much."""
        return self.least_profit_minor > 0 and self.shortfall_minor == 0

    @property
    def unprotected(self) -> tuple[int, ...]:
        """The states that lose money, promised or not."""
        return tuple(at for at, profit in enumerate(self.profits_minor) if profit < 0)

    def _brought(self, want: Want) -> list[int]:
        each = zip(self.profits_minor, self.wants, strict=True)
        return [profit for profit, wanted in each if wanted is want]


def certificate(slip: Slip, stakes: Sequence[int], goal: Goal) -> Certificate:
    """Prove what stakes bring, with payouts rounded down and liabilities up (`settle.nets`).

    Args:
        slip: The bets.
        stakes: Minor units of each book's currency, one a bet; 0: not placed.
        goal: What is wanted of the states.

    Raises:
        ValueError: A stake is negative, above `MOST_MINOR` or missing, or a result is too large
            to prove.
    """
    if len(stakes) != len(slip.bets) or not all(0 <= stake <= MOST_MINOR for stake in stakes):
        raise ValueError(f"stakes must be {len(slip.bets)} amounts in 0..{MOST_MINOR}: {stakes}")
    by_bet = dict(enumerate(stakes))
    return Certificate(
        stakes_minor=tuple(stakes),
        at_risk_minor=spent(slip, by_bet),
        profits_minor=tuple(together(slip, by_bet).tolist()),
        wants=tuple(Want(want) for want in goal.of_states(slip).tolist()),
        bearable_minor=goal.bearable_minor,
    )
