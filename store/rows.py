"""How rows that may exist already are written: all in one statement, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert, insert

from store.tables.base import METADATA


def insertion(table: str, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Return the statement that inserts `rows`, which all have the columns of the first.

    The rows travel as one JSON parameter: no limit on their number, and one text of SQL that is
    parsed and planned once. They are written in the order of their primary key, so that two
    writers of the same rows wait for each other instead of deadlocking.
    """
    columns = METADATA.tables[table].c
    names = list(rows[0])
    data = sa.cast(sa.literal(msgspec.json.encode(rows).decode(), sa.Text), sa.JSON)
    given = sa.func.json_populate_recordset(sa.literal_column(f"null::{table}"), data)
    record = given.table_valued(*(sa.column(name, columns[name].type) for name in names))
    order = [record.c[key.name] for key in METADATA.tables[table].primary_key]
    return insert(METADATA.tables[table]).from_select(names, sa.select(record).order_by(*order))


def upsert(table: str, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """Return the statement that inserts `rows` and brings those that differ up to date."""
    statement = insertion(table, rows)
    target = METADATA.tables[table]
    keys = [key.name for key in target.primary_key]
    rest = [name for name in rows[0] if name not in keys]
    differs = [target.c[name].is_distinct_from(statement.excluded[name]) for name in rest]
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in rest},
        where=sa.or_(*differs),
    )
