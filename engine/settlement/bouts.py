"""Bouts: fights that end by a method in a winner, in a draw, or in no contest."""

from typing import NamedTuple

import numpy as np

from domain.markets import Outcome
from engine.settlement.codes import LEVEL, LOST, UNDECIDED, VOID, WON
from engine.settlement.contests import GoesTheDistance, Method
from engine.settlement.games import by_rules
from engine.settlement.kinds import How, StateKind
from engine.settlement.questions import Handicap, Winner
from engine.settlement.selections import Ending, Selection, Settled, Task

_FIGHTERS = (Outcome.HOME, Outcome.AWAY)


class _Result(NamedTuple):
    winner: Outcome | None
    how: How | None


_NO_CONTEST = _Result(None, None)
_DRAW = _Result(Outcome.DRAW, How.DECISION)


def settled_bouts(task: Task) -> Settled:
    """Return the states of a fight: each fighter by each method, the draw, no contest.

    A draw is rare, hence a rule state, unless it can be bet on.

    Raises:
        ValueError: A question is about something else than who wins, and how.
    """
    decided = [_Result(winner, how) for winner in _FIGHTERS for how in How]
    results = [*decided, _DRAW, *([_NO_CONTEST] if task.rule_states else [])]
    codes = np.array(
        [[_code(selection, result) for selection in task.selections] for result in results],
        np.int8,
    )
    drawn = StateKind.CORE if any(map(_on_the_draw, task.selections)) else StateKind.RULE
    kinds = [*[StateKind.CORE] * len(decided), drawn, StateKind.RULE][: len(results)]
    win, lose = by_rules(codes, task.selections, task.rules)
    endings = [Ending(note=_told(result)) for result in results]
    return Settled(win, lose, np.array(kinds, np.int8), endings)


def _on_the_draw(selection: Selection) -> bool:
    question = selection.question
    return isinstance(question, Method) or question == Winner()


def _code(selection: Selection, result: _Result) -> int:
    if result == _NO_CONTEST:
        return UNDECIDED
    match selection.question:
        case Winner(ways=2) if result == _DRAW:
            return LEVEL
        case Handicap(line=0.0) if result == _DRAW:
            return VOID
        case Winner() | Handicap(line=0.0):
            won = selection.pick is result.winner
        case Method():
            won = selection.pick == result
        case GoesTheDistance():
            won = (selection.pick is Outcome.YES) == (result.how is How.DECISION)
        case question:
            raise ValueError(f"a fight does not settle {question}")
    return WON if won else LOST


def _told(result: _Result) -> str:
    if result.winner is None or result.how is None:
        return "no contest"
    return "draw" if result == _DRAW else f"{result.winner} by {result.how}"
