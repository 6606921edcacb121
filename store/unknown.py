"""Names that sources say and no table of ours knows: summed, bounded, and forgotten in the end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from store.db import Session
from store.rows import insertion
from store.tables import METADATA, UnknownNameRow

MOST_A_SOURCE = 500
KEPT = timedelta(days=30)


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A name of one source: how often it was said between two instants, and beside what last."""

    source: str
    kind: str
    name: str
    reason: str
    count: int
    first_seen_at: datetime
    last_seen_at: datetime
    example: str = ""


async def save_unknown(db: Session, noted: Sequence[Noted], *, now: datetime) -> None:
    """Add what was noted to what is known; keep of each of its sources what was said last."""
    if not noted:
        return
    insert = insertion("unknown_names", [msgspec.structs.asdict(one) for one in noted])
    table, new = METADATA.tables["unknown_names"], insert.excluded
    await db.execute(
        insert.on_conflict_do_update(
            index_elements=["source", "kind", "name"],
            set_={
                "count": table.c.count + new.count,
                "last_seen_at": sa.func.greatest(table.c.last_seen_at, new.last_seen_at),
                "reason": new.reason,
                "example": sa.func.coalesce(sa.func.nullif(new.example, ""), table.c.example),
            },
        )
    )
    await db.execute(sa.delete(UnknownNameRow).where(col(UnknownNameRow.last_seen_at) < now - KEPT))
    await _drop_beyond(db, sorted({one.source for one in noted}))


async def unknown(
    db: Session, *, source: str = "", limit: int = 50, offset: int = 0
) -> list[Noted]:
    """Return names, of one source or of all, the most often said first."""
    chosen = (
        select(UnknownNameRow)
        .order_by(
            col(UnknownNameRow.count).desc(),
            col(UnknownNameRow.source),
            col(UnknownNameRow.kind),
            col(UnknownNameRow.name),
        )
        .limit(limit)
        .offset(offset)
        .execution_options(populate_existing=True)
    )
    if source:
        chosen = chosen.where(col(UnknownNameRow.source) == source)
    return [msgspec.convert(row, Noted, from_attributes=True) for row in await db.scalars(chosen)]


async def counted(db: Session) -> dict[str, int]:
    """Return how many names are known of each source, by source."""
    names = sa.func.count().label("names")
    source = col(UnknownNameRow.source)
    found = await db.execute(sa.select(source, names).group_by(source).order_by(source))
    return {row.source: row.names for row in found}


async def _drop_beyond(db: Session, sources: Sequence[str]) -> None:
    """Forget the names of these sources beyond the `MOST_A_SOURCE` that were said last."""
    row = UnknownNameRow
    place = sa.func.row_number().over(
        partition_by=col(row.source),
        order_by=(col(row.last_seen_at).desc(), col(row.kind), col(row.name)),
    )
    key = (col(row.source), col(row.kind), col(row.name))
    ranked = sa.select(*key, place.label("place")).where(col(row.source).in_(sources)).subquery()
    beyond = sa.select(ranked.c.source, ranked.c.kind, ranked.c.name).where(
        ranked.c.place > MOST_A_SOURCE
    )
    await db.execute(sa.delete(row).where(sa.tuple_(*key).in_(beyond)))
