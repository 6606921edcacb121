"""PostgreSQL: one pool a process, one transaction a piece of work."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, Self, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session as SyncSession

from domain.errors import Refused, Unavailable

Session = AsyncSession

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30
Claim = Literal["subject", "email", "session", "code", "step", "credential", "oversight", "grant"]
_DOWN = (psycopg.OperationalError, psycopg.InterfaceError)


class Database:
    """A pool of connections; ones that died with their server are replaced unseen."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @classmethod
    async def open(cls, url: str, *, application: str, size: int = 4) -> Self:
        """Connect as `application` with at most `size` connections.

        Raises:
            Refused: The URL is not one of PostgreSQL.
            Unavailable: The server cannot be reached.
        """
        database = cls(_engine(url, application, size))
        try:
            await database.ping()
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def begin(self, *, subject: UUID | None = None) -> AsyncGenerator[Session]:
        """Open one transaction: committed at the end, rolled back on any error.

        Row-level security shows it the rows of the member `subject`, and else no member's.

        Nothing is sent before the first statement, so work that turns out to need no table works
        while PostgreSQL is down.

        Raises:
            Unavailable: The server is down, too slow, or all connections are in use.
        """
        try:
            async with AsyncSession(
                self._engine, sync_session_class=_Claiming, expire_on_commit=False
            ) as session:
                session.info["subject"] = subject
                yield session
                await session.commit()
        except PoolExhausted as e:
            raise Unavailable("every connection to PostgreSQL is in use") from e

    async def ping(self) -> None:
        """Ask the server for a sign of life; raise `Unavailable` if there is none."""
        async with self.begin() as db:
            await db.execute(sa.select(1))

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


class _Claiming(SyncSession):
    """Tells PostgreSQL at the begin of every transaction for whom it is."""


@event.listens_for(_Claiming, "after_begin")
def _claim_subject(session: SyncSession, _: Any, connection: sa.Connection) -> None:
    if subject := session.info.get("subject"):
        connection.execute(sa.select(sa.func.set_config("app.subject", str(subject), True)))


async def claim(db: Session, what: Claim, value: str) -> None:
    """Show the rest of the transaction the rows that row-level security opens to `value`."""
    await db.execute(sa.select(sa.func.set_config(f"app.{what}", value, True)))


async def release(db: Session) -> None:
    """Give the connection back before something slow; nothing may have been written yet.

    What was read stays readable; a later statement begins a transaction for the same subject.
    """
    db.expunge_all()
    await db.rollback()


async def reachable(db: Session) -> bool:
    """Return whether PostgreSQL answers; if not, the transaction of `db` is rolled back."""
    try:
        await db.execute(sa.select(1))
    except Unavailable:
        await db.rollback()
        return False
    return True


async def copy_rows(
    db: Session, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> int:
    """COPY `rows` into `table` within the transaction of `db`; return how many there were.

    Args:
        db: The transaction.
        table: Name of the table.
        columns: PostgreSQL type by column name, in the order of the values in each row.
        rows: The values.

    Raises:
        Unavailable: The connection was lost.
    """

    async def fill(copy: psycopg.AsyncCopy) -> None:
        copy.set_types(list(columns.values()))
        for row in rows:
            await copy.write_row(row)

    return await _copied(db, table, columns, fill)


async def copy_blocks(
    db: Session, table: str, columns: Iterable[str], blocks: Iterable[bytes]
) -> int:
    """COPY rows that are in PostgreSQL's binary format already; return how many there were.

    Raises:
        Unavailable: The connection was lost.
    """

    async def fill(copy: psycopg.AsyncCopy) -> None:
        for block in blocks:
            await copy.write(block)

    return await _copied(db, table, columns, fill)


async def _copied(
    db: Session,
    table: str,
    columns: Iterable[str],
    fill: Callable[[psycopg.AsyncCopy], Awaitable[None]],
) -> int:
    raw = await (await db.connection()).get_raw_connection()
    driver = cast("psycopg.AsyncConnection[Any]", raw.driver_connection)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    order = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    try:
        async with driver.cursor() as cursor:
            async with cursor.copy(order) as copy:
                await fill(copy)
            return cursor.rowcount
    except _DOWN as e:
        raise Unavailable(f"PostgreSQL: {type(e).__name__} during COPY") from e


def address(url: str) -> URL:
    """Return the address in SQLAlchemy's terms; raise `Refused` if it is not PostgreSQL's."""
    try:
        parsed = make_url(url)
    except ArgumentError as e:
        raise Refused("DATABASE_URL must look like postgresql://user:password@host/name") from e
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise Refused(f"DATABASE_URL must name PostgreSQL, not {parsed.get_backend_name()}")
    return parsed.set(drivername="postgresql+psycopg")


def translate_outages(engine: sa.Engine) -> None:
    """Make every statement of `engine` raise `Unavailable` when it is the server that failed."""
    event.listen(engine, "handle_error", _translate)


def _translate(context: ExceptionContext) -> None:
    error = context.original_exception
    if context.is_pre_ping:  # the pool looks whether a connection is good: no need to tell anyone
        context.is_disconnect = True
    elif isinstance(error, _DOWN):
        raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error


def _engine(url: str, application: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        address(url),
        pool_size=size,
        max_overflow=0,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={
            "application_name": application,
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_S}s -c timezone=UTC",
        },
    )
    translate_outages(engine.sync_engine)
    return engine
