"""Sports: whether sides can end level, and what overtime can add."""

from typing import NamedTuple

from engine.settlement.kinds import StateKind


class Sport(NamedTuple):
    """How a sport ends.

    `level` is what a level score after regulation is, `level_at_end` one after overtime; None where
    play goes on until somebody is ahead. `sudden_death` says that overtime adds one point to one
    side, `called` that a game may be official before its end, with listed pitchers; `bout` that
    the score is no more than who won.
    """

    level: StateKind = StateKind.CORE
    level_at_end: StateKind | None = StateKind.RULE
    sudden_death: bool = False
    called: bool = False
    bout: bool = False


_SPORTS = {
    "soccer": Sport(level_at_end=StateKind.CORE),
    "basketball": Sport(level_at_end=None),
    "ice_hockey": Sport(level_at_end=None, sudden_death=True),
    "american_football": Sport(),
    "baseball": Sport(called=True),
    "handball": Sport(),
    "lacrosse": Sport(),
    "rugby_union": Sport(),
    "rugby_league": Sport(),
    "australian_rules": Sport(),
    "cricket": Sport(level=StateKind.RULE),
    "mma": Sport(level=StateKind.RULE, bout=True),
    "boxing": Sport(level=StateKind.RULE, bout=True),
}
TENNIS = {"tennis": (2, 3), "tennis_best_of_3": (2,), "tennis_best_of_5": (3,)}
_UNKNOWN = Sport(level_at_end=StateKind.CORE)


def sport_of(name: str) -> Sport:
    """Return how the sport ends; of one that we do not know, anything may happen."""
    return _SPORTS.get(name, _UNKNOWN)
