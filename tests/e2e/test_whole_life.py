"""The whole life of an account in one play, from the first letter to coming back after its end.

What refuses somebody on the way is played elsewhere too: a finger that is refused and a copied
authenticator in `test_passkeys`, a code of an app that was used in `test_second_factor`, a letter
that was used in `test_joining`, a socket that was open before signing out in `test_sign_in` and
`test_sessions_page`. Here are the rest: a letter whose time is over, and a whole browser that was
copied before its owner signed out.
"""

import re
from functools import partial

import pytest
from playwright.async_api import expect

from arb_app.own_data import JSON
from arb_app.visitors import FRESH_S
from services.access import Role
from tests.accounts import OTHER, PASSWORD
from tests.e2e.conftest import office_of, until
from tests.e2e.test_account_life import ended, link_of_letter, part
from tests.e2e.test_joining import fill
from tests.e2e.test_passkeys import adds_a_key, device, email, resources
from tests.e2e.test_second_factor import enter, outlive_proof, set_app_up, sign_out
from tests.e2e.test_sign_in import index_of, people, sign_in

__all__ = ["device", "email", "people", "resources"]
pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")
ZOE = "zoe@example.com"
SECURITY, DATA = "/account/security", "/account/data"


@pytest.fixture
async def admin(stage, database):
    """The stage for one who reads the outbox."""
    return await office_of(stage, database, Role.ADMIN)


async def joins(phone, admin):
    """Ask for an account, read the letter, and be let in by its code."""
    page = phone.page
    await fill(page, "Create an account", "Send the e-mail", email=ZOE, chosen=PASSWORD)
    await ended(page, "/register", "sent")
    await phone.opens(await link_of_letter(admin, "Confirm an address"))
    await fill(page, "Confirm your address", "Confirm and sign in", password=PASSWORD)
    await expect(page).to_have_url(re.compile("/board$"))
    await expect(page.get_by_role("banner")).to_contain_text(ZOE)


async def makes_codes(page):
    """Make recovery codes and return them."""
    await page.get_by_test_id("codes.make").click()
    shown = page.get_by_test_id("recovery-codes").locator("code")
    await expect(shown).to_have_count(10)
    return await shown.all_inner_texts()


async def halfway(room, password=PASSWORD):
    """Say the password and be asked for a factor."""
    await room.opens(f"/login?next={SECURITY}")
    await room.signs_in(ZOE, password)
    await expect(room.page).to_have_url(re.compile("/login/step.*#factor$"))


async def proves_it(room, owner, code):
    """Ask for what is kept of oneself an hour after signing in, and prove once more who it is."""
    outlive_proof(owner)
    await room.opens(JSON)
    await room.page.wait_for_url("**/account/prove**")
    await room.page.locator("#password").fill(PASSWORD)
    await room.page.locator("#code").fill(code)
    await room.presses("It is me")
    await room.page.wait_for_url(f"**{DATA}")
    answer = await room.room.request.get(f"{room.base}{JSON}")
    kept = await answer.json()
    assert [row["email"] for row in kept["accounts"]] == [ZOE]
    assert len(kept["sessions"]) == 2


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_whole_life_from_the_first_letter_to_the_end_and_back(stage, admin, device, owner):
    async with device("/register") as phone, device("/login") as laptop:
        await joins(phone, admin)
        await phone.opens(SECURITY)
        app = await set_app_up(phone.page)
        await adds_a_key(phone)
        codes = await makes_codes(phone.page)

        await halfway(laptop)
        await enter(laptop.page, app.shown())
        await expect(laptop.page).to_have_url(re.compile("#wrong$"))
        await enter(laptop.page, app.next())
        await expect(laptop.page).to_have_url(re.compile(f"{SECURITY}$"))
        await told_by_letter(admin, "New device signed in")

        await proves_it(laptop, owner, codes[0])
        await laptop.opens(SECURITY)
        await sign_out(laptop.page)
        await halfway(laptop)
        await enter(laptop.page, codes[0])
        await expect(laptop.page).to_have_url(re.compile("#wrong$"))
        await enter(laptop.page, codes[1])
        await expect(laptop.page.get_by_test_id("codes-left")).to_contain_text("8")
        await told_by_letter(admin, "Recovery code was used")

        await forgets(laptop, admin)
        await phone.opens(SECURITY)
        await expect(phone.page.get_by_text("Sign in to see this page")).to_be_visible()
        await halfway(phone, OTHER)
        await phone.presses("Use a passkey")
        await expect(phone.page.get_by_test_id("passkey")).to_contain_text("Test key")

        await closes_and_comes_back(phone)
        await halfway(phone, OTHER)
        await enter(phone.page, codes[2])
        await expect(phone.page.get_by_test_id("app")).to_contain_text("my phone")
        assert {cookie["name"] for cookie in await laptop.room.cookies()} == {"did"}


async def told_by_letter(admin, kind):
    async with admin.open("/admin/mail") as page:
        letter = page.get_by_test_id("letter").filter(has_text=kind).first
        await expect(letter).to_contain_text(ZOE)


async def forgets(room, admin):
    """Leave, forget the password and choose another by letter."""
    await sign_out(room.page)
    await room.opens("/forgot")
    await fill(room.page, "Forgot your password?", "Send the e-mail", email=ZOE)
    await ended(room.page, "/forgot", "sent")
    await room.opens(await link_of_letter(admin, "Choose another password"))
    await fill(room.page, "Choose another password", "Set the password", chosen=OTHER)
    await ended(room.page, "/reset", "done")


async def closes_and_comes_back(room):
    """Close the account, be told so at signing in, and open it again."""
    page = room.page
    await room.opens(DATA)
    await part(page, "close").get_by_label("Type your e-mail address").fill(ZOE)
    await part(page, "close").get_by_role("button").click()
    await ended(page, "/come-back", "closed")
    await room.opens("/login")
    await room.signs_in(ZOE, OTHER)
    await ended(page, "/come-back", "closed")
    await page.get_by_label("E-mail", exact=True).fill(ZOE)
    await page.get_by_label("Password", exact=True).fill(OTHER)
    await room.presses("Open my account again")
    await ended(page, "/come-back", "done")


async def test_a_letter_whose_time_is_over_opens_nothing(stage, admin, owner):
    async with stage.open("/register") as page:
        await fill(page, "Create an account", "Send the e-mail", email=ZOE, chosen=PASSWORD)
        await ended(page, "/register", "sent")
    link = await link_of_letter(admin, "Confirm an address")
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'mail', true)")
        aged = owner.execute("update codes set ends_at = ends_at - interval '25 hours'")
        assert aged.rowcount == 1
    async with stage.open(link) as page:
        await fill(page, "Confirm your address", "Confirm and sign in", password=PASSWORD)
        await ended(page, "/confirm", "over")
        assert await page.context.cookies() == []
    async with stage.open("/login") as page:
        await sign_in(page, ZOE)
        await ended(page, "/login", "wrong")


@pytest.mark.usefixtures("people")
async def test_a_copied_browser_is_nobodys_once_its_owner_has_signed_out(stage):
    async with stage.open("/login?next=/account/sessions") as page:
        await sign_in(page)
        mine = page.get_by_test_id("session")
        await expect(mine).to_have_count(1)
        copied = await page.context.storage_state()
        async with stage.open("/account/sessions", storage_state=copied) as thief:
            await expect(thief.get_by_test_id("session")).to_have_count(1)
            await mine.get_by_role("button", name="Sign out").click()
            await page.wait_for_url(f"{stage.web.url}/")
            await until(partial(is_nobodys, thief), within_s=FRESH_S + 10)
            await thief.goto(f"{stage.web.url}/admin")
            await expect(thief.get_by_test_id("refused")).to_contain_text("Sign in to see")
            await expect(thief.get_by_test_id("admin-room")).to_have_count(0)
    (session,) = [each for each in copied["cookies"] if each["name"] == "dutchbook"]
    assert "refused" in await index_of(stage, f"dutchbook={session['value']}")


async def is_nobodys(page):
    """Load the page anew, and say whether it has nobody's sessions to show."""
    await page.reload()
    await page.locator("[data-testid=refused], [data-testid=session]").first.wait_for()
    return await page.get_by_test_id("session").count() == 0
