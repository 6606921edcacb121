"""Detection side by side: against what the machine can do at best, and against its peers' code.

Prices are synthetic: markets of two and three outcomes in turn, each quoted by every book at its
fair price less a margin and give or take a little noise, so that few of them cross. Every
contestant finds the same crossing markets in them, or there are no figures at all.
"""

import multiprocessing
import resource
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from time import perf_counter

import numpy as np

from benchmarks import detection_peers as peers
from domain.errors import Broken
from engine.kernels import Floats, Ints, Updates
from engine.quotes import QuoteStore
from kit.jit import jit

MARKETS, BOOKS = 50_000, 40
BATCH = 20_000
ROUNDS = 7
MARGIN, NOISE = 0.05, 0.015
WITHDRAWN = 0.03


def figures() -> Mapping[str, float]:
    """Return ratios of medians that were all measured in this run.

    `scan_vs_stream`: full detection (best price of each selection, inverse sum of each market, the
    list of those that cross) over one NumPy maximum of the same bytes. `incremental_vs_scatter`: a
    batch of updates over merely writing it, compiled alike; `updates_per_s` in such batches.
    `vs_…`: a peer's time a market over our full detection's. `memory_mb`: by how much the resident
    set of a fresh process grows at most while markets and books join one by one and are priced.
    """
    memory_mb = _apart(_footprint_mb)
    chance = np.random.default_rng(7)
    store = priced_store(chance)
    seconds = _medians(_theirs(store)) | _medians(_ours(store, chance))
    market_s = seconds["scan"] / MARKETS
    return {
        "scan_vs_stream": seconds["scan"] / seconds["stream"],
        "incremental_vs_scatter": seconds["apply"] / seconds["scatter"],
        "updates_per_s": BATCH / seconds["apply"],
        **{f"vs_{name}": seconds[name] / market_s for name in peers.PEERS},
        "memory_mb": memory_mb,
    }


def priced_store(chance: np.random.Generator) -> QuoteStore:
    """Return a store that grew to its size market by market, with a price in every cell."""
    store = QuoteStore(compiled=True)
    for _ in range(BOOKS):
        store.add_book()
    for market in range(MARKETS):
        rows = np.arange(store.rows, store.rows + 2 + market % 2)
        store.add_market(len(rows))
        if market % 1000 == 999:
            _price(store, chance)
    return store


def _price(store: QuoteStore, chance: np.random.Generator) -> None:
    """Price the last thousand markets: five hundred of two outcomes, as many of three."""
    shares = chance.dirichlet(np.full(3, 4.0), 500)
    fair = np.concatenate([shares[:, :2] / shares[:, :2].sum(axis=1)[:, np.newaxis], shares], 1)
    noise = chance.normal(-MARGIN, NOISE, (fair.size, BOOKS))
    prices = np.maximum(np.exp(noise) / fair.reshape(-1, 1), 1.01)
    rows, books = (grid.ravel() for grid in np.indices(prices.shape))
    store.apply(rows + store.rows - fair.size, books, prices.ravel(), np.ones_like(rows))


def _ours(store: QuoteStore, chance: np.random.Generator) -> Mapping[str, Callable[[], object]]:
    batches = [iter([_batch(chance, store) for _ in range(ROUNDS + 1)]) for _ in range(2)]
    price = store.price[: store.rows, :BOOKS]
    spare = price.copy(), np.zeros(price.shape, np.int64)
    return {
        "scan": store.scan,
        "stream": price.max,
        "apply": lambda: store.apply(*next(batches[0])),
        "scatter": lambda: _scatter(*spare, next(batches[1])),
    }


def _theirs(store: QuoteStore) -> Mapping[str, Callable[[], object]]:
    """Return what each peer does; a call returns the seconds that it took for one market."""
    price = store.price[: store.rows, :BOOKS].copy()
    first = np.array([store.first_row(market) for market in range(MARKETS)])
    ends = np.append(first[1:], store.rows)
    expected = store.scan().crossing
    return {
        name: _checked(name, peer, price, first, ends, expected)
        for name, peer in peers.PEERS.items()
    }


def _checked(
    name: str, peer: peers.Peer, price: Floats, first: Ints, ends: Ints, expected: Ints
) -> Callable[[], float]:
    markets = min(MARKETS, peer.markets)
    detect = peer.prepare(price[: ends[markets - 1]], first[:markets], ends[:markets])
    if sorted(detect()) != expected[expected < markets].tolist():
        raise Broken(f"{name} and the engine find different crossings in the same prices")

    def a_market() -> float:
        started = perf_counter()
        detect()
        return (perf_counter() - started) / markets

    return a_market


def _batch(chance: np.random.Generator, store: QuoteStore) -> Updates:
    rows = chance.integers(0, store.rows, BATCH)
    books = chance.integers(0, BOOKS, BATCH)
    prices = np.maximum(store.price[rows, books] * chance.uniform(0.98, 1.02, BATCH), 1.01)
    prices[chance.random(BATCH) < WITHDRAWN] = 0.0
    return Updates(rows, books, prices, np.ones_like(rows))


@jit
def _scatter(price: Floats, changed_ms: Ints, updates: Updates) -> None:
    rows, books, prices, changed = updates
    for entry in range(len(rows)):
        price[rows[entry], books[entry]] = prices[entry]
        changed_ms[rows[entry], books[entry]] = changed[entry]


def _medians(works: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median seconds of each work, taken in turns after one round that does not count.

    A work that returns a float has measured itself.
    """
    taken = [{name: _seconds(work) for name, work in works.items()} for _ in range(ROUNDS + 1)]
    return {name: median(turn[name] for turn in taken[1:]) for name in works}


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    returned = work()
    return returned if type(returned) is float else perf_counter() - started


def _apart(measured: Callable[[], float]) -> float:
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as process:
        return process.submit(measured).result()


def _footprint_mb() -> float:
    small = QuoteStore(compiled=True)
    small.add_book()
    small.add_market(2)
    small.apply(*Updates(np.array([0]), np.array([0]), np.array([2.0]), np.array([1])))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    priced_store(np.random.default_rng(7))
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / 1e6
