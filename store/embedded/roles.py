"""PostgreSQL's roles: one owns the tables, one works with them, one reads all for backups."""

from typing import LiteralString

import psycopg
from psycopg import sql

from domain.errors import Unavailable
from store.embedded.passwords import Passwords

OWNER, APP, DATABASE = "dutchbook_owner", "dutchbook_app", "dutchbook"
BACKUP = "dutchbook_backup"


def provide_roles(admin_url: str, passwords: Passwords) -> None:
    """Make the roles and the database where they are missing, with the passwords we keep.

    Raises:
        Unavailable: The server does not take the administrator's password.
    """
    try:
        admin = psycopg.connect(admin_url, autocommit=True)
    except psycopg.OperationalError as e:
        raise Unavailable(f"PostgreSQL refuses its administrator: {e}") from e
    with admin:
        _provide_role(admin, OWNER, passwords.owner)
        _provide_role(admin, APP, passwords.app)
        if _provide_role(admin, BACKUP, passwords.backup):
            admin.execute(f"ALTER ROLE {BACKUP} BYPASSRLS")
            admin.execute(f"ALTER ROLE {BACKUP} SET default_transaction_read_only = on")
            admin.execute(f"GRANT pg_read_all_data TO {BACKUP}")
        if not _found(admin, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            admin.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        admin.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        admin.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}, {BACKUP}")


def _found(admin: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return admin.execute(query, (name,)).fetchone() is not None


def _provide_role(admin: psycopg.Connection, role: str, password: str) -> bool:
    """Make a role that may log in and nothing else; the server never sees its password.

    Returns whether it was missing.
    """
    if _found(admin, "SELECT FROM pg_roles WHERE rolname = %s", role):
        return False
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    admin.execute(
        sql.SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
            " PASSWORD {}"
        ).format(sql.Identifier(role), sql.Literal(verifier.decode()))
    )
    return True
