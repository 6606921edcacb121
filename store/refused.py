"""Crossings that the gates held back: one row a crossing and day, with its codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col

from domain.board import RefusedRow
from store.db import Session
from store.rows import insertion
from store.tables import METADATA, CrossingRow

KEPT = timedelta(days=14)


async def save_refused(db: Session, rows: Sequence[RefusedRow], *, now: datetime) -> None:
    """Write crossings held back `now` with what speaks against them; forget those of long ago."""
    unique = {row.opportunity.key: row for row in rows if row.opportunity.refusals}
    if unique:
        insert = insertion("refused_crossings", [_columns(row, now) for row in unique.values()])
        table, new = METADATA.tables["refused_crossings"], insert.excluded
        changing = ("source", "codes", "last_seen_at", "roi", "opportunity")
        await db.execute(
            insert.on_conflict_do_update(
                index_elements=["key", "day"],
                set_={
                    **{name: new[name] for name in changing},
                    "best_roi": sa.func.greatest(table.c.best_roi, new.best_roi),
                },
            )
        )
    await db.execute(sa.delete(CrossingRow).where(col(CrossingRow.last_seen_at) < now - KEPT))


async def refused_by(db: Session, since: datetime) -> tuple[int, dict[str, int]]:
    """Return how many crossings were held back since an instant, and how many by each gate."""
    recent = col(CrossingRow.last_seen_at) >= since
    total = await db.scalar(sa.select(sa.func.count()).select_from(CrossingRow).where(recent))
    code = sa.func.unnest(col(CrossingRow.codes)).label("code")
    each = sa.select(code).where(recent).subquery()
    count = sa.func.count().label("crossings")
    by = sa.select(each.c.code, count).group_by(each.c.code).order_by(count.desc(), each.c.code)
    return total or 0, {row.code: row.crossings for row in await db.execute(by)}


def _columns(row: RefusedRow, now: datetime) -> dict[str, Any]:
    found = row.opportunity
    return {
        "key": found.key,
        "day": now.date(),
        "event_id": found.event.id,
        "source": found.source,
        "origin": found.origin,
        "codes": list(dict.fromkeys(refusal.code for refusal in found.refusals)),
        "first_seen_at": now,
        "last_seen_at": now,
        "roi": found.roi,
        "best_roi": found.roi,
        "opportunity": msgspec.to_builtins(found),
    }
