"""Wavering: how often a book's prices go back to the one before, in step with a `QuoteStore`."""

import numpy as np

from engine.quotes import Floats, Ints, QuoteStore

HALF_LIFE_S = 6 * 3600.0
LEAST_HEARD = 100.0
# Of fewer prices, one by one is quicker; both ways say the same.
_FEW = 8


class Wavering:
    """Of the prices heard of a book, by source and sport, the share that went back; one writer.

    Heard is a price that follows another of its place by the same source, be it a repetition under
    a later time; it went back if it differs from the last one and is exactly the one before that.
    A price that was away, or was another source's, begins anew. Counts halve every six hours of
    the source's clock. Nothing is known before 100 prices, nor of what is told only when it
    changes: if more than half of what is heard differs, nobody can say how often it stood still.

    Kept is one price and one number a cell, and three sums a source, sport and book.
    """

    def __init__(self, store: QuoteStore, *, least: float = LEAST_HEARD) -> None:
        self._store, self._least = store, least
        self._earlier = np.zeros(store.price.shape)
        self._source = np.zeros(store.price.shape, np.int16)
        self._sport = np.zeros(len(store.price), np.int16)
        self._sources: dict[str, int] = {}
        self._sports: dict[str, int] = {}
        self._heard_at_s: dict[int, float] = {}
        self._counts = np.zeros((3, 0, 0, 0))

    def place(self, rows: slice, sport: str) -> None:
        """Say of which sport new rows of the store are."""
        self._fit()
        self._sport[rows] = self._sports.setdefault(sport, len(self._sports))

    def note(self, source: str, at_s: float, rows: Ints, books: Ints, prices: Floats) -> None:
        """Take note of a source's prices that are about to be written.

        Args:
            source: Who named them.
            at_s: When, in seconds since 1970 by its clock.
            rows: Where each will be written.
            books: Its column.
            prices: What will be written; 0: it is withdrawn.
        """
        number = self._sources.setdefault(source, len(self._sources))
        self._decay(number, at_s)
        if len(rows) > _FEW:
            self._note_many(number, rows, books, prices)
            return
        for cell in zip(rows.tolist(), books.tolist(), prices.tolist(), strict=True):
            self._note_one(number, *cell)

    def of(self, rows: slice, books: Ints) -> Floats:
        """Return the share of each price's source, sport and book, shape (rows, books).

        NaN where nothing is known.
        """
        self._fit()
        sport = self._sport[rows].astype(np.int64)[:, np.newaxis]
        heard, moved, back = self._counts[
            :, self._source[rows, books].astype(np.int64), sport, books
        ]
        known = (heard >= self._least) & (2.0 * moved <= heard)
        return np.where(known, back / np.where(known, heard, 1.0), np.nan)

    def forget(self, source: str) -> None:
        """Forget what was counted of a source, as when a recording begins anew."""
        if (number := self._sources.get(source)) is not None:
            self._fit()
            self._counts[:, number] = 0.0
            self._heard_at_s.pop(number, None)

    def _note_many(self, number: int, rows: Ints, books: Ints, prices: Floats) -> None:
        old = self._store.price[rows, books]
        heard = (old > 0.0) & (prices > 0.0) & (self._source[rows, books] == number)
        moved, new = heard & (old != prices), ~heard
        places = rows[moved], books[moved]
        back = moved.copy()
        back[moved] = self._earlier[places] == prices[moved]
        shape = self._counts.shape[2:]
        where = self._sport[rows].astype(np.int64) * shape[1] + books
        for figure, counted in enumerate((heard, moved, back)):
            sums = np.bincount(where[counted], minlength=shape[0] * shape[1])
            self._counts[figure, number] += sums.reshape(shape)
        self._earlier[places] = old[moved]
        self._earlier[rows[new], books[new]] = 0.0
        self._source[rows[new], books[new]] = number

    def _note_one(self, number: int, row: int, book: int, price: float) -> None:
        """Take note of one price, without the price of calling NumPy."""
        old, earlier = self._store.price.item(row, book), 0.0
        if old > 0.0 and price > 0.0 and self._source.item(row, book) == number:
            counts = self._counts[:, number, self._sport.item(row), book]
            earlier = self._earlier.item(row, book)
            counts[0] += 1.0
            if old != price:
                counts[1] += 1.0
                counts[2] += earlier == price
                earlier = old
        self._earlier[row, book] = earlier
        self._source[row, book] = number

    def _decay(self, number: int, at_s: float) -> None:
        """Weigh what was counted of a source as it is worth at an instant."""
        self._fit()
        before = self._heard_at_s.setdefault(number, at_s)
        if at_s > before:
            self._heard_at_s[number] = at_s
            self._counts[:, number] *= 0.5 ** ((at_s - before) / HALF_LIFE_S)

    def _fit(self) -> None:
        """Grow as the store, the sources and the sports did; what is new has no past."""
        rows, books = self._store.price.shape
        if self._earlier.shape != (rows, books):
            more = [
                (0, new - old) for new, old in zip((rows, books), self._earlier.shape, strict=True)
            ]
            self._earlier, self._source = np.pad(self._earlier, more), np.pad(self._source, more)
            self._sport = np.pad(self._sport, more[0])
        wanted = 3, max(1, len(self._sources)), max(1, len(self._sports)), books
        if self._counts.shape != wanted:
            grown = [(0, new - old) for new, old in zip(wanted, self._counts.shape, strict=True)]
            self._counts = np.pad(self._counts, grown)
