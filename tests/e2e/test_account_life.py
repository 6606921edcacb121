"""The life of an account in the browser: moved, taken away, shown to support, closed, erased."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from kit.clock import SystemClock
from services.access import Role
from services.work import Resources
from tests.accounts import ANN, PASSWORD, browser_of, open_account, signed_in
from tests.e2e.conftest import Office, office_of
from tests.e2e.test_admin_pages import PHONE, WIDER

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")
NEW = "ann@elsewhere.example"


@pytest.fixture
async def ann(stage, database, emptied):
    """The stage for Ann, who is a member, and whose network is this machine's."""
    del emptied
    resources = Resources(database, stage.worker.cache, SystemClock())
    member = await open_account(resources, ANN)
    browsers = browser_of(await signed_in(resources, ANN, address="127.0.0.1"))
    room = Office(stage.web, stage.worker, stage.browser, browsers)
    return room, member


def ended(page, path, end):
    return expect(page).to_have_url(re.compile(f"{path}#{end}$"))


def read(path):
    return Path(path).read_bytes()


def part(page, name):
    return page.get_by_test_id(f"data-{name}")


async def link_of_letter(admin, kind):
    """Return where the newest letter of a kind leads, as an admin reads it in the outbox."""
    async with admin.open("/admin/mail") as page:
        letter = page.get_by_test_id("letter").filter(has_text=kind).first
        await letter.get_by_text("Read", exact=True).click()
        text = await letter.get_by_test_id("letter-text").inner_text()
    (link,) = re.findall(r"https?://[^/\s]+(/\S+)", text)
    return link


async def sign_in(page, email, password=PASSWORD):
    await page.get_by_label("E-mail", exact=True).fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("main").get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("path", ["/account/security", "/account/sessions", "/account/data"])
async def test_a_visitor_is_refused_alike_on_every_page_of_an_account(stage, ann, path):
    room, _ = ann
    async with stage.open(path) as page:
        await expect(page.get_by_test_id("refused")).to_contain_text("Sign in to see")
    async with room.open(path) as page:
        await expect(page.get_by_role("main").locator("section").first).to_be_visible()
        await expect(page.get_by_test_id("refused")).to_have_count(0)


async def test_an_account_moves_by_letter_and_the_old_mailbox_undoes_it(stage, database, ann):
    room, _ = ann
    admin = await office_of(stage, database, Role.ADMIN)
    async with room.open("/account/data") as page:
        await part(page, "move").get_by_label("New address").fill(NEW)
        await part(page, "move").get_by_role("button").click()
        await ended(page, "/account/data", "sent")
        await expect(
            page.get_by_text("An e-mail is on its way to the new address.")
        ).to_be_visible()
    link = await link_of_letter(admin, "Confirm a new address")
    async with stage.open(link) as page:
        assert "#" not in page.url
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Use this address").click()
        await ended(page, "/move", "done")
    async with room.open("/account/data") as page:
        await expect(part(page, "move").get_by_text(NEW)).to_be_visible()
    async with stage.open(await link_of_letter(admin, "Has another address now")) as page:
        await page.get_by_role("button", name="It was not me: stop it").click()
        await ended(page, "/keep", "done")
    async with room.open("/account/data") as page:
        await expect(page.get_by_text("Sign in to see your data")).to_be_visible()
    async with stage.open("/login") as page:
        await sign_in(page, ANN)
        await ended(page, "/login", "wrong")


async def test_what_is_kept_is_taken_away_as_json_and_as_tables(ann):
    room, _ = ann
    async with room.open("/account/data") as page:
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Download as JSON").click()
        kept = json.loads(read(await (await coming.value).path()))
        assert [row["email"] for row in kept["accounts"]] == [ANN]
        assert len(kept["sessions"]) == 1
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Download as CSV (ZIP)").click()
        whole = zipfile.ZipFile(io.BytesIO(read(await (await coming.value).path())))
        assert {f"{name}.csv" for name in kept} == set(whole.namelist())
        (row,) = csv.DictReader(io.StringIO(whole.read("accounts.csv").decode()))
        assert (row["email"], "password_hash" in row) == (ANN, False)


async def test_support_sees_by_a_grant_and_no_longer_when_it_is_taken_back(stage, database, ann):
    room, member = ann
    support = await office_of(stage, database, Role.SUPPORT)
    path = f"/admin/members/{member.user_id}"
    async with support.open(path) as page:
        await expect(page.get_by_text("They have not let support look.")).to_be_visible()
        await expect(page.get_by_test_id("member-facts")).to_contain_text("a***@example.com")
        await expect(page.get_by_test_id("member-acts")).to_have_count(0)
    async with room.open("/account/data") as page:
        await part(page, "support").get_by_label("For how long").select_option("1")
        await part(page, "support").get_by_label("What for").fill("the board stays empty")
        await part(page, "support").get_by_role("button", name="Let support look").click()
        await ended(page, "/account/data", "granted")
        await expect(page.get_by_test_id("grant")).to_contain_text("Open the board stays empty")
        await expect(page.get_by_text("Nobody.", exact=True)).to_be_visible()
    async with support.open(path) as helper:
        await expect(helper.get_by_text("the board stays empty")).to_be_visible()
        await helper.get_by_role("button", name="Look", exact=True).click()
        await expect(helper.get_by_test_id("seen")).to_contain_text("Free · Everything 60 seconds")
        async with room.open("/account/data") as page:
            await expect(page.get_by_test_id("look")).to_contain_text("Support, account")
            await page.get_by_role("button", name="End it now").click()
            await ended(page, "/account/data", "revoked")
        await helper.get_by_role("button", name="Look", exact=True).click()
        await expect(helper.get_by_text("has not let support look, or no longer")).to_be_visible()
        await expect(helper.get_by_test_id("seen")).to_have_count(0)


async def test_who_closes_may_come_back_and_who_erases_may_not(stage, ann):
    room, _ = ann
    async with room.open("/account/data") as page:
        await part(page, "close").get_by_label("Type your e-mail address").fill("other@example.com")
        await part(page, "close").get_by_role("button").click()
        await ended(page, "/account/data", "wrong")
        await part(page, "close").get_by_label("Type your e-mail address").fill(ANN)
        await part(page, "close").get_by_role("button").click()
        await ended(page, "/come-back", "closed")
        assert await page.context.cookies() == []
    async with stage.open("/login") as page:
        await sign_in(page, ANN)
        await ended(page, "/come-back", "closed")
        await page.get_by_label("E-mail", exact=True).fill(ANN)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Open my account again").click()
        await ended(page, "/come-back", "done")
        await page.get_by_role("link", name="Go to sign in").click()
        await sign_in(page, ANN)
        await expect(page).to_have_url(re.compile("/$"))
        await page.goto(f"{stage.web.url}/account/data")
        await part(page, "erase").get_by_label("Type your e-mail address").fill(ANN)
        await part(page, "erase").get_by_role("button").click()
        await ended(page, "/come-back", "erased")
        await expect(page.get_by_text("Nothing that names you is left.")).to_be_visible()
        await page.goto(f"{stage.web.url}/login")
        await sign_in(page, ANN)
        await ended(page, "/login", "wrong")


@pytest.mark.parametrize("path", ["/account/data", "/move", "/keep", "/come-back"])
async def test_every_page_of_it_fits_a_phone_and_has_no_barrier_that_axe_knows(ann, path):
    room, _ = ann
    async with room.open(path, **PHONE) as page:
        await expect(page.get_by_role("main").get_by_role("button").first).to_be_visible()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []
