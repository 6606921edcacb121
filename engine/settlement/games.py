"""Games: what is paid in every state of the scores of one part or of parts that belong together."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from domain.markets import Side
from engine.bets import Floats
from engine.settlement.codes import (
    CALLED_DECIDED,
    CALLED_UNDECIDED,
    DECIDED_EARLY,
    LOST,
    OTHER_PITCHER,
    UNDECIDED,
    WON,
    Codes,
    shares,
)
from engine.settlement.contests import HalfTimeFullTime, Question
from engine.settlement.kinds import Part, Pick
from engine.settlement.lattice import Asked, Lattice, side_of, side_of_halves
from engine.settlement.questions import ScoreQuestion, Winner
from engine.settlement.rules import RuleSet, tables
from engine.settlement.selections import Ending, Selection, Settled, Task
from engine.settlement.sports import counting, sport_of
from engine.settlement.stages import HALVES, Lattices, Stage, distinct, stages

_MOST_SIDE_OF_HALVES = 46
_MOST_SIDE = 1_200
_MOST_CELLS = 200_000_000


def settled_games(task: Task) -> Settled:
    """Return the states of the counts of one statistic, and what they pay.

    Raises:
        ValueError: The lines are too large for halves and full time to be settled together.
    """
    asked = list(_asked(task.selections))
    lattices = _lattices(asked, running=task.rule_states)
    score = all(question.is_of_score for question, _ in asked)
    sport = counting(sport_of(task.sport), score=score)
    every = stages(lattices, asked, sport, rule_states=task.rule_states)
    kept = distinct(lattices, every)
    codes = np.concatenate([_codes(task.selections, lattices, stage) for stage in kept])
    win, lose = by_rules(codes, task.selections, task.rules)
    kinds = [np.full(stage.size, stage.kind, np.int8) for stage in kept]
    endings = [ending for stage in kept for ending in _endings(lattices, stage)]
    return Settled(win, lose, np.concatenate(kinds), endings)


def by_rules(
    codes: Codes, selections: Sequence[Selection], rules: Sequence[RuleSet]
) -> tuple[Floats, Floats]:
    """Return what selections win and lose, each by the rules of its own books.

    Args:
        codes: How a back of each selection is settled, shape (states, selections).
        selections: What is bet on; a lay gets the opposite shares.
        rules: What `Selection.rulebook` counts in.
    """
    made = np.empty_like(codes)
    for place, selection in enumerate(selections):
        table = tables(rules[selection.rulebook])
        used = table.lay if selection.side is Side.LAY else table.back
        made[:, place] = used[codes[:, place]]
    return shares(made)


def _asked(selections: Iterable[Selection]) -> Iterator[Asked]:
    for selection in selections:
        question = selection.question
        if isinstance(question, HalfTimeFullTime):
            yield from ((winner, pick) for winner in question.winners for pick in winner.picks)
        elif isinstance(question, ScoreQuestion):
            yield question, selection.pick


def _lattices(asked: Sequence[Asked], *, running: bool) -> Lattices:
    questions = [question for question, _ in asked]
    parts = {question.part for question in questions}
    halved = len(parts) > 1 and Part.WITH_OVERTIME not in parts
    side = side_of_halves(questions) if halved else side_of(questions)
    if halved and side > _MOST_SIDE_OF_HALVES:
        raise ValueError("the lines are too large to settle halves and full time together")
    if side > _MOST_SIDE or side**2 * len(asked) > _MOST_CELLS:
        raise ValueError("the lines are too large for so many selections")
    return {
        part: Lattice(
            [one for one in asked if one[0].part is part],
            2 * side if halved and part is Part.REGULATION else side,
            running=running,
        )
        for part in (HALVES if halved else sorted(parts))
    }


def _codes(selections: Sequence[Selection], lattices: Lattices, stage: Stage) -> Codes:
    columns = [_column(one.question, one.pick, lattices, stage) for one in selections]
    codes = np.stack(columns, axis=1)
    return codes + np.int8(OTHER_PITCHER) if stage.pitcher else codes


def _column(question: Question, pick: Pick, lattices: Lattices, stage: Stage) -> Codes:
    if isinstance(question, HalfTimeFullTime):
        return _half_time_full_time(question, pick, lattices, stage)
    if not isinstance(question, ScoreQuestion):
        raise TypeError(f"{type(question).__name__} is not about a score")
    lattice, points = lattices[question.part], stage.points[question.part]
    column = lattice.column(question, pick)
    if not stage.called:
        return column[points]
    over = column[points - lattice.over]
    if isinstance(question, Winner) and question.part is Part.WITH_OVERTIME:
        return over
    decided = column[points] != UNDECIDED
    return over + np.where(decided, np.int8(CALLED_DECIDED), np.int8(CALLED_UNDECIDED))


def _half_time_full_time(
    question: HalfTimeFullTime, pick: Pick, lattices: Lattices, stage: Stage
) -> Codes:
    which = question.picks.index(pick)
    (first, both) = question.winners
    early = _column(first, first.picks[which // 3], lattices, stage)
    late = _column(both, both.picks[which % 3], lattices, stage)
    lost, unknown = np.int8(DECIDED_EARLY + LOST), np.int8(UNDECIDED)
    broken = np.where(early == LOST, lost, unknown)
    played = np.where((early == WON) & (late == WON), np.int8(WON), np.int8(LOST))
    return np.where(late == UNDECIDED, broken, played)


def _endings(lattices: Lattices, stage: Stage) -> Iterator[Ending]:
    told = "called early, official" if stage.called else ""
    changed = "a listed pitcher did not start" if stage.pitcher else ""
    for row in zip(*stage.points.values(), strict=True):
        named = zip(stage.points, row, strict=True)
        counted = [(part, *lattices[part].score(int(point))) for part, point in named]
        over = all(finished for _, _, finished in counted)
        notes = [told or ("" if over else "broken off"), changed]
        scores = tuple((part.value, *score) for part, score, _ in counted)
        yield Ending(scores, ", ".join(filter(None, notes)))
