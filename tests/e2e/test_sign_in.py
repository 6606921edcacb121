"""Signing in and out in a browser, and what a stolen cookie or another site can do."""

import asyncio
import json
import re
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from playwright.async_api import expect

from arb_app.state.admin import ROOMS
from arb_app.visitors import FRESH_S
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import PERMISSIONS_OF, Role
from services.work import Resources
from tests.accounts import ANN, BOB, OTHER, PASSWORD, browser_of, open_account, signed_in
from tests.e2e.conftest import until

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")

ADMIN_STATE = "reflex___state____state.arb_app___state___admin____admin_state"


@pytest.fixture
async def people(database, stage):
    """An owner and a member."""
    resources = Resources(database, stage.worker.cache, SystemClock())
    await open_account(resources, ANN, Role.OWNER)
    await open_account(resources, BOB)


async def sign_in(page, email=ANN, password=PASSWORD):
    main = page.get_by_role("main")
    await main.get_by_label("E-mail").fill(email)
    await main.get_by_label("Password").fill(password)
    await main.get_by_role("button", name="Sign in").click()


async def cookie_of(page):
    (cookie,) = [c for c in await page.context.cookies() if c["name"] == "dutchbook"]
    return cookie


@asynccontextmanager
async def listening(stage, cookie=""):
    """Open the socket by hand with a cookie, and return what the admin index says through it."""
    where = f"ws://127.0.0.1:{stage.web.port}/_event/?token={fresh()}&EIO=4&transport=websocket"
    told = {"Cookie": cookie} if cookie else {}
    async with websockets.connect(
        where, origin=stage.web.url, proxy=None, additional_headers=told
    ) as raw:
        await raw.recv()
        await raw.send("40/_event,")
        await raw.recv()
        yield raw


async def index_of(stage, cookie):
    """Return the whole first answer that names a phase of the admin index."""
    async with listening(stage, cookie) as raw, asyncio.timeout(10):
        event = {
            "name": f"{ADMIN_STATE}.open",
            "payload": {},
            "router_data": {"pathname": "/admin"},
        }
        await raw.send("42/_event," + json.dumps(["event", event]))
        while "phase" not in (heard := await raw.recv()):
            pass
    return heard


@pytest.mark.usefixtures("people")
async def test_an_owner_signs_in_sees_the_admin_index_signs_out_and_is_refused(stage):
    async with stage.open("/admin") as page:
        refused = page.get_by_test_id("refused")
        await refused.get_by_role("link", name="Sign in").click()
        await sign_in(page)
        await expect(page).to_have_url(f"{stage.web.url}/admin")
        await expect(page.get_by_test_id("admin-room")).to_have_count(len(ROOMS))
        await expect(page.get_by_role("link", name="Admin", exact=True)).to_be_visible()
        await page.get_by_test_id("account-menu").click()
        await expect(page.get_by_role("banner")).to_contain_text(ANN)
        await page.get_by_role("button", name="Sign out").click()
        await expect(page).to_have_url(f"{stage.web.url}/")
        await expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
        await page.goto(f"{stage.web.url}/admin")
        await expect(refused).to_contain_text("Sign in to see this page")
        await expect(page.get_by_test_id("admin-room")).to_have_count(0)


@pytest.mark.usefixtures("people")
async def test_signing_out_leaves_nothing_of_the_board_on_the_device(stage):
    async with stage.open("/login?next=/board") as page:
        await sign_in(page)
        kept = "() => localStorage.getItem('dutchbook-board') !== null"
        await page.wait_for_function(kept)
        await page.get_by_test_id("account-menu").click()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
        assert not await page.evaluate(kept)


@pytest.mark.usefixtures("people")
async def test_a_member_is_told_that_their_account_may_not(stage):
    async with stage.open("/login?next=/admin") as page:
        await sign_in(page, BOB)
        refused = page.get_by_test_id("refused")
        await expect(refused).to_contain_text("Your account may not open this page")
        await expect(page.get_by_role("link", name="Admin", exact=True)).to_have_count(0)


@pytest.mark.usefixtures("people")
async def test_no_script_sees_the_cookie_and_no_page_is_sent_it_back(stage):
    async with stage.open("/login") as page:
        frames = []

        def hear(frame):
            frames.append(str(frame))

        page.on("websocket", lambda ws: ws.on("framereceived", hear))
        await sign_in(page)
        await page.get_by_test_id("account-menu").wait_for()
        cookie = await cookie_of(page)
        assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Lax", False)
        assert cookie["path"] == "/"
        assert cookie["value"] not in await page.evaluate("document.cookie")
        assert len(frames) > 1
        assert [frame for frame in frames if cookie["value"] in frame] == []
        assert cookie["value"] not in await page.content()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("scripts", [True, False])
async def test_a_wrong_password_is_refused_in_words_with_and_without_javascript(stage, scripts):
    room = await stage.browser.new_context(java_script_enabled=scripts)
    page = await room.new_page()
    await page.goto(f"{stage.web.url}/login?next=/status")
    for email, password in ((ANN, OTHER), ("nobody@example.com", PASSWORD)):
        await sign_in(page, email, password)
        await expect(page).to_have_url(re.compile(r"/login\?next=/status#wrong$"))
        shown = page.get_by_test_id("login-refusal").filter(visible=True)
        await expect(shown).to_have_count(1)
        await expect(shown).to_contain_text("The e-mail address or the password is not right.")
    await sign_in(page)
    await expect(page).to_have_url(f"{stage.web.url}/status")
    await room.close()


@pytest.mark.usefixtures("people")
async def test_a_cookie_stolen_before_signing_out_is_worthless_after_it(stage):
    async with stage.open("/login") as page:
        await sign_in(page)
        await page.get_by_test_id("account-menu").wait_for()
        stolen = f"dutchbook={(await cookie_of(page))['value']}"
        assert "found" in await index_of(stage, stolen)
        async with listening(stage, stolen) as raw:
            await page.get_by_test_id("account-menu").click()
            await page.get_by_role("button", name="Sign out").click()
            await page.wait_for_url(f"{stage.web.url}/")
            event = {"name": f"{ADMIN_STATE}.open", "payload": {}, "router_data": {}}

            async def refused():
                await raw.send("42/_event," + json.dumps(["event", event]))
                while "phase" not in (heard := await raw.recv()):
                    pass
                return "refused" in heard

            await until(refused, within_s=FRESH_S + 5)
        assert "refused" in await index_of(stage, stolen)


@pytest.mark.parametrize(
    "cookie", ["", "dutchbook=" + "a" * 43, "dutchbook=", "__Host-dutchbook=x"]
)
async def test_a_forged_cookie_opens_nothing(stage, cookie):
    assert "refused" in await index_of(stage, cookie)


@pytest.mark.usefixtures("people")
async def test_a_form_of_another_site_is_refused(stage):
    form = {"email": ANN, "password": PASSWORD}
    async with httpx.AsyncClient(trust_env=False) as client:
        for origin in ("https://evil.example", "null", f"http://127.0.0.1:{stage.web.port + 1}"):
            answer = await client.post(
                f"{stage.web.url}/auth/sign-in", data=form, headers={"origin": origin}
            )
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    room = await stage.browser.new_context()
    page = await room.new_page()
    await page.set_content(
        f"<form method=post action='{stage.web.url}/auth/sign-in'>"
        f"<input name=email value='{ANN}'><input name=password value='{PASSWORD}'>"
        "<button>Go</button></form>"
    )
    async with page.expect_response("**/auth/sign-in") as told:
        await page.get_by_role("button").click()
    assert (await told.value).status == 403
    assert await room.cookies() == []
    await room.close()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ANALYST, Role.ADMIN, Role.OWNER])
async def test_the_index_lists_what_the_role_may_open(stage, database, role):
    theirs = [href for _, href, needed in ROOMS if needed in PERMISSIONS_OF[role]]
    resources = Resources(database, stage.worker.cache, SystemClock())
    await open_account(resources, ANN, role)
    async with stage.open("/admin", **browser_of(await signed_in(resources))) as page:
        await expect(page.get_by_text("What you look after.")).to_be_visible()
        rooms = page.get_by_test_id("admin-room")
        await expect(rooms).to_have_count(len(theirs))
        assert [await rooms.nth(at).get_attribute("href") for at in range(len(theirs))] == theirs


@pytest.mark.usefixtures("people")
async def test_the_shell_of_an_admin_page_holds_no_data(stage):
    for path in ("/admin", "/login"):
        shell = (await stage.web.get(path)).text
        assert ANN not in shell
        assert "admin-room" not in shell
