"""An admin's window on what is done by the clock: now, in the past, and what they make of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

import reflex as rx

from arb_app import gate
from arb_app.gate import allow
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.state import jobs_shown as shown
from arb_app.state.presence import present
from arb_app.words import say
from domain.clock_jobs import Job
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from services import jobs_admin
from services.access import Permission, Subject
from services.jobs_admin import Overview, Runs
from services.work import Work, begin

PAUSE_S: Final = 2.0
PAGE_ROWS: Final = 25
ACTS: Final = ("run", "pause", "resume")
PATH: Final = "/admin/jobs"

Asked = tuple[str, str, int]
Look = tuple[Overview, Runs | None]


class AdminJobsState(rx.State):
    """The jobs and a page of their history as text; the admin's own are choices and a question."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    acts: rx.Field[bool] = rx.field(default=False)
    jobs: rx.Field[list[shown.JobLine]] = rx.field(default_factory=list)
    held: rx.Field[str] = rx.field("")
    workers: rx.Field[str] = rx.field("")
    runs: rx.Field[list[shown.RunLine]] = rx.field(default_factory=list)
    kept: rx.Field[bool] = rx.field(default=True)
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    page: rx.Field[int] = rx.field(1)
    pages: rx.Field[int] = rx.field(1)
    job: rx.Field[str] = rx.field("")
    outcome: rx.Field[str] = rx.field("")
    asking: rx.Field[str] = rx.field("")
    act: rx.Field[str] = rx.field("")
    said: rx.Field[str] = rx.field("")
    said_tone: rx.Field[str] = rx.field("good")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def live(self) -> None:
        """Follow the jobs until the admin leaves the page or may no longer see them."""
        while present(self):
            async with self:
                asked = self._asked()
            subject = await gate.subject_of(self)
            look = await look_at(subject, asked)
            async with self:
                if not await gate.is_of(self, subject):
                    return
                if asked == self._asked():  # else the admin has chosen meanwhile
                    self._take(look, subject)
            if isinstance(look, NotAllowed):
                return
            await asyncio.sleep(PAUSE_S)

    @rx.event
    @allow(Permission.VIEW_SYSTEM)
    async def search(self, form: Any) -> None:
        """Show the runs of one job, or of one outcome."""
        told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
        asked = jobs_admin.filtered(told)
        self.job, self.outcome, self.page = asked.job, asked.outcome, 1
        await self._again()

    @rx.event
    @allow(Permission.VIEW_SYSTEM)
    async def turn_to(self, page: Any) -> None:
        """Show another page of the history."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            await self._again()

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
        return await self._do(deeds[act], say(f"jobs.said.{act}")) if act in deeds else None

    async def _do(
        self, deed: Callable[[Work], Awaitable[object]], said: str
    ) -> rx.event.EventSpec | None:
        """Do one thing in one transaction and say what came of it."""
        try:
            async with begin(current().resources, await gate.subject_of(self)) as work:
                await deed(work)
        except ProofNeeded:
            return prove_first(PATH)
        except NotAllowed:
            self._say(say("guard.account.text"), "bad")
        except Refused as e:
            self._say(f"{e}"[:1].upper() + f"{e}."[1:], "bad")
        except Unavailable:
            self._say(say("admin.said.away"), "bad")
        else:
            self._say(said, "good")
        await self._again()
        return None

    def _say(self, sentence: str, tone: str) -> None:
        self.said, self.said_tone = sentence, tone

    def _asked(self) -> Asked:
        return self.job, self.outcome, self.page

    async def _again(self) -> None:
        subject = await gate.subject_of(self)
        self._take(await look_at(subject, self._asked()), subject)

    def _take(self, look: Look | NotAllowed | Unavailable, subject: Subject) -> None:
        """Copy a look into the vars; what was shown stays while the services are away."""
        if isinstance(look, NotAllowed):
            self.reset()
            self.phase = "refused"
        elif isinstance(look, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            self.phase, self.late = "found", False
            self.acts = subject.may(Permission.MANAGE_JOBS)
            self._show(*look)

    def _show(self, found: Overview, runs: Runs | None) -> None:
        now = current().clock.now()
        self.jobs = [shown.job_line(each, now) for each in found.jobs]
        held = [line.title for line in self.jobs if line.paused]
        self.held = say("jobs.held", names=", ".join(held)) if held else ""
        self.workers = shown.workers_told(found)
        self.kept = runs is not None
        if runs is not None:
            self.runs = [shown.run_line(each) for each in runs.runs]
            self.summed = shown.summed(runs.total)
            self.pages = max(1, -(-runs.total // PAGE_ROWS))
        self.export = shown.export_link(_sought(self._asked()))


async def look_at(subject: Subject, asked: Asked) -> Look | NotAllowed | Unavailable:
    """Return what the services say of jobs, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            found = await jobs_admin.overview(work)
            start = (asked[2] - 1) * PAGE_ROWS
            try:
                wanted = _sought(asked)
                return found, await jobs_admin.history(work, wanted, limit=PAGE_ROWS, offset=start)
            except Unavailable:
                return found, None
    except (NotAllowed, Unavailable) as e:
        return e


def _sought(asked: Asked) -> jobs_admin.Sought:
    return jobs_admin.Sought(asked[0], asked[1])
