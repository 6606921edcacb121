"""Events, markets and the history of their prices."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.markets import Event, Market, Statistic
from domain.quotes import Origin, PriceKey, Quote
from kit.ids import stable
from store.db import Session, copy_rows
from store.rows import insertion, upsert
from store.tables import METADATA

_QUOTE_COLUMNS = {
    "seen_at": "timestamptz",
    "market_id": "text",
    "outcome": "text",
    "side": "text",
    "book": "text",
    "odds": "float8",
    "commission": "float8",
    "max_stake": "float8",
    "changed_at": "timestamptz",
    "source": "text",
    "origin": "text",
}


@lru_cache(maxsize=32_768)
def market_id(market: Market) -> str:
    """Return our id of a market: the same for equal markets, however their line is written.

    What is usual is left out, so that a market keeps the id it had before there was anything else.
    """
    line = None if market.line is None else market.line + 0.0
    known: list[object] = [market.event_id, market.kind, market.period, line, market.ways]
    if market.statistic is not Statistic.SCORE or market.subject is not None:
        known.append(market.statistic)
    if market.subject is not None:
        known.append(market.subject)
    return stable("market", *known)


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


async def save_quotes(
    db: Session, quotes: Sequence[Quote], *, source: str, origin: Origin, seen_at: datetime
) -> int:
    """Append changed prices to the history, as seen at `seen_at`; return how many."""
    rows = (
        (
            *_price(quote.price, seen_at),
            *(quote.odds, quote.commission, quote.max_stake, quote.changed_at),
            *(source, origin.value),
        )
        for quote in quotes
    )
    return await _append(db, rows, seen_at) if quotes else 0


async def withdraw_quotes(
    db: Session, prices: Sequence[PriceKey], *, source: str, origin: Origin, seen_at: datetime
) -> int:
    """Append to the history that these prices were gone at `seen_at`; return how many."""
    rows = (
        (*_price(price, seen_at), None, 0.0, None, None, source, origin.value) for price in prices
    )
    return await _append(db, rows, seen_at) if prices else 0


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

    Those that ever had an opportunity stay, with their markets.
    """
    events, opportunities = METADATA.tables["events"], METADATA.tables["opportunities"]
    last = sa.func.greatest(events.c.starts_at, events.c.recorded_at)
    had = sa.exists().where(opportunities.c.event_id == events.c.id)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    old = sa.delete(events).where(last < midnight, ~had).returning(events.c.id)
    return len((await db.scalars(old)).all())


def _price(price: PriceKey, seen_at: datetime) -> tuple[Any, ...]:
    market, outcome, side, book = price
    return (seen_at, market_id(market), outcome.value, side.value, book)


async def _append(db: Session, rows: Iterator[tuple[Any, ...]], seen_at: datetime) -> int:
    await ensure_quote_days(db, [seen_at.astimezone(UTC).date()])
    return await copy_rows(db, "quotes", _QUOTE_COLUMNS, rows)
