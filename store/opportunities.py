"""Lives of opportunities: opened when first seen, kept up to date, closed once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from domain.board import BoardRow
from store.db import Session
from store.odds import add_events, market_id, save_markets
from store.rows import insertion
from store.tables import METADATA, EventRow, LegRow, MarketRow, OpportunityRow


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """An opportunity from first to last: `gone_at` is None while it lives."""

    row: BoardRow
    last_seen_at: datetime
    gone_at: datetime | None = None
    gone_reason: str | None = None


async def save_lives(db: Session, rows: Sequence[BoardRow], *, seen_at: datetime) -> None:
    """Open the lives that are new and bring the others up to date, with events, markets and legs.

    The best ROI never falls, and a closed life stays as it was. Two lives of one key cannot be
    open at once: close the old one before the new one is saved.
    """
    lives = {row.id: row for row in rows}
    if not lives:
        return
    await _save_what_they_are_about(db, list(lives.values()))
    insert = insertion("opportunities", [_columns(row, seen_at) for row in lives.values()])
    table, new = METADATA.tables["opportunities"], insert.excluded
    changing = (
        *("market_id", "source", "as_of", "arrived_at"),
        *("in_play", "last_seen_at", "verified_at", "roi", "proof"),
    )
    saved = insert.on_conflict_do_update(
        index_elements=["id"],
        set_={
            **{name: new[name] for name in changing},
            "best_roi": sa.func.greatest(table.c.best_roi, new.best_roi),
        },
        where=table.c.gone_at.is_(None),
    ).returning(table.c.id)
    open_ids = list(await db.scalars(saved))
    await _save_legs(db, [lives[life_id] for life_id in open_ids])


async def close_lives(db: Session, ids: Sequence[str], *, at: datetime, reason: str) -> None:
    """End these lives; those that have ended already keep their own end."""
    living = col(OpportunityRow.id).in_(ids), col(OpportunityRow.gone_at).is_(None)
    await db.execute(
        sa.update(OpportunityRow).where(*living).values(gone_at=at, gone_reason=reason)
    )


async def alive(db: Session) -> list[BoardRow]:
    """Return the lives that have not ended, the oldest first."""
    return [life.row for life in await _lives(db, col(OpportunityRow.gone_at).is_(None))]


async def by_id(db: Session, life_id: str) -> Life | None:
    """Return one life, or None if there is none of that id."""
    found = await _lives(db, col(OpportunityRow.id) == life_id)
    return found[0] if found else None


async def latest(db: Session) -> Life | None:
    """Return the life that began last, or None if there never was one."""
    newest = select(OpportunityRow.id).order_by(
        col(OpportunityRow.first_seen_at).desc(), col(OpportunityRow.id)
    )
    life_id = await db.scalar(newest.limit(1))
    return None if life_id is None else await by_id(db, life_id)


async def _save_what_they_are_about(db: Session, rows: Sequence[BoardRow]) -> None:
    opportunities = [row.opportunity for row in rows]
    await add_events(db, {one.event: one.legs[0].source or one.source for one in opportunities})
    legs = {leg.market for opportunity in opportunities for leg in opportunity.legs}
    await save_markets(db, legs | {opportunity.market for opportunity in opportunities})


def _columns(row: BoardRow, seen_at: datetime) -> dict[str, Any]:
    opportunity = row.opportunity
    return {
        "id": row.id,
        "key": opportunity.key,
        "event_id": opportunity.event.id,
        "market_id": market_id(opportunity.market),
        "source": opportunity.source,
        "origin": opportunity.origin,
        "in_play": opportunity.in_play,
        "as_of": opportunity.as_of,
        "arrived_at": row.arrived_at,
        "first_seen_at": row.first_seen_at,
        "last_seen_at": seen_at,
        "verified_at": row.verified_at,
        "roi": opportunity.roi,
        "best_roi": max(row.best_roi, opportunity.roi),
        "proof": opportunity.proof,
    }


async def _save_legs(db: Session, rows: Sequence[BoardRow]) -> None:
    ids = [row.id for row in rows]
    await db.execute(sa.delete(LegRow).where(col(LegRow.opportunity_id).in_(ids)))
    legs = [_leg(row, position) for row in rows for position in range(len(row.opportunity.legs))]
    if legs:
        await db.execute(insertion("opportunity_legs", legs))


def _leg(row: BoardRow, position: int) -> dict[str, Any]:
    columns = msgspec.structs.asdict(row.opportunity.legs[position])
    market = columns.pop("market")
    place = {"opportunity_id": row.id, "position": position}
    return {**place, "market_id": market_id(market), **columns}


async def _lives(db: Session, which: sa.ColumnElement[bool]) -> list[Life]:
    chosen = (
        select(OpportunityRow, EventRow, MarketRow)
        .join(EventRow, col(EventRow.id) == col(OpportunityRow.event_id))
        .join(MarketRow, col(MarketRow.id) == col(OpportunityRow.market_id))
        .where(which)
        .order_by(col(OpportunityRow.first_seen_at), col(OpportunityRow.id))
        .execution_options(populate_existing=True)
    )
    found = (await db.execute(chosen)).all()
    legs = await _legs(db, [life.id for life, _, _ in found])
    return [_life(life, event, market, legs.get(life.id, [])) for life, event, market in found]


async def _legs(db: Session, life_ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    chosen = (
        select(LegRow, MarketRow)
        .join(MarketRow, col(MarketRow.id) == col(LegRow.market_id))
        .where(col(LegRow.opportunity_id).in_(life_ids))
        .order_by(col(LegRow.opportunity_id), col(LegRow.position))
        .execution_options(populate_existing=True)
    )
    legs: dict[str, list[dict[str, Any]]] = {}
    for leg, market in (await db.execute(chosen)).all():
        legs.setdefault(leg.opportunity_id, []).append({**leg.model_dump(), "market": market})
    return legs


def _life(
    life: OpportunityRow, event: EventRow, market: MarketRow, legs: list[dict[str, Any]]
) -> Life:
    columns = life.model_dump()
    opportunity = {**columns, "event": event, "market": market, "legs": legs}
    row = {**columns, "opportunity": opportunity}
    return msgspec.convert({**columns, "row": row}, Life, from_attributes=True)
