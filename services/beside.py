"""What stands beside an opportunity: how each leg's price moved, and the next best books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import numpy as np

from domain.errors import NotInPlan
from domain.markets import Side
from domain.opportunities import Leg, Opportunity
from engine.gates import DEFAULT_GATES
from engine.peers import implied_logits
from services.access import Permission
from services.endings import net_odds
from services.history import STRETCHES
from services.margins import Apart
from services.stakes.returns import best_return
from services.work import Work
from store.history import moves
from store.odds import market_id
from store.prices import Offered, latest

RIVALS: Final = 5
_MOST_PRICES: Final = 20_000

Point = tuple[datetime, float | None]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another book's price of a leg's bet; `roi` is the best return with it in the leg's place."""

    book: str
    odds: float
    commission: float
    since: datetime
    roi: float


@dataclass(frozen=True, slots=True)
class Beside:
    """One leg's prices over time at its book, and the best of the others; `books` counts these.

    `apart` says how far the leg's price stands from theirs, None where too few are known; `lag_s`
    how many seconds after the others its book usually moves, None where not enough was seen. `lay`
    is the best price to take the opposite side at, None where there is none.
    """

    points: list[Point]
    rivals: list[Rival]
    books: int
    apart: Apart | None
    lag_s: float | None
    lay: Offered | None


async def beside(work: Work, found: Opportunity, *, until: datetime | None = None) -> list[Beside]:
    """Return what stands beside each leg; all returns are exact, before any rounding of stakes.

    Args:
        work: Who asks.
        found: The opportunity, as the subject may see it.
        until: By the clock of its prices: the last instant that counts; None: now.

    Raises:
        NotAllowed: The subject may not look at opportunities.
        NotInPlan: The subject's plan shows no prices.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_OPPORTUNITY)
    plan = work.subject.view.plan
    if plan.mask_books:
        raise NotInPlan(f"the plan {plan.name} shows no prices")
    stand = await latest(work.db, [market_id(leg.market) for leg in found.legs], until=until)
    lags = await _lags(work)
    return [
        Beside(
            await _points(work, leg, until),
            *_rivals(found, place, stand),
            apart=_apart(leg, stand),
            lag_s=lags.get((leg.source, leg.book)),
            lay=_opposite(leg, stand),
        )
        for place, leg in enumerate(found.legs)
    ]


def _opposite(leg: Leg, stand: Sequence[Offered]) -> Offered | None:
    """Return the best price on the other side of a leg's outcome: the shortest lay of a back."""
    laid = leg.side is Side.BACK
    of = [
        each
        for each in stand
        if (each.market_id, each.outcome) == (market_id(leg.market), leg.outcome)
        and each.side is not leg.side
    ]
    return min(of, key=lambda each: each.odds if laid else -each.odds, default=None)


async def _lags(work: Work) -> dict[tuple[str, str], float | None]:
    told = await work.cache.reliabilities()
    return {(each.whole.name, book.name): book.lag_s for each in told for book in each.books}


def _apart(leg: Leg, stand: Sequence[Offered]) -> Apart | None:
    """Return how far a backed price stands from the median of all other books that back it too."""
    if leg.side is Side.LAY:
        return None
    same = (market_id(leg.market), leg.outcome, leg.side)
    others = {
        each.book: each.odds
        for each in stand
        if (each.market_id, each.outcome, each.side) == same and each.book != leg.book
    }
    if len(others) < DEFAULT_GATES.min_others:
        return None
    middle, own = (implied_logits(np.array(odds)) for odds in (list(others.values()), [leg.odds]))
    return Apart(float(own[0] - np.median(middle)), len(others))


async def _points(work: Work, leg: Leg, until: datetime | None) -> list[Point]:
    asked = {"stretches": STRETCHES, "most": _MOST_PRICES}
    lines = await moves(work.db, market_id(leg.market), leg.outcome, **asked)
    own = [line for line in lines if line.book == leg.book and line.side is leg.side]
    own.sort(key=lambda line: (line.source == leg.source, line.points[-1][0]))
    points = own[-1].points if own else []
    return [point for point in points if until is None or point[0] <= until]


def _rivals(found: Opportunity, place: int, stand: Sequence[Offered]) -> tuple[list[Rival], int]:
    """Return the best other books of a leg, and how many of them there are."""
    leg = found.legs[place]
    same = (market_id(leg.market), leg.outcome, leg.side)
    best: dict[str, tuple[float, Leg, Offered]] = {}
    for each in stand:
        if (each.market_id, each.outcome, each.side) != same or each.book == leg.book:
            continue
        other = msgspec.structs.replace(
            leg, book=each.book, odds=each.odds, commission=each.commission
        )
        net = net_odds(other)
        if each.book not in best or net > best[each.book][0]:
            best[each.book] = (net, other, each)
    ranked = sorted(best.values(), key=lambda one: (-one[0], one[1].book))
    rivals = [
        Rival(of.book, of.odds, of.commission, of.since, _return_with(found, place, other))
        for _, other, of in ranked[:RIVALS]
    ]
    return rivals, len(best)


def _return_with(found: Opportunity, place: int, other: Leg) -> float:
    legs = [*found.legs[:place], other, *found.legs[place + 1 :]]
    return best_return(legs, found.event.sport)
