"""Questions that one score does not answer: two parts at once, fights, races, plain yes or no."""

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from domain.markets import Outcome, Statistic
from engine.settlement.kinds import How, Part, Pick
from engine.settlement.questions import ScoreQuestion, Winner

_THREE_WAY = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
_FIGHTERS = (Outcome.HOME, Outcome.AWAY)
_YES_NO = (Outcome.YES, Outcome.NO)
MOST_RUNNERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfTimeFullTime:
    """Who is ahead at half-time and who at full time."""

    statistic: Statistic = Statistic.SCORE

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The nine pairs of outcomes, half-time first."""
        return tuple(product(_THREE_WAY, _THREE_WAY))

    @property
    def winners(self) -> tuple[Winner, Winner]:
        """The two questions that decide it."""
        return (
            Winner(part=Part.FIRST_HALF, statistic=self.statistic),
            Winner(part=Part.REGULATION, statistic=self.statistic),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """Who wins a fight and how; a draw is by decision."""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Each fighter by each method, and the draw."""
        return (*product(_FIGHTERS, How), (Outcome.DRAW, How.DECISION))


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesTheDistance:
    """Whether the judges decide a fight."""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Yes and no."""
        return _YES_NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Those of whom one wins; where they are not `exhaustive`, it may be somebody else.

    `deductions` are the parts of winnings that Rule 4 takes when a runner is withdrawn, one for
    each runner; without them nobody can be withdrawn.
    """

    runners: int
    exhaustive: bool = True
    deductions: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        least = 2 if self.exhaustive else 1
        if not least <= self.runners <= MOST_RUNNERS:
            raise ValueError(f"{self.runners} runners; there may be {least} to {MOST_RUNNERS}")
        if self.deductions and len(self.deductions) != self.runners:
            raise ValueError("give one deduction a runner, or none at all")
        if not all(0.0 <= deduction < 1.0 for deduction in self.deductions):
            raise ValueError("a deduction is part of the winnings: at least 0, less than 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """Which runner is among the first `places`; 1 asks for the winner. Picks are their numbers."""

    field: Field
    places: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.places < self.field.runners + (not self.field.exhaustive):
            raise ValueError(f"{self.places} places leave nothing open in this field")

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The numbers of the runners."""
        return tuple(range(self.field.runners))


@dataclass(frozen=True, slots=True, kw_only=True)
class EachWay:
    """Half the stake that a runner wins, half that it is placed at a `fraction` of the odds."""

    field: Field
    places: int
    fraction: float

    def __post_init__(self) -> None:
        Race(field=self.field, places=self.places)
        if not 0.0 < self.fraction <= 1.0:
            raise ValueError(f"a place pays a part of the odds, not {self.fraction}")

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The numbers of the runners."""
        return tuple(range(self.field.runners))


@dataclass(frozen=True, slots=True, kw_only=True)
class YesNo:
    """Whether something happens; `about` tells one such question of an event from another."""

    about: str = ""

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Yes and no."""
        return _YES_NO


Question: TypeAlias = (
    ScoreQuestion | HalfTimeFullTime | Method | GoesTheDistance | Race | EachWay | YesNo
)
