"""Certificates: verdicts checked by code that shares nothing with the solvers.

Only additions of products over the stakes and the measure, each sum exactly rounded, with an
allowance for the rounding of every product: what is returned are bounds in the strict sense, for
the payoffs as given.
"""

from collections.abc import Sequence
from math import fsum, inf, isfinite, isnan, nan
from typing import NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Bets, Floats
from engine.game import Verdict
from engine.tiers import Guarantee

_ROUNDING = 2.0**-51
_AGREE = 1e-9
_Terms = list[tuple[int, float]]


class Bounds(NamedTuple):
    """What some stakes certainly keep, and what no stakes can exceed, per unit of cash at risk."""

    lower: float
    upper: float


def verify(payoff: Floats, verdict: Verdict) -> Bounds:
    """Return what the verdict's stakes and measure prove about the game.

    For stakes x and a measure q of sum 1: min over i of (A x)_i <= v <= max over j of (q A)_j.

    Args:
        payoff: Shape (states, bets), the game that was judged.
        verdict: What a solver said of it.

    Raises:
        Broken: The stakes or the measure are no mixture, the bounds are more than 1e-9 apart, or
            the verdict claims other figures than they prove.
    """
    rows: list[list[float]] = payoff.tolist()
    stakes, measure = _mixture(verdict.stakes.tolist()), _mixture(verdict.measure.tolist())
    if len(verdict.measure) != len(rows) or any(len(row) != len(verdict.stakes) for row in rows):
        raise Broken("the verdict is about a game of another shape")
    lower = min(_least(row, stakes) for row in rows)
    upper = max(-_least([-row[bet] for row in rows], measure) for bet in range(len(rows[0])))
    claims = (verdict.lower - lower, upper - verdict.upper, upper - lower)
    if not all(claim <= _AGREE for claim in claims):
        raise Broken(f"a verdict claims {verdict[3:]}, which proves only {(lower, upper)}")
    if not lower - _AGREE <= verdict.value <= upper + _AGREE:
        raise Broken(f"a verdict's value {verdict.value} is outside {(lower, upper)}")
    return Bounds(lower, upper)


def verify_guarantee(bets: Bets, loss: Floats | None, claimed: Guarantee) -> Bounds:
    """Return what a guarantee's stakes and measure prove of the return on settled cash.

    The stakes must keep A x >= roi S x in every core state and A x >= -loss sum(x) in every
    protected rule state; under the measure every bet that settles in a core state must be below
    `upper`, so that all stakes together are.

    Args:
        bets: The bets over all states.
        loss: What `tiers.guarantee` was given.
        claimed: What it answered.

    Raises:
        Broken: It claims more than they prove.
    """
    tiers: list[float] = [nan] * len(bets.win) if loss is None else loss.tolist()
    stakes, measure = (_mixture(part.tolist()) for part in (claimed.stakes, claimed.measure))
    if any(_least(row, stakes) < -_AGREE for row in _asked(bets, tiers, claimed.roi)):
        raise Broken(f"the stakes of a guarantee do not keep {claimed.roi}")
    short = _asked(bets, tiers, claimed.upper)
    core = [state for state, tier in enumerate(tiers) if isnan(tier)]
    for bet in np.flatnonzero((bets.win + bets.lose)[core].any(axis=0)).tolist():
        if -_least([-row[bet] for row in short], measure) >= 0.0:
            raise Broken(f"the measure of a guarantee does not exclude {claimed.upper}")
    return Bounds(claimed.roi, claimed.upper)


def _asked(bets: Bets, tiers: Sequence[float], roi: float) -> list[list[float]]:
    """Return each bet's payoff less what its state asks; nothing in states left out of account."""
    wins, loses, nets = bets.win.tolist(), bets.lose.tolist(), bets.net.tolist()
    return [
        [
            0.0 if tier == inf else b * p - n - (roi * (p + n) if isnan(tier) else -tier)
            for p, n, b in zip(win, lose, nets, strict=True)
        ]
        for win, lose, tier in zip(wins, loses, tiers, strict=True)
    ]


def _mixture(shares: Sequence[float]) -> _Terms:
    terms = [(place, share) for place, share in enumerate(shares) if share != 0.0]
    if not all(isfinite(share) and share > 0.0 for _, share in terms):
        raise Broken("a share of a verdict is negative or no number")
    if not abs(fsum(share for _, share in terms) - 1.0) <= _AGREE:
        raise Broken("the shares of a verdict do not sum to 1")
    return terms


def _least(payoffs: Sequence[float], shares: _Terms) -> float:
    """Return what the mixture of the payoffs is at least."""
    products = [payoffs[place] * share for place, share in shares]
    doubt = _ROUNDING * fsum(abs(product) for product in products)
    mixed = fsum(products)
    weight = fsum(share for _, share in shares)
    return mixed / weight - 2.0 * doubt
