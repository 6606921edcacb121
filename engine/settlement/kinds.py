"""The vocabulary of settlement: parts of an event, what is counted in it, and kinds of states."""

from enum import IntEnum, StrEnum
from typing import TypeAlias

from domain.markets import Outcome


class Part(StrEnum):
    """The part of an event whose score settles a market."""

    REGULATION = "regulation"
    WITH_OVERTIME = "with_overtime"
    FIRST_HALF = "first_half"
    SECOND_HALF = "second_half"
    FIRST_QUARTER = "first_quarter"
    SECOND_QUARTER = "second_quarter"
    THIRD_QUARTER = "third_quarter"
    FOURTH_QUARTER = "fourth_quarter"
    FIRST_PERIOD = "first_period"
    SECOND_PERIOD = "second_period"
    THIRD_PERIOD = "third_period"
    FIRST_FIVE_INNINGS = "first_five_innings"
    FIRST_SET = "first_set"
    SECOND_SET = "second_set"
    THIRD_SET = "third_set"
    FIRST_MAP = "first_map"
    SECOND_MAP = "second_map"
    THIRD_MAP = "third_map"


SETS = frozenset({Part.FIRST_SET, Part.SECOND_SET, Part.THIRD_SET})
MAPS = frozenset({Part.FIRST_MAP, Part.SECOND_MAP, Part.THIRD_MAP})


class StateKind(IntEnum):
    """How a state binds a guarantee.

    A core state is how events usually end. A rule state is one that books settle by rules that
    differ: a retirement, an abandoned match, another pitcher. In a void state every bet of the
    template is given back, so that nothing is won or lost whatever was staked.
    """

    CORE = 0
    RULE = 1
    VOID = 2


class Pair(StrEnum):
    """Two of three outcomes."""

    HOME_OR_DRAW = "1X"
    HOME_OR_AWAY = "12"
    DRAW_OR_AWAY = "X2"


class Rest(StrEnum):
    """Scores that a correct-score market does not list."""

    ANY = "any other"
    HOME = "any other home win"
    DRAW = "any other draw"
    AWAY = "any other away win"


class Parity(StrEnum):
    """Whether a total is odd or even; none at all is even."""

    ODD = "odd"
    EVEN = "even"


class How(StrEnum):
    """How a fight is decided."""

    KNOCKOUT = "knockout"
    SUBMISSION = "submission"
    DECISION = "decision"


Score: TypeAlias = tuple[int, int]
Halves: TypeAlias = tuple[Outcome, Outcome]
Finish: TypeAlias = tuple[Outcome, How]
Pick: TypeAlias = Outcome | Pair | Rest | Parity | Score | Halves | Finish | int
