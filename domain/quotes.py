"""Quotes: prices seen at a book, and the readings that they arrive in."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from domain.markets import Event, Market, Outcome, Side
from domain.names import UnknownName
from domain.questions import Answer


class Origin(StrEnum):
    """Where prices come from; anything but LIVE is stamped as such down to the page."""

    LIVE = "live"
    REPLAY = "replay"
    SIMULATED = "simulated"


class Quote(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One price of one outcome at one book.

    `odds` are decimal, above 1, before `commission` (a share of net winnings). `changed_at` is the
    book's own last update; None when the source does not say, which is never taken for fresh.
    `max_stake` is in major units of the book's currency where the source states it.
    """

    book: str
    market: Market
    outcome: Outcome
    odds: float
    changed_at: datetime | None
    side: Side = Side.BACK
    commission: float = 0.0
    max_stake: float | None = None

    @property
    def price(self) -> "PriceKey":
        """What this quote is the price of; a later quote with the same key replaces it."""
        return (self.market, self.outcome, self.side, self.book)


PriceKey = tuple[Market, Outcome, Side, str]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What one answer of a source said, and what of it was rejected.

    A `complete` reading is the whole picture of its `scope`: prices of that scope that it does not
    name are withdrawn. `as_of` is the instant the prices describe (the recording's own clock in a
    replay); `arrived_at` is when they reached us. `rejected` counts what was dropped, by reason;
    `unknown` are names among it that no table of ours knows, at most so many as a tally keeps.
    One with an `answer` has no prices and says nothing of any: what was asked has been told before.
    """

    source: str
    scope: str
    origin: Origin
    as_of: datetime
    arrived_at: datetime
    complete: bool
    events: list[Event]
    quotes: list[Quote]
    rejected: dict[str, int] = {}
    unknown: list[UnknownName] = []
    answer: Answer | None = None


_Place = Annotated[int, msgspec.Meta(ge=0)]


class _Packed(msgspec.Struct, array_like=True):
    """A reading whose quotes are columns: the n-th of each list is the n-th quote's.

    A quote's market, book and time are told once, in the reading's lists of them, and meant by
    their places there. A column that is None has the usual value everywhere.
    """

    reading: Reading
    markets: list[Market]
    books: list[str]
    instants: list[datetime | None]
    market: list[_Place]
    book: list[_Place]
    outcome: list[Outcome]
    odds: list[float]
    changed_at: list[_Place]
    side: list[Side] | None = None
    commission: list[float] | None = None
    max_stake: list[float | None] | None = None


def encode_reading(reading: Reading) -> bytes:
    """Return the reading as MessagePack."""
    quotes = reading.quotes
    markets, market = _told_once([quote.market for quote in quotes])
    books, book = _told_once([quote.book for quote in quotes])
    instants, changed_at = _told_once([quote.changed_at for quote in quotes])
    return _ENCODER.encode(
        _Packed(
            reading=msgspec.structs.replace(reading, quotes=[]),
            markets=markets,
            books=books,
            instants=instants,
            market=market,
            book=book,
            outcome=[quote.outcome for quote in quotes],
            odds=[quote.odds for quote in quotes],
            changed_at=changed_at,
            side=_unless([quote.side for quote in quotes], Side.BACK),
            commission=_unless([quote.commission for quote in quotes], 0.0),
            max_stake=_unless([quote.max_stake for quote in quotes], None),
        )
    )


def decode_reading(data: bytes) -> Reading:
    """Return the reading of its MessagePack, quotes of one market sharing the `Market`.

    Raises:
        msgspec.ValidationError: It is none.
    """
    told = _DECODER.decode(data)
    try:
        return msgspec.structs.replace(told.reading, quotes=_quotes(told))
    except (IndexError, ValueError) as e:
        raise msgspec.ValidationError("the columns of a reading do not go together") from e


def _quotes(told: _Packed) -> list[Quote]:
    """Return the quotes; raise `IndexError` or `ValueError` if columns do not go together."""
    markets, books, instants, many = told.markets, told.books, told.instants, len(told.odds)
    return [
        Quote(
            market=markets[market],
            book=books[book],
            outcome=outcome,
            odds=odds,
            changed_at=instants[changed_at],
            side=side,
            commission=commission,
            max_stake=max_stake,
        )
        for (market, book, outcome, odds, changed_at), (side, commission, max_stake) in zip(
            zip(told.market, told.book, told.outcome, told.odds, told.changed_at, strict=True),
            zip(
                told.side or [Side.BACK] * many,
                told.commission or [0.0] * many,
                told.max_stake or [None] * many,
                strict=True,
            ),
            strict=True,
        )
    ]


_Value = TypeVar("_Value", bound=Hashable)


def _told_once(values: Sequence[_Value]) -> tuple[list[_Value], list[int]]:
    """Return the different ones among `values`, and the place of each value among them.

    What feeds share is known by its identity, which is cheaper than its hash.
    """
    places: dict[_Value, int] = {}
    known: dict[int, int] = {}
    for value in values:
        if id(value) not in known:
            known[id(value)] = places.setdefault(value, len(places))
    return list(places), [known[id(value)] for value in values]


def _unless(values: list[_Value], usual: _Value) -> list[_Value] | None:
    return None if values.count(usual) == len(values) else values


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Packed)
