"""The windows on jobs, flags and health: what they show, and what a client's words cannot do."""

from itertools import product
from uuid import uuid4

import pytest
from starlette.applications import Starlette

from arb_app import gate, machinery_export
from arb_app.state import admin_flags, admin_health, jobs_shown
from arb_app.state.admin_flags import AdminFlagsState
from arb_app.state.admin_health import AdminHealthState
from arb_app.state.admin_jobs import AdminJobsState
from arb_app.state.window import seen
from domain.clock_jobs import JOBS, Job, Outcome, Run
from domain.errors import NotAllowed, Unavailable
from domain.flags import Rule
from domain.vitals import Level, Part, Reading, Sign
from services.access import ANONYMOUS, Permission, Subject
from services.jobs_admin import Seen
from store import job_runs
from tests.arb_app.asgi import get
from tests.facts import NOON

ADMIN = Subject(name="an admin", permissions=frozenset(Permission))
HOSTILE = [None, 0, True, [], [["job", "x"]], {"job": ["x"]}, {"why": {}}, "x", b"x", {1: 2}]

pytestmark = pytest.mark.usefixtures("emptied", "running")


@pytest.fixture
def as_admin(monkeypatch):
    async def an_admin(*_, **__):
        return ADMIN

    monkeypatch.setattr(gate, "subject_of", an_admin)


@pytest.fixture
def jobs(as_admin):
    del as_admin
    return AdminJobsState()


@pytest.fixture
def flags(as_admin):
    del as_admin
    return AdminFlagsState()


async def test_the_history_is_searched_and_paged(jobs, database):
    for number in range(30):
        run = Run(
            job="prune", worker="w", started_at=NOON, took_s=float(number), outcome=Outcome.DONE
        )
        async with database.begin() as db:
            await job_runs.add_run(db, run)
    await jobs.search({"job": "prune", "outcome": "done"})
    assert (jobs.phase, len(jobs.runs), jobs.pages) == ("found", 25, 2)
    assert jobs.export.endswith("?job=prune&outcome=done")
    await jobs.turn_to(2)
    assert jobs.runs[0].took == "4.0 s"
    await jobs.search({"outcome": "failed"})
    assert jobs.runs == []
    assert len(jobs.jobs) == len(JOBS)


@pytest.mark.parametrize("said", HOSTILE)
async def test_a_hostile_client_moves_nothing(jobs, flags, said):
    await jobs.search(said)
    await jobs.turn_to(said)
    jobs.ask(said, said)
    assert (jobs.export, jobs.page, jobs.asking) == (machinery_export.JOBS, 1, "")
    assert await jobs.decide(said) is None
    await flags.open()
    await flags.search(said)
    await flags.turn_to(said)
    await flags.edit(said)
    await flags.change(said)
    flags.ask_to_undo(said if said is not True else "x")
    await flags.undo()
    assert (flags.export, flags.page, flags.editing, flags.changes) == (
        machinery_export.FLAGS, 1, "", [],
    )  # fmt: skip


async def test_nothing_is_done_without_being_asked_about_first(jobs, owner):
    await jobs.decide({"why": "x"})
    assert owner.execute("select from job_pauses").fetchall() == []
    jobs.ask("alert", "pause")
    assert (jobs.asking, jobs.act) == ("alert", "pause")
    await jobs.decide({"why": "quiet please"})
    assert owner.execute("select job, why from job_pauses").fetchall() == [
        ("alert", "quiet please")
    ]
    assert "quiet please" in next(line.held for line in jobs.jobs if line.name == "alert")
    assert "Look for what is wrong" in jobs.held
    jobs.ask("alert", "resume")
    await jobs.decide({})
    assert (jobs.held, jobs.said_tone) == ("", "good")


async def test_who_has_to_prove_that_it_is_them_is_led_there(jobs, monkeypatch):

    async def long_ago(*_, **__):
        return Subject(user_id=uuid4(), permissions=frozenset(Permission))

    monkeypatch.setattr(gate, "subject_of", long_ago)
    jobs.ask("anchor", "pause")
    led = await jobs.decide({})
    assert "/account/prove?next=/admin/jobs" in str(led.args)
    assert jobs.held == ""


async def test_a_flag_is_changed_by_a_form_and_the_change_taken_back(flags):
    await flags.open()
    await flags.edit("rescue")
    assert (flags.editing, flags.on, flags.share) == ("rescue", True, "100")
    form = {"on": True, "share": "25", "roles-member": True, "plans-pro": True, "why": "a trial"}
    await flags.change(form)
    (change,) = flags.changes
    assert change.after == "25 of 100 members; roles: member; plans: pro"
    assert (change.before, change.why) == ("on for everybody", "a trial")
    assert next(line.tone for line in flags.flags if line.name == "rescue") == "accent"
    flags.ask_to_undo(change.number)
    await flags.undo()
    assert flags.changes[0].after == "on for everybody"
    await flags.edit("rescue")
    await flags.change({"on": True, "share": "200"})
    assert (flags.said_tone, flags.editing) == ("bad", "rescue")
    assert admin_flags.rule_told(Rule(on=False)) == "off for everybody"


@pytest.mark.parametrize("wrong", [NotAllowed("no"), Unavailable("gone")])
async def test_what_cannot_be_shown_is_said(jobs, flags, monkeypatch, wrong):
    async def no(*_):
        raise wrong

    for state in (AdminJobsState, AdminFlagsState):
        monkeypatch.setattr(state, "_look", no)
    await jobs.search({})
    await flags.open()
    phase = "refused" if isinstance(wrong, NotAllowed) else "away"
    assert (jobs.phase, flags.phase) == (phase, phase)
    health = AdminHealthState()
    health._take(wrong, ADMIN)
    assert health.phase == phase


@pytest.mark.parametrize("job", Job)
def test_every_job_says_what_it_does_and_what_a_pause_costs(job):
    line = jobs_shown.job_line(Seen(job=job, plan=JOBS[job]), NOON)
    assert line.title
    assert line.text.endswith(".")
    assert line.cost.endswith(".")
    assert line.last == "never"


@pytest.mark.parametrize("level", Level)
def test_every_reading_has_words_and_what_is_not_good_something_to_do(level):
    for part, sign, value in product(Part, Sign, (None, 0.5)):
        name = "today" if sign is Sign.PARTITION else ""
        of = Reading(part=part, sign=sign, level=level, value=value, name=name)
        line = admin_health.line(of)
        assert line.value
        assert (line.todo == "") is (level is Level.GOOD)


def test_figures_are_said_as_people_read_them():
    def told(part, sign, **more):
        return admin_health.line(Reading(part=part, sign=sign, level=Level.GOOD, **more)).value

    assert told(Part.DISK, Sign.FREE, value=0.25, text="5.0 / 20.0") == "25 % (5.0 / 20.0)"
    assert told(Part.POSTGRES, Sign.SIZE, value=1_234.0) == "1,234 MB"
    assert told(Part.VALKEY, Sign.STREAMS, value=12_000.0) == "12,000"
    assert told(Part.POSTGRES, Sign.CONNECTIONS, value=0.1, text="10 / 100") == "10 / 100"


FILES = [machinery_export.JOBS, machinery_export.FLAGS, machinery_export.HEALTH_CSV,
         machinery_export.HEALTH_JSON]  # fmt: skip


@pytest.mark.parametrize("path", FILES)
async def test_files_are_for_those_alone_who_may_see_the_machinery(path):
    doors = Starlette(routes=machinery_export.routes())
    for site in ("none", "same-origin", "cross-site"):
        answer = await get(doors, path, **{"sec-fetch-site": site})
        assert (answer.status, "job" in answer.body) == (403, False)


async def test_visitors_are_told_that_the_pages_are_shut():
    for state in (AdminJobsState(), AdminFlagsState(), AdminHealthState()):
        assert isinstance(await seen(ANONYMOUS, state._look), NotAllowed)
