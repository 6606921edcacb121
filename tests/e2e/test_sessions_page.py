"""One's own sessions and devices in two real browsers, and what admins see of odd sign-ins."""

import asyncio
import csv
import json

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from arb_app.visitors import FRESH_S
from kit.clock import SystemClock
from services.access import Role
from services.work import Resources
from tests.accounts import ANN, open_account
from tests.e2e.conftest import office_of, until
from tests.e2e.test_sign_in import cookie_of, listening, sign_in

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")

PAGE = "/account/sessions"
STATE = "reflex___state____state.arb_app___state___sessions____sessions_state"
PHONE = {"viewport": {"width": 390, "height": 844}}
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def ann(database, stage):
    await open_account(Resources(database, stage.worker.cache, SystemClock()), ANN, Role.MEMBER)


async def enter(page):
    await sign_in(page)
    await expect(page.get_by_test_id("session").first).to_be_visible()


async def phase_told(raw):
    """Return what the page's own event says through a socket that is open already."""
    event = {"name": f"{STATE}.open", "payload": {}, "router_data": {"pathname": PAGE}}
    async with asyncio.timeout(10):
        await raw.send("42/_event," + json.dumps(["event", event]))
        while "phase" not in (heard := await raw.recv()):
            pass
    return heard


@pytest.mark.usefixtures("ann")
async def test_the_other_browser_is_signed_out_by_keyboard_and_its_socket_is_nobodys(stage):
    async with (
        stage.open(f"/login?next={PAGE}") as there,
        stage.open(f"/login?next={PAGE}") as here,
    ):
        await enter(there)
        await enter(here)
        stolen = f"dutchbook={(await cookie_of(there))['value']}"
        async with listening(stage, stolen) as raw:
            assert "found" in await phase_told(raw)
            sessions = here.get_by_test_id("session")
            await expect(sessions).to_have_count(2)
            await expect(sessions.first).to_contain_text("This browser")
            await expect(here.get_by_test_id("odd")).to_contain_text("Unknown device")
            await sessions.nth(1).get_by_role("button", name="Sign it out").focus()
            await here.keyboard.press("Enter")
            asked = here.get_by_test_id("sure")
            await expect(asked.get_by_role("button", name="Leave it")).to_be_focused()
            await here.keyboard.press("Shift+Tab")
            await here.keyboard.press("Enter")
            await expect(here.get_by_test_id("told")).to_contain_text("One session has ended.")
            await expect(sessions).to_have_count(1)

            async def refused():
                return "refused" in await phase_told(raw)

            await until(refused, within_s=FRESH_S + 5)
        await there.get_by_role("button", name="Forget it").click()
        await there.reload()
        await expect(there.get_by_test_id("refused")).to_be_visible()
        await here.reload()
        await expect(sessions).to_have_count(1)
        await expect(here.get_by_test_id("device")).to_have_count(2)


@pytest.mark.usefixtures("ann")
async def test_a_browser_is_known_again_after_signing_out_and_a_forgotten_one_is_not(stage):
    async with stage.open(f"/login?next={PAGE}") as page:
        await enter(page)
        did = await cookie_named(page, "did")
        assert (did["httpOnly"], did["sameSite"]) == (True, "Lax")
        assert did["value"] not in await page.content()
        await page.get_by_test_id("session").get_by_role("button", name="Sign out").click()
        await page.goto(f"{stage.web.url}/login?next={PAGE}")
        await enter(page)
        await expect(page.get_by_test_id("device")).to_have_count(1)
        await expect(page.get_by_test_id("odd")).to_have_count(0)
        await page.get_by_role("button", name="Forget it").click()
        await page.get_by_test_id("sure").get_by_role("button", name="Forget it").click()
        await expect(page.get_by_test_id("told")).to_contain_text("The device is forgotten.")
        await expect(page.get_by_test_id("device")).to_have_count(0)
        await expect(page.get_by_test_id("session")).to_have_count(1)


async def cookie_named(page, name):
    (cookie,) = [c for c in await page.context.cookies() if c["name"] == name]
    return cookie


@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_it_fits_a_phone_and_has_no_barrier_that_axe_knows(stage, scheme):
    way = f"/login?next={PAGE}"
    async with stage.open(way) as there, stage.open(way, color_scheme=scheme, **PHONE) as page:
        await enter(there)
        await enter(page)
        await page.get_by_role("button", name="Sign out all others").click()
        await expect(page.get_by_test_id("sure")).to_be_visible()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []


@pytest.mark.usefixtures("ann")
async def test_admins_see_odd_sign_ins_the_rules_and_take_the_file_away(stage, database, tmp_path):
    for _ in range(2):
        async with stage.open(f"/login?next={PAGE}") as page:
            await enter(page)
    office = await office_of(stage, database, Role.ADMIN)
    async with office.open("/admin/risk") as page:
        await expect(page.get_by_test_id("event")).to_have_count(1)
        await expect(page.get_by_test_id("rule")).to_have_count(8)
        await expect(page.get_by_test_id("rules")).to_contain_text("Nothing here is learned")
        await page.get_by_label("What came of it").select_option("block")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("No sign-in fits")).to_be_visible()
        await page.get_by_label("What came of it").select_option("allow")
        await page.get_by_label("Reason").select_option("unknown_device")
        await page.keyboard.press("Tab")
        await page.get_by_role("button", name="Search").click()
        await expect(page.get_by_text("1 sign-in", exact=True)).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_test_id("export").click()
        file = tmp_path / "risk.csv"
        await (await download.value).save_as(file)
    with file.open(newline="") as lines:
        assert [row["reasons"] for row in csv.DictReader(lines)] == ["unknown_device"]


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ANALYST])
async def test_whoever_may_not_read_of_risk_is_told_so(stage, database, role):
    office = await office_of(stage, database, role)
    async with office.open("/admin/risk") as page:
        await expect(page.get_by_test_id("refused")).to_be_visible()
        assert await page.get_by_test_id("event").count() == 0
    cookie = office.browsers["storage_state"]["cookies"][0]
    answer = await stage.web.get("/exports/risk.csv", cookie=f"{cookie['name']}={cookie['value']}")
    assert (answer.status_code, "account" in answer.text) == (403, False)
