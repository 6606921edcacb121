"""Stages: how the scores of an event's parts go together, played out or broken off."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.settlement.codes import Ints, Marks, firsts
from engine.settlement.kinds import MAPS, SETS, Part, StateKind
from engine.settlement.lattice import Asked, Lattice
from engine.settlement.questions import DoubleChance, Winner
from engine.settlement.sports import Sport

HALVES = (Part.FIRST_HALF, Part.SECOND_HALF, Part.REGULATION)
Lattices = dict[Part, Lattice]


@dataclass(frozen=True, slots=True)
class Stage:
    """Endings of one kind: the points of each part's lattice, one an ending.

    `called` says that the game was official when it was broken off; `pitcher`, that one of the
    listed pitchers did not start.
    """

    kind: StateKind
    points: dict[Part, Ints]
    called: bool = False
    pitcher: bool = False

    @property
    def size(self) -> int:
        """How many endings there are."""
        return len(next(iter(self.points.values())))


def stages(
    lattices: Lattices, asked: Sequence[Asked], sport: Sport, *, rule_states: bool
) -> Iterator[Stage]:
    """Yield every ending of the parts that have a lattice, grouped by kind."""
    if Part.FIRST_HALF in lattices and len(lattices) > 1:
        yield from _halved(lattices, rule_states=rule_states)
        return
    drawn = {question.part for question, _ in asked if _has_the_draw(question)}
    played = list(_whole(lattices, sport, drawn, rule_states=rule_states))
    yield from played
    if sport.called and rule_states:
        yield from _called_or_changed(played, lattices)


def distinct(lattices: Lattices, every: Iterable[Stage]) -> list[Stage]:
    """Return the stages with one of each set of endings whose parts are of the same classes."""
    kept: list[Stage] = []
    for stage in every:
        labels = np.zeros(stage.size, np.int64)
        for part, points in stage.points.items():
            lattice = lattices[part]
            for seen in [points, points - lattice.over] if stage.called else [points]:
                joined = labels * len(lattice.labels) + lattice.labels[seen]
                labels = np.unique(joined, return_inverse=True)[1]
        kept.append(replace(stage, points=_chosen(stage.points, firsts(labels))))
    return [stage for stage in kept if stage.size]


def _has_the_draw(question: object) -> bool:
    three_way = isinstance(question, Winner) and question.ways == 3
    return three_way or isinstance(question, DoubleChance)


def _whole(
    lattices: Lattices, sport: Sport, drawn: set[Part], *, rule_states: bool
) -> Iterator[Stage]:
    last = _last(lattices)
    home, away = lattices[last].scores()
    points = {part: lattice.point(home, away) for part, lattice in lattices.items()}
    yield Stage(StateKind.CORE, _chosen(points, home != away))
    level = _level(last, sport, drawn)
    if len(lattices) > 1:
        yield Stage(StateKind.CORE, _overtime(lattices, sport, level=False))
        if level is not None:
            yield Stage(level, _overtime(lattices, sport, level=True))
    elif level is not None:
        yield Stage(level, _chosen(points, home == away))
    if rule_states:
        yield Stage(StateKind.RULE, _broken_off(lattices))


def _level(part: Part, sport: Sport, drawn: set[Part]) -> StateKind | None:
    """Return what a level score at the end is; where it can be bet on, it is as good as any.

    A set and a map have a winner, as other parts of a match need not.
    """
    if part in drawn:
        return StateKind.CORE
    if part is Part.REGULATION or part is Part.WITH_OVERTIME:
        return sport.level if part is Part.REGULATION else sport.level_at_end
    return None if part in SETS | MAPS and sport.level is not StateKind.CORE else StateKind.CORE


def _overtime(lattices: Lattices, sport: Sport, *, level: bool) -> dict[Part, Ints]:
    """Return the pairs of a level score after regulation and a final score.

    Of the level scores that regulation settles alike, where overtime may add any number, only the
    least is followed: what can come after a larger one can come after it as well. L + 1 is the
    largest needed, since both parts shrink together by 1 a side above it.
    """
    regulation, final = lattices[Part.REGULATION], lattices[Part.WITH_OVERTIME]
    home, away = final.scores()
    tied = np.arange(int(home.max()))
    if not sport.sudden_death:
        tied = tied[firsts(regulation.labels[regulation.point(tied, tied)])]
    before: list[Ints] = []
    after: list[Ints] = []
    for score, point in zip(tied, regulation.point(tied, tied), strict=True):
        reached = (home >= score) & (away >= score) & ((home == away) == level)
        if sport.sudden_death:
            reached &= home + away == 2 * score + 1
        points = final.point(home[reached], away[reached])
        points = points[firsts(final.labels[points])]
        before.append(np.repeat(point, len(points)))
        after.append(points)
    return {
        Part.REGULATION: np.concatenate(before),
        Part.WITH_OVERTIME: np.concatenate(after),
    }


def _halved(lattices: Lattices, *, rule_states: bool) -> Iterator[Stage]:
    first, second, both = (lattices[part] for part in HALVES)
    home, away = first.scores()
    one, two = (each.ravel() for each in np.indices((first.over, first.over)))
    sums = home[one] + home[two], away[one] + away[two]
    yield Stage(StateKind.CORE, _by_half(one, two, both.point(*sums)))
    if rule_states:
        begun, nothing = first.broken_off(home, away), np.zeros(first.over, np.int64)
        unplayed = second.broken_off(nothing, nothing)
        points = _by_half(begun, unplayed, both.broken_off(home, away))
        yield Stage(StateKind.RULE, points)
        points = _by_half(one, second.over + two, both.broken_off(*sums))
        yield Stage(StateKind.RULE, points)


def _by_half(first: Ints, second: Ints, both: Ints) -> dict[Part, Ints]:
    return dict(zip(HALVES, (first, second, both), strict=True))


def _called_or_changed(played: Sequence[Stage], lattices: Lattices) -> Iterator[Stage]:
    """Yield the games called early, and all endings again with another pitcher."""
    last = _last(lattices)
    called: list[Stage] = []
    if last is Part.WITH_OVERTIME:
        home, away = lattices[last].scores()
        ahead = _chosen(_broken_off(lattices), home != away)
        called = [Stage(StateKind.RULE, ahead, called=True)]
    yield from called
    for stage in (*played, *called):
        yield replace(stage, kind=StateKind.RULE, pitcher=True)


def _broken_off(lattices: Lattices) -> dict[Part, Ints]:
    home, away = lattices[_last(lattices)].scores()
    return {part: lattice.broken_off(home, away) for part, lattice in lattices.items()}


def _last(lattices: Lattices) -> Part:
    return Part.WITH_OVERTIME if Part.WITH_OVERTIME in lattices else next(iter(lattices))


def _chosen(points: dict[Part, Ints], which: Marks | Ints) -> dict[Part, Ints]:
    return {part: each[which] for part, each in points.items()}
