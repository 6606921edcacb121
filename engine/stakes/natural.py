"""Natural stakes: round amounts that a person would bet, and what the roundness costs."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import lcm

from engine.stakes.goal import Goal
from engine.stakes.plan import SECONDS, Plan, plan
from engine.stakes.slip import Slip

COARSEST_FIRST = (2, 4, 5, 8, 10, 16, 20, 32, 40, 64, 100, 200, 500, 1_000)
_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Natural:
    """A plan in round amounts: each stake is a multiple of its `grains_minor`.

    `cost_minor` is what it guarantees less than the finest stakes do.
    """

    plan: Plan
    grains_minor: tuple[int, ...]
    cost_minor: int


def natural(
    slip: Slip, goal: Goal, *, most_cost_minor: int, seconds: float = SECONDS
) -> Natural | None:
    """Return the roundest stakes that cost at most so much of the guaranteed profit.

    A stake's grain is the largest of 1, 2, 5, 10, 20, 50... minor units that goes into it at least
    2, 4, 5, 8... times, and its least common multiple with the book's step; these counts are tried
    in turn, the coarsest first.

    Returns:
        None if even the finest stakes keep no profit, or no round ones are within the cost.

    Raises:
        ValueError: The cost is negative, or the goal cannot be met at all (see `plan`).
        Broken: A solver failed.
    """
    if most_cost_minor < 0:
        raise ValueError(f"the cost must be 0 or more: {most_cost_minor}")
    finest = plan(slip, goal, seconds=seconds)
    least = finest.certificate.least_profit_minor
    if not finest.executable:
        return None
    tried = set[tuple[int, ...]]()
    for times in COARSEST_FIRST:
        grains = tuple(
            lcm(slip.step(bet), _grain(stake // times))
            for bet, stake in enumerate(finest.stakes_minor)
        )
        if grains in tried:
            continue
        tried.add(grains)
        rounded = plan(_coarser(slip, grains), goal, seconds=seconds)
        cost = least - rounded.certificate.least_profit_minor
        if rounded.executable and cost <= most_cost_minor:
            return Natural(plan=rounded, grains_minor=grains, cost_minor=cost)
    return None


def _grain(most: int) -> int:
    """Return the largest of 1, 2, 5, 10, 20... up to `most`; 1 below it."""
    power = 10 ** (len(str(max(1, most))) - 1)
    below = [low for low, high in pairwise(_ROUND) if low * power <= most < high * power]
    return below[0] * power if below else 1


def _coarser(slip: Slip, grains: tuple[int, ...]) -> Slip:
    """Return the slip with a step of its own for each bet; balances stay with their book."""
    return replace(slip, grains=grains)
