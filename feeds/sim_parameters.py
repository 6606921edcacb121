"""What the simulated world is made of: figures fitted to recorded odds, and those assumed."""

from dataclasses import dataclass

from domain.markets import Period


@dataclass(frozen=True, slots=True)
class Fitted:
    """Pre-match figures, fitted to moments of recorded baseball prices; logits and minutes.

    `refresh_median_s`, `refresh_spread` and `checked`, with the books' wander and margins below,
    are set so that ages have the recorded median of 36 s and 90 % point of 95 s, that one price
    in nine moves within 15 minutes, and that best prices sum to about 1.013 in the median.
    """

    diffusion: float = 0.0015
    jumps_per_hour: float = 0.105
    jump_scale: float = 0.020
    jump_freedom: float = 3.0
    volatility_spread: float = 0.53
    start_boost: float = 1.72
    start_boost_tau: float = 60.0
    bias: float = 0.004
    wander_tau: float = 208.0
    shocks_per_minute: float = 1.3e-4
    shock_scale: float = 0.048
    shock_tau: float = 2.3
    react_sharp: float = 0.945
    react_soft: float = 0.24
    follow_tau_sharp: float = 6.3
    follow_tau_soft: float = 31.0
    requote_threshold: float = 0.0043
    missing_per_minute: float = 4e-4 / 15
    missing_minutes: float = 8.0
    errors_per_minute: float = 2e-6
    refresh_median_s: float = 62.0
    refresh_spread: float = 0.55
    checked: float = 0.013


@dataclass(frozen=True, slots=True)
class Assumed:
    """In-play figures and durations. Nothing was fitted here: they are assumptions."""

    game_minutes: float = 150.0
    wander: float = 0.12
    goals_per_hour: float = 2.5
    goal_least: float = 0.5
    goal_most: float = 1.5
    suspends: float = 0.8
    suspended_least: float = 0.5
    suspended_most: float = 1.5
    slower_refresh: float = 2.8
    checked: float = 0.5
    error_minutes: float = 3.0


@dataclass(frozen=True, slots=True)
class Sport:
    """A sport: how far books wander apart, how often they err, and its scores.

    Wander is set so that about one market in forty crosses, several times what was recorded: a
    demonstration should seldom be empty. Error factors are the recorded rates beside baseball's.
    `margin_scale` and `total_scale` are those of logistic distributions of the score.
    """

    name: str
    ways: int
    period: Period
    wander: float
    error_factor: float
    margin_scale: float
    usual_total: float
    total_scale: float


SPORTS = (
    Sport("baseball", 2, Period.FULL_TIME_INCL_OVERTIME, 0.019, 1, 2.4, 8.5, 2.4),
    Sport("american_football", 2, Period.FULL_TIME_INCL_OVERTIME, 0.025, 50, 7.4, 44.5, 7.4),
    Sport("basketball", 2, Period.FULL_TIME_INCL_OVERTIME, 0.025, 16, 6.9, 164.5, 9.0),
    Sport("soccer", 3, Period.FULL_TIME, 0.024, 270, 0.95, 2.5, 0.9),
)

# Two margins a book, one of them drawn for each event.
SHARP_MARGINS = (0.022, 0.030)
SOFT_MARGINS = (0.038, 0.050)
GRID_POINTS = (1, 2, 5)

_PLACES = (
    "Northport",
    "Eastmere",
    "Duskwater",
    "Ironvale",
    "Larkmoor",
    "Saltgate",
    "Emberfield",
    "Frostholm",
    "Copperhill",
    "Windmarch",
    "Thornwick",
    "Greyharbour",
    "Sunhollow",
    "Millbrae",
    "Ravenspool",
    "Oakhaven",
)
_MASCOTS = (
    "Gulls",
    "Foxes",
    "Lanterns",
    "Comets",
    "Badgers",
    "Kites",
    "Otters",
    "Anvils",
    "Sparrows",
    "Millers",
    "Herons",
    "Pikes",
    "Beacons",
    "Drummers",
    "Bisons",
    "Quills",
)
CLUBS = tuple(f"{place} {mascot}" for place in _PLACES for mascot in _MASCOTS)
