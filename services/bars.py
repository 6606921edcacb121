"""Bars: what a middle, a value bet or a low hold must reach to be shown, as data."""

from dataclasses import dataclass, field
from typing import Final

from engine.gates import DEFAULT_GATES, Gates, Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Figures that decide what is worth showing; all returns are shares of the money staked.

    A value bet returns `least_ev` to `most_ev` at a chance that a sharp book or `least_books` other
    houses say, and pays at most `most_times_fair` its fair odds, in a market whose best prices give
    back `payout` of the stakes. A middle of known chance is expected to return `least_expected`; it
    is known from `least_ladders` houses that quote both lines. One of unknown chance costs at most
    `most_cost` where it misses, none costs more than `most_cost_at_all`. A low hold loses at most
    `most_hold`.
    """

    least_ev: float = 0.01
    most_ev: float = 0.20
    most_times_fair: float = 1.15
    payout: tuple[float, float] = (0.99, 1.05)
    least_books: int = 3
    least_expected: float = 0.0
    least_ladders: int = 2
    most_cost: float = 0.02
    most_cost_at_all: float = 0.05
    most_hold: float = 0.01


ENTER: Final = Bar()
STAY: Final = Bar(least_ev=0.005, least_expected=-0.005, most_cost=0.025, most_hold=0.0125)
"""What is shown already stays a little below the bar, so that it does not come and go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospecting:
    """The gates of each kind: those of arbitrage, and for value prices of up to a quarter hour.

    A value bet waits for no second leg, so its price may have stood for longer; no price counts
    after the scheduled start.
    """

    together: Gates = DEFAULT_GATES
    alone: Gates = field(
        default_factory=lambda: Gates(pre_match=Limits(max_age_s=900.0, max_gap_s=900.0))
    )
