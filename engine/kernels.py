"""Kernels of the QuoteStore: writing prices and scanning them, as loops and as NumPy.

Both versions give the same bits: sums are taken outcome by outcome, and of equal best prices the
lowest column holds, so that what is kept depends on the prices alone and never on their order.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kit.jit import jit, jit_or

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

NO_BOOK = -1


class Table(NamedTuple):
    """Prices and change times by row and book; the best by row; by market its sum and its rows.

    `touched` is a row's mark while updates are written, and False at all other times.
    """

    price: Floats
    changed_ms: Ints
    best: Floats
    best_book: Ints
    inverse_sum: Floats
    market_of: Ints
    first: Ints
    ways: Ints
    touched: Marks


class Updates(NamedTuple):
    """Prices to be written, one an entry; 0 withdraws, the last of a repeated cell stands."""

    rows: Ints
    books: Ints
    prices: Floats
    changed_ms: Ints


class Extent(NamedTuple):
    """How much of a table is in use."""

    rows: int
    books: int
    markets: int


class Scanned(NamedTuple):
    """The best price of every row, the inverse sum of every market, the markets that cross."""

    best: Floats
    inverse_sum: Floats
    crossing: Ints


def apply_with_numpy(table: Table, extent: Extent, updates: Updates) -> Ints:
    """Write updates; return the markets whose best price changed, each once."""
    rows, books, prices, changed_ms = updates
    before = table.best[rows]
    held = table.best_book[rows] == books
    table.price[rows, books] = prices
    table.changed_ms[rows, books] = changed_ms
    now = table.price[rows, books]
    up = now >= before
    _raise(table, rows[up], books[up], now[up])
    _rescan_rows(table, np.unique(rows[held & (now < before)]), extent.books)
    dirty = np.unique(table.market_of[rows[table.best[rows] != before]])
    table.inverse_sum[dirty] = inverse_sums(table, table.best, dirty)
    return dirty


def scan_with_numpy(table: Table, extent: Extent) -> Scanned:
    """Find every figure from the prices alone."""
    best = best_of_rows(table.price[: extent.rows, : extent.books])
    sums = inverse_sums(table, best, np.arange(extent.markets))
    return Scanned(best, sums, np.flatnonzero(sums < 1.0))


def best_of_rows(price: Floats) -> Floats:
    """Return the largest price of each row, 0 where there is none; prices are 0 or more.

    Such numbers are ordered as their bits are, and NumPy is several times faster at the maximum of
    whole numbers along a short axis than of floating-point ones.
    """
    return price.view(np.int64).max(axis=1, initial=0).view(np.float64)


def inverse_sums(table: Table, best: Floats, markets: Ints) -> Floats:
    """Return what a certain 1 costs in each market at the best prices of its rows."""
    sums = np.full(len(markets), np.inf)
    ways = table.ways[markets]
    for way in np.unique(ways[ways > 0]):
        chosen = ways == way
        first = table.first[markets[chosen]]
        total = np.zeros(len(first))
        with np.errstate(divide="ignore"):
            for outcome in range(way):
                total += 1.0 / best[first + outcome]
        sums[chosen] = total
    return sums


def _raise(table: Table, rows: Ints, books: Ints, prices: Floats) -> None:
    before = table.best[rows]
    np.maximum.at(table.best, rows, prices)
    table.best_book[rows[table.best[rows] > before]] = table.price.shape[1]
    holds = (prices == table.best[rows]) & (prices > 0.0)
    np.minimum.at(table.best_book, rows[holds], books[holds])


def _rescan_rows(table: Table, rows: Ints, books: int) -> None:
    if not len(rows):
        return
    prices = table.price[rows, :books]
    book = prices.argmax(axis=1)
    best = prices[np.arange(len(rows)), book]
    table.best[rows] = best
    table.best_book[rows] = np.where(best > 0.0, book, NO_BOOK)


@jit_or(apply_with_numpy)
def apply(table: Table, extent: Extent, updates: Updates) -> Ints:
    """Write updates; return the markets whose best price changed, each once, in no order."""
    rows, books, prices, changed_ms = updates
    noted, before = np.empty(len(rows), np.int64), np.empty(len(rows))
    count = 0
    for entry in range(len(rows)):
        row, book, price = rows[entry], books[entry], prices[entry]
        table.price[row, book] = price
        table.changed_ms[row, book] = changed_ms[entry]
        best, holder = table.best[row], table.best_book[row]
        if price == best:
            if price > 0.0 and book < holder:
                table.best_book[row] = book
            continue
        if price < best and book != holder:
            continue
        if not table.touched[row]:
            table.touched[row] = True
            noted[count], before[count] = row, best
            count += 1
        if price > best:
            table.best[row], table.best_book[row] = price, book
        else:
            _rescan_row(table, row, extent.books)
    return _settle(table, noted[:count], before[:count])


@jit
def _rescan_row(table: Table, row: int, books: int) -> None:
    best, holder = 0.0, NO_BOOK
    for book in range(books):
        if table.price[row, book] > best:
            best, holder = table.price[row, book], book
    table.best[row], table.best_book[row] = best, holder


@jit
def _settle(table: Table, noted: Ints, before: Floats) -> Ints:
    """Clear the marks of the noted rows; refresh and return the markets whose best differs."""
    for row in noted:
        table.touched[row] = False
    dirty = np.empty(len(noted), np.int64)
    count = 0
    for entry in range(len(noted)):
        market = int(table.market_of[noted[entry]])
        first = table.first[market]
        if table.best[noted[entry]] != before[entry] and not table.touched[first]:
            table.touched[first] = True
            table.inverse_sum[market] = _inverse_sum(table, table.best, market)
            dirty[count] = market
            count += 1
    for entry in range(count):
        table.touched[table.first[dirty[entry]]] = False
    return dirty[:count]


@jit
def _inverse_sum(table: Table, best: Floats, market: int) -> float:
    total = 0.0
    for row in range(table.first[market], table.first[market] + table.ways[market]):
        total += 1.0 / best[row]
    return total if table.ways[market] > 0 else np.inf


@jit_or(scan_with_numpy)
def scan(table: Table, extent: Extent) -> Scanned:
    """Find every figure from the prices alone."""
    # Numbers of 0 and more are ordered as their bits are; the maximum of whole numbers needs no
    # order of evaluation, so that the compiler may take eight at once.
    bits = table.price.view(np.int64)
    best = np.zeros(extent.rows)
    best_bits = best.view(np.int64)
    for row in range(extent.rows):
        highest = np.int64(0)
        for book in range(extent.books):
            highest = max(highest, bits[row, book])
        best_bits[row] = highest
    sums = np.empty(extent.markets)
    crossing = np.empty(extent.markets, np.int64)
    count = 0
    for market in range(extent.markets):
        sums[market] = _inverse_sum(table, best, market)
        if sums[market] < 1.0:
            crossing[count] = market
            count += 1
    return Scanned(best, sums, crossing[:count])
