"""Integer programs: HiGHS's branch and bound behind one typed function."""

from importlib import import_module
from math import inf
from typing import Any, NamedTuple

import numpy as np

from domain.errors import Broken
from engine.stakes.slip import Floats

_OPTIMAL, _OUT_OF_TIME = 0, 1


class Column(NamedTuple):
    """One unknown: its range, whether it is a whole number, and its cost."""

    low: float
    high: float
    whole: bool = True
    cost: float = 0.0


class Row(NamedTuple):
    """A sum of columns, each times a figure, that is `least` or more."""

    terms: dict[int, float]
    least: float


class Point(NamedTuple):
    """The best point found, and what no point costs less than."""

    at: Floats
    bound: float


def cheapest(columns: list[Column], rows: list[Row], *, seconds: float) -> Point | None:
    """Return the point of least cost, or None if `seconds` did not suffice to find any.

    Raises:
        Broken: The solver failed, or says that no point exists; ours always have one.
    """
    table = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        table[number, list(row.terms)] = list(row.terms.values())
    low, high, whole, cost = np.array(columns, np.float64).T
    solver: Any = import_module("scipy.optimize")  # slow to import, and seldom needed
    answer = solver.milp(
        cost,
        integrality=whole,
        bounds=solver.Bounds(low, high),
        constraints=solver.LinearConstraint(table, [row.least for row in rows], inf),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if answer.status not in (_OPTIMAL, _OUT_OF_TIME):
        raise Broken(f"the integer program failed: {answer.message}")
    if answer.x is None:
        return None
    proven = answer.fun if answer.mip_dual_bound is None else answer.mip_dual_bound
    return Point(np.asarray(answer.x, np.float64), float(proven))
