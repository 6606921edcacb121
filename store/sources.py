"""Sources, as they were when last saved."""

import msgspec
from sqlmodel import col, select

from domain.sources import SourceHealth
from store.db import Session
from store.rows import upsert
from store.tables import SourceRow


async def save_source(db: Session, health: SourceHealth) -> None:
    """Replace what is known of a source."""
    await db.execute(upsert("sources", [msgspec.structs.asdict(health)]))


async def sources(db: Session) -> list[SourceHealth]:
    """Return every source ever saved, by name."""
    rows = await db.scalars(select(SourceRow).order_by(col(SourceRow.name)))
    return [msgspec.convert(row, SourceHealth, from_attributes=True) for row in rows]
