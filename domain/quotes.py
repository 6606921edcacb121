"""Quotes: prices seen at a book, and the readings that they arrive in."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.markets import Event, Market, Outcome, Side


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
    replay); `arrived_at` is when they reached us. `rejected` counts what was dropped, by reason.
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


def encode_reading(reading: Reading) -> bytes:
    """Return the reading as MessagePack."""
    return _ENCODER.encode(reading)


def decode_reading(data: bytes) -> Reading:
    """Return the reading of its MessagePack; raise `msgspec.ValidationError` if it is none."""
    return _DECODER.decode(data)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Reading)
