"""Prices as last told: what each book offers for the outcomes of some markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from domain.markets import Outcome, Side
from store.db import Session
from store.history import EACH

MOST: Final = 5_000

_LATEST: Final = f"""
with each as ({EACH} where q.market_id = any(:markets)
  and q.seen_at <= coalesce(cast(:until as timestamptz), 'infinity')), last as (
  select distinct on (market_id, outcome, side, source, book) *
  from each order by market_id, outcome, side, source, book, seen_at desc
)
select market_id, outcome, side, source, book, odds, commission, max_stake,
  coalesce(changed_at, seen_at) from last where odds is not null order by book, source limit :most
"""  # noqa: S608  put together from constants; every value is a parameter


@dataclass(frozen=True, slots=True)
class Offered:
    """A price that stands at a book since an instant, as far as its source has told."""

    market_id: str
    outcome: Outcome
    side: Side
    source: str
    book: str
    odds: float
    commission: float
    max_stake: float | None
    since: datetime


async def latest(
    db: Session, market_ids: Sequence[str], *, until: datetime | None = None
) -> list[Offered]:
    """Return what stands at each book for every outcome of the markets, by book and source.

    A price that its source withdrew stands no more; at most `MOST` are returned. With `until` they
    are those that stood at that instant.
    """
    asked = {"markets": sorted(set(market_ids)), "until": until, "most": MOST}
    rows = await db.execute(sa.text(_LATEST), asked)
    return [
        Offered(market, Outcome(outcome), Side(side), *rest)
        for market, outcome, side, *rest in rows
    ]
