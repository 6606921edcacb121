"""What is held of each market: its prices, the scope that named them, their rows in the store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from domain.markets import Event, Market, Outcome, Side
from domain.quotes import Origin, Quote, Reading
from engine.odds import back_net, lay_net
from engine.past import Past
from engine.quotes import UNKNOWN_MS, Floats, Ints, QuoteStore
from kit.clock import epoch_ms

Bet = tuple[Outcome, Side]
Offer = tuple[Market, Outcome, Side]
Place = tuple[Outcome, Side, str]


@dataclass(slots=True, eq=False)
class Scope:
    """One picture that a source keeps sending: its last instant, and the markets it named."""

    source: str
    origin: Origin
    as_of: datetime
    arrived_at: datetime
    name: str = ""
    markets: set["HeldMarket"] = field(default_factory=set["HeldMarket"])

    def move_to(self, reading: Reading) -> None:
        """Take over the clock of a new reading."""
        self.origin = reading.origin
        self.as_of, self.arrived_at = reading.as_of, reading.arrived_at

    def instant(self, now: datetime) -> datetime:
        """Return what its clock says when ours says `now`."""
        return self.as_of + max(timedelta(0), now - self.arrived_at)


@dataclass(slots=True, eq=False)
class HeldMarket:
    """A market with prices: `number` is its place in the store, `lays` those of its lay pairs.

    `rows` are those of its outcomes in the store. A lay pair is a two-way market of its own: its
    first row backs an outcome, its second lays it.
    `scope` is the last one that named the market, at `heard_at` by our clock; each price knows the
    last one that named it. `serial` is never used again, as `number` is.
    """

    market: Market
    scope: Scope
    heard_at: datetime
    number: int
    rows: Mapping[Outcome, int]
    serial: int = 0
    prices: dict[Place, tuple[Quote, Scope]] = field(
        default_factory=dict[Place, tuple[Quote, Scope]]
    )
    lays: dict[Outcome, int] = field(default_factory=dict[Outcome, int])

    def numbers(self) -> Iterator[tuple[int, tuple[Bet, ...]]]:
        """Yield its places in the store, with the bet that each row of them is."""
        yield self.number, tuple((outcome, Side.BACK) for outcome in self.market.outcomes)
        for outcome, number in self.lays.items():
            yield number, ((outcome, Side.BACK), (outcome, Side.LAY))


@dataclass(slots=True, eq=False)
class HeldEvent:
    """An event as it was last described, and its markets with prices.

    `version` moves on whenever a bet is offered for the first time, or no longer at all: a market
    comes or goes, or an outcome is laid. `heard` says when, by our clock, each source last named a
    price of each book.
    """

    event: Event
    markets: dict[Market, HeldMarket] = field(default_factory=dict[Market, HeldMarket])
    version: int = 0
    heard: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])

    def rows(self, store: QuoteStore) -> dict[Offer, int]:
        """Return every bet on the event that somebody may offer, with its row in the store."""
        rows: dict[Offer, int] = {}
        for held in self.markets.values():
            for outcome, row in held.rows.items():
                rows[held.market, outcome, Side.BACK] = row
            for outcome, pair in held.lays.items():
                rows[held.market, outcome, Side.LAY] = store.first_row(pair) + 1
        return rows


@dataclass(slots=True)
class Writes:
    """Cells of the store to be written in one go; the last of a repeated cell stands.

    `heard` is told of them first: rows, columns and prices.
    """

    store: QuoteStore
    past: Past
    heard: Callable[[Ints, Ints, Floats], None] | None = None
    rows: list[int] = field(default_factory=list[int])
    books: list[int] = field(default_factory=list[int])
    prices: list[float] = field(default_factory=list[float])
    changed_ms: list[int] = field(default_factory=list[int])
    lay: list[bool] = field(default_factory=list[bool])
    _ms: dict[datetime | None, int] = field(default_factory=dict[datetime | None, int])

    def put(self, held: HeldMarket, quote: Quote, book: int) -> None:
        """Write a price, after commission, to each row that it belongs in."""
        net = lay_net if quote.side is Side.LAY else back_net
        self._write(
            held, quote, book, net(quote.odds, quote.commission), self._instant(quote.changed_at)
        )

    def take_out(self, held: HeldMarket, quote: Quote, book: int) -> None:
        """Withdraw a price from each row that it is in."""
        self._write(held, quote, book, 0.0, UNKNOWN_MS)

    def flush(self, groups: Sequence[int]) -> None:
        """Hand everything to the store; `groups` has the group of each book."""
        rows, books, ms = (
            np.array(values, np.int64) for values in (self.rows, self.books, self.changed_ms)
        )
        prices = np.array(self.prices)
        if self.heard is not None:
            self.heard(rows, books, prices)
        self.past.note(rows, books, prices, np.array(self.lay, np.bool_), groups)
        self.store.apply(rows, books, prices, ms)

    def _instant(self, at: datetime | None) -> int:
        """Return the milliseconds of an instant, of which a reading's prices share few."""
        if at not in self._ms:
            self._ms[at] = UNKNOWN_MS if at is None else epoch_ms(at)
        return self._ms[at]

    def _write(self, held: HeldMarket, quote: Quote, book: int, price: float, ms: int) -> None:
        lay = quote.side is Side.LAY
        if not lay:
            self._cell(held.rows[quote.outcome], book, price, ms, lay=False)
        if (pair := held.lays.get(quote.outcome)) is not None:
            self._cell(self.store.first_row(pair) + lay, book, price, ms, lay=lay)

    def _cell(self, row: int, book: int, price: float, ms: int, *, lay: bool) -> None:
        self.rows.append(row)
        self.lay.append(lay)
        self.books.append(book)
        self.prices.append(price)
        self.changed_ms.append(ms)
