"""Linear programmes: the one door to HiGHS, whose every answer is proven before it is used."""

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Floats

_TOLERANCES = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_SLACK = 1e-8
_ROUNDING = 1e-9


class Minimum(NamedTuple):
    """Where a cost is least, the price of each row, and what no feasible point can go below."""

    at: Floats
    prices: Floats
    cost: float
    bound: float


def minimum(cost: Floats, rows: Floats, least: Floats, most: Floats | None = None) -> Minimum:
    """Minimise cost @ x over rows @ x >= least and 0 <= x <= most.

    For any prices y >= 0 of the rows, every feasible x costs at least
    y @ least - most @ max(y @ rows - cost, 0): weak duality, which is how `bound` is found.

    Args:
        cost: Shape (columns,).
        rows: Shape (rows, columns).
        least: Shape (rows,).
        most: Shape (columns,), infinite where there is no cap; None: nowhere.

    Raises:
        Broken: HiGHS found no optimum, or its answer breaks a row or misses its own bound by more
            than 1e-8 of its size. The programmes of the engine all have an optimum, so this never
            means that there is none.
    """
    caps = np.full(len(cost), np.inf) if most is None else most
    answer = _highs(cost, rows, least, caps)
    at = np.clip(np.asarray(answer.x, float), 0.0, caps)
    prices = np.maximum(-np.asarray(answer.ineqlin.marginals, float), 0.0)
    found = Minimum(at, prices, float(cost @ at), bound(cost, rows, least, caps, prices))
    short = float((least - rows @ at).max(initial=0.0))
    allowed = _SLACK * max(1.0, abs(found.cost))
    if not (short <= allowed and found.cost - found.bound <= allowed):
        raise Broken(
            f"HiGHS is {short:g} short of a row, {found.cost - found.bound:g} of its bound"
        )
    return found


def bound(cost: Floats, rows: Floats, least: Floats, most: Floats, prices: Floats) -> float:
    """Return what no feasible point costs less than, by prices that are 0 or more.

    A gain of 1e-9 or less on a column without a cap is rounding and counts as none; a larger one
    proves nothing, and the bound is minus infinity.
    """
    gains = np.maximum(prices @ rows - cost, 0.0)
    gains[np.isinf(most) & (gains <= _ROUNDING)] = 0.0
    gaining = gains > 0.0
    return float(prices @ least - gains[gaining] @ most[gaining])


def _highs(cost: Floats, rows: Floats, least: Floats, most: Floats) -> Any:
    solver: Any = import_module("scipy.optimize")  # 0.5 s that a web process never needs
    bounds = np.column_stack([np.zeros(len(cost)), most])
    options = {"bounds": bounds, "method": "highs", "options": _TOLERANCES}
    answer: Any = solver.linprog(cost, -rows, -least, **options)
    if answer.status != 0:
        raise Broken(f"HiGHS gave up: {answer.message}")
    return answer
