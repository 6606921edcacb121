"""What else finds crossings: plain Python, pandas, polars and penaltyblog, each at its best.

A peer is given its own form of the prices beforehand; only finding what crosses is measured.
penaltyblog is in the list that `./arb bench` alone installs, and left out where it is not there.
"""

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl

from engine.kernels import Floats, Ints

Detect = Callable[[], Collection[int]]
Prepare = Callable[[Floats, Ints, Ints], Detect]


class Peer(NamedTuple):
    """How to set a peer up for prices and rows of markets, and how many markets it is given."""

    prepare: Prepare
    markets: int


def _python(price: Floats, first: Ints, ends: Ints) -> Detect:
    """Take dicts of prices by book; the loops as fast as loops over them get."""
    rows = [dict(enumerate(row)) for row in price.tolist()]
    markets = [rows[start:end] for start, end in zip(first, ends, strict=True)]

    def detect() -> list[int]:
        found: list[int] = []
        for number, market in enumerate(markets):
            cost = 0.0
            for books in market:
                cost += 1.0 / max(books.values())
            if cost < 1.0:
                found.append(number)
        return found

    return detect


def _pandas(price: Floats, first: Ints, ends: Ints) -> Detect:
    quotes: Any = pd.DataFrame(_long(price))
    market_of = _market_of(first, ends)

    def detect() -> list[int]:
        best = quotes.groupby("selection", sort=False)["price"].max()
        cost = (1.0 / best).groupby(market_of[best.index], sort=False).sum()
        return cost.index[cost < 1.0].tolist()

    return detect


def _polars(price: Floats, first: Ints, ends: Ints) -> Detect:
    market_of = np.repeat(_market_of(first, ends), price.shape[1])
    quotes = pl.LazyFrame({**_long(price), "market": market_of})
    best = quotes.group_by("selection").agg(pl.col("market").first(), pl.col("price").max())
    cost = best.group_by("market").agg((1.0 / pl.col("price")).sum().alias("cost"))
    crossing = cost.filter(pl.col("cost") < 1.0).select("market")

    def detect() -> list[int]:
        return crossing.collect()["market"].to_list()

    return detect


def _penaltyblog(price: Floats, first: Ints, ends: Ints) -> Detect:
    """Take one list of odds a book, as the function asks for."""
    found_in = import_module("penaltyblog.betting").find_arbitrage_opportunities
    markets = [price[start:end].T.tolist() for start, end in zip(first, ends, strict=True)]
    return lambda: [number for number, odds in enumerate(markets) if found_in(odds).has_arbitrage]


def _long(price: Floats) -> dict[str, Floats | Ints]:
    selections, books = (grid.ravel() for grid in np.indices(price.shape))
    return {"selection": selections, "book": books, "price": price.ravel()}


def _market_of(first: Ints, ends: Ints) -> Ints:
    return np.repeat(np.arange(len(first)), ends - first)


PEERS: Mapping[str, Peer] = {
    "python": Peer(_python, 2_000),
    "pandas": Peer(_pandas, 50_000),
    "polars": Peer(_polars, 50_000),
    **({"penaltyblog": Peer(_penaltyblog, 1_000)} if find_spec("penaltyblog") else {}),
}
