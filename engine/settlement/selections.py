"""Selections: what is bet on, and which of them one set of states settles together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.markets import Side, Statistic
from engine.bets import Floats
from engine.settlement.codes import Codes
from engine.settlement.contests import (
    EachWay,
    GoesTheDistance,
    HalfTimeFullTime,
    Method,
    Question,
    Race,
    YesNo,
)
from engine.settlement.kinds import Part, Pick
from engine.settlement.questions import ScoreQuestion
from engine.settlement.rules import RuleSet
from engine.settlement.sports import TENNIS, sport_of

_HALVES = frozenset({Part.FIRST_HALF, Part.SECOND_HALF})
_WHOLE = frozenset({Part.REGULATION, Part.WITH_OVERTIME})
_TENNIS_COUNTS = frozenset({Statistic.SCORE, Statistic.SETS, Statistic.GAMES})
_JOINT_HALVES_LEVEL = 10


@dataclass(frozen=True, slots=True)
class Selection:
    """A pick of a question, backed or laid at books that go by one set of rules.

    `rulebook` is the place of those rules in what is handed over beside the selections.
    """

    question: Question
    pick: Pick
    side: Side = Side.BACK
    rulebook: int = 0

    def __post_init__(self) -> None:
        picks = self.question.picks
        if self.pick not in picks:
            raise ValueError(f"{type(self.question).__name__} has no pick {self.pick}")
        # A plain string equals a member of an enumeration, but is not that member.
        object.__setattr__(self, "pick", picks[picks.index(self.pick)])
        object.__setattr__(self, "side", Side(self.side))


class Ending(NamedTuple):
    """An ending that stands for all that settle alike: a count of both sides by part, and words."""

    scores: tuple[tuple[str, int, int], ...] = ()
    note: str = ""

    def __str__(self) -> str:
        counted = [f"{home}-{away} {name}".strip() for name, home, away in self.scores]
        return ", ".join([*counted, *([self.note] if self.note else [])])


class Settled(NamedTuple):
    """Selections in a list of states: what each wins and loses, the kind and an ending of each."""

    win: Floats
    lose: Floats
    kind: Codes
    endings: list[Ending]


class Task(NamedTuple):
    """What is to be settled: selections of one family, the sport, rules, and how far to look."""

    selections: tuple[Selection, ...]
    sport: str
    rules: tuple[RuleSet, ...]
    rule_states: bool


def families(selections: Sequence[Selection], sport: str) -> list[tuple[int, ...]]:
    """Return the selections by what settles them together, as their places in the sequence.

    Between families no ending of one excludes an ending of another, as far as this engine knows.
    The worst result of bets in several is then the sum of the worst in each, so that joining them
    could find no guaranteed profit that is not one within a family already.
    """
    halves = _halves_are_joint(selections, sport)
    found: dict[object, list[int]] = {}
    for place, selection in enumerate(selections):
        found.setdefault(_family(selection.question, sport, halves=halves), []).append(place)
    return [tuple(places) for places in found.values()]


def _halves_are_joint(selections: Sequence[Selection], sport: str) -> bool:
    """Return whether halves are asked about and their counts are small enough for a lattice."""
    asked = [selection.question for selection in selections]
    if any(isinstance(question, HalfTimeFullTime) for question in asked):
        return True
    scores = [one for one in asked if isinstance(one, ScoreQuestion) and one.player is None]
    level = max((max(question.reach) for question in scores), default=0)
    in_halves = any(question.part in _HALVES for question in scores)
    return sport == "soccer" and in_halves and level <= _JOINT_HALVES_LEVEL


def _family(question: Question, sport: str, *, halves: bool) -> object:
    match question:
        case Race(field=field) | EachWay(field=field):
            return field
        case HalfTimeFullTime(statistic=statistic):
            return statistic, _HALVES
        case ScoreQuestion():
            return _score_family(question, sport, halves=halves)
        case Method() | GoesTheDistance():
            return "bout"
        case YesNo():
            return question


def _score_family(question: ScoreQuestion, sport: str, *, halves: bool) -> object:
    """Return what a question about a count is settled with.

    Overtime is played where the score is level, whatever else is: only of the score does what was
    counted before say whether more can be.
    """
    if is_of_tennis_match(question, sport):
        return "tennis"
    if sport_of(sport).bout and question.is_of_score:
        return "bout"
    part, counted = question.part, (question.statistic, question.player)
    if question.player is None and halves and part in {Part.REGULATION, *_HALVES}:
        return question.statistic, _HALVES
    return counted, _WHOLE if part in _WHOLE and question.is_of_score else part


def is_of_tennis_match(question: ScoreQuestion, sport: str) -> bool:
    """Return whether a question is about sets and games of a tennis match or of its first set."""
    of_match = question.part in {*_WHOLE, Part.FIRST_SET} and question.player is None
    return sport in TENNIS and of_match and question.statistic in _TENNIS_COUNTS
