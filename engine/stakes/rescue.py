"""Rescue: some bets stand and the next one moved; what the board can still make of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.stakes.certificate import Certificate, certificate
from engine.stakes.goal import Goal
from engine.stakes.plan import SECONDS, Plan, plan
from engine.stakes.slip import Slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescue:
    """What stands if nothing more is placed, and the best that the board offers now.

    `hedge` keeps the placed stakes; its certificate is of the whole position, and its least profit
    may still be a loss: the smallest there is.
    """

    left_open: Certificate
    hedge: Plan

    @property
    def open_loss_minor(self) -> int:
        """What leaving the position open may lose; 0 if nothing."""
        return max(0, -self.left_open.least_profit_minor)

    @property
    def saved_minor(self) -> int:
        """By how much the hedge betters the worst state."""
        hedged = self.hedge.certificate.least_profit_minor
        return hedged - self.left_open.least_profit_minor


def rescue(
    slip: Slip,
    placed: Mapping[int, int],
    *,
    total_minor: int | None = None,
    seconds: float = SECONDS,
) -> Rescue:
    """Return the best that can be made of placed stakes with the other bets of the slip.

    Args:
        slip: The placed bets at the odds they were taken, and whatever else is on the board now.
        placed: Stakes in minor units, by bet; a bet on the board again is a bet of its own.
        total_minor: The most cash at risk of all, with what is placed; see `most_cash` without.
        seconds: How long an integer program may take.

    Raises:
        ValueError: Nothing is placed, or the limits cannot hold what is.
        Broken: A solver failed.
    """
    if not any(placed.values()):
        raise ValueError("nothing is placed, so there is nothing to rescue")
    goal = Goal(total_minor=total_minor, fixed=dict(placed))
    hedge = plan(slip, goal, seconds=seconds)
    stakes = [placed.get(bet, 0) for bet in range(len(slip.bets))]
    return Rescue(left_open=certificate(slip, stakes, goal), hedge=hedge)
