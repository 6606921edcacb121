"""Middles: bets on both sides of two lines that can both win, or, the Polish way, both lose.

Which results pay what is certain; how often they come is an opinion, a measure on the results.
Middles are ranked by what that opinion expects of them. They are never promised: only `worst` is.
"""

from typing import NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Bets, Floats, checked, payoff
from engine.game import solve
from engine.linear import minimum
from engine.margin import Ints
from engine.value import checked_measure

_SLACK = 1e-7


class Portfolio(NamedTuple):
    """Shares of the cash at risk that sum to 1, what they are expected to return, and the worst.

    `expected` and `worst` are profits as shares of the cash; no shares that keep the chosen bound
    on the loss are expected to return more than expected + gap.
    """

    shares: Floats
    expected: float
    worst: float
    gap: float


class Ladder(NamedTuple):
    """Prices on one side of several lines: decimal odds after commission, one a line.

    Lines are multiples of 1/4; a quarter line is half a bet on each of the two next to it.
    """

    lines: Floats
    odds: Floats


class Pairs(NamedTuple):
    """One row a pair, the most promising first.

    `over` and `under` are places in the two ladders, `over_share` the part of the cash that is on
    the over. `gap` is the under's line less the over's: above 0 a middle, below 0 a Polish one.
    `outside` is the profit far from both lines, the same on either side; `inside` the best result
    between the lines, or the worst of a Polish middle; `worst` the least profit of all results.
    `chance` is that both win, or both lose; `expected` the profit expected of all results.
    """

    over: Ints
    under: Ints
    over_share: Floats
    gap: Floats
    outside: Floats
    inside: Floats
    worst: Floats
    chance: Floats
    expected: Floats


class Spans(NamedTuple):
    """Every pair of an over and an under: one column a pair, one row a result in the tables.

    `over`, `under`, `over_share` and `gap` are as in `Pairs`, `outside` likewise. `pays` is the
    profit at every result, as a share of the cash, shape (results, pairs).
    """

    over: Ints
    under: Ints
    over_share: Floats
    gap: Floats
    outside: Floats
    pays: Floats

    def only(self, which: Ints) -> "Spans":
        """Return some of the pairs, by their places."""
        over, under, share, gap, outside, pays = self
        rest = (share[which], gap[which], outside[which], pays[:, which])
        return Spans(over[which], under[which], *rest)


def best_middle(bets: Bets, measure: Floats, most_loss: float) -> Portfolio | None:
    """Return the shares expected to return most among those that never lose more than a bound.

    The linear programme max q A x, A x >= -most_loss, sum x = 1, x >= 0, of which every answer is
    checked against its dual. Whether anything keeps the bound is decided first, by the game value
    max min A x with its dual measure as proof.

    Args:
        bets: On one event, over the states of `measure`.
        measure: Chance of every state, shape (states,), summing to 1.
        most_loss: Largest loss to be allowed in any state, as a share of the cash, in [0, 1].

    Returns:
        None if every choice of shares loses more than that in some state.

    Raises:
        ValueError: Bets, measure or bound are out of order.
        Broken: The solver failed, or its answer did not stand the check.

    Examples:
        >>> over = Ladder(np.array([2.5]), np.array([1.95]))
        >>> under = Ladder(np.array([3.5]), np.array([1.95]))
        >>> goals, even = np.arange(6.0), np.full(6, 1 / 6)
        >>> found = best_middle(line_bets(over, under, goals), even, 0.03)
        >>> round(found.expected, 4), round(found.worst, 4)
        (0.1383, -0.03)
    """
    chances = checked_measure(measure, len(checked(bets).win))
    if not 0.0 <= most_loss <= 1.0:
        raise ValueError(f"the most to lose is a share of the cash, in [0, 1]: {most_loss}")
    profit = payoff(bets)
    safest = solve(profit)
    if safest.upper < -most_loss:
        return None
    bound = max(most_loss, -safest.lower)
    sums = np.stack([np.ones(len(bets.net)), -np.ones(len(bets.net))])
    rows = np.concatenate([profit, sums])
    least = np.concatenate([np.full(len(profit), -bound), [1.0, -1.0]])
    found = minimum(-(chances @ profit), rows, least)
    shares = found.at / found.at.sum()
    returns = profit @ shares
    if float(returns.min()) < -most_loss - _SLACK:
        raise Broken("the middle's stakes lose more than the bound")
    expected = float(chances @ returns)
    return Portfolio(shares, expected, float(returns.min()), max(-found.bound - expected, 0.0))


def line_bets(over: Ladder, under: Ladder, results: Floats) -> Bets:
    """Return all bets of two ladders, the overs first, settled on each result.

    Args:
        over: Bets that win where the result is above the line. A handicap h on the home side is an
            over of the home margin at the line -h.
        under: Bets that win where the result is below the line. A handicap a on the away side is
            an under of the home margin at the line a.
        results: Whole numbers that the total or margin can be; enough of them to reach past every
            line on both sides, or some bet cannot lose.

    Raises:
        ValueError: A line is no multiple of 1/4, a price is not a finite number above 1, a result
            is no whole number, or the results do not reach past every line.

    Examples:
        >>> quarter = Ladder(np.array([2.25]), np.array([1.9]))
        >>> goals = np.array([1.0, 2.0, 3.0])
        >>> payoff(line_bets(quarter, quarter, goals)).round(3).tolist()
        [[-1.0, 0.9], [-0.5, 0.45], [0.9, -1.0]]
    """
    lines = np.concatenate([over.lines, under.lines])
    odds = np.concatenate([over.odds, under.odds])
    _check(lines, odds, results)
    above = np.arange(len(lines)) < len(over.lines)
    quarter = np.where(np.mod(lines * 4.0, 2.0) == 1.0, 0.25, 0.0)
    away = results[:, np.newaxis, np.newaxis] - np.stack([lines - quarter, lines + quarter], axis=1)
    towards = np.where(above[:, np.newaxis], away, -away)
    return Bets((towards > 0.0).mean(axis=2), (towards < 0.0).mean(axis=2), odds - 1.0)


def pairs(over: Ladder, under: Ladder, results: Floats, measure: Floats) -> Pairs:
    """Return every pair of an over and an under, sized as the trade does, by what is expected.

    The cash is shared so that a result far above both lines pays the same as one far below:
    in inverse proportion to the odds. Every result between, with its pushes and halves, is settled
    as it stands.

    Args:
        over: See `line_bets`.
        under: See `line_bets`.
        results: See `line_bets`; shape (results,).
        measure: Chance of every result, shape (results,), summing to 1.

    Raises:
        ValueError: As `line_bets`, or the measure is none.

    Examples:
        >>> home = Ladder(np.array([2.0]), np.array([1.90]))
        >>> away = Ladder(np.array([3.0]), np.array([2.25]))
        >>> margins = np.arange(-4.0, 8.0)
        >>> two = pairs(home, away, margins, np.full(12, 1 / 12))
        >>> two.gap.tolist(), two.outside.round(4).tolist(), two.inside.round(4).tolist()
        ([1.0], [0.0301], [0.5723])
    """
    profit = payoff(line_bets(over, under, results))
    chances = checked_measure(measure, len(results))
    overs = profit[:, : len(over.lines), np.newaxis]
    unders = profit[:, np.newaxis, len(over.lines) :]
    share, gap, each = _shared(over, under, profit)
    both = np.where(gap > 0.0, (overs > 0.0) & (unders > 0.0), (overs < 0.0) & (unders < 0.0))
    worst, best = np.min(each, axis=0), np.max(each, axis=0)
    expected: Floats = np.tensordot(chances, each, axes=1)
    columns: list[Floats] = [
        share,
        gap,
        share * over.odds[:, np.newaxis] - 1.0,
        np.where(gap > 0.0, best, worst),
        worst,
        np.tensordot(chances, both, axes=1),
        expected,
    ]
    order = np.argsort(-expected, axis=None, kind="stable")
    first, second = np.unravel_index(order, expected.shape)
    return Pairs(first, second, *(column.ravel()[order] for column in columns))


def spans(over: Ladder, under: Ladder, results: Floats) -> Spans:
    """Return every pair of an over and an under with what it pays, whatever may be expected of it.

    The cash is shared as in `pairs`.

    Args, raises: as `pairs`, but for the measure.

    Examples:
        >>> home = Ladder(np.array([2.0]), np.array([1.90]))
        >>> away = Ladder(np.array([3.0]), np.array([2.25]))
        >>> spans(home, away, np.arange(1.0, 5.0)).pays.round(4).ravel().tolist()
        [0.0301, 0.5723, 0.488, 0.0301]
    """
    share, gap, each = _shared(over, under, payoff(line_bets(over, under, results)))
    first, second = (places.ravel() for places in np.indices(gap.shape))
    outside = share * over.odds[:, np.newaxis] - 1.0
    pays = each.reshape(len(results), -1)
    return Spans(first, second, share.ravel(), gap.ravel(), outside.ravel(), pays)


def reach(lines: Floats) -> Floats:
    """Return the whole numbers next to some lines, ascending: enough results to settle them by.

    Examples:
        >>> reach(np.array([2.5, 4.0])).tolist()
        [1.0, 2.0, 3.0, 4.0, 5.0]
    """
    near = [np.floor(lines) - 1.0, np.floor(lines), np.ceil(lines), np.ceil(lines) + 1.0]
    return np.unique(np.concatenate(near))


def break_even(outside: Floats, inside: Floats) -> Floats:
    """Return the chance of the inside result at which nothing is won or lost in the long run.

    Were every other result to pay `outside`: p inside + (1 - p) outside = 0. A middle needs more
    than that, a Polish middle less. NaN where both pay the same, or pay on the same side of 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = outside / (outside - inside)
    return np.where((chance >= 0.0) & (chance <= 1.0), chance, np.nan)


def _shared(over: Ladder, under: Ladder, profit: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the over's share and the gap of every pair, and what it pays at every result."""
    overs = profit[:, : len(over.lines), np.newaxis]
    unders = profit[:, np.newaxis, len(over.lines) :]
    share = under.odds / (over.odds[:, np.newaxis] + under.odds)
    gap = under.lines - over.lines[:, np.newaxis]
    return share, gap, share * overs + (1.0 - share) * unders


def _check(lines: Floats, odds: Floats, results: Floats) -> None:
    if lines.ndim != 1 or lines.shape != odds.shape or results.ndim != 1 or not lines.size:
        raise ValueError("every line has one price, and there is a line")
    if not bool((np.isfinite(lines) & (np.mod(lines * 4.0, 1.0) == 0.0)).all()):
        raise ValueError("a line is a multiple of 1/4")
    if not bool(((odds > 1.0) & (odds < np.inf)).all()):
        raise ValueError("every price must be a finite number above 1")
    if not bool((np.isfinite(results) & (np.mod(results, 1.0) == 0.0)).all()):
        raise ValueError("a result is a whole number")
    reach = (results.min(initial=np.inf), results.max(initial=-np.inf))
    if not (reach[0] < lines.min() - 0.25 and reach[1] > lines.max() + 0.25):
        raise ValueError("the results must reach past every line")
