"""Proofs: what legs of one market return in every way that it can end."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from domain.markets import Market, MarketKind, Outcome, Side
from domain.opportunities import Ending, Leg, Proof
from engine.odds import back_net, lay_net

_LINES = frozenset({MarketKind.HANDICAP, MarketKind.TOTAL})
_UPPER = frozenset({Outcome.HOME, Outcome.OVER})


class Settled(NamedTuple):
    """Parts of a stake that win and lose in one ending; the rest is returned."""

    won: float
    lost: float


def proof(legs: Sequence[Leg]) -> Proof:
    """Return the worst return of legs in one market over all its endings, and what is left open.

    Endings are the market's outcomes, or, where there is a line, the results about it that settle
    differently: a whole line may be hit and a quarter line won or lost by half.
    """
    endings = list(returns(legs))
    return Proof(states=len(endings), worst_roi=min(endings), unprotected=_abandoned(legs))


def returns(legs: Sequence[Leg]) -> Iterator[float]:
    """Yield the profit of every ending as a share of the cash at risk."""
    market = legs[0].market
    for ending in endings_of(market):
        yield math.fsum(_profit(leg, ending) for leg in legs)


def endings_of(market: Market) -> list[dict[Outcome, Settled]]:
    """Return how each outcome is settled in every ending that differs from the others."""
    if market.line is None or market.ways != 2 or market.kind not in _LINES:
        return [
            {
                outcome: Settled(float(outcome is won), float(outcome is not won))
                for outcome in market.outcomes
            }
            for won in market.outcomes
        ]
    threshold = -market.line if market.kind is MarketKind.HANDICAP else market.line
    results = range(math.floor(threshold) - 1, math.ceil(threshold) + 2)
    uppers = dict.fromkeys(_settled_above(result, threshold) for result in results)
    return [
        {
            outcome: upper if outcome in _UPPER else Settled(upper.lost, upper.won)
            for outcome in market.outcomes
        }
        for upper in uppers
    ]


def _settled_above(result: int, threshold: float) -> Settled:
    """Settle a bet that the result exceeds a line; a quarter line is half a bet on each side."""
    quarter = (threshold * 4) % 2 == 1
    halves = (threshold - 0.25, threshold + 0.25) if quarter else (threshold, threshold)
    return Settled(
        sum(result > half for half in halves) / 2, sum(result < half for half in halves) / 2
    )


def _profit(leg: Leg, ending: dict[Outcome, Settled]) -> float:
    won, lost = ending[leg.outcome]
    if leg.side is Side.LAY:
        return leg.share * ((lay_net(leg.odds, leg.commission) - 1) * lost - won)
    return leg.share * ((back_net(leg.odds, leg.commission) - 1) * won - lost)


def _abandoned(legs: Sequence[Leg]) -> list[Ending]:
    """Return the worst that one book's stakes given back can do: all other legs may lose."""
    by_book: defaultdict[str, float] = defaultdict(float)
    for leg in legs:
        by_book[leg.book] += leg.share
    if len(by_book) < 2:
        return []
    worst = min(by_book.values()) - 1.0
    return [Ending(state="abandoned at one book only", worst_roi=worst)]
