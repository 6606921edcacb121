"""Migrations: bring the schema to its newest revision, and the application's grants with it."""

import logging
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.pool import NullPool

from domain.errors import Refused
from store.db import CONNECT_TIMEOUT_S, address, translate_outages
from store.tables import FUNCTIONS, GRANTS

log = logging.getLogger(__name__)

ONE_AT_A_TIME = 0x6475_7463_6862_6F6F


def migrate(owner_url: str, *, app_role: str | None) -> str:
    """Migrate to the newest revision and return it; all of it happens or none.

    A second migration at the same time waits for the first and then finds nothing to do.

    Args:
        owner_url: PostgreSQL of the role that owns the tables.
        app_role: The role that the application connects as, which must exist; None if the owner
            uses its tables itself.

    Raises:
        Refused: The URL is not one of PostgreSQL, or there is no such role.
        Unavailable: The server cannot be reached.
    """
    engine = owner_engine(owner_url)
    try:
        with engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
            command.upgrade(configuration(connection), "head")
            if app_role is not None:
                _grant(connection, app_role)
            revision = str(MigrationContext.configure(connection).get_current_revision())
    finally:
        engine.dispose()
    log.info("schema migrated", extra={"revision": revision, "app_role": app_role})
    return revision


def app_role(database_url: str, owner_url: str) -> str | None:
    """Return the role in `database_url`, or None if it is the owner itself."""
    role = address(database_url).username
    return None if role == address(owner_url).username else role


def owner_engine(owner_url: str) -> sa.Engine:
    """Return an engine without a pool for the role that owns the tables."""
    options = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "dutchbook migrate"}
    engine = sa.create_engine(address(owner_url), poolclass=NullPool, connect_args=options)
    translate_outages(engine)
    return engine


def configuration(connection: sa.Connection) -> Config:
    """Return Alembic's configuration for commands on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


def _grant(connection: sa.Connection, role: str) -> None:
    known = sa.text("select 1 from pg_roles where rolname = :role")
    if connection.scalar(known, {"role": role}) is None:
        raise Refused(f"create the role {role} in PostgreSQL first: LOGIN, and nothing else")
    to = connection.dialect.identifier_preparer.quote(role)
    connection.execute(sa.text(f"revoke all on all tables in schema public from {to}"))
    connection.execute(sa.text(f"grant usage on schema public to {to}"))
    for table, verbs in GRANTS.items():
        connection.execute(sa.text(f"grant {verbs} on public.{table} to {to}"))
    for function in FUNCTIONS:
        connection.execute(sa.text(f"grant execute on function public.{function} to {to}"))
