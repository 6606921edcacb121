"""A second factor in the browser: set up, asked for, never good twice, and recovered from."""

import re
import time

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect
from pyotp.totp import TOTP

from kit.clock import SystemClock
from services.access import Role
from services.work import Resources
from tests.accounts import ANN, PASSWORD, open_account
from tests.e2e.conftest import Web, office_of, until
from tests.e2e.test_admin_pages import PHONE, WIDER
from tests.e2e.test_sign_in import sign_in

pytestmark = pytest.mark.usefixtures("heartbeat", "emptied")
SECURITY = "/account/security"


@pytest.fixture
async def ann(database, stage):
    await open_account(Resources(database, stage.worker.cache, SystemClock()), ANN)


class App:
    """An authenticator app: each code that it shows is of a later step than the one before."""

    def __init__(self, key):
        self._totp = TOTP(key.replace(" ", ""))
        self._shown = 0

    def next(self):
        self._shown = max(self._shown + 1, int(time.time()) // 30)
        return self.shown()

    def shown(self):
        return self._totp.generate_otp(self._shown)


async def enter(page, code):
    main = page.get_by_role("main")
    await main.get_by_label("Code", exact=True).fill(code)
    await main.get_by_role("button", name="Continue").click()


async def set_app_up(page):
    await page.get_by_label("What to call it").fill("my phone")
    await page.get_by_role("button", name="Set up an app").click()
    app = App(await page.get_by_test_id("key").inner_text())
    picture = page.get_by_role("img", name="A square code")
    decoded = "(image) => image.decode().then(() => image.naturalWidth)"
    assert await picture.evaluate(decoded) > 100
    await page.get_by_label("Code", exact=True).fill(app.next())
    await page.get_by_role("button", name="Confirm").click()
    await expect(page).to_have_url(re.compile("#added$"))
    await expect(page.get_by_test_id("app")).to_contain_text("my phone")
    return app


async def faults(page):
    found = await Axe().run(page)
    return [
        (v["id"], v["nodes"][0]["html"])
        for v in found.response["violations"]
        if 'class="skip"' not in v["nodes"][0]["html"]
    ]


async def sign_out(page):
    await page.get_by_test_id("account-menu").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


def outlive_proof(owner):
    """Have it be an hour ago that anybody proved who they are."""
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'accounts', true)")
        owner.execute("update sessions set proved_at = proved_at - interval '1 hour'")


@pytest.mark.slow
@pytest.mark.usefixtures("ann")
async def test_an_app_is_set_up_asked_for_and_helped_out_for(stage, owner):
    async with stage.open(f"/login?next={SECURITY}") as page:
        await sign_in(page)
        app = await set_app_up(page)
        assert await faults(page) == []
        assert not await page.evaluate("document.cookie.includes('dutchbook=')")
        await page.get_by_test_id("codes.make").click()
        shown_once = page.get_by_test_id("recovery-codes").locator("code")
        await expect(shown_once).to_have_count(10)
        codes = await shown_once.all_inner_texts()
        download = page.get_by_role("link", name="Download")
        async with page.expect_download() as saved:
            await download.click()
        assert (await (await saved.value).path()).read_text().split() == codes
        assert await faults(page) == []
        await page.reload()
        await expect(page.get_by_test_id("codes-left")).to_contain_text("10")
        for code in codes:
            assert code not in await page.content()
        await sign_out(page)

        await page.goto(f"{stage.web.url}/login?next={SECURITY}")
        await sign_in(page)
        await expect(page).to_have_url(re.compile(r"/login/step\?next=/account/security#factor$"))
        await enter(page, app.next())
        await expect(page).to_have_url(re.compile(f"{SECURITY}$"))
        await sign_out(page)

        await page.goto(f"{stage.web.url}/login?next={SECURITY}")
        await sign_in(page)
        await enter(page, app.shown())
        await expect(page).to_have_url(re.compile("#wrong$"))
        shown = page.get_by_test_id("login-refusal").filter(visible=True)
        await expect(shown).to_contain_text("Every code works once")
        await enter(page, codes[0].upper())
        await expect(page.get_by_test_id("codes-left")).to_contain_text("9")

        outlive_proof(owner)

        async def asked_to_prove():
            await page.goto(f"{stage.web.url}{SECURITY}")
            await page.get_by_role("button", name="Set up an app").click()
            await page.locator("[data-testid=key], form[action='/auth/prove']").first.wait_for()
            return "/account/prove" in page.url

        await until(asked_to_prove, within_s=15)
        assert await faults(page) == []
        await page.locator("#password").fill(PASSWORD)
        await page.get_by_role("button", name="It is me").click()
        await expect(page).to_have_url(re.compile("#wrong$"))
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#code").fill(codes[1])
        await page.get_by_role("button", name="It is me").click()
        await expect(page).to_have_url(re.compile(f"{SECURITY}$"))
        await page.get_by_test_id("security.remove").click()
        await page.get_by_test_id("security.remove.sure").click()
        await expect(page.get_by_test_id("app")).to_have_count(0)


@pytest.mark.usefixtures("ann")
async def test_the_second_step_offers_what_the_account_has_and_no_other_way(stage):
    async with stage.open(f"/login?next={SECURITY}") as page:
        await sign_in(page)
        await page.goto(f"{stage.web.url}/account/prove")
        # What has gone shows that the ways are known by now.
        await expect(page.get_by_label("Code", exact=True)).to_have_count(0)
        await expect(page.get_by_test_id("by-text")).to_have_count(0)
        await expect(page.get_by_role("button", name="passkey")).to_have_count(0)
        await page.goto(f"{stage.web.url}{SECURITY}")
        await set_app_up(page)
        await page.goto(f"{stage.web.url}/account/prove")
        await expect(page.get_by_label("Code", exact=True)).to_be_visible()
        await page.context.clear_cookies()
        await page.goto(f"{stage.web.url}/login")
        await sign_in(page)
        await page.wait_for_url("**/login/step#factor")
        await expect(page.get_by_label("Code", exact=True)).to_be_visible()
        await expect(page.get_by_test_id("by-text")).to_have_count(0)


@pytest.mark.usefixtures("ann")
async def test_the_second_step_needs_no_javascript(stage):
    async with stage.open(f"/login?next={SECURITY}") as page:
        await sign_in(page)
        app = await set_app_up(page)
    room = await stage.browser.new_context(java_script_enabled=False)
    page = await room.new_page()
    await page.goto(f"{stage.web.url}/es/login?next=/es/status")
    main = page.get_by_role("main")
    await main.get_by_label("Correo").fill(ANN)
    await main.get_by_label("Contraseña").fill(PASSWORD)
    await main.get_by_role("button", name="Entrar").click()
    await expect(page).to_have_url(re.compile(r"/es/login/step\?next=/es/status#factor$"))
    await expect(main.get_by_text("La contraseña es correcta.")).to_be_visible()
    # No script can say what the account has: then every way is there.
    await expect(page.get_by_test_id("by-text")).to_be_visible()
    await main.get_by_label("Código", exact=True).fill(app.next())
    await main.get_by_role("button", name="Continuar").click()
    await expect(page).to_have_url(f"{stage.web.url}/es/status")
    await room.close()


@pytest.mark.slow
async def test_an_owner_reaches_the_admin_area_only_with_a_factor_where_it_is_required(
    stage, database, environment
):
    web = Web(environment | {"DUTCHBOOK_STAFF_FACTOR": "required"})
    try:
        await web.start()
        owner = await office_of(stage, database, Role.OWNER, web)
        async with owner.open("/admin") as page:
            refused = page.get_by_test_id("refused")
            await expect(refused).to_contain_text("A second factor opens this page")
            await expect(page.get_by_test_id("admin-room")).to_have_count(0)
            await refused.get_by_role("link", name="Security").click()
            await expect(page.get_by_text("Your account needs a second factor.")).to_be_visible()
            await set_app_up(page)
            await expect(page.get_by_text("Your account needs a second factor.")).to_have_count(0)
            await page.goto(f"{web.url}/admin")
            await expect(page.get_by_test_id("admin-room").first).to_be_visible()
    finally:
        web.end()


@pytest.mark.parametrize("path", ["/login/step", "/account/prove", SECURITY])
async def test_every_page_fits_a_phone_and_has_no_barrier_that_axe_knows(stage, path):
    async with stage.open(path, **PHONE) as page:
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        assert not await page.evaluate(WIDER)
        assert await faults(page) == []


async def test_the_shell_of_the_security_page_holds_nothing_of_anybody(stage):
    shell = (await stage.web.get(SECURITY)).text
    assert ANN not in shell
    assert "otpauth" not in shell
