"""Stakes: an opportunity in whole amounts of money, and what that leaves of its promise."""

from services.stakes.planned import EndingKind, PlannedEnding, Share, StakeLeg, StakePlan
from services.stakes.planning import plan, plan_as, unplaced
from services.stakes.rescued import Lay, Option, Placed, Position, Rescued, Way, rescued
from services.stakes.suggested import suggested
from services.stakes.turns import Turn, Why, turns
from services.stakes.wanted import BookWish, LegWish, Wish

__all__ = [
    "BookWish",
    "EndingKind",
    "Lay",
    "LegWish",
    "Option",
    "Placed",
    "PlannedEnding",
    "Position",
    "Rescued",
    "Share",
    "StakeLeg",
    "StakePlan",
    "Turn",
    "Way",
    "Why",
    "Wish",
    "plan",
    "plan_as",
    "rescued",
    "suggested",
    "turns",
    "unplaced",
]
