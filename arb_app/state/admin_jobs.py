"""An admin's window on what is done by the clock: now, in the past, and what they make of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

import reflex as rx

from arb_app.gate import allow, allow_inherited
from arb_app.machinery_export import JOBS as EXPORT
from arb_app.runtime import current
from arb_app.state import jobs_shown as shown
from arb_app.state.listing import PAGE_ROWS, SearchedState, link, summed
from arb_app.state.window import DeedsState
from arb_app.words import say
from domain.clock_jobs import Job
from domain.errors import Unavailable
from services import jobs_admin
from services.access import Permission, Subject
from services.jobs_admin import MOST_COUNTED, Overview, Runs, Sought
from services.work import Work

PAUSE_S: Final = 2.0
ACTS: Final = ("run", "pause", "resume")
PATH: Final = "/admin/jobs"

Look = tuple[Overview, Runs | None]


@allow_inherited(Permission.VIEW_SYSTEM, "search", "turn_to")
class AdminJobsState(SearchedState, DeedsState, rx.State):
    """The jobs and a page of their history as text; the admin's own are choices and a question."""

    FIELDS: ClassVar = ("job", "outcome")
    acts: rx.Field[bool] = rx.field(default=False)
    jobs: rx.Field[list[shown.JobLine]] = rx.field(default_factory=list)
    held: rx.Field[str] = rx.field("")
    workers: rx.Field[str] = rx.field("")
    runs: rx.Field[list[shown.RunLine]] = rx.field(default_factory=list)
    kept: rx.Field[bool] = rx.field(default=True)
    asking: rx.Field[str] = rx.field("")
    act: rx.Field[str] = rx.field("")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def live(self) -> None:
        """Follow the jobs until the admin leaves the page or may no longer see them."""
        await self._follow(PAUSE_S)

    @rx.event
    @allow(Permission.MANAGE_JOBS)
    def ask(self, name: Any, act: Any) -> None:
        """Ask once more before something is done with a job, or no longer ask."""
        known = isinstance(name, str) and name in set(Job) and act in ACTS
        self.asking, self.act = (str(name), str(act)) if known else ("", "")
        self.said = ""

    @rx.event
    @allow(Permission.MANAGE_JOBS)
    async def decide(self, form: Any) -> rx.event.EventSpec | None:
        """Do what was asked about."""
        name, act = self.asking, self.act
        why = form.get("why") if isinstance(form, Mapping) else None
        self.asking, self.act = "", ""
        deeds: dict[str, Callable[[Work], Awaitable[object]]] = {
            "run": lambda work: jobs_admin.run_now(work, name),
            "pause": lambda work: jobs_admin.pause(
                work, name, why=why if isinstance(why, str) else ""
            ),
            "resume": lambda work: jobs_admin.resume(work, name),
        }
        return await self._do(deeds[act], say(f"jobs.said.{act}"), PATH) if act in deeds else None

    def _wanted(self) -> Sought:
        return jobs_admin.filtered(self._asked)

    async def _look(self, work: Work) -> Look:
        found, start = await jobs_admin.overview(work), self._start()
        try:
            asked = self._wanted()
            return found, await jobs_admin.history(work, asked, limit=PAGE_ROWS, offset=start)
        except Unavailable:
            return found, None

    def _show(self, found: Look, subject: Subject) -> None:
        (overview, runs), now = found, current().clock.now()
        self.acts = subject.may(Permission.MANAGE_JOBS)
        self.jobs = [shown.job_line(each, now) for each in overview.jobs]
        held = [line.title for line in self.jobs if line.paused]
        self.held = say("jobs.held", names=", ".join(held)) if held else ""
        self.workers = shown.workers_told(overview)
        self.kept = runs is not None
        if runs is not None:
            self.runs = [shown.run_line(each) for each in runs.runs]
            self.summed = summed(
                runs.total, "jobs.total", more="jobs.total.more", most=MOST_COUNTED
            )
            self._count(runs.total)
        self.export = link(EXPORT, self._wanted()._asdict())
