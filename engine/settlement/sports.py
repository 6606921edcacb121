"""Sports: whether sides can end level, and what overtime can add."""

from functools import lru_cache
from typing import NamedTuple

from domain.markets import Statistic
from domain.sports import SPORTS, Level
from engine.settlement.kinds import StateKind


class Sport(NamedTuple):
    """How a sport ends.

    `level` is what a level score after regulation is, `level_at_end` one after overtime; None where
    play goes on until somebody is ahead. `sudden_death` says that overtime adds one point to one
    side, `called` that a game may be official before its end, with listed pitchers; `bout` that
    the score is no more than who won. `score` is what the score counts, and `lines` what
    handicaps, totals, odd and even count unless a market says else.
    """

    level: StateKind | None = StateKind.RULE
    level_at_end: StateKind | None = StateKind.RULE
    sudden_death: bool = False
    called: bool = False
    bout: bool = False
    score: Statistic = Statistic.SCORE
    lines: Statistic = Statistic.SCORE


TENNIS = {"tennis": (2, 3), "tennis_best_of_3": (2,), "tennis_best_of_5": (3,)}
_SUDDEN_DEATH = frozenset({"ice_hockey"})
_CALLED = frozenset({"baseball", "softball"})
_BOUTS = frozenset({"mma", "boxing", "kickboxing", "muay_thai"})
_KINDS = {Level.NEVER: None, Level.RARE: StateKind.RULE, Level.USUAL: StateKind.CORE}
_UNKNOWN = Sport()


@lru_cache(maxsize=256)
def sport_of(name: str) -> Sport:
    """Return how the sport ends; whether one that we do not know can end level is left to rules."""
    known = SPORTS.get(name)
    if known is None:
        return _UNKNOWN
    return Sport(
        level=_KINDS[known.level],
        level_at_end=_KINDS[known.level_at_end],
        sudden_death=name in _SUDDEN_DEATH,
        called=name in _CALLED,
        bout=name in _BOUTS,
        score=known.score,
        lines=known.lines,
    )


def counting(sport: Sport, *, score: bool) -> Sport:
    """Return how a count ends: the `score` as the sport does, any other count level or not."""
    return sport if score else Sport(StateKind.CORE, StateKind.CORE, called=sport.called)
