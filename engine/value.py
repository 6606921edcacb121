"""Value: what a price is worth against a fair chance, what covering everything costs, and promos.

A fair chance is an opinion, and so is every figure that rests on one. The conversions rest on none:
they pay the same in every outcome that the market names.
"""

from typing import NamedTuple

import numpy as np

from engine.bets import Bets, Floats, checked, payoff
from engine.margin import Ints, Method, fair_chances, overrounds


class Holds(NamedTuple):
    """One row a market: what covering every outcome loses, and how the cover is shared out.

    `hold` is the share of the stakes that is lost whatever happens; negative where the prices
    cross. `shares` have the shape of the odds.
    """

    hold: Floats
    shares: Floats


class Conversion(NamedTuple):
    """Promotional credit turned into cash: one figure an outcome that the credit could be put on.

    `rate` is the cash that is won in every outcome, as a share of the credit. `hedges[on, j]` is
    the cash to stake on outcome j, as a share of the credit, if the credit is on outcome `on`.
    """

    rate: Floats
    hedges: Floats

    @property
    def best(self) -> int:
        """The outcome to put the credit on."""
        return int(self.rate.argmax())


def edge(chance: Floats, odds: Floats) -> Floats:
    """Return the expected profit of a stake of 1: chance * odds - 1.

    Args:
        chance: Fair chance of winning, in [0, 1]; NaN: unknown, and so is the edge.
        odds: Decimal odds after commission; broadcast against `chance`.

    Raises:
        ValueError: A chance is outside [0, 1], or a price is not a finite number above 1.

    Examples:
        >>> edge(np.array([0.5, 0.25]), np.array([2.1, 3.9])).round(3).tolist()
        [0.05, -0.025]
    """
    if bool(((chance < 0.0) | (chance > 1.0)).any()):
        raise ValueError("every chance must be in [0, 1]")
    if not bool(((odds > 1.0) & (odds < np.inf)).all()):
        raise ValueError("every price must be a finite number above 1")
    return chance * odds - 1.0


def closing_value(
    odds: Floats, outcome: Ints, closing: Floats, method: Method = Method.SHIN
) -> Floats:
    """Return the edge of prices taken against the fair close of their markets.

    The close is where the market knows most; it judges a bettor long before results can. Compared
    with the raw closing price instead, every bet would look worse by the closing margin.

    Args:
        odds: The prices taken, after commission, shape (bets,).
        outcome: Which outcome of its market each was on, shape (bets,).
        closing: Closing odds of the whole market of each bet, shape (bets, outcomes).
        method: How the closing margin is taken out.

    Raises:
        ValueError: A price is not a finite number above 1, or an outcome is not in its market.

    Examples:
        >>> close = np.array([[1.9, 2.0]])
        >>> closing_value(np.array([2.05]), np.array([0]), close).round(4).tolist()
        [0.052]
    """
    if closing.ndim != 2 or odds.shape != outcome.shape or len(odds) != len(closing):
        raise ValueError("there is one price, one outcome and one closing market a bet")
    if bool(((outcome < 0) | (outcome >= closing.shape[1])).any()):
        raise ValueError("an outcome is not in its market")
    fair = fair_chances(closing, method)
    return edge(fair[np.arange(len(odds)), outcome], odds)


def expected(bets: Bets, measure: Floats) -> Floats:
    """Return the expected profit of one unit of cash at risk in each bet, shape (bets,).

    Args:
        bets: Over the states that `measure` has chances of.
        measure: Shape (states,), 0 or more, summing to 1.

    Raises:
        ValueError: The measure is none, or the bets are out of order.
    """
    return checked_measure(measure, len(checked(bets).win)) @ payoff(bets)


def checked_measure(measure: Floats, states: int) -> Floats:
    """Return the same chances of states; raise `ValueError` if they are no measure on them."""
    if measure.shape != (states,):
        raise ValueError(f"a measure has one chance a state: {states}, not {measure.shape}")
    if not bool(((measure >= 0.0) & (measure <= 1.0)).all()):
        raise ValueError("every chance of a state must be in [0, 1]")
    if abs(float(measure.sum()) - 1.0) > 1e-9:
        raise ValueError(f"the chances of all states must sum to 1, not {measure.sum():.9g}")
    return measure


def holds(odds: Floats) -> Holds:
    """Return what it costs to cover whole markets with shares that return the same everywhere.

    Stakes of (1 / odds) / B, with B the sum of 1 / odds, return 1 / B of their sum whichever
    outcome comes; 1 - 1 / B is lost. Near zero, cash passes through a market almost for nothing,
    which is what a bonus with a wagering requirement needs.

    Args:
        odds: The best prices, after commission, shape (markets, outcomes).

    Raises:
        ValueError: A price is not a finite number above 1, or there are no two outcomes.

    Examples:
        >>> holds(np.array([[2.02, 1.96]])).hold.round(4).tolist()
        [0.0052]
    """
    booked = overrounds(odds)[:, np.newaxis] + 1.0
    return Holds(1.0 - 1.0 / booked[:, 0], 1.0 / (odds * booked))


def low_holds(odds: Floats, at_most: float) -> Ints:
    """Return the markets whose hold is at most that, the lowest first.

    Raises:
        ValueError: As `holds`.
    """
    hold = holds(odds).hold
    order = np.argsort(hold, kind="stable")
    return order[hold[order] <= at_most]


def free_bet(odds: Floats, cover: Floats) -> Conversion:
    """Return what a free bet, whose stake is not returned, is worth in cash on each outcome.

    On outcome i it returns odds_i - 1 of its size. Cash of (odds_i - 1) / cover_j on every other
    outcome j returns just as much there, so the same is left in all: (odds_i - 1) (1 - C_i), with
    C_i the sum of 1 / cover_j over the others. Long odds convert best: the share of the stake that
    is never returned is small.

    Args:
        odds: Prices at the book that gives the free bet, shape (outcomes,).
        cover: Best cash prices of the same outcomes, after commission, shape (outcomes,). A lay is
            the cover of a market of two: the other outcome at `engine.odds.lay_net`.

    Raises:
        ValueError: A price is not a finite number above 1, or the shapes differ or are too short.

    Examples:
        >>> evening = free_bet(np.array([3.0, 1.42]), np.array([2.9, 1 + 100 / 215]))
        >>> evening.hedges[0].round(4).tolist(), evening.rate.round(4).tolist()
        ([0.0, 1.3651], [0.6349, 0.2752])
    """
    return _converted(odds, cover, odds - 1.0)


def refunded_bet(odds: Floats, cover: Floats, refund: float) -> Conversion:
    """Return what a cash bet is worth whose stake comes back, in part or as credit, if it loses.

    The bet returns odds_i of its stake if it wins and `refund` if it loses. Cash of
    (odds_i - refund) / cover_j on every other outcome makes up the difference, so that
    odds_i - 1 - (odds_i - refund) C_i is left in all, with C_i as in `free_bet`.

    Args:
        odds: Prices at the book that gives the refund, shape (outcomes,).
        cover: Best cash prices of the same outcomes, after commission, shape (outcomes,).
        refund: What a lost stake of 1 brings back in cash, in [0, 1]; of a free bet, its `rate`.

    Raises:
        ValueError: The refund is not in [0, 1], or as `free_bet`.
    """
    if not 0.0 <= refund <= 1.0:
        raise ValueError(f"a refund is a share of the stake: {refund}")
    converted = _converted(odds, cover, odds - refund)
    return converted._replace(rate=converted.rate + refund - 1.0)


def _converted(odds: Floats, cover: Floats, made_up: Floats) -> Conversion:
    """Return hedges that pay `made_up` in every outcome but the credit's, and what they leave."""
    if odds.ndim != 1 or odds.shape != cover.shape or len(odds) < 2:
        raise ValueError("odds and cover are prices of the same outcomes, two or more")
    if not bool(((np.stack([odds, cover]) > 1.0) & (np.stack([odds, cover]) < np.inf)).all()):
        raise ValueError("every price must be a finite number above 1")
    hedges = made_up[:, np.newaxis] / cover
    np.fill_diagonal(hedges, 0.0)
    return Conversion(made_up - hedges.sum(axis=1), hedges)
