"""Integer programs: HiGHS's branch and bound behind one typed function."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from ctypes import CDLL
from importlib import import_module
from math import inf
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from domain.errors import Broken
from engine.stakes.slip import Floats

_OPTIMAL, _OUT_OF_TIME, _DISOWNED = 0, 1, 4
_STDOUT, _STDERR = 1, 2
_ONE_AT_A_TIME = Lock()


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
    """Return the point of least cost, or None if none was found.

    That is if `seconds` did not suffice, or HiGHS found its own point to break a row by more than
    its tolerance, which it then does not hand out.

    Raises:
        Broken: The solver says that no point exists, or that none is least; ours always have one.
    """
    table = np.zeros((len(rows), len(columns)))
    for number, row in enumerate(rows):
        table[number, list(row.terms)] = list(row.terms.values())
    low, high, whole, cost = np.array(columns, np.float64).T
    solver: Any = import_module("scipy.optimize")  # slow to import, and seldom needed
    with _spared_stdout():
        answer = solver.milp(
            cost,
            integrality=whole,
            bounds=solver.Bounds(low, high),
            constraints=solver.LinearConstraint(table, [row.least for row in rows], inf),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
    if answer.status not in (_OPTIMAL, _OUT_OF_TIME, _DISOWNED):
        raise Broken(f"the integer program failed: {answer.message}")
    if answer.x is None:
        return None
    proven = answer.fun if answer.mip_dual_bound is None else answer.mip_dual_bound
    return Point(np.asarray(answer.x, np.float64), float(proven))


@contextmanager
def _spared_stdout() -> Generator[None]:
    """Send to standard error what is printed meanwhile.

    HiGHS repairs some solutions by a second program and prints a line of its own about it, whatever
    its options say; standard output belongs to whoever called.
    """
    with _ONE_AT_A_TIME:
        try:
            own = os.dup(_STDOUT)
        except OSError:  # a process without standard output has nothing to spare
            yield
            return
        try:
            _flush()
            os.dup2(_STDERR, _STDOUT)
            yield
            _flush()
        finally:
            os.dup2(own, _STDOUT)
            os.close(own)


def _flush() -> None:
    """Write out what Python and C hold back for standard output."""
    sys.stdout.flush()
    CDLL(None).fflush(None)
