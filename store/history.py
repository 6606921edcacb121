"""The history of prices as it is read: how a market moved, whole days, and old days in short."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select

from domain.markets import Event, Market, Outcome, Side
from store.db import Session
from store.tables import EventRow, MarketRow

COMPACTION_TIMEOUT: Final = "30min"

# The prices of rows of `quotes`, each for itself again, with what is usual filled in.
EACH: Final = """
select q.seen_at, q.market_id, q.source, q.origin, each.outcome, coalesce(each.side, 'back') side,
  each.book, each.price as odds, coalesce(each.commission, 0) as commission, each.max_stake,
  each.changed as changed_at
from quotes q, unnest(q.outcomes, q.sides, q.books, q.odds, q.commissions, q.max_stakes,
  q.changed_at) as each (outcome, side, book, price, commission, max_stake, changed)
"""
IN_DAY: Final = "where q.seen_at >= :since and q.seen_at < :until"

_COMPACT: Final = f"""
insert into quotes_daily
select e.market_id, cast(:day as date), e.outcome, e.side, e.book, e.source, e.origin,
  (min(array[extract(epoch from e.seen_at)::float8, e.odds]) filter (where e.odds > 1))[2],
  max(e.odds), min(e.odds),
  (max(array[extract(epoch from e.seen_at)::float8, e.odds]) filter (where e.odds > 1))[2],
  min(e.seen_at) filter (where e.odds > 1), max(e.seen_at) filter (where e.odds > 1),
  count(e.odds), count(*) - count(e.odds)
from ({EACH} {IN_DAY}) e join markets m on m.id = e.market_id
group by e.market_id, e.outcome, e.side, e.book, e.source, e.origin
having count(e.odds) > 0
on conflict (market_id, day, outcome, side, book, source, origin) do update set
  opened = excluded.opened, high = excluded.high, low = excluded.low, closed = excluded.closed,
  opened_at = excluded.opened_at, closed_at = excluded.closed_at,
  changes = excluded.changes, withdrawals = excluded.withdrawals
"""  # noqa: S608  put together from constants; every value is a parameter

# Of each line, the first, last, lowest and highest price of each of so many stretches of time:
# all that a line drawn so wide can show (Jugel et al., "M4", VLDB 2014), and every gap's edge.
_MOVES: Final = f"""
with each as ({EACH} where q.market_id = :market), found as (
  select e.seen_at, e.source, e.origin, e.side, e.book, e.odds from each e
  where e.outcome = :outcome
  union all
  select at, d.source, d.origin, d.side, d.book, odds
  from quotes_daily d, unnest(array[d.opened_at, d.closed_at], array[d.opened, d.closed])
    as ends (at, odds)
  where d.market_id = :market and d.outcome = :outcome and d.day < :kept_since
), bounds as (
  select extract(epoch from min(seen_at)) as since,
    extract(epoch from max(seen_at)) + 1e-6 as until from found
), placed as (
  select found.*, width_bucket(extract(epoch from seen_at), since, until, :stretches) as stretch
  from found, bounds
), ranked as (
  select *, row_number() over (w order by seen_at) as first,
    row_number() over (w order by seen_at desc) as last,
    row_number() over (w order by odds, seen_at) as lowest,
    row_number() over (w order by odds desc nulls last, seen_at) as highest,
    row_number() over (w order by odds desc nulls first, seen_at) as gone
  from placed window w as (partition by source, origin, side, book, stretch)
)
select seen_at, source, origin, side, book, odds from ranked
where 1 in (first, last, lowest, highest) or (gone = 1 and odds is null)
order by book, side, source, origin, seen_at limit :most
"""  # noqa: S608  put together from constants; every value is a parameter


@dataclass(frozen=True, slots=True)
class Line:
    """One book's prices of one outcome, in the order of time; odds of None: withdrawn."""

    book: str
    side: Side
    source: str
    origin: str
    points: list[tuple[datetime, float | None]]


async def event_with_markets(
    db: Session, event_id: str, *, most: int
) -> tuple[Event, dict[str, Market]] | None:
    """Return an event and at most so many of its markets by their id, or None if it is unknown."""
    row = await db.get(EventRow, event_id)
    if row is None:
        return None
    found = await db.scalars(
        select(MarketRow)
        .where(col(MarketRow.event_id) == event_id)
        .order_by(col(MarketRow.kind), col(MarketRow.period), col(MarketRow.line))
        .order_by(col(MarketRow.statistic), col(MarketRow.subject), col(MarketRow.id))
        .limit(most)
    )
    markets = {each.id: msgspec.convert(each, Market, from_attributes=True) for each in found}
    return msgspec.convert(row, Event, from_attributes=True), markets


async def moves(
    db: Session, market_id: str, outcome: Outcome, *, stretches: int, most: int
) -> list[Line]:
    """Return how each book's price of an outcome moved, as far as a drawing can show.

    Args:
        db: The transaction.
        market_id: The market.
        outcome: The outcome.
        stretches: Into how many stretches the time from the first to the last price is cut; of
            each, a line keeps its first, last, lowest and highest price.
        most: The most prices in all.
    """
    days = await quote_days(db)
    asked = {"market": market_id, "outcome": outcome.value, "stretches": stretches, "most": most}
    kept_since = min(days, default=date.max)
    rows = await db.execute(sa.text(_MOVES), {**asked, "kept_since": kept_since})
    lines: dict[tuple[str, str, str, str], Line] = {}
    for at, source, origin, side, book, odds in rows:
        key = (book, side, source, origin)
        line = lines.setdefault(key, Line(book, Side(side), source, origin, []))
        line.points.append((at, odds))
    return list(lines.values())


async def quote_days(db: Session) -> list[date]:
    """Return the days of which every change is still there, in order."""
    names = await db.scalars(
        sa.text(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
            " where i.inhparent = 'public.quotes'::regclass"
        )
    )
    stamps = (name.removeprefix("quotes_") for name in names)
    return sorted(datetime.strptime(s, "%Y%m%d").replace(tzinfo=UTC).date() for s in stamps)


async def compact(db: Session, day: date) -> None:
    """Write a day of UTC in short, a row a price, in place of what was written of it before."""
    await db.execute(sa.text(f"set local statement_timeout = '{COMPACTION_TIMEOUT}'"))
    await db.execute(sa.text(_COMPACT), {"day": day, **bounds(day)})


async def compacted_days(db: Session, days: Sequence[date]) -> set[date]:
    """Return which of the days have been written in short."""
    asked = sa.text(
        "select asked.day from unnest(cast(:days as date[])) as asked (day)"
        " where exists (select from quotes_daily d where d.day = asked.day)"
    )
    return set(await db.scalars(asked, {"days": list(days)}))


async def forget_days_before(db: Session, day: date) -> int:
    """Delete what was kept in short of the days before `day`; return how many rows."""
    old = sa.text(
        "with old as (delete from quotes_daily where day < :day returning 1)"
        " select count(*) from old"
    )
    return await db.scalar(old, {"day": day}) or 0


def bounds(day: date) -> dict[str, datetime]:
    """Return the first instant of a day of UTC, and that of the next."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {"since": midnight, "until": midnight + timedelta(days=1)}
