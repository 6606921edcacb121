"""Jobs, flags and health in a real browser: what is done there is done by real processes."""

import asyncio
import csv
import io
import re
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from arb_app.state.opportunity_rescue import RescueState
from domain.clock_jobs import Job
from domain.opportunities import Kind
from jobs.desk import JobDesk
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import Role
from tests.e2e.conftest import office_of
from tests.facts import a_row

PHONE = {"viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def admin(stage, database, emptied):
    """The stage for an admin."""
    return await office_of(stage, database, Role.ADMIN)


@pytest.fixture
def done():
    """The names of jobs that were done, in their order."""
    return []


@asynccontextmanager
async def a_worker(stage, database, done):
    """A worker that leads and listens to admins; its jobs only say that they were done."""

    async def say(name):
        done.append(name)

    desk = JobDesk(
        database=database,
        cache=stage.worker.cache,
        clock=SystemClock(),
        worker="worker-of-a-play",
        leads=lambda: True,
        acts={job: lambda job=job: say(job.value) for job in Job},
        sleep=lambda _: asyncio.sleep(0.2),
    )
    await desk.obey()
    task = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def row_of(page, name):
    return page.locator(f'[data-job="{name}"]')


async def ask(page, name, act):
    await row_of(page, name).get_by_role("button", name=act).click()
    question = page.get_by_test_id("question")
    await expect(question).to_be_visible()
    return question


@pytest.mark.usefixtures("heartbeat")
async def test_a_job_is_asked_for_done_by_a_worker_and_in_the_history(admin, database, done):
    async with a_worker(admin, database, done), admin.open("/admin/jobs") as page:
        await expect(page.get_by_test_id("workers")).to_contain_text("worker-of-a-play leads")
        question = await ask(page, "summarise", "Run now")
        await expect(question).to_contain_text("cannot be undone")
        assert done == []  # it is asked again first
        await question.get_by_role("button", name="Run now").click()
        await expect(page.get_by_test_id("said")).to_contain_text("A worker was asked")
        run = page.get_by_test_id("run").first
        await expect(run).to_contain_text("Prepare and summarise history", timeout=15_000)
        await expect(run).to_contain_text("account")
        await expect(row_of(page, "summarise")).to_contain_text("Done")
    assert done == ["summarise"]


@pytest.mark.usefixtures("heartbeat")
async def test_a_pause_says_what_it_costs_outlives_the_worker_and_ends(admin, database, done):
    async with admin.open("/admin/jobs") as page:
        async with a_worker(admin, database, done):
            question = await ask(page, "carry", "Pause")
            await expect(question).to_contain_text("Nobody gets a letter")
            await question.get_by_label("Reason").fill("the mail server moves")
            await question.get_by_role("button", name="Pause").click()
            await expect(page.get_by_test_id("held")).to_contain_text("Carry letters")
            await expect(row_of(page, "carry")).to_contain_text("the mail server moves")
        async with a_worker(admin, database, done) as another:
            await another.by_the_clock(Job.CARRY)()
            assert done == []
            await page.reload()
            await expect(page.get_by_test_id("held")).to_be_visible()
            question = await ask(page, "carry", "Resume")
            await question.get_by_role("button", name="Resume").click()
            await expect(page.get_by_test_id("held")).to_have_count(0)
            async with asyncio.timeout(10):
                while not done:
                    await another.by_the_clock(Job.CARRY)()
                    await asyncio.sleep(0.05)


@pytest.mark.usefixtures("heartbeat")
async def test_who_signed_in_long_ago_proves_that_it_is_them_before_a_grave_pause(admin, owner):
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        (user_id,) = owner.execute("select user_id from sessions").fetchone()
        owner.execute("select set_config('app.subject', %s, true)", [str(user_id)])
        owner.execute("update sessions set proved_at = timestamptz 'epoch'")
    async with admin.open("/admin/jobs") as page:
        question = await ask(page, "anchor", "Pause")
        await question.get_by_role("button", name="Pause").click()
        await page.wait_for_url("**/account/prove?next=/admin/jobs")
    assert owner.execute("select from job_pauses").fetchall() == []


@pytest.mark.usefixtures("heartbeat")
async def test_the_history_is_taken_away_as_a_file(admin, database, done):
    async with a_worker(admin, database, done), admin.open("/admin/jobs") as page:
        question = await ask(page, "alert", "Run now")
        await question.get_by_role("button", name="Run now").click()
        await expect(page.get_by_test_id("run").first).to_be_visible(timeout=15_000)
        await page.get_by_label("Job").select_option("alert")
        await page.get_by_role("button", name="Search").click()
        async with page.expect_download() as download:
            await page.get_by_test_id("export").click()
        text = (await (await download.value).path()).read_text()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["job"], row["outcome"], row["code"]) == ("alert", "done", "")


async def change(page, flag, **typed):
    """Give a flag another rule by its form."""
    await page.locator(f'[data-flag="{flag}"]').get_by_role("button", name="Change").click()
    form = page.get_by_test_id("flag-form")
    for label, value in typed.items():
        if isinstance(value, bool):
            await form.get_by_label(label, exact=True).set_checked(value)
        else:
            await form.get_by_label(label).fill(value)
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_test_id("said")).to_contain_text("Changed")


@pytest.mark.usefixtures("heartbeat")
async def test_joining_that_is_off_is_hidden_and_refused_and_an_undo_opens_it(admin, stage):
    async with admin.open("/admin/flags") as page:
        await change(page, "joining", On=False, Reason="robots")
        async with stage.open("/register") as visitor:
            closed = visitor.get_by_test_id("joining-closed")
            await _seen_soon(visitor, closed)
            await expect(visitor.get_by_role("button", name="Create")).to_have_count(0)
            answer = await visitor.request.post(
                f"{stage.web.url}/auth/register",
                headers={"origin": stage.web.url, "content-type": FORM},
                data="email=new%40example.com&password=seven+quiet+lanterns",
                max_redirects=0,
            )
            assert answer.headers["location"].endswith("/register#closed")
        await page.get_by_test_id("change").first.get_by_role("button", name="Undo").click()
        await page.get_by_test_id("undo-question").get_by_role("button", name="Undo it").click()
        await expect(page.get_by_test_id("said")).to_contain_text("Undone")
        await expect(page.locator('[data-flag="joining"]')).to_contain_text("on for everybody")
        async with stage.open("/register") as visitor:
            await _gone_soon(visitor, visitor.get_by_test_id("joining-closed"))


async def _seen_soon(page, what):
    """Reload until it is there: a process believes for two seconds what it looked up."""
    async with asyncio.timeout(15):
        while True:
            await page.get_by_role("main").wait_for()
            with suppress(AssertionError):
                await expect(what).to_be_visible(timeout=1_500)
                return
            await page.reload()


async def _gone_soon(page, what):
    async with asyncio.timeout(15):
        while True:
            await page.get_by_role("main").wait_for()
            with suppress(AssertionError):
                await expect(what).to_have_count(0, timeout=1_500)
                return
            await page.reload()


def a_low_hold():
    row = a_row(id=fresh())
    of = msgspec.structs.replace(row.opportunity, kind=Kind.LOW_HOLD)
    return msgspec.structs.replace(row, opportunity=of)


@pytest.mark.usefixtures("heartbeat")
async def test_prospects_that_are_off_leave_open_pages_and_come_back(admin, stage):
    await stage.worker.publish(a_low_hold())
    async with stage.open("/low-hold") as reader, admin.open("/admin/flags") as page:
        rows = reader.get_by_test_id("opportunity-row")
        await expect(rows).to_have_count(1, timeout=15_000)
        await change(page, "prospects", On=False)
        await expect(rows).to_have_count(0, timeout=15_000)  # the channel carries none, now
        await reader.reload()
        await expect(reader.get_by_test_id("prospects-off")).to_be_visible()
        nav = reader.get_by_role("banner").get_by_role("link", name="Middles")
        await expect(nav).to_have_count(0)
        await change(page, "prospects", On=True)
        await _gone_soon(reader, reader.get_by_test_id("prospects-off"))
        await expect(rows).to_have_count(1, timeout=15_000)


@pytest.mark.usefixtures("heartbeat")
async def test_the_rescue_is_gone_and_its_events_refused_for_whom_it_is_not(admin, stage):
    row = a_row(id="d5" * 12)
    await stage.worker.publish(row)
    async with stage.open(f"/board/{row.id}") as reader:
        begin = reader.get_by_test_id("rescue.begin")
        await expect(begin).to_be_visible()
        async with admin.open("/admin/flags") as page:
            await change(page, "rescue", member=True)
        name = f"{RescueState.get_full_name()}.begin"
        async with asyncio.timeout(15):
            while await _refused(stage, name) == 0:
                if await begin.is_visible():
                    await begin.click()
                await asyncio.sleep(0.3)
        await reader.reload()
        await expect(reader.get_by_role("heading", level=1)).to_be_visible()
        await expect(begin).to_have_count(0)


async def _refused(stage, name):
    wanted = f'dutchbook_events_refused_total{{event="{name}"}}'
    lines = (await stage.web.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(wanted))


@pytest.mark.usefixtures("heartbeat")
async def test_health_says_how_every_part_is_and_is_taken_away(admin, database, done):
    async with a_worker(admin, database, done), admin.open("/admin/health") as page:
        rows = page.get_by_test_id("reading")
        await expect(rows.filter(has_text="PostgreSQL: answers")).to_contain_text("yes")
        await expect(rows.filter(has_text="Workers: leads")).to_contain_text("worker-of-a-play")
        web = rows.filter(has_text="Web: memory")
        await expect(web).to_contain_text("MB")
        # Another play may have anchored it lately: what is not good names a chapter of the runbook.
        anchored = rows.filter(has_text="Audit: last anchor")
        await expect(anchored).to_contain_text(re.compile("Runbook|Good"))
        cookie = admin.browsers["storage_state"]["cookies"][0]
        own = {"cookie": f"{cookie['name']}={cookie['value']}"}
        told = (await admin.web.get("/exports/health.json", **own)).json()
        assert {each["part"] for each in told["readings"]} >= {"postgres", "valkey", "disk"}
        text = (await admin.web.get("/exports/health.csv", **own)).text
        assert text.startswith("at,part,sign,name,level,value,text")
    assert (await admin.web.get("/exports/health.json")).status_code == 403


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("path", ["/admin/jobs", "/admin/flags", "/admin/health"])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_is_told_so(stage, database, emptied, path, role):
    office = await office_of(stage, database, role)
    async with office.open(path) as page:
        await expect(page.get_by_test_id("refused")).to_be_visible()


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("path", ["/admin/jobs", "/admin/flags", "/admin/health"])
async def test_with_a_question_open_it_fits_a_phone_and_has_no_barrier(admin, path):
    async with admin.open(path, **PHONE, color_scheme="dark") as page:
        if path == "/admin/jobs":
            await ask(page, "prune", "Pause")
        elif path == "/admin/flags":
            await page.get_by_role("button", name="Change").last.click()
            await expect(page.get_by_test_id("flag-form")).to_be_visible()
        else:
            await expect(page.get_by_test_id("reading").first).to_be_visible()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []
