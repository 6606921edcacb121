"""Plans: what a reader sees of the board, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class PlanName(StrEnum):
    """The plans, rising; `ANONYMOUS` is that of whoever has not signed in."""

    ANONYMOUS = "anonymous"
    FREE = "free"
    BASIC = "basic"
    PRO = "pro"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one plan shows: by default all of the board, at once.

    `delay_s` is how many seconds late everything is. `mask_books` hides who offers a price, the
    price itself, its age and its stake. `roi_cap` is the largest return that is told, a share of
    the stake; beneath it the return is told in steps of `roi_step`. With `one_league` only the
    league that the reader has chosen is shown. `raw` adds every figure as the engine has it.
    """

    name: PlanName
    delay_s: float = 0.0
    mask_books: bool = False
    roi_cap: float | None = None
    roi_step: float = 0.0
    one_league: bool = False
    raw: bool = False


_MASKED = Plan(PlanName.ANONYMOUS, 60.0, mask_books=True, roi_cap=0.01, roi_step=0.005)
_ALL = (
    _MASKED,
    Plan(PlanName.FREE, _MASKED.delay_s, mask_books=True, roi_cap=0.01, roi_step=0.005),
    Plan(PlanName.BASIC, one_league=True),
    Plan(PlanName.PRO),
    Plan(PlanName.ENTERPRISE, raw=True),
)
PLANS: Final[Mapping[PlanName, Plan]] = MappingProxyType({plan.name: plan for plan in _ALL})


@dataclass(frozen=True, slots=True)
class View:
    """What one reader sees: a plan and, where it shows one league only, which; "" shows none."""

    plan: Plan
    league: str = ""

    @classmethod
    def of(cls, name: str, league: str = "") -> "View":
        """Return the view of a plan by its name, with the league if the plan asks for one.

        Raises:
            ValueError: There is no such plan.
        """
        plan = PLANS[PlanName(name)]
        return cls(plan, league.strip().lower() if plan.one_league else "")

    def shows(self, league: str) -> bool:
        """Return whether the view shows what is played in a league, named as events name it."""
        return not self.plan.one_league or league.lower() == self.league != ""

    def told(self, roi: float) -> float:
        """Return a return as far as the view tells it, a share of the stake.

        Examples:
            >>> View.of("free").told(0.0374), View.of("free").told(0.0074), View.of("pro").told(0.1)
            (0.01, 0.005, 0.1)
        """
        plan = self.plan
        if plan.roi_cap is None:
            return roi
        return min(plan.roi_cap, roi // plan.roi_step * plan.roi_step)


LEAST: Final = View.of(PlanName.ANONYMOUS)
EVERYTHING: Final = View.of(PlanName.ENTERPRISE)
