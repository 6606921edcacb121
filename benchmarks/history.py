"""Storing history: what our table with its indexes costs beside a raw COPY that keeps nothing.

A reading brings, for each of 500 markets out of 20,000, both outcomes at two or three books out of
20: five prices a market, as in three recordings of The Odds API (3.6, 5.0 and 5.3).
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from domain.markets import Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote
from kit.ids import stable
from store import odds
from store.db import Database
from store.embedded import Servers
from store.migrate import app_role, migrate

READINGS, READINGS_A_TURN, ROUNDS = 60, 10, 7
MARKETS, MARKETS_A_READING, BOOKS = 20_000, 500, (2, 3)
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RAW: Mapping[str, LiteralString] = {
    "seen_at": "timestamptz",
    "market_id": "text",
    "outcome": "text",
    "side": "text",
    "book": "text",
    "odds": "float8",
    "commission": "float8",
    "max_stake": "float8",
    "changed_at": "timestamptz",
    "source": "text",
    "origin": "text",
}

Turns = Sequence[Sequence[Any]]


def run() -> Mapping[str, float]:
    """Return rates of storing, in prices a second, and their ratios to the raw COPY.

    `store_quotes_per_s`: from `Quote` objects through `save_changes` into the partitioned, logged
    table with both indexes and its checks; a transaction for every ten readings.
    `copy_quotes_per_s`: the same prices as ready tuples, a row each, by psycopg's binary COPY into
    an unlogged table without index or check; `copy_logged_quotes_per_s`: into a logged one.
    `store_lone_quotes_per_s`: as the first, at its worst: each price alone in its market and
    reading, as a stream may say them. Each is the best of seven rounds, which take turns.
    """
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        Path(folder).chmod(0o755)
        with Servers.start(Path(folder)) as servers:
            migrate(servers.owner_url, app_role=app_role(servers.database_url, servers.owner_url))
            return asyncio.run(_measured(servers))


async def _measured(servers: Servers) -> Mapping[str, float]:
    together, lone = _readings(BOOKS, 2), _readings((1,), 1)
    raw = [[row for change in turn for row in _rows(change)] for turn in together]
    database = await Database.open(servers.database_url, application="bench")
    store = partial(_store, database)
    ways: Mapping[str, tuple[Turns, Callable[[Turns], Awaitable[None]]]] = {
        "copy": (raw, partial(_copy, servers.owner_url, "unlogged")),
        "store": (together, store),
        "copy_logged": (raw, partial(_copy, servers.owner_url, "")),
        "store_lone": (lone, store),
    }
    many = dict.fromkeys(ways, sum(map(len, raw))) | {"store_lone": READINGS * MARKETS_A_READING}
    best = dict.fromkeys(ways, 0.0)
    for _ in range(ROUNDS):
        for name, (turns, way) in ways.items():
            began = perf_counter()
            await way(turns)
            best[name] = max(best[name], many[name] / (perf_counter() - began))
    await database.close()
    rates = {f"{name}_quotes_per_s": rate for name, rate in best.items()}
    return rates | {
        f"{name}_vs_copy": best[name] / best["copy"] for name in ("store", "store_lone")
    }


async def _store(database: Database, turns: Turns) -> None:
    for turn in turns:
        async with database.begin() as db:
            await odds.save_changes(db, turn)


async def _copy(url: str, kind: LiteralString, turns: Turns) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(of)) for name, of in RAW.items()
    )
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute("drop table if exists raw_quotes")
        made = sql.SQL("create {} table raw_quotes ({})").format(sql.SQL(kind), columns)
        await connection.execute(made)
        for turn in turns:
            async with (
                connection.cursor() as cursor,
                cursor.copy("copy raw_quotes from stdin (format binary)") as copy,
            ):
                copy.set_types(list(RAW.values()))
                for row in turn:
                    await copy.write_row(row)


def _readings(books: Sequence[int], outcomes: int) -> list[list[odds.Change]]:
    chance = Random(7)
    markets = [
        Market(
            event_id=stable("event", n // 20),
            kind=MarketKind.TOTAL,
            period=Period.FULL_TIME,
            line=n % 20 + 0.5,
        )
        for n in range(MARKETS)
    ]
    names = [f"bookmaker{n}" for n in range(20)]
    changes = [
        odds.Change(
            source="the_odds_api",
            origin=Origin.LIVE,
            seen_at=NOON + timedelta(seconds=n),
            changed=[
                Quote(
                    book=book,
                    market=market,
                    outcome=outcome,
                    odds=chance.uniform(1.1, 9.0),
                    changed_at=NOON + timedelta(seconds=n - chance.randrange(60)),
                )
                for market in chance.sample(markets, MARKETS_A_READING)
                for book in chance.sample(names, chance.choice(books))
                for outcome in (Outcome.OVER, Outcome.UNDER)[:outcomes]
            ],
        )
        for n in range(READINGS)
    ]
    return [changes[n : n + READINGS_A_TURN] for n in range(0, READINGS, READINGS_A_TURN)]


def _rows(change: odds.Change) -> list[tuple[Any, ...]]:
    return [
        (
            *(change.seen_at, odds.market_id(q.market), q.outcome.value, q.side.value, q.book),
            *(q.odds, q.commission, q.max_stake, q.changed_at),
            *(change.source, change.origin.value),
        )
        for q in change.changed
    ]


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:<28}{value:>14,.2f}")
