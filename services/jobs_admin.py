"""What is done by the clock, as those see it who may: now, in the past, and held or asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.clock_jobs import JOBS, Desk, Job, Outcome, Pause, Plan, Run, Wish
from domain.errors import NotFound, Refused, Unavailable
from kit.ids import fresh
from services.access import Permission
from services.work import Work
from store import audit
from store import job_runs as stored
from store.db import reachable
from store.job_runs import Sought

MOST_COUNTED: Final = 2_500
EXPORTED_AT_ONCE: Final = 500
MOST_WHY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A job: its plan, its last run, when it is done next, and whether somebody holds it."""

    job: Job
    plan: Plan
    last: Run | None = None
    next_at: datetime | None = None
    running: bool = False
    pause: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All jobs, and the workers that tell of them; None where Valkey cannot be asked."""

    jobs: tuple[Seen, ...]
    desks: Mapping[str, Desk] | None

    @property
    def leader(self) -> str:
        """The worker that leads, or "" if none says that it does."""
        return next((name for name, desk in (self.desks or {}).items() if desk.leads), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """A page of the history, the latest first; `total` is `MOST_COUNTED` where there are more."""

    runs: tuple[Run, ...]
    total: int


def filtered(asked: Mapping[str, Any]) -> Sought:
    """Return the filter that a client asks for; what is no job or outcome asks for nothing.

    Examples:
        >>> filtered({"job": "prune", "outcome": ["done"]})
        Sought(job='prune', outcome='')
    """
    job, outcome = asked.get("job"), asked.get("outcome")
    return Sought(
        job if isinstance(job, str) and job in set(Job) else "",
        outcome if isinstance(outcome, str) and outcome in set(Outcome) else "",
    )


async def overview(work: Work) -> Overview:
    """Return every job as workers tell it now, else as it was last kept.

    Raises:
        NotAllowed: The subject may not see the machinery.
        Unavailable: Neither PostgreSQL nor Valkey can be asked.
    """
    work.subject.require(Permission.VIEW_SYSTEM)
    kept: Mapping[str, Run] = {}
    paused: Mapping[str, Pause] = {}
    if there := await reachable(work.db):
        kept, paused = await stored.last_runs(work.db), await stored.pauses(work.db)
    try:
        desks = await stored.desks(work.cache)
    except Unavailable:
        if not there:
            raise
        desks = None
    told = tuple((desks or {}).values())
    return Overview(
        jobs=tuple(_seen(job, told, kept.get(job), paused.get(job)) for job in JOBS), desks=desks
    )


async def history(work: Work, asked: Sought, *, limit: int, offset: int = 0) -> Runs:
    """Return runs of the last 30 days, the latest first.

    Raises:
        NotAllowed: The subject may not see the machinery.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_SYSTEM)
    found = await stored.runs(work.db, asked, limit=limit, offset=offset)
    total = await stored.count_runs(work.db, asked, most=MOST_COUNTED)
    return Runs(runs=tuple(run for _, run in found), total=total)


async def exported(work: Work, asked: Sought, *, before: int | None) -> list[tuple[int, Run]]:
    """Return the next `EXPORTED_AT_ONCE` runs with numbers below one; none when all were given."""
    work.subject.require(Permission.VIEW_SYSTEM)
    return await stored.runs(work.db, asked, limit=EXPORTED_AT_ONCE, before=before)


async def run_now(work: Work, job: str) -> str:
    """Have a job done once, paused or not; return the id that its run will bear.

    Raises:
        NotAllowed: The subject does not manage jobs.
        NotFound: There is no such job.
        Unavailable: PostgreSQL or Valkey cannot be asked.
    """
    work.subject.require(Permission.MANAGE_JOBS)
    wish = Wish(id=fresh(), job=_known(job), by=work.subject.actor, at=work.clock.now())
    await _done(work, "job.run", job, {})
    await stored.wish(work.cache, wish)
    return wish.id


async def pause(work: Work, job: str, *, why: str = "") -> None:
    """Have no worker do a job until it is resumed, restarts included.

    Raises:
        NotAllowed: The subject does not manage jobs.
        ProofNeeded: The job is a grave one, and it was not proved lately that it is them.
        NotFound: There is no such job.
        Refused: It is paused already, or the reason is too long.
    """
    work.subject.require(Permission.MANAGE_JOBS)
    now = work.clock.now()
    if JOBS[_known(job)].grave:
        work.subject.require_proof(now)
    if len(why := why.strip()) > MOST_WHY:
        raise Refused(f"give the reason in at most {MOST_WHY} characters")
    held = Pause(job=job, at=now, by=work.subject.actor, why=why)
    if not await stored.pause(work.db, held):
        raise Refused("it is paused already")
    await _done(work, "job.pause", job, {"why": why})


async def resume(work: Work, job: str) -> None:
    """Have a job done by the clock again.

    Raises:
        NotAllowed: The subject does not manage jobs.
        NotFound: There is no such job.
        Refused: It is not paused.
    """
    work.subject.require(Permission.MANAGE_JOBS)
    if not await stored.resume(work.db, _known(job)):
        raise Refused("it is not paused")
    await _done(work, "job.resume", job, {})


def _known(job: str) -> Job:
    if job not in set(Job):
        raise NotFound("there is no such job")
    return Job(job)


async def _done(work: Work, action: str, job: str, details: dict[str, str]) -> None:
    await audit.record(
        work.db, actor=work.subject.actor, action=action, subject=f"job {job}", details=details
    )


def _seen(job: Job, desks: tuple[Desk, ...], kept: Run | None, pause: Pause | None) -> Seen:
    """Return a job as the worker tells it that did it last, or will do it."""
    told = [run for desk in desks if (run := desk.last.get(job))]
    runs = [*told, *([kept] if kept else [])]
    able = [desk for desk in desks if desk.leads or not JOBS[job].led]
    due = [at for desk in able if (at := desk.next.get(job))]
    return Seen(
        job=job,
        plan=JOBS[job],
        last=max(runs, key=lambda run: run.started_at, default=None),
        next_at=None if pause else min(due, default=None),
        running=any(job in desk.running for desk in desks),
        pause=pause,
    )
