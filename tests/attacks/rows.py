"""A row of a member in every table that holds what is theirs, made from the tables' own words."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from kit.ids import fresh
from store.tables import METADATA, OWNERS

NOW = datetime(2030, 1, 1, tzinfo=UTC)
_ONE_OF = r"\b{} in \('([^']*)'"
_LIKE = r"\b{} like '([^'%]*)%'"
_HEX = r"\b{} ~ '\^\(?\[0-9a-f\]\{{64\}}"
_DIGITS = r"\b{} ~ '\^\[0-9\]\{{(\d+)\}}\$'"
_EQUAL = r"\b{} = '([^']*)'"


def claim(connection, what, value):
    """Say in the connection's transaction whose rows it is for."""
    connection.execute("select set_config(%s, %s, true)", (f"app.{what}", str(value)))


def members_tables():
    """Return the tables of members' rows, those first that others refer to."""
    return [table for table in METADATA.sorted_tables if table.name in OWNERS]


def a_row(table, user_id, refer):
    """Return values that a table takes for its member; `refer` finds a row that it points to."""
    rules = " and ".join(
        str(each.sqltext) for each in table.constraints if isinstance(each, sa.CheckConstraint)
    )
    told = {
        column.name: _value(column, rules, refer)
        for column in table.columns
        if not (column.nullable or column.identity or column.server_default is not None)
    }
    return told | {OWNERS[table.name]: user_id}


def _value(column, rules, refer):
    for key in column.foreign_keys:
        if key.column.table.name != "accounts":
            return refer(key.column)
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return NOW + timedelta(days=1 if column.name.endswith(("ends_at", "until")) else 0)
    if isinstance(kind, sa.ARRAY):
        return [fresh()]
    if isinstance(kind, sa.Uuid):
        return uuid4()
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.LargeBinary):
        return uuid4().bytes * 2
    if isinstance(kind, sa.JSON):
        return Jsonb({})
    if isinstance(kind, sa.Integer | sa.Numeric | sa.Double | sa.Float):
        return 1
    return _text(column.name, rules)


def _text(name, rules):
    if found := re.search(_ONE_OF.format(name), rules) or re.search(_EQUAL.format(name), rules):
        return found[1]
    if found := re.search(_DIGITS.format(name), rules):
        return "7" * int(found[1])
    if found := re.search(_LIKE.format(name), rules):
        return f"{found[1]}x"
    if re.search(_HEX.format(name), rules):
        return (fresh() + fresh() + fresh())[:64]
    return f"{fresh()}@example.com" if name in {"email", "address"} else fresh()


def settle(connection, user_id: UUID):
    """Put a row of the member into each of their tables."""
    made = {}
    with connection.transaction():
        claim(connection, "subject", user_id)
        for table in members_tables():
            row = a_row(table, user_id, lambda column: made[column.table.name][column.name])
            names, places = ", ".join(row), ", ".join(["%s"] * len(row))
            connection.execute(
                f"insert into {table.name} ({names}) values ({places})", list(row.values())
            )
            made[table.name] = row


def everything_of(connection, user_id):
    """Return all rows of a member, as text."""
    with connection.transaction():
        claim(connection, "subject", user_id)
        return {
            name: connection.execute(
                f"select t::text from {name} t where {of} = %s order by 1", (user_id,)
            ).fetchall()
            for name, of in OWNERS.items()
        }
