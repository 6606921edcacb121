"""Templates: the states that tell a set of bets apart, and the bets that differ, computed once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.bets import Bets, Floats
from engine.settlement.bouts import settled_bouts
from engine.settlement.codes import Codes, Ints
from engine.settlement.contests import EachWay, GoesTheDistance, Method, Race, YesNo
from engine.settlement.games import settled_games
from engine.settlement.kinds import StateKind
from engine.settlement.questions import ScoreQuestion
from engine.settlement.races import settled_races
from engine.settlement.rules import UNKNOWN, RuleSet
from engine.settlement.selections import (
    Ending,
    Selection,
    Settled,
    Task,
    families,
    is_of_tennis_match,
)
from engine.settlement.sports import sport_of
from engine.settlement.tennis import settled_tennis
from engine.settlement.yes_no import settled_yes_no

MOST_SELECTIONS = 5_000
_RULES = (UNKNOWN,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """How a set of selections is settled: states that differ by shapes that differ.

    Selections of one shape are settled alike in every state, as a lay and the back of all else;
    `shape_of` has one entry a selection. `win` and `lose` have shape (states, shapes) and hold
    shares of the cash at risk; `kind` has one `StateKind` a state and `representatives` one ending
    that stands for all of its state. The arrays are shared and cannot be written to.
    """

    win: Floats
    lose: Floats
    kind: Codes
    shape_of: Ints
    representatives: tuple[Ending, ...]

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.win)

    @property
    def shapes(self) -> int:
        """How many shapes there are."""
        return self.win.shape[1]

    def bets(self, net: Floats, selections: Sequence[int] | Ints | None = None) -> Bets:
        """Return bets in normal form.

        Args:
            net: Net odds per unit of cash at risk, one a bet.
            selections: Which selection each bet is of; without it, net has one entry a shape.
        """
        if selections is None:
            return Bets(self.win, self.lose, net)
        shapes = self.shape_of[np.asarray(selections, np.int64)]
        return Bets(self.win[:, shapes], self.lose[:, shapes], net)


@lru_cache(maxsize=256)
def template_for(
    selections: tuple[Selection, ...],
    sport: str,
    rules: tuple[RuleSet, ...] = _RULES,
    *,
    rule_states: bool = True,
) -> Template:
    """Return the template of selections that one set of states settles; it is kept for next time.

    Args:
        selections: What is bet on, of one family (`engine.settlement.selections.families`).
        sport: Our name of the sport.
        rules: The rules of books, which `Selection.rulebook` counts in.
        rule_states: Whether states that only rules settle are wanted, beside the core ones.

    Raises:
        ValueError: There are no selections or too many, they belong to several families, a rulebook
            is missing, or their states cannot be listed.
    """
    _check(selections, sport, rules)
    return _reduced(_settled(Task(selections, sport, rules, rule_states)))


def _check(selections: tuple[Selection, ...], sport: str, rules: tuple[RuleSet, ...]) -> None:
    if not 0 < len(selections) <= MOST_SELECTIONS:
        raise ValueError(f"{len(selections)} selections; there may be 1 to {MOST_SELECTIONS}")
    if any(not 0 <= one.rulebook < len(rules) for one in selections):
        raise ValueError("a selection's rulebook is not among the rules")
    if len(families(selections, sport)) > 1:
        raise ValueError("these selections are settled apart: divide them by families() first")


def _settled(task: Task) -> Settled:
    match task.selections[0].question:
        case YesNo():
            return settled_yes_no(task)
        case Race() | EachWay():
            return settled_races(task)
        case Method() | GoesTheDistance():
            return settled_bouts(task)
        case ScoreQuestion() as asked if is_of_tennis_match(asked, task.sport):
            return settled_tennis(task)
        case ScoreQuestion() as asked if asked.is_of_score and sport_of(task.sport).bout:
            return settled_bouts(task)
        case _:
            return settled_games(task)


def _reduced(settled: Settled) -> Template:
    """Return one state of each set that pays alike, in the given order, and one shape likewise.

    A state that is settled both as a core and as a rule state is a core one: it binds more.
    """
    order = np.argsort(settled.kind, kind="stable")
    pays = np.concatenate([settled.win, settled.lose], axis=1)[order]
    states = order[np.sort(_unique_rows(pays)[0])]
    columns = np.concatenate([settled.win[states], settled.lose[states]]).T
    first, of = _unique_rows(columns)
    ranked = np.argsort(first)
    shapes, shape_of = first[ranked], np.argsort(ranked)[of]
    win, lose = settled.win[np.ix_(states, shapes)], settled.lose[np.ix_(states, shapes)]
    nothing = ~(win.any(axis=1) | lose.any(axis=1))
    kind = np.where(nothing, np.int8(StateKind.VOID), settled.kind[states])
    for array in (win, lose, kind, shape_of):
        array.setflags(write=False)
    endings = tuple(settled.endings[int(state)] for state in states)
    return Template(win=win, lose=lose, kind=kind, shape_of=shape_of, representatives=endings)


def _unique_rows(table: Floats) -> tuple[Ints, Ints]:
    """Return the first row of each distinct one, and which of these each row is."""
    found = np.unique(table, axis=0, return_index=True, return_inverse=True)
    first: Ints = found[1]
    of: Ints = found[2]
    return first, of.ravel()
