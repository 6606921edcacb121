"""Jobs for those who may see or manage them: what they are told, and what is on record."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from domain.clock_jobs import JOBS, Desk, Job, Outcome, Run
from domain.errors import NotAllowed, NotFound, ProofNeeded, Refused, Unavailable
from services import jobs_admin
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.jobs_admin import Sought, filtered
from services.work import Work
from store import job_runs
from store.tables import AuditRow
from tests.facts import NOON

ACTS = {
    "overview": jobs_admin.overview,
    "history": lambda work: jobs_admin.history(work, Sought(), limit=1),
    "export": lambda work: jobs_admin.exported(work, Sought(), before=None),
    "run": lambda work: jobs_admin.run_now(work, "alert"),
    "pause": lambda work: jobs_admin.pause(work, "alert"),
    "resume": lambda work: jobs_admin.resume(work, "alert"),
}
OTHERS = (Subject(), ANONYMOUS, Subject(permissions=PERMISSIONS_OF[Role.ANALYST]))


@pytest.fixture
def admin(db, cache, clock):
    both = frozenset({Permission.VIEW_SYSTEM, Permission.MANAGE_JOBS})
    return Work(Subject(name="an admin", permissions=both), db, cache, clock)


def a_run(**changes):
    told = {"job": "prune", "worker": "w1", "started_at": NOON, "took_s": 1.5}
    return Run(**told | {"outcome": Outcome.DONE} | changes)


def a_desk(**changes):
    told = {"leads": True, "version": "1", "memory_mb": 9.0, "started_at": NOON}
    return Desk(**told | changes)


async def recorded(db, action):
    chosen = sa.select(AuditRow).where(AuditRow.action == action)
    found = await db.execute(chosen.order_by(AuditRow.id))
    return [(entry.actor, entry.subject) for (entry,) in found]


@pytest.mark.parametrize("subject", OTHERS, ids=["none", "any", "analyst"])
@pytest.mark.parametrize("act", ACTS)
async def test_whoever_may_not_is_refused_and_nothing_happens(admin, act, subject):
    with pytest.raises(NotAllowed):
        await ACTS[act](replace(admin, subject=subject))
    assert await job_runs.pauses(admin.db) == {}
    assert await job_runs.take_wishes(admin.cache, list(JOBS)) == []


@pytest.mark.parametrize("act", ["run", "pause", "resume"])
async def test_who_may_only_look_does_nothing(admin, act):
    looking = Subject(permissions=frozenset({Permission.VIEW_SYSTEM}))
    with pytest.raises(NotAllowed):
        await ACTS[act](replace(admin, subject=looking))


async def test_every_job_is_told_also_before_any_worker_ran(admin):
    found = await jobs_admin.overview(admin)
    assert [seen.job for seen in found.jobs] == list(JOBS)
    assert {(seen.last, seen.next_at, seen.running) for seen in found.jobs} == {(None, None, False)}
    assert found.leader == ""


async def test_the_last_run_is_what_a_worker_tells_or_else_what_was_kept(admin):
    await job_runs.add_run(admin.db, a_run())
    newer = a_run(job="alert", started_at=NOON + timedelta(seconds=5))
    due = {"alert": NOON + timedelta(seconds=10), "prune": NOON + timedelta(hours=5)}
    await job_runs.tell(
        admin.cache, "w1", a_desk(last={"alert": newer}, next=due, running=["alert"])
    )
    other = a_desk(leads=False, next={"prune": NOON, "give_back": NOON})
    await job_runs.tell(admin.cache, "w2", other)
    found = await jobs_admin.overview(admin)
    seen = {each.job: each for each in found.jobs}
    assert found.leader == "w1"
    assert (seen[Job.ALERT].last, seen[Job.ALERT].running) == (newer, True)
    assert seen[Job.PRUNE].last == a_run()
    # Who does not lead has an hour for it too, but does nothing then.
    assert seen[Job.PRUNE].next_at == due["prune"]
    assert seen[Job.GIVE_BACK].next_at == NOON


async def test_a_pause_is_told_with_its_reason_and_ends_with_a_resumption(admin):
    await jobs_admin.pause(admin, "alert", why=" a noisy vendor ")
    seen = {each.job: each for each in (await jobs_admin.overview(admin)).jobs}
    assert (seen[Job.ALERT].pause.why, seen[Job.ALERT].pause.by) == ("a noisy vendor", "an admin")
    with pytest.raises(Refused, match="already"):
        await jobs_admin.pause(admin, "alert")
    await jobs_admin.resume(admin, "alert")
    with pytest.raises(Refused, match="not paused"):
        await jobs_admin.resume(admin, "alert")
    # The audit keeps what other tests did for good: the last entry is this one's.
    assert (await recorded(admin.db, "job.pause"))[-1] == ("an admin", "job alert")
    assert (await recorded(admin.db, "job.resume"))[-1] == ("an admin", "job alert")


@pytest.mark.parametrize("job", sorted(job for job, plan in JOBS.items() if plan.grave))
async def test_a_grave_job_is_paused_only_by_whom_proved_that_it_is_them(admin, account, job):
    long_ago = replace(account, permissions=admin.subject.permissions)
    with pytest.raises(ProofNeeded):
        await jobs_admin.pause(replace(admin, subject=long_ago), job)
    assert await job_runs.pauses(admin.db) == {}
    lately = replace(long_ago, proved_at=NOON - timedelta(minutes=9))
    await jobs_admin.pause(replace(admin, subject=lately), job)
    # To let it go on again is never dangerous.
    await jobs_admin.resume(replace(admin, subject=long_ago), job)


@pytest.fixture
def account():

    return Subject(user_id=uuid4())


def test_the_witness_of_the_audit_retention_and_keys_are_grave():
    assert {job for job, plan in JOBS.items() if plan.grave} == {
        *(Job.ANCHOR, Job.CHECK),
        *(Job.PRUNE, Job.FORGET_MEMBERS),
        Job.RESEAL,
    }


async def test_a_wish_reaches_a_worker_and_is_on_record(admin):
    number = await jobs_admin.run_now(admin, "prune")
    (wish,) = await job_runs.take_wishes(admin.cache, ["prune"])
    assert (wish.id, wish.job, wish.by) == (number, "prune", "an admin")
    assert (await recorded(admin.db, "job.run"))[-1] == ("an admin", "job prune")


@pytest.mark.parametrize("act", [jobs_admin.run_now, jobs_admin.pause, jobs_admin.resume])
@pytest.mark.parametrize("name", ["", "sign_in", "os.system", "prune'"])
async def test_what_is_no_job_is_not_found(admin, act, name):
    with pytest.raises(NotFound):
        await act(admin, name)


async def test_a_reason_beyond_all_measure_is_refused(admin):
    with pytest.raises(Refused, match="200"):
        await jobs_admin.pause(admin, "alert", why="x" * 201)


async def test_history_is_filtered_paged_and_exported_in_pieces(admin, monkeypatch):
    monkeypatch.setattr(jobs_admin, "EXPORTED_AT_ONCE", 2)
    outcomes = [Outcome.DONE, Outcome.FAILED, Outcome.DONE]
    for number, outcome in enumerate(outcomes):
        await job_runs.add_run(admin.db, a_run(took_s=float(number), outcome=outcome))
    await job_runs.add_run(admin.db, a_run(job="alert"))
    found = await jobs_admin.history(admin, Sought("prune"), limit=2)
    assert ([run.took_s for run in found.runs], found.total) == ([2.0, 1.0], 3)
    failed = await jobs_admin.history(admin, Sought("", "failed"), limit=9)
    assert [run.took_s for run in failed.runs] == [1.0]
    taken, before = [], None
    while some := await jobs_admin.exported(admin, Sought("prune"), before=before):
        taken += [run.took_s for _, run in some]
        before = some[-1][0]
    assert taken == [2.0, 1.0, 0.0]


@pytest.mark.parametrize("said", [{}, {"job": "x"}, {"job": ["prune"]}, {"outcome": None}])
def test_a_filter_that_makes_no_sense_asks_for_nothing(said):
    assert filtered(said) == Sought()


async def test_without_valkey_it_says_what_was_kept(admin, monkeypatch):
    async def away(_):
        raise Unavailable("gone")

    await job_runs.add_run(admin.db, a_run())
    monkeypatch.setattr(job_runs, "desks", away)
    found = await jobs_admin.overview(admin)
    assert found.desks is None
    assert next(seen.last for seen in found.jobs if seen.job is Job.PRUNE) == a_run()
