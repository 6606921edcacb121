"""The game: what a bettor who may mix all bets on an event keeps, whichever way it ends.

The bettor mixes the columns of a payoff matrix, the event picks a row. By the minimax theorem (von
Neumann, Zur Theorie der Gesellschaftsspiele, 1928) the best guaranteed return v equals the least
upper bound that any measure q on the states puts on every bet's expected return:
max over x of min over i of (A x)_i = v = min over q of max over j of (q A)_j.
So v > 0 is an arbitrage, proven by the stakes x; and v <= 0 is the proof that there is none, given
by a measure q under which no bet has a positive expectation.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Bets, Floats
from engine.linear import minimum
from engine.simplex import mixtures, proven
from engine.whole import exact_mixtures

NOISE = 1e-9
GAP = 5e-10
MOST = 1e6
_SHORT = 1e-11
_LARGEST = 20_000


class Verdict(NamedTuple):
    """The value of a game with both proofs of it.

    `stakes` (bets,) and `measure` (states,) are shares that sum to 1. `lower` is what the stakes
    keep in the worst state, `upper` what the measure lets no stakes exceed, both per unit of cash
    at risk; `value` lies between them.
    """

    value: float
    stakes: Floats
    measure: Floats
    lower: float
    upper: float

    @property
    def gap(self) -> float:
        """How far the two proofs are apart."""
        return self.upper - self.lower

    @property
    def found(self) -> bool:
        """Whether there is an arbitrage: a certain return above rounding noise."""
        return self.lower > NOISE


Solver = Callable[[Floats], Verdict]


def checked(payoff: Floats) -> Floats:
    """Return the payoffs as a contiguous matrix.

    Raises:
        ValueError: As `solve` says.
    """
    game = np.ascontiguousarray(payoff, np.float64)
    if game.ndim != 2 or game.size == 0:
        raise ValueError("a game needs at least one state and one bet, as a matrix")
    if not float(np.abs(game).max()) <= MOST:
        raise ValueError(f"every payoff must be a number between -{MOST:g} and {MOST:g}")
    return game


def judged(game: Floats, stakes: Floats, measure: Floats) -> Verdict:
    """Return the verdict that two mixtures amount to."""
    lower, upper = map(float, proven(game, stakes, measure))
    return Verdict((lower + upper) / 2.0, stakes, measure, lower, upper)


def by_simplex(game: Floats) -> Verdict:
    """Return the verdict of the condensed simplex.

    Raises:
        Broken: It does not end.
    """
    made, stakes, measure = mixtures(game)
    if made < 0:
        raise Broken("the simplex does not end on a game")
    return judged(game, stakes, measure)


def by_highs(game: Floats) -> Verdict:
    """Return the verdict of the second solver, which shares nothing with the first.

    Raises:
        Broken: It fails.
    """
    height, width = len(game), len(game[0])
    shifted = game + (1.0 - float(game.min()))
    found = minimum(np.ones(width), shifted, np.ones(height), np.ones(width))
    staked, measured = float(found.at.sum()), float(found.prices.sum())
    if staked <= 0.0 or measured <= 0.0:
        raise Broken("HiGHS gave a game without mixtures")
    return judged(game, found.at / staked, found.prices / measured)


def by_whole_numbers(game: Floats) -> Verdict:
    """Return the verdict of exact arithmetic, which nothing misleads and which takes its time.

    Raises:
        Broken: The game is too large to wait for.
    """
    if game.size > _LARGEST:
        raise Broken(f"a game of {game.size} payoffs is too large for whole numbers")
    return judged(game, *exact_mixtures(game))


SOLVERS: Sequence[Solver] = (by_simplex, by_highs, by_whole_numbers)


def solve(payoff: Floats, *, solvers: Sequence[Solver] = SOLVERS) -> Verdict:
    """Return the value of the game, with proofs that agree within half of 1e-9.

    Args:
        payoff: Shape (states, bets): profit of one unit of cash at risk.
        solvers: Asked in turn, until the proofs of one agree.

    Raises:
        ValueError: There is no bet or no state, or a payoff is NaN, infinite or beyond a million.
        Broken: No solver can prove its answer.

    Examples:
        >>> surebet = solve(np.array([[1.1, -1.0], [-1.0, 1.1]]))
        >>> round(surebet.value, 12), surebet.stakes.round(12).tolist(), surebet.found
        (0.05, [0.5, 0.5], True)
    """
    game = checked(payoff)
    for solver in solvers:
        with suppress(Broken):
            verdict = solver(game)
            if verdict.gap <= GAP:
                return verdict
    raise Broken(f"no solver proves the value of a game of {game.shape[0]} by {game.shape[1]}")


def asking(bets: Bets, least: float) -> Bets:
    """Return bets whose payoff is that of the given ones less `least` a unit of settled cash.

    A whole-line handicap and its opposite give all cash back on the line, so what is certain at
    risk is 0; what is certain of the cash that settles is still a surebet's return. Stakes whose
    payoff here is nowhere negative return at least `least` of it:
    (b - t) P - (1 + t) N = (b P - N) - t (P + N).
    """
    return Bets(bets.win, (1.0 + least) * bets.lose, bets.net - least)


def cut(least: float) -> float:
    """Return the value above which a game is an arbitrage, if `least` is asked of settled cash.

    Nothing asked: above rounding noise. Otherwise 0 is enough, and rounding may fall below it.
    """
    return -_SHORT if least else NOISE
