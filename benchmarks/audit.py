"""The audit: what a chained entry costs beside the same insert without a chain."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

from store.embedded import Servers
from store.migrate import app_role, migrate

ROUNDS, ONES, MANY, WRITERS, EACH = 10, 50, 200, 8, 50
_ENTRIES = (
    "insert into {} (actor, action, subject, details)"
    " select 'somebody', 'try', 'subject', '{{\"n\": 1}}' from generate_series(1, {})"
)
_PLAIN = (
    "create table plain (like audit including all); grant select, insert on plain to dutchbook_app"
)


def run() -> Mapping[str, float]:
    """Return times and rates of both, as the application's role writes; all take turns.

    `audit_entry_ms`, `audit_plain_ms`: a transaction of one entry, median. `audit_batch_us`,
    `audit_plain_batch_us`: an entry of a statement of 200. `audit_commits_per_s`,
    `audit_plain_commits_per_s`: eight writers at once, a transaction an entry: those of the chain
    wait for each other's commit. `audit_..._ratio`: the chain's by the plain table's.
    """
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        Path(folder).chmod(0o755)
        with Servers.start(Path(folder)) as servers:
            migrate(servers.owner_url, app_role=app_role(servers.database_url, servers.owner_url))
            with psycopg.connect(servers.owner_url, autocommit=True) as owner:
                owner.execute(_PLAIN)
            return _measured(servers.database_url)


def _measured(url: str) -> Mapping[str, float]:
    ones: dict[str, list[float]] = {"audit": [], "plain": []}
    batches: dict[str, list[float]] = {"audit": [], "plain": []}
    rates: dict[str, list[float]] = {"audit": [], "plain": []}
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(ROUNDS):
            for table in ones:
                ones[table] += [_taken(connection, table, 1) for _ in range(ONES)]
                batches[table].append(_taken(connection, table, MANY) / MANY)
    for _ in range(ROUNDS // 3):
        for table, found in rates.items():
            found.append(asyncio.run(_rate(url, table)))
    one, batch, rate = (
        {table: median(found) for table, found in each.items()} for each in (ones, batches, rates)
    )
    return {
        "audit_entry_ms": one["audit"] * 1e3,
        "audit_plain_ms": one["plain"] * 1e3,
        "audit_entry_ratio": one["audit"] / one["plain"],
        "audit_batch_us": batch["audit"] * 1e6,
        "audit_plain_batch_us": batch["plain"] * 1e6,
        "audit_batch_ratio": batch["audit"] / batch["plain"],
        "audit_commits_per_s": rate["audit"],
        "audit_plain_commits_per_s": rate["plain"],
        "audit_commits_ratio": rate["audit"] / rate["plain"],
    }


def _taken(connection: "psycopg.Connection[tuple[object, ...]]", table: str, rows: int) -> float:
    began = perf_counter()
    connection.execute(_ENTRIES.format(table, rows).encode())
    return perf_counter() - began


async def _rate(url: str, table: str) -> float:
    pool = [await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(WRITERS)]

    async def write(connection: "psycopg.AsyncConnection[tuple[object, ...]]") -> None:
        for _ in range(EACH):
            await connection.execute(_ENTRIES.format(table, 1).encode())

    began = perf_counter()
    await asyncio.gather(*map(write, pool))
    taken = perf_counter() - began
    for connection in pool:
        await connection.close()
    return WRITERS * EACH / taken
