"""Two tiers: a return that is certain in core states, while rule states may lose so much at most.

Rule states are endings that books settle by their own rules: a retirement, an abandonment, a void
market. What is certain is always said of a stated set of states; the rest are listed with the loss.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.bets import Bets, Floats, checked, payoff
from engine.game import solve

_SHORT = 1e-12
_TRACE = 1e-9
_CLOSE = 1e-9
_ROUNDS = 200


class Guarantee(NamedTuple):
    """The best return of the cash that settles, with both proofs, and what it leaves open.

    `stakes` (bets,) are shares of the cash at risk that return at least `roi` of what settles in
    every core state; 0 or less is no arbitrage. `measure` (states,) is one under which every bet
    falls short of `upper`, so no stakes return that much. `worst` (states,) is the profit of the
    stakes in each state, per unit of cash at risk; `unprotected` are the states left out of
    account in which they lose.
    """

    roi: float
    upper: float
    stakes: Floats
    measure: Floats
    worst: Floats
    unprotected: NDArray[np.int64]


def guarantee(bets: Bets, loss: Floats | None = None) -> Guarantee | None:
    """Return the best certain return of settled cash, or None if rule states forbid any stakes.

    Stakes x reach the return t iff A x >= t S x in core states, S = P + N, and A x >= -loss sum(x)
    in rule states. For a given t that is a matrix game with rows A - t S and A + loss, and t can be
    reached iff its value is not negative. The search climbs from stakes to the t that they reach
    (Dinkelbach, On nonlinear fractional programming, 1967) and halves what is left in turn, since a
    refund can hide the gain. It ends where a measure proves that 2e-9 more cannot be reached, or
    where rounding tells the two no further apart.

    Bets that settle in no core state get no stake.

    Args:
        bets: Bets over all states, core and rule.
        loss: Shape (states,). NaN: a core state. From 0: a rule state, where the stakes may lose
            that share of the cash at risk. Infinite: an unprotected one. None: all are core.

    Raises:
        ValueError: The bets are no bets; a loss is negative; no state is core.
        Broken: A solver fails.

    Examples:
        >>> win = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
        >>> lose = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
        >>> retired = Bets(win, lose, np.array([1.1, 1.1]))
        >>> found = guarantee(retired, np.array([np.nan, np.nan, np.inf]))
        >>> round(found.roi, 9), found.unprotected.tolist(), found.worst.round(9).tolist()
        (0.05, [2], [0.05, 0.05, -0.5])
        >>> guarantee(retired, np.array([np.nan, np.nan, 0.0])).stakes.tolist()
        [1.0, 0.0]
    """
    limit = _limits(checked(bets), loss)
    core, protected = np.isnan(limit), ~np.isposinf(limit)
    settled = np.where(core[:, np.newaxis], bets.win + bets.lose, 0.0)
    profit, useful = payoff(bets), settled.any(axis=0)
    if not bool(useful.any()):
        raise ValueError("no bet settles in any core state")
    allowed = np.where(core | ~protected, 0.0, limit)[:, np.newaxis]
    kept = np.ix_(protected, useful)
    best = _highest((profit + allowed)[kept], settled[kept])
    if best is None:
        return None
    stakes, measure = np.zeros(len(bets.net)), np.zeros(len(limit))
    stakes[useful], measure[protected] = best.stakes, best.measure
    worst = profit @ stakes
    unprotected = np.flatnonzero(~protected & (worst < -_TRACE))
    return Guarantee(best.roi, best.upper, stakes, measure, worst, unprotected)


class _Best(NamedTuple):
    roi: float
    upper: float
    stakes: Floats
    measure: Floats


def _limits(bets: Bets, loss: Floats | None) -> Floats:
    states = len(bets.win)
    limit = np.full(states, np.nan) if loss is None else np.asarray(loss, np.float64)
    if limit.shape != (states,) or bool((limit < 0.0).any()):
        raise ValueError("the loss allowed needs one number a state, of 0 or more")
    if not bool(np.isnan(limit).any()):
        raise ValueError("no state is core: there is nothing to guarantee")
    return limit


def _highest(game: Floats, settled: Floats) -> _Best | None:
    """Return the highest t for which game - t settled has a value of 0 or more."""
    core = settled.any(axis=1).astype(np.float64)
    start = solve(game + settled)
    top = float((game / np.where(settled > 0.0, settled, np.inf)).max()) + 1.0
    if start.upper < -_SHORT:
        return None
    roi = max(-1.0, _reached(game, settled, start.stakes))
    best = _Best(roi, top, start.stakes, core / core.sum())
    for round_ in range(_ROUNDS):
        if best.upper - best.roi <= 2.0 * _CLOSE:
            break
        near, middle = best.roi + _CLOSE, (best.roi + best.upper) / 2.0
        trial = middle if round_ % 2 else min(near, middle)
        verdict = solve(game - trial * settled)
        reached = _reached(game, settled, verdict.stakes)
        if verdict.upper < -_SHORT:
            best = best._replace(upper=trial, measure=verdict.measure)
        elif reached <= best.roi and trial == middle:
            break
        if reached > best.roi:
            best = best._replace(roi=reached, stakes=verdict.stakes)
    return best


def _reached(game: Floats, settled: Floats, stakes: Floats) -> float:
    """Return what the stakes return of what settles, at worst; -inf if a state forbids them."""
    stakes[stakes < _TRACE / 10] = 0.0
    profit, cash = game @ stakes, settled @ stakes
    open_ = cash > 0.0
    if bool((profit[~open_] < -_SHORT).any()):
        return -np.inf
    return float((profit[open_] / cash[open_]).min())
