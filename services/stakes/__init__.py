"""Stakes: an opportunity in whole amounts of money, and what that leaves of its promise."""

from services.stakes.planned import EndingKind, PlannedEnding, Share, StakeLeg, StakePlan
from services.stakes.planning import plan, unplaced
from services.stakes.turns import Turn, Why, turns

__all__ = [
    "EndingKind",
    "PlannedEnding",
    "Share",
    "StakeLeg",
    "StakePlan",
    "Turn",
    "Why",
    "plan",
    "turns",
    "unplaced",
]
