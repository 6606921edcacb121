"""The timetable: what the worker does by the clock, beside following its sources."""

import logging
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import wraps
from typing import Any

from apscheduler.schedulers.asyncio import (  # pyright: ignore[reportMissingTypeStubs]
    AsyncIOScheduler,
)

from domain.errors import Unavailable
from jobs.collect import Collector
from kit.clock import Clock
from kit.ids import fresh
from store import odds
from store.cache import Cache
from store.db import Database
from store.sources import save_source

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


def timetable(
    database: Database,
    cache: Cache,
    clock: Clock,
    collectors: Sequence[Collector],
    *,
    retention_days: int,
) -> Any:
    """Return the scheduler with every job in it, not started."""
    worker = fresh("worker-")

    async def beat() -> None:
        await cache.beat(worker, {"pid": os.getpid(), "sources": len(collectors)})

    async def tell_health() -> None:
        for collector in collectors:
            await cache.put_source(collector.health)

    async def keep_health() -> None:
        async with database.begin() as db:
            for collector in collectors:
                await save_source(db, collector.health)

    async def prune() -> None:
        oldest = (clock.now() - timedelta(days=retention_days)).date()
        async with database.begin() as db:
            dropped = await odds.drop_quotes_before(db, oldest)
        log.info("quote history pruned", extra={"before": oldest.isoformat(), "dropped": dropped})

    once_at_a_time = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # APScheduler 3 has no types of its own.
    jobs: Any = AsyncIOScheduler(timezone="UTC", job_defaults=once_at_a_time)
    jobs.add_job(_calm(beat), "interval", seconds=5, next_run_time=clock.now())
    jobs.add_job(_calm(tell_health), "interval", seconds=1)
    jobs.add_job(_calm(keep_health), "interval", seconds=30)
    jobs.add_job(_calm(prune), "cron", hour=3, minute=15)
    return jobs


def _calm(job: Job) -> Job:
    """Let a job that found PostgreSQL or Valkey away try again at its next hour, with one line."""

    @wraps(job)
    async def run() -> None:
        try:
            await job()
        except Unavailable as e:
            log.warning("job put off", extra={"job": job.__name__, "why": str(e)})

    return run
