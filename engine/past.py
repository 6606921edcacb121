"""Past: where the price before each one stood among the others, in step with a `QuoteStore`."""

import math
from collections.abc import Sequence

import numpy as np

from engine.peers import apart_from, implied_logits
from engine.quotes import Floats, Ints, QuoteStore
from engine.sheet import Marks

# Of fewer prices, one by one is quicker; both ways say the same.
_FEW = 8


class Past:
    """One figure a cell of a store: what `engine.anomaly.parts` calls `before`; one writer.

    It is the distance from the median of the other books just before the price last changed; NaN
    where the price is the first of its place since it was withdrawn.
    """

    def __init__(self, store: QuoteStore, *, min_others: int = 3) -> None:
        self._store, self._min_others = store, min_others
        self._before = np.full(store.price.shape, np.nan)

    def note(
        self, rows: Ints, books: Ints, prices: Floats, lay: Marks, group: Sequence[int]
    ) -> None:
        """Take note of prices that are about to be written; of a repeated cell, the last one.

        Args:
            rows: Where each will be written.
            books: Its column.
            prices: What will be written; 0: it is withdrawn.
            lay: Whether the row lays the outcome that the row above it backs.
            group: The group of each book of the store.
        """
        self._fit()
        old = self._store.price[rows, books]
        gone = (old == 0.0) | (prices == 0.0)
        self._before[rows[gone], books[gone]] = np.nan
        moves = np.flatnonzero(~gone & (old != prices))
        if len(moves):
            rows, books, lay = rows[moves], books[moves], lay[moves]
            self._before[rows, books] = self._distances(old[moves], rows, books, lay, group)

    def of(self, rows: slice, books: Ints) -> Floats:
        """Return the figures of some rows and books, shape (rows, books)."""
        self._fit()
        return self._before[rows, books]

    def at(self, rows: Ints, books: Ints) -> Floats:
        """Return the figures of single cells, shape (cells,)."""
        self._fit()
        return self._before[rows, books]

    def _distances(
        self, old: Floats, rows: Ints, books: Ints, lay: Marks, group: Sequence[int]
    ) -> Floats:
        if len(rows) > _FEW:
            return self._distance(old, rows, books, lay, np.array(group, np.int64))
        signs = np.where(lay, -1.0, 1.0)
        peers = rows - lay
        each = zip(old.tolist(), peers.tolist(), books.tolist(), signs.tolist(), strict=True)
        return np.array([self._distance_of_one(*one, group) for one in each])

    def _distance_of_one(
        self, old: float, peers: int, book: int, sign: float, group: Sequence[int]
    ) -> float:
        """Return the same of one price, without the price of calling NumPy."""
        said = self._store.price[peers, : len(group)].tolist()
        heard = {group[book]}
        voices: list[float] = []
        for number, price in zip(group, said, strict=True):
            if price > 0.0 and number not in heard:
                heard.add(number)
                voices.append(price)
        if len(voices) < max(1, self._min_others):
            return math.nan
        voices.sort()
        middle = _logit(voices[(len(voices) - 1) // 2]) / 2 + _logit(voices[len(voices) // 2]) / 2
        return _logit(old) - sign * middle

    def _distance(self, old: Floats, rows: Ints, books: Ints, lay: Marks, group: Ints) -> Floats:
        said = implied_logits(self._store.price[rows - lay, : len(group)])
        said[lay] *= -1.0
        return apart_from(implied_logits(old), said, books, group, self._min_others).distance

    def _fit(self) -> None:
        """Grow as the store did; what is new of it has no past."""
        shape = self._store.price.shape
        if shape != self._before.shape:
            grown = np.full(shape, np.nan)
            grown[tuple(slice(side) for side in self._before.shape)] = self._before
            self._before = grown


def _logit(price: float) -> float:
    return -math.log(price - 1.0) if price > 1.0 else math.inf
