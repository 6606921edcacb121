"""Leases: a right that one process at a time has, for as long as its connection lives."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from domain.errors import Unavailable
from kit.ids import stable
from store.db import CONNECT_TIMEOUT_S, address

Sleep = Callable[[float], Awaitable[object]]
Connection = psycopg.AsyncConnection[Any]

ASK_EVERY_S = 1.0


class Lease:
    """A lease that is held; PostgreSQL gives it back when the connection ends, however it ends."""

    def __init__(self, connection: Connection, sleep: Sleep) -> None:
        self._connection, self._sleep = connection, sleep

    async def watch(self) -> None:
        """Return never; raise `Unavailable` when the lease is lost."""
        while True:
            await self._sleep(ASK_EVERY_S)
            await _asked(self._connection, "select 1", ())


@asynccontextmanager
async def lease(url: str, name: str, *, sleep: Sleep = asyncio.sleep) -> AsyncGenerator[Lease]:
    """Hold the lease of `name`, after waiting for whoever holds it.

    It is an advisory lock of the session, so a holder that dies leaves it to the next.

    Raises:
        Unavailable: PostgreSQL cannot be reached.
    """
    number = int(stable("lease", name)[:15], 16)
    target = address(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = await psycopg.AsyncConnection.connect(
            target, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S, application_name=name
        )
    except psycopg.OperationalError as e:
        raise Unavailable(f"PostgreSQL: {type(e).__name__}") from e
    async with connection:
        while not await _asked(connection, "select pg_try_advisory_lock(%s)", (number,)):
            await sleep(ASK_EVERY_S)
        yield Lease(connection, sleep)


async def _asked(connection: Connection, question: str, values: tuple[Any, ...]) -> Any:
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            row = await (await connection.execute(question.encode(), values)).fetchone()
    except (psycopg.Error, TimeoutError) as e:
        raise Unavailable(f"PostgreSQL: the lease is lost: {type(e).__name__}") from e
    return row[0] if row else None
