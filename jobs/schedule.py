"""The timetable: what a worker does by the clock, beside what falls to it of the sources."""

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from apscheduler.schedulers.asyncio import (  # pyright: ignore[reportMissingTypeStubs]
    AsyncIOScheduler,
)

from domain.errors import Unavailable
from jobs.upkeep import Upkeep

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[None]]


def timetable(upkeep: Upkeep, leads: Callable[[], bool], *watches: Job) -> Any:
    """Return the scheduler with every job in it, not started; `watches` look every few seconds.

    What is done once for all workers is done by the one that `leads` when its hour comes.
    """
    once_at_a_time = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # APScheduler 3 has no types of its own.
    jobs: Any = AsyncIOScheduler(timezone="UTC", job_defaults=once_at_a_time)
    now = upkeep.clock.now()
    jobs.add_job(calm(upkeep.sign_in), "date", run_date=now)
    jobs.add_job(calm(upkeep.tell_health), "interval", seconds=1)
    jobs.add_job(calm(upkeep.keep_health), "interval", seconds=30)
    jobs.add_job(calm(upkeep.tell_reliability, leads), "interval", seconds=5)
    jobs.add_job(calm(upkeep.summarise, leads), "interval", minutes=5)
    jobs.add_job(calm(upkeep.prune, leads), "cron", hour=3, minute=15)
    for watch in watches:
        jobs.add_job(calm(watch, leads), "interval", seconds=5)
    return jobs


def calm(job: Job, leads: Callable[[], bool] = lambda: True) -> Job:
    """Let a job that found PostgreSQL or Valkey away wait for its next hour, with one line.

    A worker that does not lead passes over it.
    """

    @wraps(job)
    async def run() -> None:
        try:
            if leads():
                await job()
        except Unavailable as e:
            log.warning("job put off", extra={"job": job.__name__, "why": str(e)})

    return run
