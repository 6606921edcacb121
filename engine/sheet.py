"""A sheet: every price of one market at one instant, and the best set of legs in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.quotes import UNKNOWN_MS, Floats, Ints

Marks = NDArray[np.bool_]


class Sheet(NamedTuple):
    """Prices by outcome and book, as `QuoteStore` keeps them.

    `as_of_ms` is the instant they are judged at; `starts_ms` the event's scheduled start, or None.
    `opposed` says that the second row lays the very outcome that the first one backs.
    `contradicted` marks prices that do not fit the same book's prices of other lines. `group` has
    one number a book, the same for those that move as one. `before` is what `engine.past` knows of
    each price, `wavering` what `engine.wavering` knows of its book; `sport` says what is usual.
    """

    price: Floats
    changed_ms: Ints
    as_of_ms: int
    starts_ms: int | None
    opposed: bool = False
    contradicted: Marks | None = None
    group: Ints | None = None
    before: Floats | None = None
    wavering: Floats | None = None
    sport: str = ""

    @property
    def quoted(self) -> Marks:
        """Which cells hold a price."""
        return self.price > 0.0

    @property
    def off_ladder(self) -> Marks:
        """Which cells do not fit the same book's prices of other lines."""
        if self.contradicted is None:
            return np.zeros(self.price.shape, np.bool_)
        return self.contradicted

    @property
    def in_play(self) -> bool:
        """Whether the scheduled start has come."""
        return self.starts_ms is not None and self.as_of_ms >= self.starts_ms

    @property
    def age_s(self) -> Floats:
        """Seconds since each price changed: negative ahead of the clock, NaN where unknown."""
        age = (self.as_of_ms - self.changed_ms) / 1000.0
        return np.where(self.changed_ms == UNKNOWN_MS, np.nan, age)


def best_columns(sheet: Sheet, allowed: Marks) -> tuple[Ints, Floats]:
    """Return the book with the best allowed price of each row, the fresher of equal ones.

    Args:
        sheet: Prices, shape (rows, books), of one book or more.
        allowed: Which cells may be used, of the same shape.

    Returns:
        One column a row, and its price: 0 where none is allowed, and the column means nothing.
    """
    price = np.where(allowed, sheet.price, 0.0)
    best = price.max(axis=1, initial=0.0)
    fresh = np.where(price == best[:, np.newaxis], sheet.changed_ms, -1)
    return fresh.argmax(axis=1), best


def best_legs(sheet: Sheet, allowed: Marks) -> Ints | None:
    """Return the book with the best allowed price of each outcome, the fresher of equal ones.

    Args:
        sheet: Prices, shape (outcomes, books).
        allowed: Which cells may be used, of the same shape.

    Returns:
        One column an outcome; None if an outcome has no allowed price.
    """
    if not allowed.any(axis=1).all():
        return None
    return best_columns(sheet, allowed)[0]


def best_legs_within(sheet: Sheet, allowed: Marks, gap_s: float) -> Ints | None:
    """Return the cheapest legs of which no two changed more than `gap_s` apart.

    Exact: in any such set the earliest leg opens a window of `gap_s` that holds all the others, so
    the best of every window are compared. Prices of unknown time fit every window.
    """
    unknown = allowed & (sheet.changed_ms == UNKNOWN_MS)
    opened = np.unique(sheet.changed_ms[allowed & ~unknown])
    windows = [
        unknown
        | (allowed & (sheet.changed_ms >= start) & (sheet.changed_ms <= start + gap_s * 1e3))
        for start in opened
    ]
    found = [
        legs for window in windows or [unknown] if (legs := best_legs(sheet, window)) is not None
    ]
    return min(found, key=lambda legs: cost(sheet, legs), default=None)


def cost(sheet: Sheet, legs: Ints) -> float:
    """Return what a certain 1 costs with these legs; they cross when it is below 1."""
    return float((1.0 / sheet.price[np.arange(len(legs)), legs]).sum())
