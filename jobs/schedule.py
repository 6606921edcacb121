"""The timetable: what a worker does by the clock, beside what falls to it of the sources."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import (  # pyright: ignore[reportMissingTypeStubs]
    AsyncIOScheduler,
)

from domain.clock_jobs import JOBS, Job
from domain.errors import Unavailable

log = logging.getLogger(__name__)

Act = Callable[[], Awaitable[None]]


class _Desk(Protocol):
    @property
    def acts(self) -> Mapping[Job, object]: ...

    def by_the_clock(self, job: Job) -> Callable[[], Awaitable[object]]: ...


def timetable(desk: _Desk) -> Any:
    """Return the scheduler with every job of a desk in it, not started."""
    once_at_a_time = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    # APScheduler 3 has no types of its own.
    jobs: Any = AsyncIOScheduler(timezone="UTC", job_defaults=once_at_a_time)
    for job in desk.acts:
        every = JOBS[job].every
        when = {"trigger": "cron", "hour": 3, "minute": 15} if every is None else {
            "trigger": "interval", "seconds": every.total_seconds()
        }  # fmt: skip
        jobs.add_job(desk.by_the_clock(job), id=job.value, **when)
    return jobs


def upcoming(jobs: Any) -> dict[str, datetime]:
    """Return when each job of a started scheduler is done next."""
    return {job.id: job.next_run_time for job in jobs.get_jobs() if job.next_run_time}


def calm(job: Act) -> Act:
    """Let what found PostgreSQL or Valkey away wait for its next turn, with one line."""

    @wraps(job)
    async def run() -> None:
        try:
            await job()
        except Unavailable as e:
            log.warning("job put off", extra={"job": _name(job), "why": str(e)})

    return run


def _name(job: Any) -> str:
    return str(getattr(job, "__name__", "") or getattr(job.func, "__name__", "job"))
