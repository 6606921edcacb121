"""Holdings: the latest price of everything that the sources quote."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

from domain.markets import Event, Market, Side
from domain.quotes import Origin, PriceKey, Quote, Reading
from engine.past import Past
from engine.quotes import QuoteStore
from engine.wavering import Wavering
from services.books import twins
from services.held import HeldEvent, HeldMarket, Place, Scope, Writes

SILENT_AFTER = timedelta(hours=1)
EVENT_OVER_AFTER = timedelta(hours=12)
CLOCKS_DIFFER = timedelta(seconds=5)


@dataclass(slots=True)
class Changes:
    """What a reading changed.

    `changed` are prices that are new or differ in odds, commission or limit; `withdrawn` those
    gone; `markets` every market to judge again, which includes those whose prices were merely
    confirmed later. `rejected` counts what was dropped, by reason, and prices from the future:
    those are held, for the gates to refuse.
    """

    changed: list[Quote] = field(default_factory=list[Quote])
    withdrawn: list[PriceKey] = field(default_factory=list[PriceKey])
    markets: set[Market] = field(default_factory=set[Market])
    rejected: Counter[str] = field(default_factory=Counter[str])


class Holdings:
    """Markets by name, in step with a `QuoteStore`; a market without prices is let go."""

    def __init__(self) -> None:
        self.store = QuoteStore()
        self.past = Past(self.store)
        self.wavering = Wavering(self.store)
        self.books: list[str] = []
        self.groups: list[int] = []
        self._columns: dict[str, int] = {}
        self._scopes: dict[tuple[str, str], Scope] = {}
        self._markets: dict[Market, HeldMarket] = {}
        self._events: dict[str, HeldEvent] = {}
        self._serials = count()
        # Until then no market has been silent for long enough to be over.
        self._silent_at = datetime.max.replace(tzinfo=UTC)

    def __len__(self) -> int:
        return len(self._markets)

    @property
    def markets(self) -> Collection[HeldMarket]:
        """Every market with prices."""
        return self._markets.values()

    @property
    def events(self) -> Collection[HeldEvent]:
        """Every event with such markets."""
        return self._events.values()

    def column(self, book: str) -> int:
        """Return the column of a book that has had a price."""
        return self._columns[book]

    def of(self, market: Market) -> HeldMarket | None:
        """Return what is held of a market, or None."""
        return self._markets.get(market)

    def event(self, held: HeldMarket) -> Event:
        """Return the event of a held market, as it was last described."""
        return self._events[held.market.event_id].event

    def held_event(self, event_id: str) -> HeldEvent | None:
        """Return an event with all that is held of it, or None."""
        return self._events.get(event_id)

    def absorb(self, reading: Reading) -> Changes:
        """Take in a reading; what is late, repeated or no price is counted and dropped."""
        heard = partial(self.wavering.note, reading.source, reading.as_of.timestamp())
        changes, writes = Changes(), Writes(self.store, self.past, heard)
        scope = self._scope_of(reading, changes.rejected)
        if scope is None:
            return changes
        named = self._named(reading, scope, changes.rejected)
        for held, quotes in named.items():
            held.scope, held.heard_at = scope, reading.arrived_at
            heard = self._events[held.market.event_id].heard
            heard.update(((scope.source, book), reading.arrived_at) for _, _, book in quotes)
            self._update(held, quotes, writes, changes)
        left = scope.markets - named.keys()
        if reading.complete:
            for held in scope.markets | named.keys():
                self._withdraw(held, scope, writes, changes, named=named.get(held, ()))
            scope.markets.clear()
        scope.markets.update(named)
        writes.flush(self.groups)
        self._release([held for held in left if not held.prices])
        return changes

    def retire(self, now: datetime) -> None:
        """Forget scopes that fell silent, and events long over that nobody quotes any more."""
        scopes = self._scopes.items()
        self._drop([place for place, s in scopes if now - s.arrived_at > SILENT_AFTER])
        if now > self._silent_at:
            self._release([held for held in self._markets.values() if self._is_over(held, now)])
            heard = (held.heard_at for held in self._markets.values())
            self._silent_at = min(heard, default=now) + SILENT_AFTER

    def forget(self, source: str) -> None:
        """Forget everything that a source said."""
        self._drop([place for place in self._scopes if place[0] == source])
        self.wavering.forget(source)

    def forget_event(self, source: str, event_id: str) -> None:
        """Forget what a source said of one event, as when it turns out to be another."""
        if (of := self._events.get(event_id)) is None:
            return
        writes, unseen = Writes(self.store, self.past), Changes()
        held_markets = list(of.markets.values())
        for scope in [scope for place, scope in self._scopes.items() if place[0] == source]:
            for held in held_markets:
                self._withdraw(held, scope, writes, unseen)
        writes.flush(self.groups)
        self._release([held for held in held_markets if not held.prices])

    def _drop(self, places: Iterable[tuple[str, str]]) -> None:
        writes, unseen = Writes(self.store, self.past), Changes()
        for place in places:
            scope = self._scopes.pop(place)
            for held in scope.markets:
                self._withdraw(held, scope, writes, unseen)
        writes.flush(self.groups)
        self._release([held for held in self._markets.values() if not held.prices])

    def _is_over(self, held: HeldMarket, now: datetime) -> bool:
        unheard, starts_at = now - held.heard_at, self.event(held).starts_at
        if starts_at is None:
            return unheard > EVENT_OVER_AFTER
        since_start = held.scope.instant(now) - starts_at
        return unheard > SILENT_AFTER and since_start > EVENT_OVER_AFTER

    def _scope_of(self, reading: Reading, rejected: Counter[str]) -> Scope | None:
        if reading.origin is Origin.LIVE and reading.as_of - reading.arrived_at > CLOCKS_DIFFER:
            rejected["reading_from_future"] += 1
            return None
        place = (reading.source, reading.scope)
        if (scope := self._scopes.get(place)) is None:
            scope = self._scopes[place] = Scope(
                reading.source, reading.origin, reading.as_of, reading.arrived_at, reading.scope
            )
        if reading.as_of < scope.as_of:
            rejected["reading_out_of_order"] += 1
            return None
        scope.move_to(reading)
        return scope

    def _named(
        self, reading: Reading, scope: Scope, rejected: Counter[str]
    ) -> dict[HeldMarket, dict[Place, Quote]]:
        """Return the sound quotes of a reading by market; of two for one place, the newer."""
        events = {event.id: event for event in reading.events}
        for event in reading.events:
            if event.id in self._events:
                self._events[event.id].event = event
        named: dict[HeldMarket, dict[Place, Quote]] = {}
        # Feeds share one Market object among its quotes: its identity is cheaper than its hash.
        by_identity: dict[int, dict[Place, Quote]] = {}
        latest = reading.as_of + CLOCKS_DIFFER
        for quote in reading.quotes:
            if (flaw := _flaw(quote)) is not None:
                rejected[flaw] += 1
                continue
            quotes = by_identity.get(id(quote.market))
            if quotes is None:
                held = self._hold(quote.market, scope, events)
                if held is None:
                    rejected["event_unknown"] += 1
                    continue
                quotes = by_identity[id(quote.market)] = named.setdefault(held, {})
            place = (quote.outcome, quote.side, quote.book)
            changed_at = quote.changed_at
            if changed_at is not None and changed_at > latest:
                rejected["changed_in_future"] += 1
            if place in quotes:
                rejected["duplicate"] += 1
                if not _is_newer(quote, quotes[place]):
                    continue
            quotes[place] = quote
        return named

    def _hold(self, market: Market, scope: Scope, events: Mapping[str, Event]) -> HeldMarket | None:
        if (held := self._markets.get(market)) is not None:
            return held
        of = self._events.get(market.event_id)
        if of is None:
            if market.event_id not in events:
                return None
            of = self._events[market.event_id] = HeldEvent(events[market.event_id])
        number, serial = self.store.add_market(market.ways), next(self._serials)
        first = self.store.first_row(number)
        self.wavering.place(self.store.rows_of(number), of.event.sport)
        rows = {outcome: first + place for place, outcome in enumerate(market.outcomes)}
        held = HeldMarket(market, scope, scope.arrived_at, number, rows, serial)
        self._silent_at = min(self._silent_at, held.heard_at + SILENT_AFTER)
        self._markets[market] = of.markets[market] = held
        of.version += 1
        return held

    def _update(
        self, held: HeldMarket, quotes: Mapping[Place, Quote], writes: Writes, changes: Changes
    ) -> None:
        latest = held.scope.as_of + CLOCKS_DIFFER
        for place, quote in quotes.items():
            before, owner = held.prices.get(place, (None, held.scope))
            if before is not None and owner.source != held.scope.source:
                if _is_outranked(quote, before, latest):
                    changes.rejected["another_source_is_newer"] += 1
                    continue
            elif before is not None and _is_late(quote, before, latest):
                held.prices[place] = (before, held.scope)
                changes.rejected["out_of_order"] += 1
                continue
            held.prices[place] = (quote, held.scope)
            if before is None or _figures(before) != _figures(quote):
                changes.changed.append(quote)
            elif before.changed_at == quote.changed_at:
                continue
            if quote.side is Side.LAY and quote.outcome not in held.lays:
                self._pair(held, quote, writes)
            writes.put(held, quote, self._column(quote.book))
            changes.markets.add(held.market)

    def _pair(self, held: HeldMarket, lay: Quote, writes: Writes) -> None:
        pair = held.lays[lay.outcome] = self.store.add_market(2)
        of = self._events[held.market.event_id]
        of.version += 1
        self.wavering.place(self.store.rows_of(pair), of.event.sport)
        for quote, _ in held.prices.values():
            if (quote.outcome, quote.side) == (lay.outcome, Side.BACK):
                writes.put(held, quote, self._column(quote.book))

    def _withdraw(
        self,
        held: HeldMarket,
        scope: Scope,
        writes: Writes,
        changes: Changes,
        *,
        named: Collection[Place] = (),
    ) -> None:
        """Take out the prices that `scope` named once and names no more."""
        if len(named) == len(held.prices):  # all that is named is held
            return
        gone = [
            (place, quote)
            for place, (quote, owner) in held.prices.items()
            if owner is scope and place not in named
        ]
        for place, quote in gone:
            del held.prices[place]
            writes.take_out(held, quote, self._column(quote.book))
            changes.withdrawn.append(quote.price)
            changes.markets.add(held.market)

    def _release(self, markets: Iterable[HeldMarket]) -> None:
        for held in markets:
            of = self._events[held.market.event_id]
            of.version += 1
            del self._markets[held.market], of.markets[held.market]
            for number, _ in held.numbers():
                self.store.remove_market(number)
            for scope in self._scopes.values():
                scope.markets.discard(held)
            if not of.markets:
                del self._events[of.event.id]

    def _column(self, book: str) -> int:
        column = self._columns.get(book)
        if column is None:
            column = self._columns[book] = self.store.add_book()
            self.books.append(book)
            self.groups.append(min(self._columns.get(twin, column) for twin in twins(book)))
        return column


def _flaw(quote: Quote) -> str | None:
    if not 1.0 < quote.odds < float("inf"):
        return "odds_not_above_one"
    if not 0.0 <= quote.commission < 1.0:
        return "commission_invalid"
    return None if quote.outcome in quote.market.outcomes else "outcome_unknown"


def _figures(quote: Quote) -> tuple[float, float, float | None]:
    return quote.odds, quote.commission, quote.max_stake


def _is_newer(quote: Quote, other: Quote) -> bool:
    return quote.changed_at is not None and (
        other.changed_at is None or quote.changed_at > other.changed_at
    )


def _is_outranked(quote: Quote, before: Quote, latest: datetime) -> bool:
    """Whether a book's price from one source yields to the price held, which is from another.

    It does if it is older, or does not say when it changed while the other does.
    """
    if before.changed_at is not None and quote.changed_at is None:
        return before.changed_at <= latest
    return _is_late(quote, before, latest)


def _is_late(quote: Quote, before: Quote, latest: datetime) -> bool:
    """Whether a price is older than the one held; a clock that ran ahead does not bind."""
    if quote.changed_at is None or before.changed_at is None or before.changed_at > latest:
        return False
    return quote.changed_at < before.changed_at
