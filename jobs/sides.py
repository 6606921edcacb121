"""Sides: what the latest prices say of which side is which, for the matching of new events."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.markets import MarketKind, Period, Side
from domain.quotes import Origin, PriceKey, Quote, Reading
from engine.matching.orientation import Chances
from services.matching import chances

SILENT_AFTER = timedelta(hours=1)
MOST_EVENTS = 20_000
_WHOLE = frozenset({Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME})

Scope = tuple[str, str]


class SidePrices:
    """The winner prices of live events, as each scope of each source last told them.

    At most 20,000 events are held, those that were first named the longest ago leaving first.
    """

    def __init__(self) -> None:
        self._events: dict[str, dict[Scope, dict[PriceKey, Quote]]] = {}
        self._scopes: dict[Scope, set[str]] = {}
        self._heard_at: dict[Scope, datetime] = {}

    def __len__(self) -> int:
        return len(self._events)

    def chances(self, event_id: str) -> Chances | None:
        """Return the chances of both sides of an event of ours, if anybody prices them."""
        scopes = self._events.get(event_id, {})
        quotes = [quote for prices in scopes.values() for quote in prices.values()]
        return chances(quotes).get(event_id)

    def hear(self, reading: Reading) -> None:
        """Take in a reading under our ids; only live ones count."""
        if reading.origin is not Origin.LIVE:
            return
        scope = reading.source, reading.scope
        named: defaultdict[str, dict[PriceKey, Quote]] = defaultdict(dict)
        for quote in _winners(reading):
            named[quote.market.event_id][quote.price] = quote
        before = self._scopes.setdefault(scope, set())
        self._heard_at[scope] = reading.arrived_at
        if reading.complete:
            self._drop(scope, before - named.keys())
        for event_id, prices in named.items():
            of = self._events.setdefault(event_id, {})
            of[scope] = prices if reading.complete else of.get(scope, {}) | prices
            before.add(event_id)
        while len(self._events) > MOST_EVENTS:
            self._forget_event(next(iter(self._events)))

    def forget(self, source: str, event_id: str) -> None:
        """Forget a source's prices of an event of ours."""
        for scope in [scope for scope in self._events.get(event_id, {}) if scope[0] == source]:
            self._drop(scope, {event_id})

    def retire(self, now: datetime) -> None:
        """Forget scopes that fell silent."""
        for scope in [s for s, at in self._heard_at.items() if now - at > SILENT_AFTER]:
            self._drop(scope, set(self._scopes[scope]))
            del self._scopes[scope], self._heard_at[scope]

    def _drop(self, scope: Scope, event_ids: set[str]) -> None:
        for event_id in event_ids:
            self._scopes[scope].discard(event_id)
            of = self._events[event_id]
            del of[scope]
            if not of:
                del self._events[event_id]

    def _forget_event(self, event_id: str) -> None:
        for scope in list(self._events[event_id]):
            self._drop(scope, {event_id})


def _winners(reading: Reading) -> Iterator[Quote]:
    for quote in reading.quotes:
        market = quote.market
        if market.kind is MarketKind.WINNER and quote.side is Side.BACK and market.period in _WHOLE:
            yield quote
