"""Members and sessions as admins manage them in the browser."""

import csv
import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from kit.clock import SystemClock
from services.access import Role
from services.work import Resources
from tests.accounts import ANN, BOB, browser_of, open_account, signed_in
from tests.e2e.conftest import Office, office_of
from tests.e2e.test_admin_pages import PHONE, WIDER

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")


@pytest.fixture
async def people(stage, database, emptied):
    """Ann, who is a member and signed in, and Bob, who is an owner."""
    del emptied
    resources = Resources(database, stage.worker.cache, SystemClock())
    await open_account(resources, BOB, Role.OWNER)
    await open_account(resources, ANN)
    browsers = browser_of(await signed_in(resources, ANN))
    return Office(stage.web, stage.worker, stage.browser, browsers)


@pytest.fixture
async def admin(stage, database, people):
    """The stage for an admin."""
    del people
    return await office_of(stage, database, Role.ADMIN)


def read(path):
    return Path(path).read_text().splitlines()


async def find(page, text):
    await page.get_by_label("Address or id").fill(text)
    await page.get_by_role("button", name="Search").click()


async def do(page, act):
    """Choose an act and say yes."""
    acts = page.get_by_test_id("member-acts")
    await acts.get_by_role("button", name=act, exact=True).click()
    await expect(page.get_by_test_id("sure")).to_be_visible()
    return acts.get_by_role("button", name="Yes, do it")


async def test_a_member_is_found_locked_unlocked_and_erased(stage, people, admin):
    async with admin.open("/admin/members") as page:
        await expect(page.get_by_test_id("member")).to_have_count(3)
        await find(page, "ann@")
        await expect(page.get_by_test_id("member")).to_have_count(1)
        await page.get_by_role("link", name=ANN).click()
        await expect(page.get_by_test_id("member-facts")).to_contain_text("Active")
        await (await do(page, "Lock")).click()
        await expect(page.get_by_text("The account is locked.")).to_be_visible()
        async with people.open("/account/data") as hers:
            await expect(hers.get_by_text("Sign in to see your data")).to_be_visible()
        await (await do(page, "Unlock")).click()
        await expect(page.get_by_text("The account is unlocked.")).to_be_visible()
        sure = await do(page, "Change the plan")
        await page.get_by_label("Plan").select_option("pro")
        await sure.click()
        await expect(page.get_by_test_id("member-facts")).to_contain_text("Pro")
        sure = await do(page, "Erase")
        await sure.click()
        await expect(page.get_by_text("that is not the e-mail address")).to_be_visible()
        sure = await do(page, "Erase")
        await page.get_by_label("Type the address to go on").fill(ANN)
        await sure.click()
        await expect(page.get_by_text("There is no such member")).to_be_visible()


async def test_nobody_is_touched_whose_role_is_above(admin):
    async with admin.open("/admin/members") as page:
        await find(page, BOB)
        await page.get_by_role("link", name=BOB).click()
        await (await do(page, "Lock")).click()
        await expect(page.get_by_text("owner is a role above yours")).to_be_visible()
        await expect(page.get_by_test_id("member-facts")).to_contain_text("Active")


async def test_the_list_is_taken_away_without_secrets(admin):
    async with admin.open("/admin/members") as page:
        await find(page, "ann@")
        await expect(page.get_by_test_id("member")).to_have_count(1)
        async with page.expect_download() as coming:
            await page.get_by_test_id("export").click()
        (row,) = csv.DictReader(read(await (await coming.value).path()))
        assert (row["email"], row["state"], "password_hash" in row) == (ANN, "active", False)


async def test_sessions_are_found_and_ended_one_or_all_of_a_member(people, admin):
    async with admin.open("/admin/sessions") as page:
        await expect(page.get_by_test_id("live-session")).to_have_count(2)
        await page.get_by_label("Whose").fill(ANN)
        await page.get_by_role("button", name="Search").click()
        row = page.get_by_test_id("live-session")
        await expect(row).to_have_count(1)
        await row.get_by_role("button", name="End", exact=True).click()
        await row.get_by_role("button", name="Cancel").click()
        await row.get_by_role("button", name="End", exact=True).click()
        await row.get_by_role("button", name="End all of this member").click()
        await expect(page.get_by_text("No session fits")).to_be_visible()
    async with people.open("/account/data") as page:
        await expect(page.get_by_text("Sign in to see your data")).to_be_visible()


async def test_support_is_told_no_address_and_no_session(stage, database, people):
    del people
    support = await office_of(stage, database, Role.SUPPORT)
    async with support.open("/admin/members") as page:
        await find(page, "ann")
        await expect(page.get_by_text("No account fits")).to_be_visible()
        await find(page, ANN)
        await expect(page.get_by_test_id("member")).to_contain_text("a***@example.com")
        await expect(page.get_by_test_id("export")).to_have_count(0)
    async with support.open("/admin/sessions") as page:
        await expect(page.get_by_test_id("refused")).to_be_visible()


async def test_the_pages_fit_a_phone_and_have_no_barrier_that_axe_knows(admin):
    for path, mark in (("/admin/members", "member"), ("/admin/sessions", "live-session")):
        async with admin.open(path, **PHONE) as page:
            await expect(page.get_by_test_id(mark).first).to_be_visible()
            assert not await page.evaluate(WIDER)
            if mark == "member":
                await page.get_by_role("link", name=ANN).click()
                await expect(page.get_by_test_id("member-facts")).to_be_visible()
                await expect(page).to_have_url(re.compile(r"/admin/members/[0-9a-f-]{36}$"))
                assert not await page.evaluate(WIDER)
            found = await Axe().run(page)
            faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
            assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []
