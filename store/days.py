"""Partitions of the history, made by one of several writers."""

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from store.db import Session
from store.odds import ensure_quote_days


async def make_quote_days(db: Session, days: Collection[date]) -> None:
    """Make the partitions of these days where there are none; in a transaction of its own.

    Whoever waits for the lock inside `ensure_quote_days` does not see what was made meanwhile: a
    statement learns of other transactions' tables when it begins. So the lock is taken before.
    """
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext("public.quotes"))
    await db.execute(sa.select(lock))
    await ensure_quote_days(db, days)
