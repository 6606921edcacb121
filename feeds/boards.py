"""Boards: what sources that tell only changes have told so far: prices as they stand."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

import msgspec

from domain.markets import Event
from domain.quotes import PriceKey, Quote, Reading
from feeds.card import Sheet

MOST_EVENTS = 20_000

_Prices = dict[PriceKey, Quote]


class Boards:
    """Events with their prices; when there are too many, the longest silent is let go."""

    def __init__(self, most: int = MOST_EVENTS) -> None:
        self._most = most
        self._events: OrderedDict[str, tuple[Event, _Prices]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._events)

    def event(self, event_id: str) -> Event | None:
        """Return an event that has been told of, or None."""
        held = self._events.get(event_id)
        return held[0] if held else None

    def change(
        self,
        event: Event,
        quotes: Iterable[Quote],
        gone: Callable[[PriceKey], bool] = lambda _: False,
    ) -> list[Quote]:
        """Take away the prices that are `gone`, put in `quotes`, and return all that now stand."""
        _, before = self._events.pop(event.id, (event, _Prices()))
        prices = {key: quote for key, quote in before.items() if not gone(key)}
        prices.update((quote.price, quote) for quote in quotes)
        self._events[event.id] = event, prices
        if len(self._events) > self._most:
            self._events.popitem(last=False)
        return list(prices.values())

    def clear(self, event_id: str) -> Event | None:
        """Forget an event's prices, and return it if it was known."""
        held = self._events.pop(event_id, None)
        return held[0] if held else None

    def forget(self) -> None:
        """Forget everything: what changed while nobody listened is not known."""
        self._events.clear()


def standing(sheet: Sheet, boards: Boards, gone: Collection[PriceKey]) -> Iterator[Reading]:
    """Yield all that stands in each event of a sheet, whose scope it is, once its changes are made.

    What was rejected is told once, by itself if no event was changed.
    """
    told = sheet.reading(complete=False)
    quotes = defaultdict[str, list[Quote]](list)
    for quote in told.quotes:
        quotes[quote.market.event_id].append(quote)
    for n, event in enumerate(told.events):
        yield msgspec.structs.replace(
            told,
            scope=event.source_id,
            complete=True,
            events=[event],
            quotes=boards.change(event, quotes[event.id], gone.__contains__),
            rejected={} if n else told.rejected,
        )
    if told.rejected and not told.events:
        yield told
