"""Turns: in which order to place the legs of a plan, and why."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from domain.money import Money
from engine.stakes.order import Reason, placing_order
from services.stakes.planned import StakePlan


class Why(StrEnum):
    """Why a leg is likelier to fail than the others, and so is placed before them."""

    MOVING = "moving"
    LAGGING = "lagging"
    LOW_LIMIT = "low_limit"


class Turn(NamedTuple):
    """A leg, by its place in the plan, and every reason to place it early."""

    leg: int
    reasons: tuple[Why, ...]


_REASONS = {
    Reason.MOVING: Why.MOVING,
    Reason.SOFT_BOOK: Why.LAGGING,
    Reason.LOW_LIMIT: Why.LOW_LIMIT,
}
LAGS_FROM_S = 20.0
"""A book that usually follows the others so much later is about to move."""


def turns(
    plan: StakePlan, changed_s: Sequence[float | None], lags_s: Sequence[float | None] = ()
) -> list[Turn]:
    """Return the staked legs in the order to place them (`engine.stakes.order`).

    Args:
        plan: The stakes.
        changed_s: Seconds since the price of each leg last changed; None where unknown.
        lags_s: How many seconds later than the others each leg's book usually moves; None where
            unknown, empty where nothing is known of any.
    """
    limits = [
        np.inf if leg.leg.max_stake is None else _minor(leg.leg.max_stake, leg.currency)
        for leg in plan.legs
    ]
    lags = lags_s or [None] * len(plan.legs)
    order = placing_order(
        np.array([leg.stake_minor for leg in plan.legs], np.int64),
        np.array(limits, np.float64),
        np.array([np.nan if age is None else age for age in changed_s], np.float64),
        np.array([lag is not None and lag >= LAGS_FROM_S for lag in lags], np.bool_),
    )
    return [Turn(bet, _told(reason)) for bet, reason in order]


def _minor(amount: float, currency: str) -> float:
    return float(max(1, Money.of(str(amount), currency).minor))


def _told(reason: Reason) -> tuple[Why, ...]:
    return tuple(why for known, why in _REASONS.items() if known in reason)
