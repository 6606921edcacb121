"""Questions: what markets ask of a score, and how each answer is settled by it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from domain.markets import Outcome, Statistic
from engine.settlement.codes import LEVEL, Codes, Ints, Marks, above, opposite, won_if
from engine.settlement.kinds import Pair, Parity, Part, Pick, Rest, Score

LARGEST_LINE = 1000.0
_THREE_WAY = (Outcome.HOME, Outcome.DRAW, Outcome.AWAY)
_SIDES = (Outcome.HOME, Outcome.AWAY)
_OVER_UNDER = (Outcome.OVER, Outcome.UNDER)
_SIGN: dict[Pick, int] = {
    Outcome.HOME: 1,
    Outcome.DRAW: 0,
    Outcome.AWAY: -1,
    Rest.HOME: 1,
    Rest.DRAW: 0,
    Rest.AWAY: -1,
}
_SIGN_NOT: dict[Pick, int] = {
    Pair.HOME_OR_DRAW: -1,
    Pair.HOME_OR_AWAY: 0,
    Pair.DRAW_OR_AWAY: 1,
}


class Scores(NamedTuple):
    """What either side reached, one entry an ending."""

    home: Ints
    away: Ints


class Reach(NamedTuple):
    """How far a question looks.

    From `level` on, more of either side's count or of the total changes nothing but whether the
    total is odd; from `margin` on, a larger difference changes nothing.
    """

    level: int
    margin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreQuestion(ABC):
    """A question that the count of both sides in one part of the event answers.

    `player` names whose count it is where it is one player's: then it is the sum of both sides.
    """

    part: Part = Part.REGULATION
    statistic: Statistic = Statistic.SCORE
    player: str | None = None

    @property
    def is_of_score(self) -> bool:
        """Whether it is about the score that decides who wins."""
        return self.statistic is Statistic.SCORE and self.player is None

    @property
    def picks(self) -> tuple[Pick, ...]:
        """What can be bet on."""
        return self._picks()

    @property
    def reach(self) -> Reach:
        """How far the question looks."""
        return self._reach()

    def codes(self, pick: Pick, at: Scores) -> Codes:
        """Return how a back of `pick` is settled at each score."""
        return self._codes(pick, at)

    @abstractmethod
    def _picks(self) -> tuple[Pick, ...]: ...

    @abstractmethod
    def _reach(self) -> Reach: ...

    @abstractmethod
    def _codes(self, pick: Pick, at: Scores) -> Codes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner(ScoreQuestion):
    """Who is ahead: one of three, or one of two, where a rule says what a level score means."""

    ways: int = 3

    def __post_init__(self) -> None:
        if self.ways not in (2, 3):
            raise ValueError(f"a winner is one of 2 or 3, not of {self.ways}")

    def _picks(self) -> tuple[Pick, ...]:
        return _THREE_WAY if self.ways == 3 else _SIDES

    def _reach(self) -> Reach:
        return Reach(0, 1)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        ahead = np.sign(at.home - at.away)
        codes = won_if(ahead == _SIGN[pick])
        return codes if self.ways == 3 else np.where(ahead == 0, np.int8(LEVEL), codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleChance(ScoreQuestion):
    """Two of the three outcomes in one bet."""

    def _picks(self) -> tuple[Pick, ...]:
        return tuple(Pair)

    def _reach(self) -> Reach:
        return Reach(0, 1)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        return won_if(np.sign(at.home - at.away) != _SIGN_NOT[pick])


@dataclass(frozen=True, slots=True, kw_only=True)
class Handicap(ScoreQuestion):
    """Who is ahead after the home side is given `line`; quarter lines are two half bets."""

    line: float

    def __post_init__(self) -> None:
        checked_line(self.line)

    def _picks(self) -> tuple[Pick, ...]:
        return _SIDES

    def _reach(self) -> Reach:
        return Reach(0, int(abs(self.line) + 0.25) + 1)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        home = above(at.home - at.away, -self.line)
        return home if _SIGN[pick] > 0 else opposite(home)


def draw_no_bet(part: Part = Part.REGULATION) -> Handicap:
    """Return the two-way winner whose stakes are given back when level: a handicap of nothing."""
    return Handicap(part=part, line=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EuropeanHandicap(ScoreQuestion):
    """Who is ahead after the home side is given a whole `line`; a tie is an outcome of its own."""

    line: float

    def __post_init__(self) -> None:
        if checked_line(self.line) % 1:
            raise ValueError(f"a three-way handicap is a whole number, not {self.line}")

    def _picks(self) -> tuple[Pick, ...]:
        return _THREE_WAY

    def _reach(self) -> Reach:
        return Reach(0, int(abs(self.line)) + 1)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        return won_if(np.sign(at.home - at.away + int(self.line)) == _SIGN[pick])


@dataclass(frozen=True, slots=True, kw_only=True)
class Total(ScoreQuestion):
    """Whether both sides together exceed `line`, or one of them where `team` names it."""

    line: float
    team: Outcome | None = None

    def __post_init__(self) -> None:
        if checked_line(self.line) < 0:
            raise ValueError(f"a total cannot be below 0, so neither can its line: {self.line}")
        if self.team not in (None, *_SIDES):
            raise ValueError(f"a team's total is of home or away, not of {self.team}")

    def _picks(self) -> tuple[Pick, ...]:
        return _OVER_UNDER

    def _reach(self) -> Reach:
        return Reach(int(self.line + 0.25) + 1, 0)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        over = above(self.counted(at), self.line)
        return over if pick is Outcome.OVER else opposite(over)

    def counted(self, at: Scores) -> Ints:
        """Return what is compared with the line."""
        if self.team is None:
            return at.home + at.away
        return at.home if self.team is Outcome.HOME else at.away


@dataclass(frozen=True, slots=True, kw_only=True)
class BothScore(ScoreQuestion):
    """Whether both sides score."""

    def _picks(self) -> tuple[Pick, ...]:
        return (Outcome.YES, Outcome.NO)

    def _reach(self) -> Reach:
        return Reach(1, 0)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        return won_if(((at.home > 0) & (at.away > 0)) == (pick is Outcome.YES))


@dataclass(frozen=True, slots=True, kw_only=True)
class OddEven(ScoreQuestion):
    """Whether the total is odd or even."""

    def _picks(self) -> tuple[Pick, ...]:
        return tuple(Parity)

    def _reach(self) -> Reach:
        return Reach(0, 0)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        return won_if(((at.home + at.away) % 2 == 1) == (pick is Parity.ODD))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectScore(ScoreQuestion):
    """The exact score, or one that is not `listed`."""

    listed: tuple[Score, ...]

    def __post_init__(self) -> None:
        if not self.listed or len(set(self.listed)) < len(self.listed):
            raise ValueError("a correct score lists each score once, and at least one")
        if any(not 0 <= count <= LARGEST_LINE for score in self.listed for count in score):
            raise ValueError(f"a score is two counts from 0 to {LARGEST_LINE:g}")

    def _picks(self) -> tuple[Pick, ...]:
        return (*self.listed, *Rest)

    def _reach(self) -> Reach:
        return Reach(1 + max(max(score) for score in self.listed), 1)

    def _codes(self, pick: Pick, at: Scores) -> Codes:
        if not isinstance(pick, Rest):
            return won_if(_equal(at, pick))
        unlisted = ~np.logical_or.reduce([_equal(at, score) for score in self.listed])
        if pick is Rest.ANY:
            return won_if(unlisted)
        return won_if(unlisted & (np.sign(at.home - at.away) == _SIGN[pick]))


def checked_line(line: float) -> float:
    """Return the line; raise `ValueError` unless it is a multiple of 1/4 of a sensible size."""
    if not abs(line) <= LARGEST_LINE or line * 4 % 1:
        raise ValueError(
            f"a line is a multiple of 0.25 and at most {LARGEST_LINE:g} either way, not {line}"
        )
    return line


def _equal(at: Scores, score: Pick) -> Marks:
    return (
        (at.home == score[0]) & (at.away == score[1]) if isinstance(score, tuple) else at.home < 0
    )
