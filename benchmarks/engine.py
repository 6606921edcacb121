"""The engine against what the machine can do at best, and against plain Python: as ratios."""

from collections.abc import Callable, Mapping
from itertools import cycle
from statistics import median
from time import perf_counter

import numpy as np

from engine.quotes import Floats, Ints, QuoteStore

MARKETS, WAYS, BOOKS = 50_000, 2, 40
BATCH = 20_000
PYTHON_MARKETS = 2_000
ROUNDS = 7

_Batch = tuple[Ints, Ints, Floats, Ints]


def run() -> Mapping[str, float]:
    """Return ratios of medians, all measured in this run on synthetic prices.

    `scan_vs_stream`: a full scan (best price of each selection, inverse sum of each market) over
    one NumPy maximum of the same bytes. `incremental_vs_scatter`: a batch of updates over merely
    writing it. `vs_python`: loops over dicts, a market, over our full scan, a market.
    """
    chance = np.random.default_rng(7)
    store = _store(chance)
    price = store.price[: store.rows, :BOOKS]
    batches = cycle([_batch(chance, store) for _ in range(ROUNDS)])
    scan_s = _seconds(store.rescan)
    stream_s = _seconds(price.max)
    apply_s = _seconds(lambda: store.apply(*next(batches)))
    scatter_s = _seconds(lambda: _scatter(store, *next(batches)))
    table = _as_dicts(price[: PYTHON_MARKETS * WAYS])
    python_s = _seconds(lambda: _scan_dicts(table))
    return {
        "scan_vs_stream": scan_s / stream_s,
        "incremental_vs_scatter": apply_s / scatter_s,
        "vs_python": (python_s / PYTHON_MARKETS) / (scan_s / MARKETS),
    }


def _store(chance: np.random.Generator) -> QuoteStore:
    store = QuoteStore(rows=MARKETS * WAYS, books=BOOKS)
    for _ in range(BOOKS):
        store.add_book()
    for _ in range(MARKETS):
        store.add_market(WAYS)
    rows, books = (grid.ravel() for grid in np.indices((store.rows, BOOKS)))
    store.apply(rows, books, chance.uniform(1.8, 2.0, len(rows)), np.ones_like(rows))
    return store


def _batch(chance: np.random.Generator, store: QuoteStore) -> _Batch:
    rows = chance.integers(0, store.rows, BATCH)
    books = chance.integers(0, BOOKS, BATCH)
    prices = store.price[rows, books] * chance.uniform(0.98, 1.02, BATCH)
    withdrawn = chance.random(BATCH) < 0.03
    return rows, books, np.where(withdrawn, 0.0, np.maximum(prices, 1.01)), np.ones_like(rows)


def _scatter(store: QuoteStore, rows: Ints, books: Ints, prices: Floats, changed_ms: Ints) -> None:
    store.price[rows, books] = prices
    store.changed_ms[rows, books] = changed_ms


def _as_dicts(price: Floats) -> list[list[dict[int, float]]]:
    rows = [dict(enumerate(row)) for row in price.tolist()]
    return [rows[place : place + WAYS] for place in range(0, len(rows), WAYS)]


def _scan_dicts(table: list[list[dict[int, float]]]) -> list[float]:
    sums: list[float] = []
    for market in table:
        cost = 0.0
        for books in market:
            best = 0.0
            for odds in books.values():
                best = max(best, odds)
            cost += 1.0 / best
        sums.append(cost)
    return sums


def _seconds(work: Callable[[], object]) -> float:
    def once() -> float:
        started = perf_counter()
        work()
        return perf_counter() - started

    once()
    return median(once() for _ in range(ROUNDS))


if __name__ == "__main__":
    for name, ratio in run().items():
        print(f"{name:<24}{ratio:>8.2f}")
