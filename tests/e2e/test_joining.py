"""The life of an account in the browser: asked for, confirmed by letter, forgotten, chosen anew."""

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from services.access import Role
from tests.accounts import ANN, OTHER, PASSWORD
from tests.e2e.conftest import office_of
from tests.e2e.test_admin_pages import PHONE, WIDER

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")


LABELS = {"email": "E-mail", "password": "Password", "chosen": "New password"}


async def fill(page, title, button, **fields):
    """Fill the form in that the page of a title has, by its labels, and send it."""
    main = page.get_by_role("main")
    await expect(main.get_by_role("heading", name=title)).to_be_visible()
    for name, text in fields.items():
        await main.get_by_label(LABELS[name], exact=True).fill(text)
    await main.get_by_role("button", name=button).click()


def ended(page, end):
    return expect(page).to_have_url(re.compile(f"#{end}$"))


async def link_of_newest_letter(admin):
    """Return where the newest letter leads, as an admin reads it in the outbox."""
    async with admin.open("/admin/mail") as page:
        letter = page.get_by_test_id("letter").first
        await letter.get_by_text("Read", exact=True).click()
        text = await letter.get_by_test_id("letter-text").inner_text()
    (link,) = re.findall(r"https?://[^/\s]+(/\S+)", text)
    return link


async def test_from_registering_to_another_password(stage, database):
    admin = await office_of(stage, database, Role.ADMIN)
    async with stage.open("/login") as page:
        await page.get_by_role("link", name="Create an account").click()
        await fill(page, "Create an account", "Send the e-mail", email=ANN, chosen=PASSWORD)
        await ended(page, "sent")
        await expect(page.get_by_text("An e-mail is on its way.")).to_be_visible()
    link = await link_of_newest_letter(admin)
    async with stage.open(link) as page:
        code = page.get_by_label("Code from the e-mail")
        await expect(code).not_to_have_value("")
        assert "#" not in page.url
        await fill(page, "Confirm your address", "Confirm and sign in", password=OTHER)
        await ended(page, "wrong")
        await expect(code).not_to_have_value("")
        await fill(page, "Confirm your address", "Confirm and sign in", password=PASSWORD)
        await expect(page).to_have_url(re.compile("/board$"))
        await expect(page.get_by_role("banner")).to_contain_text(ANN)
    async with stage.open(link) as page:
        await fill(page, "Confirm your address", "Confirm and sign in", password=PASSWORD)
        await ended(page, "over")
    async with stage.open("/login") as page:
        await page.get_by_role("link", name="Forgot your password?").click()
        await fill(page, "Forgot your password?", "Send the e-mail", email=ANN)
        await ended(page, "sent")
    async with stage.open(await link_of_newest_letter(admin)) as page:
        await fill(page, "Choose another password", "Set the password", chosen=OTHER)
        await ended(page, "done")
        await page.get_by_role("link", name="Go to sign in").click()
        await fill(page, "Sign in", "Sign in", email=ANN, password=OTHER)
        await expect(page).to_have_url(re.compile("/$"))


@pytest.mark.parametrize("path", ["/register", "/confirm", "/forgot", "/reset"])
async def test_every_door_fits_a_phone_and_has_no_barrier_that_axe_knows(stage, path):
    async with stage.open(path, **PHONE) as page:
        await expect(page.get_by_role("main").get_by_role("button")).to_be_visible()
        assert not await page.evaluate(WIDER)
        found = await Axe().run(page)
        faults = [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]]
        assert [fault for fault in faults if 'class="skip"' not in fault[1]] == []


async def test_only_who_manages_accounts_reads_letters(stage, database):
    support = await office_of(stage, database, Role.SUPPORT)
    for whose in (stage, support):
        async with whose.open("/admin/mail") as page:
            await expect(page.get_by_test_id("refused")).to_be_visible()
            await expect(page.get_by_test_id("letter")).to_have_count(0)
