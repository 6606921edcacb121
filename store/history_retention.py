"""Old days let go by the tables' owner, without stopping anybody who writes."""

import json
from datetime import date

import sqlalchemy as sa

from store.migrate import owner_engine

_OLD = sa.text(
    "select c.relname, i.inhdetachpending from pg_inherits i join pg_class c on c.oid = i.inhrelid"
    " where i.inhparent = 'public.quotes'::regclass and c.relname < :first_kept order by 1"
)
_RECORD = sa.text(
    "insert into audit (actor, action, subject, details)"
    " values ('operator', 'history.drop', 'quotes', cast(:details as jsonb))"
)


def detach_before(owner_url: str, day: date) -> list[str]:
    """Detach the partitions of the days before `day` concurrently, then drop them; name them.

    What is about to go is put on record first: no transaction holds all of it.

    Unlike `store.odds.drop_quotes_before`, which any process may call, it waits for those who
    read and write without making others wait behind it; but only the owner of the tables can, and
    only outside of a transaction. One that was interrupted is finished by the next.

    Raises:
        Refused: The URL is not one of PostgreSQL.
        Unavailable: The server cannot be reached.
    """
    engine = owner_engine(owner_url)
    quoted = engine.dialect.identifier_preparer.quote
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            old = connection.execute(_OLD, {"first_kept": f"quotes_{day:%Y%m%d}"}).all()
            if old:
                told = {"before": f"{day}", "days": [name for name, _ in old]}
                connection.execute(_RECORD, {"details": json.dumps(told)})
            for name, pending in old:
                how = "finalize" if pending else "concurrently"
                part = f"public.{quoted(name)}"
                connection.execute(
                    sa.text(f"alter table public.quotes detach partition {part} {how}")
                )
                connection.execute(sa.text(f"drop table {part}"))
    finally:
        engine.dispose()
    return [name for name, _ in old]
