"""Rules: what a book makes of endings that a market's question alone does not settle."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import NamedTuple, TypeVar

import numpy as np

from engine.settlement.codes import (
    CALLED_DECIDED,
    CALLED_UNDECIDED,
    DEAD_HEAT,
    DECIDED_EARLY,
    LEVEL,
    LOST,
    MOST_CODES,
    OTHER_PITCHER,
    RETIRED_IN_FIRST_SET,
    RETIRED_LATER,
    UNDECIDED,
    VOID,
    Codes,
    opposite,
    worst,
)


class Level(StrEnum):
    """A two-way winner when the sides are level: void, lost for both, or half of it for each."""

    VOID = "void"
    LOST = "lost"
    DEAD_HEAT = "dead_heat"


class Abandoned(StrEnum):
    """Play that ends early: all void, or bets that no further play could change stand."""

    VOID = "void"
    DECIDED_STAND = "decided_stand"


class Retired(StrEnum):
    """What must have been played for the winner of a tennis match to stand on a retirement."""

    BALL_SERVED = "ball_served"
    ONE_SET = "one_set"
    COMPLETED = "completed"


class Pitchers(StrEnum):
    """A listed pitcher does not start: bets stand all the same, or are void."""

    ACTION = "action"
    LISTED = "listed"


class Shortened(StrEnum):
    """Run line and total of an official game that was called before 8.5 or 9 innings."""

    VOID = "void"
    DECIDED_STAND = "decided_stand"
    STAND = "stand"


class NonRunner(StrEnum):
    """A runner is withdrawn: its bets are void and winners reduced, void only, or all stand."""

    REDUCED = "reduced"
    VOID = "void"
    STAND = "stand"


_Rule = TypeVar("_Rule", bound=StrEnum)


def _any(kind: type[_Rule]) -> frozenset[_Rule]:
    return frozenset(kind)


class Choice(NamedTuple):
    """One rule on every subject."""

    level: Level
    abandoned: Abandoned
    retired: Retired
    pitchers: Pitchers
    shortened: Shortened
    non_runner: NonRunner


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The rules that a book may go by; several on a subject say that its rule is not known.

    A guarantee then holds under each of them: a bet is settled by the one that is worst for it.
    That is exact for any number of books with one bet each in the ending's markets, and never too
    high for more, since each bet of a book of unknown rules is taken at its own worst.
    """

    level: frozenset[Level] = _any(Level)
    abandoned: frozenset[Abandoned] = _any(Abandoned)
    retired: frozenset[Retired] = _any(Retired)
    pitchers: frozenset[Pitchers] = _any(Pitchers)
    shortened: frozenset[Shortened] = _any(Shortened)
    non_runner: frozenset[NonRunner] = _any(NonRunner)

    def __post_init__(self) -> None:
        for subject in fields(self):
            if not getattr(self, subject.name):
                raise ValueError(f"a book goes by some rule: none is given for {subject.name}")

    def choices(self) -> Iterator[Choice]:
        """Yield every combination of the rules that it may go by."""
        subjects = (sorted(getattr(self, subject.name)) for subject in fields(self))
        return (Choice(*rules) for rules in product(*subjects))


UNKNOWN = RuleSet()


class Tables(NamedTuple):
    """What each code comes to for a back and for a lay, by the worst rule of the set."""

    back: Codes
    lay: Codes


@lru_cache(maxsize=256)
def tables(rules: RuleSet) -> Tables:
    """Return what a set of rules makes of every code."""
    made = np.unique(np.array([_table(choice) for choice in rules.choices()]), axis=0)
    return Tables(back=worst(made), lay=worst(opposite(made)))


def _table(rules: Choice) -> Codes:
    """Return what one choice of rules makes of every code."""
    level = {Level.VOID: VOID, Level.LOST: LOST, Level.DEAD_HEAT: DEAD_HEAT}[rules.level]
    plain = np.arange(8, dtype=np.int8)
    plain[LEVEL], plain[UNDECIDED] = level, VOID
    nothing = np.zeros_like(plain)
    made = np.zeros(MOST_CODES, np.int8)
    made[:8] = plain
    for start, stands in (
        (DECIDED_EARLY, rules.abandoned is Abandoned.DECIDED_STAND),
        (CALLED_UNDECIDED, rules.shortened is Shortened.STAND),
        (CALLED_DECIDED, rules.shortened is not Shortened.VOID),
        (RETIRED_IN_FIRST_SET, rules.retired is Retired.BALL_SERVED),
        (RETIRED_LATER, rules.retired is not Retired.COMPLETED),
    ):
        made[start : start + 8] = plain if stands else nothing
    if rules.pitchers is Pitchers.ACTION:
        made[OTHER_PITCHER : 2 * OTHER_PITCHER] = made[:OTHER_PITCHER]
    return made
