"""Answers of The Odds API as columns: what each price is of, by whom, how much, and since when."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.markets import Event, Market, Outcome, Side
from domain.quotes import Quote

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNKNOWN = int(np.iinfo(np.int64).min)
"""The time of a price whose book does not say when it last changed it."""


class Trouble(Enum):
    """Why an answer has no columns: it is not of the documented shape, or more than fits."""

    ODD = "odd"
    FULL = "full"


class Taker(NamedTuple):
    """Who backs or lays: a book, and the commission that it takes."""

    book: str
    side: Side
    commission: float


class Columns(NamedTuple):
    """The prices of one answer, a row each: its place in `places` and `takers`, odds, time.

    `odds` are decimal. `changed_ms` is in milliseconds since 1970, or `UNKNOWN` where the book does
    not say when it last changed the price.
    """

    events: list[Event]
    places: Sequence[tuple[Market, Outcome]]
    takers: Sequence[Taker]
    what: NDArray[np.int32]
    by: NDArray[np.int32]
    odds: NDArray[np.float64]
    changed_ms: NDArray[np.int64]
    rejected: dict[str, int]
    given_at: str | None

    def quotes(self) -> list[Quote]:
        """Return the rows as quotes."""
        places = map(self.places.__getitem__, self.what.tolist())
        takers = map(self.takers.__getitem__, self.by.tolist())
        times = self.changed_ms.tolist()
        told = {ms: EPOCH + timedelta(milliseconds=ms) for ms in set(times) - {UNKNOWN}}
        rows = zip(places, takers, self.odds.tolist(), map(told.get, times), strict=True)
        return [
            Quote(
                market=market,
                outcome=outcome,
                book=book,
                side=side,
                commission=commission,
                odds=odds,
                changed_at=changed_at,
            )
            for (market, outcome), (book, side, commission), odds, changed_at in rows
        ]
