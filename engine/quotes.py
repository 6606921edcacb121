"""QuoteStore: the price of every selection at every book, with the best of each kept up to date.

Rows are selections, contiguous by market; columns are books. A price is decimal and after
commission; 0 says that there is none. Change times are milliseconds since 1970; 0 says unknown.
"""

import numpy as np
from numpy.typing import NDArray

from engine import kernels
from engine.kernels import (
    NO_BOOK,
    Extent,
    Floats,
    Ints,
    Scanned,
    Table,
    Updates,
    best_of_rows,
)

__all__ = ["NO_BOOK", "UNKNOWN_MS", "Floats", "Ints", "QuoteStore", "best_of_rows"]

UNKNOWN_MS = 0
_MORE_BOOKS = 8
# What loading Numba (half a second) and calling NumPy's version cost, in updates of it (40 ns).
_LOADING_COSTS = 12_000_000
_CALLING_COSTS = 500
_CELLS_AN_UPDATE = 40
_EMPTY = {"best_book": NO_BOOK, "inverse_sum": np.inf}


class QuoteStore:
    """Markets, their rows and the prices in them; one writer.

    `price` and `changed_ms` have shape (rows, books), `best` and `best_book` one figure a row,
    `inverse_sum` one a market: the cost of a certain 1 at the best prices, infinite while an
    outcome has no price. Of equal best prices the lowest column holds. Arrays are larger than what
    is in use, and are replaced when they grow.

    Its loops run in NumPy until that has cost as much as loading Numba's would have, and compiled
    from then on, or from the first call if `compiled`; what is kept is the same to the bit.
    """

    def __init__(self, *, rows: int = 1024, books: int = 16, compiled: bool = False) -> None:
        self._table = Table(
            price=np.zeros((rows, books)),
            changed_ms=np.zeros((rows, books), np.int64),
            best=np.zeros(rows),
            best_book=np.full(rows, NO_BOOK, np.int64),
            inverse_sum=np.full(rows, np.inf),
            market_of=np.zeros(rows, np.int64),
            first=np.zeros(rows, np.int64),
            ways=np.zeros(rows, np.int64),
            touched=np.zeros(rows, np.bool_),
        )
        self._rows = self._markets = self._books = 0
        self._spent = _LOADING_COSTS if compiled else 0
        self._free_rows: dict[int, list[int]] = {}
        self._free_markets: list[int] = []

    @property
    def price(self) -> Floats:
        """The price of every row at every book."""
        return self._table.price

    @property
    def changed_ms(self) -> Ints:
        """When each price changed."""
        return self._table.changed_ms

    @property
    def best(self) -> Floats:
        """The best price of every row."""
        return self._table.best

    @property
    def best_book(self) -> Ints:
        """The column of every row's best price, `NO_BOOK` where it has none."""
        return self._table.best_book

    @property
    def inverse_sum(self) -> Floats:
        """The cost of a certain 1 in every market."""
        return self._table.inverse_sum

    @property
    def rows(self) -> int:
        """How many rows were ever handed out; those given back are used again."""
        return self._rows

    def add_book(self) -> int:
        """Return the column of a new book."""
        rows, books = self.price.shape
        if self._books == books:
            self._grow("price", (rows, books + _MORE_BOOKS))
            self._grow("changed_ms", (rows, books + _MORE_BOOKS))
        self._books += 1
        return self._books - 1

    def add_market(self, ways: int) -> int:
        """Return the number of a new market of `ways` outcomes, without prices.

        Raises:
            ValueError: It has no outcome.
        """
        if ways < 1:
            raise ValueError("a market has one outcome or more")
        if self._free_rows.get(ways):
            first = self._free_rows[ways].pop()
        else:
            first, self._rows = self._rows, self._rows + ways
            self._fit_rows()
        if self._free_markets:
            market = self._free_markets.pop()
        else:
            market, self._markets = self._markets, self._markets + 1
        self._table.first[market], self._table.ways[market] = first, ways
        self._table.market_of[first : first + ways] = market
        return market

    def remove_market(self, market: int) -> None:
        """Forget a market's prices and give its number and rows to later ones."""
        rows = self.rows_of(market)
        self.price[rows] = 0.0
        self.changed_ms[rows] = UNKNOWN_MS
        self.best[rows], self.best_book[rows] = 0.0, NO_BOOK
        self.inverse_sum[market] = np.inf
        self._free_rows.setdefault(int(self._table.ways[market]), []).append(rows.start)
        self._table.ways[market] = 0
        self._free_markets.append(market)

    def first_row(self, market: int) -> int:
        """Return the row of the market's first outcome."""
        return int(self._table.first[market])

    def rows_of(self, market: int) -> slice:
        """Return the market's rows."""
        first = int(self._table.first[market])
        return slice(first, first + int(self._table.ways[market]))

    def apply(self, rows: Ints, books: Ints, prices: Floats, changed_ms: Ints) -> Ints:
        """Write prices (0 withdraws one; the last of a repeated cell stands).

        Returns:
            The markets whose best price changed, ascending.

        Raises:
            ValueError: A price is negative, infinite or no number, there is no such row or book,
                or the arrays differ in length; nothing was written.
        """
        updates = self._checked(rows, books, prices, changed_ms)
        if self._compiled(len(updates.rows)):
            dirty = kernels.apply(self._table, self._extent(), updates)
            dirty.sort()
            return dirty
        return kernels.apply_with_numpy(self._table, self._extent(), updates)

    def drop_book(self, book: int) -> Ints:
        """Withdraw every price of a book; return the markets whose best price changed."""
        return self._withdraw(self.price[: self._rows, book] > 0.0, book)

    def expire(self, before_ms: int) -> Ints:
        """Withdraw prices that last changed before an instant or at an unknown one.

        Returns:
            The markets whose best price changed, ascending.
        """
        live = self.price[: self._rows] > 0.0
        return self._withdraw(live & (self.changed_ms[: self._rows] < before_ms))

    def scan(self) -> Scanned:
        """Find the best of every row, the sum of every market and the crossing, from scratch."""
        run = kernels.scan
        if not self._compiled(self._rows * self._books // _CELLS_AN_UPDATE):
            run = kernels.scan_with_numpy
        return run(self._table, self._extent())

    def rescan(self) -> tuple[Floats, Floats]:
        """Return the best price of every row and the inverse sum of every market, from scratch."""
        best, inverse_sum, _ = self.scan()
        return best, inverse_sum

    def audit(self) -> Ints:
        """Return the markets whose kept figures differ from a full rescan; none while sound."""
        best, sums = self.rescan()
        book = self.best_book[: self._rows]
        held = np.where(book == NO_BOOK, 0.0, self.price[np.arange(self._rows), book])
        differs = (best != self.best[: self._rows]) | (best != held)
        wrong = self._table.market_of[: self._rows][differs]
        return np.union1d(wrong, np.flatnonzero(sums != self.inverse_sum[: self._markets]))

    def _extent(self) -> Extent:
        return Extent(self._rows, self._books, self._markets)

    def _compiled(self, updates: int) -> bool:
        """Return whether to run compiled, since so much work was done that loading it pays."""
        if self._spent < _LOADING_COSTS:
            self._spent += updates + _CALLING_COSTS
            return False
        return True

    def _checked(self, rows: Ints, books: Ints, prices: Floats, changed_ms: Ints) -> Updates:
        if not len(rows) == len(books) == len(prices) == len(changed_ms):
            raise ValueError("rows, books, prices and change times must be of one length")
        if not bool(((prices >= 0.0) & (prices < np.inf)).all()):
            raise ValueError("prices must be finite numbers, and 0 or more")
        for places, end, what in ((rows, self._rows, "row"), (books, self._books, "book")):
            if len(places) and (places.min() < 0 or places.max() >= end):
                raise ValueError(f"no such {what}: there are {end}")
        return Updates(
            np.ascontiguousarray(rows, np.int64),
            np.ascontiguousarray(books, np.int64),
            np.asarray(prices, np.float64) + 0.0,  # which turns a negative zero into a zero
            np.ascontiguousarray(changed_ms, np.int64),
        )

    def _withdraw(self, cells: NDArray[np.bool_], book: int | None = None) -> Ints:
        rows, books = np.nonzero(cells) if book is None else (np.flatnonzero(cells), None)
        columns = np.full(len(rows), book) if books is None else books
        nothing = np.zeros(len(rows), np.int64)
        return self.apply(rows, columns, nothing.astype(np.float64), nothing)

    def _fit_rows(self) -> None:
        """Double what is kept by row and by market; there are never more markets than rows."""
        size = len(self.best)
        if self._rows <= size:
            return
        wanted = max(2 * size, self._rows)
        for name in Table._fields:
            kept = getattr(self._table, name)
            self._grow(name, (wanted, *kept.shape[1:]))

    def _grow(self, name: str, shape: tuple[int, ...]) -> None:
        """Put a larger array in an array's place; what is new of it takes no memory until used."""
        kept: NDArray[np.generic] = getattr(self._table, name)
        empty = _EMPTY.get(name)
        grown = np.zeros(shape, kept.dtype) if empty is None else np.full(shape, empty, kept.dtype)
        grown[tuple(slice(side) for side in kept.shape)] = kept
        self._table = self._table._replace(**{name: grown})
