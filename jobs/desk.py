"""The desk: every job of the clock goes over it, is timed, put on record, paused and asked for."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final

from domain.clock_jobs import JOBS, Desk, Job, Outcome, Plan, Run, Wish
from domain.errors import DutchbookError, Unavailable
from domain.flags import DEFAULT, Flag, Rule
from jobs.schedule import calm
from jobs.sources import Sleep
from kit.clock import Clock
from kit.memory import resident_mb
from kit.version import VERSION
from store import flags as stored_flags
from store import job_runs as stored
from store.cache import Cache
from store.db import Database

log = logging.getLogger(__name__)

Act = Callable[[], Awaitable[object]]

EVERY_S: Final = 1.0
MOST_UNWRITTEN: Final = 500
_UNEXPECTED: Final = "unexpected"


@dataclass(kw_only=True)
class JobDesk:
    """One worker's jobs. Pauses and flags are looked up every second, and stay while that fails.

    `acts` says how each job is done, `leads` whether this worker does what is done once for all,
    and `upcoming` when each is done next.
    """

    database: Database
    cache: Cache
    clock: Clock
    worker: str
    leads: Callable[[], bool]
    acts: Mapping[Job, Act]
    upcoming: Callable[[], dict[str, datetime]] = dict[str, datetime]
    sleep: Sleep = asyncio.sleep
    _paused: frozenset[str] = frozenset()
    _rules: Mapping[str, Rule] = field(default_factory=dict[str, Rule])
    _last: dict[str, Run] = field(default_factory=dict[str, Run])
    _locks: dict[Job, asyncio.Lock] = field(default_factory=dict[Job, asyncio.Lock])
    _unwritten: deque[Run] = field(default_factory=lambda: deque[Run](maxlen=MOST_UNWRITTEN))

    def __post_init__(self) -> None:
        self._began_at = self.clock.now()
        self._locks = {job: asyncio.Lock() for job in self.acts}

    def offers(self, flag: Flag) -> bool:
        """Return whether a part of the product is switched on, as last heard."""
        return self._rules.get(flag, DEFAULT).on

    def by_the_clock(self, job: Job) -> Act:
        """Return what the scheduler calls: the job, unless it is paused or another worker's."""

        async def run() -> None:
            if job not in self._paused and (self.leads() or not JOBS[job].led):
                await self._run(job)

        run.__name__ = job.value
        return run

    async def run(self) -> None:
        """Listen to admins until cancelled; what they wish is done beside it."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for job in (self.obey, self.tell, partial(self.grant, tasks), self.write):
                    await calm(job)()
                await self.sleep(EVERY_S)

    async def obey(self) -> None:
        """Hold from now on what is paused, and offer what is switched on.

        Raises:
            Unavailable: PostgreSQL cannot be asked.
        """
        async with self.database.begin() as db:
            paused = frozenset(await stored.pauses(db))
            self._rules = await stored_flags.rules(db)
        if paused != self._paused:
            log.info("jobs are paused", extra={"jobs": sorted(paused)})
            self._paused = paused

    async def tell(self) -> None:
        """Tell admins how the jobs of this worker are."""
        told = Desk(
            leads=self.leads(),
            version=VERSION,
            memory_mb=resident_mb(),
            started_at=self._began_at,
            last=self._last,
            next=self.upcoming(),
            running=sorted(job for job, lock in self._locks.items() if lock.locked()),
        )
        await stored.tell(self.cache, self.worker, told)

    async def grant(self, tasks: asyncio.TaskGroup) -> None:
        """Begin what admins wish, each as soon as its last run is over."""
        able = [job for job in self.acts if self.leads() or not JOBS[job].led]
        for wish in await stored.take_wishes(self.cache, able):
            tasks.create_task(self._granted(wish))

    async def write(self) -> None:
        """Put on record what went since the last time; what cannot be written waits."""
        while self._unwritten:
            async with self.database.begin() as db:
                await stored.add_run(db, self._unwritten[0])
            self._unwritten.popleft()

    async def _granted(self, wish: Wish) -> None:
        try:
            await self._run(Job(wish.job), by=wish.by, asked=wish.id)
        except Exception:  # as the scheduler does: one job that breaks stops no other
            log.exception("a job broke", extra={"job": wish.job})

    async def _run(self, job: Job, *, by: str = "", asked: str = "") -> None:
        """Do a job and note how it went; whatever is no outage goes on to whoever asked."""
        async with self._locks[job]:
            at, began = self.clock.now(), self.clock.monotonic()
            outcome, code = Outcome.FAILED, _UNEXPECTED
            try:
                await self.acts[job]()
                outcome, code = Outcome.DONE, ""
            except Unavailable as e:
                log.warning("job put off", extra={"job": job.value, "why": str(e)})
                outcome, code = Outcome.PUT_OFF, e.code
            except DutchbookError as e:
                code = e.code
                raise
            except asyncio.CancelledError:
                code = "stopped"
                raise
            finally:
                self._note(
                    Run(
                        job=job.value,
                        worker=self.worker,
                        started_at=at,
                        took_s=self.clock.monotonic() - began,
                        outcome=outcome,
                        code=code,
                        by=by,
                        asked=asked,
                    )
                )

    def _note(self, run: Run) -> None:
        before, self._last[run.job] = self._last.get(run.job), run
        if run.by or _is_worth_keeping(JOBS[Job(run.job)], before, run):
            self._unwritten.append(run)


def _is_worth_keeping(plan: Plan, before: Run | None, run: Run) -> bool:
    """Whether a run goes into the history: of what is done often, only what is new."""
    if not plan.often:
        return True
    was = (before.outcome, before.code) if before else (Outcome.DONE, "")
    return (run.outcome, run.code) != was
