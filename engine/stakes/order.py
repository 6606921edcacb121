"""Order: which bet to place first, with the reason, so that a refusal costs nothing."""

from enum import IntFlag
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.stakes.slip import Floats, Ints

MOVING_WITHIN_S = 60.0
LOW_LIMIT_SHARE = 0.5


class Reason(IntFlag):
    """Why a bet is likelier to fail than the others; the stronger reason has the larger value."""

    NONE = 0
    LOW_LIMIT = 1
    SOFT_BOOK = 2
    MOVING = 4


class Placing(NamedTuple):
    """A bet and every reason that holds of it, by index into the slip."""

    bet: int
    reason: Reason


def placing_order(
    stakes: Ints,
    limits: Floats,
    changed_s: Floats,
    soft: NDArray[np.bool_],
    *,
    moving_within_s: float = MOVING_WITHIN_S,
) -> list[Placing]:
    """Return the bets in the order to place them; bets without a stake are left out.

    While nothing stands a bet that fails costs nothing, so the likeliest to fail goes first: one
    whose price is moving, then one at a soft book, which may refuse or cut stakes, then one that
    takes much of the limit. Among equals, the one that takes more of its limit goes first.

    Args:
        stakes: Minor units, one a bet.
        limits: The most the book takes, in the same units; infinite where unknown.
        changed_s: Seconds since the price last changed; NaN where unknown, which says nothing.
        soft: Whether the book limits winners and lags behind the market.
        moving_within_s: How recent a change makes a price a moving one.

    Raises:
        ValueError: The shapes differ, or a limit or `moving_within_s` is not a number above 0.

    Examples:
        >>> order = placing_order(
        ...     np.array([6478, 3522]), np.array([np.inf, 5000.0]),
        ...     np.array([900.0, 20.0]), np.array([True, False]))
        >>> [(bet, reason.name) for bet, reason in order]
        [(1, 'LOW_LIMIT|MOVING'), (0, 'SOFT_BOOK')]
    """
    if not stakes.shape == limits.shape == changed_s.shape == soft.shape:
        raise ValueError("stakes, limits, changes and books must have one figure a bet each")
    if not (bool((limits > 0).all()) and moving_within_s > 0):
        raise ValueError("limits and the time that a price counts as moving must be above 0")
    used = stakes / limits
    reasons = (
        Reason.MOVING * (changed_s <= moving_within_s)
        + Reason.SOFT_BOOK * soft
        + Reason.LOW_LIMIT * (used >= LOW_LIMIT_SHARE)
    )
    ranked = np.lexsort((-used, -reasons))
    return [Placing(bet, Reason(int(reasons[bet]))) for bet in ranked.tolist() if stakes[bet] > 0]
