"""The desk of a worker: what is timed, kept, paused, asked for, and what becomes of failures."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.clock_jobs import JOBS, Job, Outcome, Pause, Run, Wish
from domain.errors import Broken, Refused, Unavailable
from domain.flags import Decided, Flag, Rule
from jobs.desk import JobDesk
from jobs.schedule import timetable, upcoming
from store import flags, job_runs
from store.job_runs import Sought
from tests.controls import turned
from tests.facts import NOON

pytestmark = pytest.mark.usefixtures("emptied")


@dataclass
class Acts:
    """Counts what is done, and goes wrong as it is told."""

    done: int = 0
    wrong: Exception | None = None

    async def __call__(self):
        self.done += 1
        if self.wrong:
            raise self.wrong


@pytest.fixture
def act():
    return Acts()


@pytest.fixture
def made(database, cache, clock, act):
    """Return a function that makes a desk on which every job is the same."""

    def making(*, leads=True, worker="w1", job=Job.SUMMARISE):
        return JobDesk(
            database=database,
            cache=cache,
            clock=clock,
            worker=worker,
            leads=lambda: leads,
            acts={job: act},
            sleep=lambda _: asyncio.sleep(0),
        )

    return making


@pytest.fixture
def kept(database):
    async def reading(**sought):
        async with database.begin() as db:
            return [run for _, run in await job_runs.runs(db, Sought(**sought), limit=100)]

    return reading


@asynccontextmanager
async def at_work(desk):
    task = asyncio.create_task(desk.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def held(database, job=Job.SUMMARISE):
    async with database.begin() as db:
        await job_runs.pause(db, Pause(job=job, at=NOON, by="an admin"))


async def test_a_run_is_timed_and_kept(made, kept, act):
    desk = made()
    await desk.by_the_clock(Job.SUMMARISE)()
    await desk.write()
    assert act.done == 1
    assert await kept() == [
        Run(job="summarise", worker="w1", started_at=NOON, took_s=0.0, outcome=Outcome.DONE)
    ]


@pytest.mark.parametrize(
    ("wrong", "outcome", "code"),
    [
        (Unavailable("gone, with password=secret"), Outcome.PUT_OFF, "unavailable"),
        (Broken("secret"), Outcome.FAILED, "broken"),
        (RuntimeError("secret"), Outcome.FAILED, "unexpected"),
    ],
)
async def test_a_failure_is_kept_by_its_code_alone(made, kept, act, wrong, outcome, code):
    desk, act.wrong = made(), wrong
    if outcome is Outcome.FAILED:
        with pytest.raises(type(wrong)):  # whoever schedules it hears of it
            await desk.by_the_clock(Job.SUMMARISE)()
    else:
        await desk.by_the_clock(Job.SUMMARISE)()
    await desk.write()
    (run,) = await kept()
    assert (run.outcome, run.code) == (outcome, code)
    assert "secret" not in repr(run)


async def test_of_what_is_done_often_only_what_changes_is_kept(made, kept, act):
    desk = made(job=Job.CARRY)
    for wrong in (None, Unavailable("a"), Unavailable("b"), None, None):
        act.wrong = wrong
        await desk.by_the_clock(Job.CARRY)()
    await desk.write()
    assert [run.outcome for run in await kept()] == [Outcome.DONE, Outcome.PUT_OFF]


@pytest.mark.parametrize("leads", [True, False])
async def test_what_is_done_once_for_all_is_the_leaders_also_when_it_is_asked_for(
    made, cache, act, leads
):
    desk = made(leads=leads)
    await desk.by_the_clock(Job.SUMMARISE)()
    await job_runs.wish(cache, Wish(id="1", job="summarise", by="an admin", at=NOON))
    async with asyncio.TaskGroup() as tasks:
        await desk.grant(tasks)
    assert act.done == 2 * leads
    assert bool(await job_runs.take_wishes(cache, ["summarise"])) is not leads


async def test_what_is_paused_stays_so_for_a_worker_that_starts_and_until_it_is_resumed(
    made, database, act
):
    await held(database)
    for desk in (made(), made(worker="w2")):
        await desk.obey()
        await desk.by_the_clock(Job.SUMMARISE)()
    assert act.done == 0
    async with database.begin() as db:
        assert await job_runs.resume(db, "summarise")
    await desk.obey()
    await desk.by_the_clock(Job.SUMMARISE)()
    assert act.done == 1


async def test_a_wish_is_granted_once_though_the_job_is_paused_and_says_who_wished(
    made, cache, database, kept, act
):
    await held(database)
    desks = [made(), made(worker="w2")]
    await job_runs.wish(cache, Wish(id="7", job="summarise", by="an admin", at=NOON))
    async with at_work(desks[0]), at_work(desks[1]):
        await turned(lambda: act.done)
        async with asyncio.timeout(30):
            while not (runs := await kept()):
                await asyncio.sleep(0.01)
    assert act.done == 1
    assert [(run.by, run.asked) for run in runs] == [("an admin", "7")]


async def test_a_job_that_breaks_when_it_is_asked_for_stops_nothing(made, cache, kept, act):
    desk, act.wrong = made(), RuntimeError("broke")
    async with at_work(desk):
        for number in ("1", "2"):
            wish = Wish(id=number, job="summarise", by="an admin", at=NOON)
            await job_runs.wish(cache, wish)
            async with asyncio.timeout(30):
                while number not in [run.asked for run in await kept()]:
                    await asyncio.sleep(0.01)
    assert {run.code for run in await kept()} == {"unexpected"}


async def test_one_run_at_a_time_whoever_asks(made):
    running, most = 0, 0
    goes = asyncio.Event()

    async def slow():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await goes.wait()
        running -= 1

    desk = made()
    desk.acts = {Job.SUMMARISE: slow}
    runs = [asyncio.create_task(desk.by_the_clock(Job.SUMMARISE)()) for _ in range(3)]
    await turned(lambda: running)
    goes.set()
    await asyncio.gather(*runs)
    assert most == 1


async def test_what_cannot_be_written_waits_until_it_can(made, kept, act, database):
    desk = made()
    down = RuntimeError("not reached")

    class Away:
        def begin(self):
            raise Unavailable(str(down))

    await desk.by_the_clock(Job.SUMMARISE)()
    desk.database = Away()
    with pytest.raises(Unavailable):
        await desk.write()
    desk.database = database
    await desk.write()
    assert len(await kept()) == 1


async def test_a_worker_tells_how_its_jobs_are(made, cache, clock):
    desk = made()
    desk.upcoming = lambda: {"summarise": clock.now() + timedelta(minutes=5)}
    await desk.by_the_clock(Job.SUMMARISE)()
    await desk.tell()
    told = (await job_runs.desks(cache))["w1"]
    assert (told.leads, told.running, told.last["summarise"].outcome) == (True, [], "done")
    assert told.next["summarise"] - clock.now() == timedelta(minutes=5)
    assert told.memory_mb > 0


async def test_a_worker_hears_of_flags_within_a_second_and_keeps_what_it_heard(made, database):
    desk = made()
    await desk.obey()
    assert desk.offers(Flag.PROSPECTS)
    off = Decided(flag="prospects", at=NOON, by="an admin", after=Rule(on=False))
    async with database.begin() as db:
        await flags.save(db, off)
    await desk.obey()
    assert not desk.offers(Flag.PROSPECTS)


async def test_every_job_has_its_hour(made, act):
    desk = made()
    desk.acts = dict.fromkeys(JOBS, act)
    planned = timetable(desk)
    assert {job.id for job in planned.get_jobs()} == set(JOBS)
    planned.start(paused=True)
    assert upcoming(planned).keys() == set(JOBS)
    planned.shutdown(wait=False)


async def test_a_job_that_refuses_is_kept_as_failed(made, kept, act):
    desk, act.wrong = made(), Refused("no")
    with pytest.raises(Refused):
        await desk.by_the_clock(Job.SUMMARISE)()
    await desk.write()
    assert [(run.outcome, run.code) for run in await kept()] == [(Outcome.FAILED, "refused")]
