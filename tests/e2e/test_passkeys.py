"""Passkeys in a real browser, with an authenticator that Chromium simulates."""

from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from kit.clock import SystemClock
from kit.ids import fresh
from services import sessions
from services.access import ANONYMOUS
from services.work import Resources, begin
from store import accounts
from store.keys import FILE, KeyRing
from tests.accounts import PASSWORD, an_attempt, browser_of, open_account, signed_in

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

# An authenticator that needs no finger would take the offer in the field as soon as it is made.
NO_OFFER = "PublicKeyCredential.isConditionalMediationAvailable = async () => false"


class Device:
    """A browser with an authenticator in it, at an address that has a name."""

    def __init__(self, stage, room, page, cdp, authenticator):
        self.base = stage.web.url.replace("127.0.0.1", "localhost")
        self.room, self.page, self.cdp, self.authenticator = room, page, cdp, authenticator

    async def opens(self, path):
        await self.page.goto(f"{self.base}{path}")

    async def says(self, command, **more):
        return await self.cdp.send(
            f"WebAuthn.{command}", {"authenticatorId": self.authenticator} | more
        )

    async def keys(self):
        return (await self.says("getCredentials"))["credentials"]

    async def goes_back(self):
        """Let the authenticator count anew, as a copy of it would."""
        (key,) = await self.keys()
        await self.says("clearCredentials")
        await self.says("addCredential", credential=key | {"signCount": 0})

    def told(self, what):
        return self.page.get_by_test_id(f"passkey-{what}")

    async def presses(self, name):
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def signs_in(self, email, password=PASSWORD):
        """Sign in by the password."""
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(password)
        await self.presses("Sign in")

    async def leaves(self):
        await self.room.clear_cookies()


@pytest.fixture
def device(stage):
    """Return a function that opens a browser with an authenticator, at a page."""

    @asynccontextmanager
    async def opening(path, **context):
        room = await stage.browser.new_context(**context)
        await room.add_init_script(NO_OFFER)
        page = await room.new_page()
        failed = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        cdp = await room.new_cdp_session(page)
        await cdp.send("WebAuthn.enable")
        made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
        found = Device(stage, room, page, cdp, made["authenticatorId"])
        await found.opens(path)
        yield found
        assert failed == []
        await room.close()

    return opening


@pytest.fixture
def resources(stage, database, environment):
    keys = KeyRing.read(Path(environment["DUTCHBOOK_DATA_DIR"]) / FILE)
    return Resources(database, stage.worker.cache, SystemClock(), keys)


@pytest.fixture
async def email(resources):
    address = f"{fresh()}@example.com"
    await open_account(resources, address)
    return address


@pytest.fixture
async def mine(resources, email):
    """What a browser begins with to be the member, at the address that has a name."""
    state = browser_of(await signed_in(resources, email))["storage_state"]
    cookies = [cookie | {"domain": "localhost"} for cookie in state["cookies"]]
    return {"storage_state": state | {"cookies": cookies}}


async def adds_a_key(device):
    await device.opens("/account/security")
    await device.page.get_by_label("Name of the passkey").fill("Test key")
    await device.presses("Add a passkey")
    line = device.page.get_by_test_id("passkey")
    await expect(line).to_contain_text("Test key")


async def is_signed_in(device, email):
    await device.page.wait_for_url(lambda url: "/login" not in url)
    await expect(device.page.locator(".account-name").first).to_have_text(email)


async def test_a_passkey_is_added_and_signs_in_with_nothing_else(device, mine, email):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        await expect(phone.page.get_by_text("Passkey added.")).to_be_visible()
        assert len(await phone.keys()) == 1
        await phone.leaves()
        await phone.opens("/login?next=/status")
        await phone.presses("Sign in with a passkey")
        await phone.page.wait_for_url("**/status")
        await is_signed_in(phone, email)


async def test_a_passkey_is_the_second_step(device, mine, email):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        await phone.leaves()
        await phone.opens("/login")
        await phone.signs_in(email)
        await phone.page.wait_for_url("**/login/step**")
        await phone.presses("Use a passkey")
        await is_signed_in(phone, email)


async def test_a_finger_that_is_refused_lets_nobody_in(device, mine):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        await phone.leaves()
        await phone.says("setUserVerified", isUserVerified=False)
        await phone.opens("/login")
        await phone.presses("Sign in with a passkey")
        await expect(phone.told("refused")).to_be_visible()
        assert "/login" in phone.page.url
        names = {cookie["name"] for cookie in await phone.room.cookies()}
        assert "dutchbook" not in names


async def test_a_copied_authenticator_is_refused_and_the_page_tells(device, mine, email):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        await phone.leaves()
        await phone.opens("/login?next=/status")
        await phone.presses("Sign in with a passkey")
        await is_signed_in(phone, email)
        await phone.goes_back()
        await phone.leaves()
        await phone.opens("/login")
        await phone.presses("Sign in with a passkey")
        await expect(phone.told("cloned")).to_be_visible()
        assert "/login" in phone.page.url


@pytest.fixture
def long_ago(resources, email, owner):
    """Return a function that makes a session whose proof is an hour old; it returns its cookie."""

    async def making():
        async with begin(resources, ANONYMOUS) as work:
            account = await accounts.named(work.db, email)
            granted = await sessions.begun(work, account, an_attempt(email))
        with owner.transaction():
            owner.execute("select set_config('app.oversight', 'accounts', true)")
            owner.execute("update sessions set proved_at = now() - interval '1 hour'")
        (cookie,) = browser_of(granted.token)["storage_state"]["cookies"]
        return cookie | {"domain": "localhost"}

    return making


async def test_a_passkey_is_renamed_by_whoever_is_signed_in(device, mine):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        line = phone.page.get_by_test_id("passkey")
        await phone.presses("Rename")
        await line.get_by_role("textbox").fill("Blue key")
        await phone.presses("Save the name")
        await expect(line).to_contain_text("Blue key")


async def test_a_passkey_is_removed_once_it_was_proved_who_asks(device, mine, long_ago):
    async with device("/account/security", **mine) as phone:
        await adds_a_key(phone)
        await phone.leaves()
        await phone.room.add_cookies([await long_ago()])
        await phone.opens("/account/security")
        await asks_to_remove(phone)
        await phone.page.wait_for_url("**/account/prove**")
        await phone.presses("Prove it with a passkey")
        await phone.page.wait_for_url("**/account/security")
        await asks_to_remove(phone)
        await expect(phone.page.get_by_test_id("passkey")).to_have_count(0)


async def asks_to_remove(phone):
    line = phone.page.get_by_test_id("passkey")
    await line.get_by_role("button", name="Remove").click()
    await phone.presses("Yes, remove it")


async def test_at_a_number_the_page_says_why_there_are_none(stage):
    async with stage.open("/login") as page:
        await expect(page.get_by_test_id("passkey-address")).to_be_visible()
        await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


async def test_a_browser_without_passkeys_says_so(stage):
    room = await stage.browser.new_context()
    await room.add_init_script("delete globalThis.PublicKeyCredential")
    page = await room.new_page()
    await page.goto(f"{stage.web.url.replace('127.0.0.1', 'localhost')}/login")
    await expect(page.get_by_test_id("passkey-none")).to_be_visible()
    await expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    await room.close()
