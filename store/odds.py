"""Events, markets and the history of their prices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec
import sqlalchemy as sa

from domain.markets import Event, Market
from domain.quotes import Origin, PriceKey, Quote
from store.db import Session, copy_blocks
from store.history_rows import COLUMNS, Change, blocks, market_id
from store.rows import insertion, upsert
from store.tables import METADATA

__all__ = [
    "Change",
    "drop_quotes_before",
    "ensure_quote_days",
    "forget_events_before",
    "market_id",
    "save_changes",
    "save_events",
    "save_markets",
    "save_quotes",
    "summarise_quotes",
    "withdraw_quotes",
]


async def save_events(db: Session, source: str, events: Sequence[Event]) -> None:
    """Insert the events of `source`, or bring those that changed up to date."""
    rows = {event.id: {"source": source, **msgspec.structs.asdict(event)} for event in events}
    if rows:
        await db.execute(upsert("events", list(rows.values())))


async def add_events(db: Session, sources: Mapping[Event, str]) -> None:
    """Insert events with their sources; those that are there stay as their readings left them."""
    rows = {e.id: {"source": source, **msgspec.structs.asdict(e)} for e, source in sources.items()}
    if rows:
        await db.execute(insertion("events", list(rows.values())).on_conflict_do_nothing())


async def save_markets(db: Session, markets: Collection[Market]) -> None:
    """Insert the markets that are new; their events must be saved before."""
    rows = {market_id(m): {"id": market_id(m), **msgspec.structs.asdict(m)} for m in markets}
    if rows:
        await db.execute(insertion("markets", list(rows.values())).on_conflict_do_nothing())


async def save_changes(db: Session, changes: Sequence[Change]) -> int:
    """Append what readings changed to the history, all in one COPY; return how many prices."""
    told = [change for change in changes if change.changed or change.withdrawn]
    if told:
        await ensure_quote_days(db, {change.seen_at.astimezone(UTC).date() for change in told})
        await copy_blocks(db, "quotes", COLUMNS, blocks(told))
    return sum(len(change.changed) + len(change.withdrawn) for change in told)


async def save_quotes(
    db: Session, quotes: Sequence[Quote], *, source: str, origin: Origin, seen_at: datetime
) -> int:
    """Append changed prices to the history, as seen at `seen_at`; return how many."""
    change = Change(source=source, origin=origin, seen_at=seen_at, changed=quotes)
    return await save_changes(db, [change])


async def withdraw_quotes(
    db: Session, prices: Sequence[PriceKey], *, source: str, origin: Origin, seen_at: datetime
) -> int:
    """Append to the history that these prices were gone at `seen_at`; return how many."""
    change = Change(source=source, origin=origin, seen_at=seen_at, withdrawn=prices)
    return await save_changes(db, [change])


async def ensure_quote_days(db: Session, days: Collection[date]) -> None:
    """Make the partitions of these days, in UTC, where there are none."""
    await db.execute(sa.select(sa.func.ensure_quote_days(sa.cast(list(days), sa.ARRAY(sa.Date)))))


async def drop_quotes_before(db: Session, day: date) -> list[str]:
    """Drop the partitions of the days before `day`; return their names.

    Commit soon after: nobody can write quotes meanwhile.

    Raises:
        Unavailable: Somebody held on to the table for more than two seconds; try again later.
    """
    return list(await db.scalars(sa.select(sa.func.drop_quotes_before(day))))


async def summarise_quotes(db: Session) -> int:
    """Summarise what was written since the last time; return the number of block ranges.

    Until then a search by time reads all of it: call it every few minutes.
    """
    return await db.scalar(sa.select(sa.func.summarise_quotes())) or 0


async def forget_events_before(db: Session, day: date) -> int:
    """Delete events that started and came to us before `day`; return how many.

    Those that ever had an opportunity stay, with their markets, and so do those whose prices are
    kept by the day.
    """
    events, markets, opportunities, daily = (
        METADATA.tables[name] for name in ("events", "markets", "opportunities", "quotes_daily")
    )
    last = sa.func.greatest(events.c.starts_at, events.c.recorded_at)
    had = sa.exists().where(opportunities.c.event_id == events.c.id)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    kept = sa.exists().where(markets.c.event_id == events.c.id, daily.c.market_id == markets.c.id)
    old = sa.delete(events).where(last < midnight, ~had, ~kept).returning(events.c.id)
    return len((await db.scalars(old)).all())
