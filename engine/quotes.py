"""QuoteStore: the price of every selection at every book, with the best of each kept up to date.

Rows are selections, contiguous by market; columns are books. A price is decimal and after
commission; 0 says that there is none. Change times are milliseconds since 1970; 0 says unknown.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_BOOK = -1
UNKNOWN_MS = 0
_BLOCK_ROWS = 512


class QuoteStore:
    """Markets, their rows and the prices in them; one writer.

    `price` and `changed_ms` have shape (rows, books), `best` and `best_book` one figure a row,
    `inverse_sum` one a market: the cost of a certain 1 at the best prices, infinite while an
    outcome has no price. Arrays are larger than what is in use, and are replaced when they grow.
    """

    def __init__(self, *, rows: int = 1024, books: int = 16) -> None:
        self.price: Floats = np.zeros((rows, books))
        self.changed_ms: Ints = np.zeros((rows, books), np.int64)
        self.best: Floats = np.zeros(rows)
        self.best_book: Ints = np.full(rows, NO_BOOK, np.int64)
        self.inverse_sum: Floats = np.full(rows, np.inf)
        self._market_of: Ints = np.zeros(rows, np.int64)
        self._first: Ints = np.zeros(rows, np.int64)
        self._ways: Ints = np.zeros(rows, np.int64)
        self._rows = self._markets = self._books = 0
        self._free_rows: dict[int, list[int]] = {}
        self._free_markets: list[int] = []

    @property
    def rows(self) -> int:
        """How many rows were ever handed out; those given back are used again."""
        return self._rows

    def add_book(self) -> int:
        """Return the column of a new book."""
        if self._books == self.price.shape[1]:
            wider = ((0, 0), (0, self._books))
            self.price = np.pad(self.price, wider)
            self.changed_ms = np.pad(self.changed_ms, wider)
        self._books += 1
        return self._books - 1

    def add_market(self, ways: int) -> int:
        """Return the number of a new market of `ways` outcomes, without prices."""
        if self._free_rows.get(ways):
            first = self._free_rows[ways].pop()
        else:
            first, self._rows = self._rows, self._rows + ways
            self._fit_rows()
        if self._free_markets:
            market = self._free_markets.pop()
        else:
            market, self._markets = self._markets, self._markets + 1
        self._first[market], self._ways[market] = first, ways
        self._market_of[first : first + ways] = market
        return market

    def remove_market(self, market: int) -> None:
        """Forget a market's prices and give its number and rows to later ones."""
        rows = self.rows_of(market)
        self.price[rows] = 0.0
        self.changed_ms[rows] = UNKNOWN_MS
        self.best[rows], self.best_book[rows] = 0.0, NO_BOOK
        self.inverse_sum[market] = np.inf
        self._free_rows.setdefault(int(self._ways[market]), []).append(rows.start)
        self._ways[market] = 0
        self._free_markets.append(market)

    def first_row(self, market: int) -> int:
        """Return the row of the market's first outcome."""
        return int(self._first[market])

    def rows_of(self, market: int) -> slice:
        """Return the market's rows."""
        first = int(self._first[market])
        return slice(first, first + int(self._ways[market]))

    def apply(self, rows: Ints, books: Ints, prices: Floats, changed_ms: Ints) -> Ints:
        """Write prices (0 withdraws one; the last of a repeated cell stands).

        Returns:
            The markets whose best price changed, ascending.

        Raises:
            ValueError: A price is negative or no number.
        """
        if not bool((prices >= 0.0).all()):
            raise ValueError("prices must be numbers, and 0 or more")
        before = self.best[rows]
        held_best = self.best_book[rows] == books
        self.price[rows, books] = prices
        self.changed_ms[rows, books] = changed_ms
        now = self.price[rows, books]
        raised = now > before
        self._raise(rows[raised], books[raised], now[raised])
        self._rescan_rows(np.unique(rows[held_best & (now < before)]))
        return self._refresh(rows[self.best[rows] != before])

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

    def rescan(self) -> tuple[Floats, Floats]:
        """Return the best price of every row and the inverse sum of every market, from scratch."""
        best = best_of_rows(self.price[: self._rows, : max(1, self._books)])
        return best, self._inverse_sums(best, np.arange(self._markets))

    def audit(self) -> Ints:
        """Return the markets whose kept figures differ from a full rescan; none while sound."""
        best, sums = self.rescan()
        book = self.best_book[: self._rows]
        held = np.where(book == NO_BOOK, 0.0, self.price[np.arange(self._rows), book])
        wrong = self._market_of[: self._rows][(best != self.best[: self._rows]) | (best != held)]
        return np.union1d(wrong, np.flatnonzero(sums != self.inverse_sum[: self._markets]))

    def _withdraw(self, cells: NDArray[np.bool_], book: int | None = None) -> Ints:
        rows, books = np.nonzero(cells) if book is None else (np.flatnonzero(cells), None)
        columns = np.full(len(rows), book) if books is None else books
        nothing = np.zeros(len(rows), np.int64)
        return self.apply(rows, columns, nothing.astype(np.float64), nothing)

    def _raise(self, rows: Ints, books: Ints, prices: Floats) -> None:
        np.maximum.at(self.best, rows, prices)
        holds = prices == self.best[rows]
        self.best_book[rows[holds]] = books[holds]

    def _rescan_rows(self, rows: Ints) -> None:
        prices = self.price[rows, : self._books]
        if not len(rows):
            return
        book = prices.argmax(axis=1)
        best = prices[np.arange(len(rows)), book]
        self.best[rows] = best
        self.best_book[rows] = np.where(best > 0.0, book, NO_BOOK)

    def _refresh(self, rows: Ints) -> Ints:
        markets = np.unique(self._market_of[rows])
        self.inverse_sum[markets] = self._inverse_sums(self.best, markets)
        return markets

    def _inverse_sums(self, best: Floats, markets: Ints) -> Floats:
        sums = np.full(len(markets), np.inf)
        ways = self._ways[markets]
        for way in np.unique(ways[ways > 0]):
            chosen = ways == way
            legs = best[self._first[markets[chosen]][:, np.newaxis] + np.arange(way)]
            with np.errstate(divide="ignore"):
                sums[chosen] = (1.0 / legs).sum(axis=1)
        return sums

    def _fit_rows(self) -> None:
        """Double what is kept by row and by market; there are never more markets than rows."""
        size = len(self.best)
        if self._rows <= size:
            return
        more = max(size, self._rows - size)
        self.price = np.pad(self.price, ((0, more), (0, 0)))
        self.changed_ms = np.pad(self.changed_ms, ((0, more), (0, 0)))
        self.best = np.pad(self.best, (0, more))
        self.best_book = np.pad(self.best_book, (0, more), constant_values=NO_BOOK)
        self.inverse_sum = np.pad(self.inverse_sum, (0, more), constant_values=np.inf)
        self._market_of = np.pad(self._market_of, (0, more))
        self._first = np.pad(self._first, (0, more))
        self._ways = np.pad(self._ways, (0, more))


def best_of_rows(price: Floats) -> Floats:
    """Return the largest price of each row.

    Turned block by block, since NumPy reduces along a short last axis several times slower.
    """
    best = np.zeros(len(price))
    turned = np.empty((price.shape[1], _BLOCK_ROWS))
    for start in range(0, len(price), _BLOCK_ROWS):
        block = price[start : start + _BLOCK_ROWS]
        np.copyto(turned[:, : len(block)], block.T)
        turned[:, : len(block)].max(axis=0, out=best[start : start + len(block)])
    return best
