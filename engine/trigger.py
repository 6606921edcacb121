"""Triggers: the net odds at which a quote makes an arbitrage of what stands on the board."""

from typing import NamedTuple

import numpy as np

from engine.bets import Bets, Floats, checked, payoff
from engine.game import Verdict, asking, cut, solve
from engine.linear import minimum
from engine.monitor_loops import limits

_COVERED = 1e-9


class Trigger(NamedTuple):
    """The exact net odds, and the hedge that breaks even at them.

    `net` is 0 where the other bets are an arbitrage without this one, and infinite where no price
    of it alone makes one. `hedge` has shape (bets,): cash at risk on each bet per unit on the one
    asked about, which is 1 itself; zeros where the others need none, or where none helps.
    """

    net: float
    hedge: Floats


def thresholds(win: Floats, lose: Floats, verdict: Verdict, *, least: float = 0.0) -> Floats:
    """Return the net odds of each shape up to which the game's value cannot rise.

    Theorem. Let q be any measure on the states, w any level, and theta_j = (q N_j + w) / (q P_j)
    for a bet that wins the share P_j and loses the share N_j of its cash. If b_j <= theta_j for
    every bet on offer, then no stakes x >= 0 keep more than w per unit of cash at risk.
    Proof. q A_j = b_j q P_j - q N_j <= w for each j, so
    min over i of (A x)_i <= q A x <= w sum(x).

    Here q is the verdict's measure and w its upper bound or, where that is not above 0, a level
    just above it: for the question whether there is an arbitrage, 0 is enough, and leaves the
    prices more room.

    Args:
        win: Shape (states, shapes), shares of the cash at risk that win.
        lose: Shape (states, shapes), likewise what loses.
        verdict: What was solved, on the same states.
        least: Return of settled cash that was asked; see `game.asking`.

    Returns:
        Shape (shapes,); infinite where the measure never lets the shape win, and NaN, which no
        price passes, where it gives all back.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return limits(win, lose, verdict.measure, max(verdict.upper, cut(least)), least)


def trigger(bets: Bets, bet: int, *, least: float = 0.0) -> Trigger:
    """Return the net odds above which one bet, at its price alone, makes an arbitrage.

    With the other prices as they are, call a measure consistent if no other bet gains under it.
    The bet's price b is harmless iff some consistent q has b q P <= q N, so the trigger is the
    largest q N / (q P). Scaled to q P = 1 (Charnes and Cooper, Programming with linear fractional
    functionals, 1962) that is a linear programme. Its dual is solved here: the least b at which
    stakes y on the other bets cover what a unit on this one loses, b P + A y >= N.

    Args:
        bets: All bets; the net odds of the one asked about are not used.
        bet: Its column.
        least: Return asked of settled cash; see `game.asking`. 0: what is certain of all cash.

    Raises:
        ValueError: The bets are no bets, or there is no such column.
        Broken: A solver fails.

    Examples:
        >>> home, draw_no_bet = np.array([[1.0], [0.0], [0.0]]), np.array([[0.0], [0.0], [1.0]])
        >>> two = Bets(np.hstack([home, draw_no_bet]), np.hstack([draw_no_bet, home]), np.ones(2))
        >>> trigger(two, 1).net, round(trigger(two, 1, least=1e-9).net, 6)
        (inf, 1.0)
    """
    checked(bets)
    if not 0 <= bet < len(bets.net):
        raise ValueError(f"there is no bet {bet}")
    win, lose, _ = asked = asking(bets, least)
    others = np.delete(payoff(asked), bet, axis=1)
    nothing = np.zeros(len(bets.net))
    if others.size and solve(others).lower > cut(least):
        return Trigger(0.0, nothing)
    never = win[:, bet] == 0.0
    if never.any() and _uncovered(others[never], lose[never, bet], least=least):
        return Trigger(np.inf, nothing)
    rows = np.column_stack([win[:, bet], others])
    found = minimum(np.append(1.0, np.zeros(others.shape[1])), rows, lose[:, bet])
    return Trigger(found.cost + least, np.insert(found.at[1:], bet, 1.0))


def _uncovered(others: Floats, lose: Floats, *, least: float) -> bool:
    """Say whether the bet is harmless at any price, by the states in which it never wins.

    If all cash counts, a consistent measure on these states is enough. If only settled cash does,
    the other bets may break even there, and the bet is harmless iff they cannot cover its loss.
    """
    if least == 0.0:
        return solve(np.column_stack([others, -lose])).lower <= cut(least)
    height, width = others.shape
    rows = np.column_stack([np.ones(height), others])
    return minimum(np.append(1.0, np.zeros(width)), rows, lose).cost > _COVERED
