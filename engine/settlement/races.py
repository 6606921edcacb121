"""Races: who wins among many, who is placed, and what a withdrawn runner changes.

Dead heats need no states of their own. A back at odds o in a dead heat of k for j places is paid
j / k of the stake at o and loses the rest: the mean of what it is paid in the k-choose-j orders
that would break the tie. So is a lay's. The worst of these orders is never better than the dead
heat, and a guarantee over all orders is one over all ties.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from domain.markets import Side
from engine.bets import Floats
from engine.settlement.codes import Ints
from engine.settlement.contests import EachWay, Field, Race
from engine.settlement.kinds import StateKind
from engine.settlement.rules import NonRunner, RuleSet
from engine.settlement.selections import Ending, Selection, Settled, Task

_MOST_STATES = 50_000
_NOBODY = -1


class Orders(NamedTuple):
    """Ways a race can end: the runners ahead of each one, those level with it, who was withdrawn.

    `ahead` and `level` have shape (orders, runners); `level` counts the runner itself, so that it
    is 1 without a dead heat. `withdrawn` is a runner's number for each order, or -1.
    """

    ahead: Ints
    level: Ints
    withdrawn: Ints


def settled_races(task: Task) -> Settled:
    """Return the states of one field: who wins, who else is placed, each runner withdrawn.

    Raises:
        ValueError: There are more ways to fill the places than can be listed.
    """
    field = _field(task.selections[0])
    places = sorted({1, *(_places(selection) for selection in task.selections)})
    may_miss = range(field.runners) if field.deductions and task.rule_states else ()
    parts = [_orders(field, places, runner) for runner in (_NOBODY, *may_miss)]
    ahead = np.concatenate(parts)
    missing = np.repeat([_NOBODY, *may_miss], [len(part) for part in parts])
    orders = Orders(ahead, np.ones_like(ahead), missing)
    win, lose = settled_in(orders, task.selections, task.rules)
    kind = np.where(missing == _NOBODY, np.int8(StateKind.CORE), np.int8(StateKind.RULE))
    return Settled(win, lose, kind, list(_endings(orders, places[-1])))


def settled_in(
    orders: Orders, selections: Sequence[Selection], rules: Sequence[RuleSet]
) -> tuple[Floats, Floats]:
    """Return what selections of one field win and lose in given orders, dead heats included.

    A winner's part of a dead heat wins and the rest loses. A deduction is taken from what a back
    wins, and so from what a lay loses.

    Returns:
        Shares of the cash at risk, each of shape (orders, selections).
    """
    shape = (len(orders.ahead), len(selections))
    win, lose = np.empty(shape), np.empty(shape)
    for place, selection in enumerate(selections):
        known = sorted(rules[selection.rulebook].non_runner)
        settled = [_settled(orders, selection, rule) for rule in known]
        won, lost = zip(*settled, strict=True)
        if selection.side is Side.LAY:
            won, lost = lost, won
        win[:, place], lose[:, place] = np.min(won, axis=0), np.max(lost, axis=0)
    return win, lose


def _settled(orders: Orders, selection: Selection, rule: NonRunner) -> tuple[Floats, Floats]:
    question, runner = selection.question, selection.pick
    if not isinstance(question, Race | EachWay) or not isinstance(runner, int):
        raise TypeError(f"{type(question).__name__} is not about a race")
    placed = _part_placed(orders, runner, question.places)
    won, lost = placed, 1.0 - placed
    if isinstance(question, EachWay):
        first = _part_placed(orders, runner, 1)
        won, lost = (first + question.fraction * placed) / 2, (2.0 - first - placed) / 2
    missing = orders.withdrawn
    if rule is NonRunner.REDUCED and question.field.deductions:
        deducted = np.array([*question.field.deductions, 0.0])
        won = won * (1.0 - deducted[missing])
    out = missing == runner
    return np.where(out, 0.0, won), np.where(out, float(rule is NonRunner.STAND), lost)


def _part_placed(orders: Orders, runner: int, places: int) -> Floats:
    """Return the part of the runner's stake that is settled as placed, one an order."""
    left, level = places - orders.ahead[:, runner], orders.level[:, runner]
    return np.clip(left, 0, level) / level


def _orders(field: Field, places: Sequence[int], withdrawn: int) -> Ints:
    """Return who is ahead of whom in the orders that fill the places differently."""
    running = [runner for runner in range(field.runners) if runner != withdrawn]
    tiers = np.diff([0, *places]).tolist()
    if _ways(len(running), tiers, exhaustive=field.exhaustive) > _MOST_STATES:
        raise ValueError(f"more than {_MOST_STATES} ways to fill the places of a race")
    fillings = list(_fillings(running, tiers, exhaustive=field.exhaustive))
    ahead = np.full((len(fillings), field.runners), field.runners)
    for order, filled in enumerate(fillings):
        for tier, start in zip(filled, [0, *places], strict=False):
            ahead[order, list(tier)] = start
    return ahead


def _fillings(
    running: list[int], tiers: list[int], *, exhaustive: bool
) -> Iterator[tuple[tuple[int, ...], ...]]:
    if not tiers:
        yield ()
        return
    for size in _sizes(len(running), tiers[0], exhaustive=exhaustive):
        for tier in combinations(running, size):
            rest = [runner for runner in running if runner not in tier]
            for others in _fillings(rest, tiers[1:], exhaustive=exhaustive):
                yield (tier, *others)


def _ways(running: int, tiers: list[int], *, exhaustive: bool) -> int:
    if not tiers:
        return 1
    return sum(
        comb(running, size) * _ways(running - size, tiers[1:], exhaustive=exhaustive)
        for size in _sizes(running, tiers[0], exhaustive=exhaustive)
    )


def _sizes(running: int, tier: int, *, exhaustive: bool) -> range:
    """Return how many of those known may fill a tier: all of it unless others may share in it."""
    most = min(running, tier)
    return range(most, most + 1) if exhaustive else range(most, -1, -1)


def _field(selection: Selection) -> Field:
    question = selection.question
    if not isinstance(question, Race | EachWay):
        raise TypeError(f"{type(question).__name__} is not about a race")
    return question.field


def _places(selection: Selection) -> int:
    question = selection.question
    return question.places if isinstance(question, Race | EachWay) else 1


def _endings(orders: Orders, places: int) -> Iterator[Ending]:
    for ahead, withdrawn in zip(orders.ahead, orders.withdrawn, strict=True):
        first = np.flatnonzero(ahead == 0)
        behind = np.flatnonzero((ahead > 0) & (ahead < places))
        notes = [f"{first[0]} wins" if len(first) else "another one wins"]
        if len(behind):
            notes.append(f"{', '.join(map(str, behind))} placed")
        if withdrawn != _NOBODY:
            notes.append(f"{withdrawn} withdrawn")
        yield Ending(note="; ".join(notes))
