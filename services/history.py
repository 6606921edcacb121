"""How the prices of an event moved, for whoever may look."""

from dataclasses import dataclass
from typing import Final

from domain.errors import NotFound, NotInPlan
from domain.markets import Event, Market, MarketKind, Outcome
from services.access import Permission
from services.work import Work
from store import history as stored
from store.history import Line

__all__ = ["STRETCHES", "Line", "Movement", "movement"]

MOST_MARKETS: Final = 500
STRETCHES: Final = 120
MOST_PRICES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Movement:
    """One outcome of one of an event's markets, and how each book's price of it moved.

    `market_id` is "" and `market` None where no market of the event was ever priced.
    """

    event: Event
    markets: dict[str, Market]
    market_id: str
    market: Market | None
    outcome: Outcome
    lines: list[Line]


async def movement(work: Work, event_id: str, market_id: str, outcome: str) -> Movement:
    """Return how an outcome moved; of what the event does not have, its main one is taken.

    Raises:
        NotInPlan: The subject's plan shows no prices.
        NotFound: The event is unknown, or has been forgotten since, or is of a league that the
            plan does not show.
    """
    work.subject.require(Permission.VIEW_HISTORY)
    view = work.subject.view
    if view.plan.mask_books:
        raise NotInPlan(f"the plan {view.plan.name} shows no prices")
    found = await stored.event_with_markets(work.db, event_id, most=MOST_MARKETS)
    if found is None:
        raise NotFound("There is no such event.")
    event, markets = found
    if not view.shows(event.league):
        raise NotFound("There is no such event.")
    if not markets:
        return Movement(event, {}, "", None, Outcome.HOME, [])
    chosen = market_id if market_id in markets else _main(markets)
    market = markets[chosen]
    side = next((each for each in market.outcomes if each == outcome), market.outcomes[0])
    lines = await stored.moves(work.db, chosen, side, stretches=STRETCHES, most=MOST_PRICES)
    return Movement(event, markets, chosen, market, side, lines)


def _main(markets: dict[str, Market]) -> str:
    winners = (key for key, market in markets.items() if market.kind is MarketKind.WINNER)
    return next(winners, next(iter(markets)))
