"""Suggestions: the nearest stakes that keep the profit, where those asked for do not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from domain.errors import Refused
from domain.opportunities import Opportunity
from engine.stakes.bet import MOST_MINOR
from services.stakes.planned import StakePlan
from services.stakes.planning import plan_as
from services.stakes.returns import best_return
from services.stakes.wanted import LegWish, Wish

_TIMES: Final = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
_FEW: Final = (10, 1000)
"""For legs in several markets, whose stakes a solver seeks, which may take seconds."""
_ROOM: Final = 1_000


def suggested(
    opportunity: Opportunity, wish: Wish, planned: Callable[..., StakePlan] = plan_as
) -> StakePlan | None:
    """Return a plan that locks a profit in place of one that does not, or None if none is near.

    A fixed stake gives way to the largest one below it that the other legs' limits and balances
    can answer; a total to twice, 5, 10, 20... times as much, up to 1,000 times. There is none where
    the legs return no profit at all.

    Args:
        opportunity: The legs.
        wish: What was asked for.
        planned: Makes a plan of a wish.

    Raises:
        Refused: Nobody knows how a leg is settled.
        Broken: A solver failed.
    """
    if best_return(wish.applied(opportunity.legs), opportunity.event.sport) <= 0:
        return None
    if wish.fixed is not None:
        return _locked(opportunity, _up_to(opportunity, wish, *wish.fixed), planned)
    total = wish.total_minor or 0
    for times in _TIMES if not opportunity.joint else _FEW:
        if total * times > MOST_MINOR:
            return None
        larger = replace(wish, total_minor=total * times)
        if made := _locked(opportunity, larger, planned):
            return made
    return None


def _up_to(opportunity: Opportunity, wish: Wish, fixed: int, stake_minor: int) -> Wish:
    """Return the wish with a stake as a limit, so that all other limits decide."""
    said = wish.legs or (LegWish(),) * len(opportunity.legs)
    legs = tuple(
        replace(leg, most_minor=stake_minor if leg.most_minor is None else min(
            leg.most_minor, stake_minor
        )) if place == fixed else leg
        for place, leg in enumerate(said)
    )  # fmt: skip
    total = min(MOST_MINOR, stake_minor * _ROOM)
    return replace(wish, fixed=None, total_minor=total, legs=legs)


def _locked(
    opportunity: Opportunity, wish: Wish, planned: Callable[..., StakePlan]
) -> StakePlan | None:
    try:
        made = planned(opportunity, wish)
    except Refused:
        return None
    return made if made.locked else None
