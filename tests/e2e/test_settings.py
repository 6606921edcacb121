"""Languages and the reader's settings in a real browser."""

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from domain.preferences import COOKIE
from kit.clock import SystemClock
from services.access import Role
from services.work import Resources
from tests.accounts import ANN, PASSWORD, browser_of, open_account, signed_in
from tests.e2e.conftest import office_of
from tests.facts import a_row, an_event, an_opportunity, some_refusals

pytestmark = pytest.mark.usefixtures("heartbeat")

LIFE = "c3" * 12
PHONE = {"viewport": {"width": 390, "height": 844}}


def tennis():
    now = datetime.now(UTC)
    event = msgspec.structs.replace(
        an_event("Lions v Bears", sport="tennis"), starts_at=now + timedelta(hours=30)
    )
    found = an_opportunity(event, as_of=now)
    return a_row(opportunity=found, id=LIFE, arrived_at=now, first_seen_at=now)


def setting(page, label):
    return page.get_by_role("main").get_by_label(label, exact=True)


async def choose(page, label, value):
    """Choose a setting, and wait until the server knows of it."""
    await setting(page, label).select_option(value)
    await expect(page.get_by_test_id("settings-said")).to_have_text(re.compile("Saved|Guardado"))


async def chosen(page):
    kept = [c["value"] for c in await page.context.cookies() if c["name"] == COOKIE]
    return kept[0] if kept else None


async def test_the_board_is_live_in_spanish(stage):
    await stage.worker.publish(tennis())
    async with stage.open("/es/board") as page:
        await expect(page.locator("html")).to_have_attribute("lang", "es")
        await expect(page).to_have_title("Tablero en directo · Dutchbook")
        row = page.get_by_test_id("opportunity-row")
        await expect(row).to_have_count(1)
        await expect(row).to_contain_text("Tenis")
        await expect(row).to_contain_text("Ganador")
        await stage.worker.refuse(some_refusals())
        await stage.worker.publish(msgspec.structs.replace(tennis(), id="d4" * 12))
        await expect(row).to_have_count(2)
        await expect(page.get_by_test_id("refusal-reason").first).to_contain_text(
            re.compile("[áéíóúñ]|cuota|Casa|selección")
        )


async def test_readers_of_both_languages_watch_one_board(stage):
    async with stage.open("/board") as english, stage.open("/es/board") as spanish:
        await stage.worker.publish(tennis())
        await expect(english.get_by_test_id("opportunity-row")).to_contain_text("Tennis")
        await expect(spanish.get_by_test_id("opportunity-row")).to_contain_text("Tenis")


async def test_the_switch_leads_to_the_same_page_and_is_remembered(stage):
    async with stage.open("/calculator?c=kelly") as page:
        await page.get_by_role("link", name="Español").click()
        await expect(page).to_have_url(re.compile(r"/es/calculator\?c=kelly$"))
        await expect(page.locator("html")).to_have_attribute("lang", "es")
        assert await chosen(page) == "language=es"
        await page.goto(f"{stage.web.url}/board")
        await expect(page).to_have_url(re.compile("/es/board$"))
        await page.get_by_role("link", name="English").click()
        await expect(page).to_have_url(re.compile("[^s]/board$"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Live board")
        await page.goto(f"{stage.web.url}/es/status")
        await expect(page).to_have_url(re.compile("[^s]/status$"))


async def test_links_stay_in_the_language(stage):
    await stage.worker.publish(tennis())
    async with stage.open(f"/es/board/{LIFE}") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Lions v Bears")
        await page.get_by_role("link", name="Todas las oportunidades").click()
        await expect(page).to_have_url(re.compile("/es/board$"))
        await page.get_by_role("link", name="Estado").first.click()
        await expect(page).to_have_url(re.compile("/es/status$"))
        await expect(page.get_by_test_id("part").first).to_contain_text("Funciona")


@pytest.mark.parametrize(
    ("locale", "where"), [("es-MX", "/es/board"), ("fr-FR", "/board"), ("en-GB", "/board")]
)
async def test_whoever_chose_nothing_reads_the_language_of_their_browser(stage, locale, where):
    async with stage.open("/board", locale=locale) as page:
        await expect(page).to_have_url(f"{stage.web.url}{where}")
        assert await chosen(page) is None


async def test_an_address_that_leads_nowhere_says_so_in_spanish(stage):
    async with stage.open("/es/nowhere") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Esta página no existe")
        await page.get_by_role("link", name="Al tablero en directo").click()
        await expect(page).to_have_url(re.compile("/es/board$"))


async def test_odds_zone_and_numbers_are_as_chosen_and_survive_a_reload(stage):
    await stage.worker.publish(tennis())
    async with stage.open("/account", timezone_id="Europe/Berlin") as page:
        await choose(page, "Odds", "american")
        await choose(page, "Numbers", "comma")
        await setting(page, "Time zone").fill("America/Los_Angeles")
        await setting(page, "Time zone").blur()
        await expect(page.locator("#set-zone-help time")).to_contain_text(re.compile("P[DS]T|GMT-"))
        for _ in range(2):
            # The socket was opened before the choice; a link of the router's keeps it.
            await page.get_by_role("link", name="Board", exact=True).first.click()
            await page.get_by_role("link", name=re.compile("Lions")).first.click()
            leg = page.get_by_test_id("leg").first
            await expect(leg).to_contain_text(re.compile(r"[+\u2212]\d{3}"))
            await expect(page.get_by_test_id("roi")).to_contain_text(re.compile(r"\+\d+,\d\d %"))
            starts = page.locator(".event-facts time")
            await expect(starts).to_contain_text(re.compile("P[DS]T|GMT-"))
            await page.reload()
        await page.goto(f"{stage.web.url}/account")
        await expect(setting(page, "Odds")).to_have_value("american")
        await expect(setting(page, "Time zone")).to_have_value("America/Los_Angeles")
        await choose(page, "Odds", "decimal")
        await page.goto(f"{stage.web.url}/board/{LIFE}")
        await expect(page.get_by_test_id("leg").first).to_contain_text(re.compile(r"\d,\d\d"))


async def test_a_place_that_is_no_time_zone_is_told_and_not_kept(stage):
    async with stage.open("/account") as page:
        zone = setting(page, "Time zone")
        await zone.fill("Atlantis")
        await zone.blur()
        await expect(page.get_by_text("There is no such time zone.")).to_be_visible()
        await expect(zone).to_have_attribute("aria-invalid", "true")
        assert await chosen(page) is None


async def test_colours_are_chosen_on_the_page_as_well(stage):
    async with stage.open("/account", color_scheme="light") as page:
        await setting(page, "Colours").select_option("dark")
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        await page.reload()
        await expect(setting(page, "Colours")).to_have_value("dark")
        await setting(page, "Colours").select_option("")
        await expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


async def test_the_language_is_chosen_on_the_page_as_well(stage):
    async with stage.open("/account") as page:
        await setting(page, "Language").select_option("es")
        await expect(page).to_have_url(re.compile("/es/account$"))
        await expect(setting(page, "Idioma")).to_have_value("es")
        await setting(page, "Idioma").select_option("en")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Settings")


@pytest.mark.parametrize("path", ["/account", "/es/account", "/es/board", "/es"])
async def test_it_fits_a_phone(stage, path):
    await stage.worker.publish(tennis())
    async with stage.open(path, **PHONE) as page:
        await expect(page.get_by_role("main")).to_be_visible()
        await expect(page.locator(".loading")).to_have_count(0)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) == 0
        banner = page.get_by_role("banner")
        for name in ("Español|English", "Settings|Ajustes"):
            box = await banner.get_by_role("link", name=re.compile(name)).bounding_box()
            assert min(box["width"], box["height"]) >= 24


@pytest.mark.usefixtures("emptied")
async def test_a_members_choices_come_along_to_another_device(stage, database):
    resources = Resources(database, stage.worker.cache, SystemClock())
    await open_account(resources, ANN)
    first = browser_of(await signed_in(resources, ANN, address="127.0.0.1"))
    async with stage.open("/account", **first) as page:
        await expect(page.get_by_text("Kept with your account")).to_be_visible()
        await choose(page, "Odds", "fractional")
        await setting(page, "Language").select_option("es")
        await expect(page).to_have_url(re.compile("/es/account$"))
        await choose(page, "Números", "comma")
    async with stage.open("/login") as page:
        main = page.get_by_role("main")
        await main.get_by_label("E-mail").fill(ANN)
        await main.get_by_label("Password").fill(PASSWORD)
        await main.get_by_role("button", name="Sign in").click()
        await expect(page).to_have_url(f"{stage.web.url}/es")
        await page.goto(f"{stage.web.url}/account")
        await expect(setting(page, "Cuotas")).to_have_value("fractional")
        await page.get_by_test_id("account-menu").click()
        await page.get_by_role("button", name="Salir").click()
        await expect(page).to_have_url(f"{stage.web.url}/es")


@pytest.mark.usefixtures("emptied")
async def test_a_page_for_admins_refuses_in_spanish_and_the_way_in_leads_back(stage, database):
    async with stage.open("/es/admin") as page:
        await expect(page.get_by_test_id("refused")).to_contain_text("Entra para ver esta página")
        way = page.get_by_test_id("refused").get_by_role("link", name="Entrar")
        await expect(way).to_have_attribute("href", "/es/login?next=/es/admin")
    office = await office_of(stage, database, Role.OWNER)
    async with office.open("/es/admin") as page:
        rooms = page.get_by_role("main").get_by_role("link")
        await expect(rooms.first).to_have_attribute("href", "/es/admin/sources")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/account", "/es/account", "/es/board"])
async def test_axe_finds_no_barrier(stage, path, scheme):
    await stage.worker.publish(tennis())
    async with stage.open(path, color_scheme=scheme) as page:
        await expect(page.locator(".loading")).to_have_count(0)
        found = await Axe().run(page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []


async def test_without_a_network_the_last_board_is_read_in_spanish(stage):
    await stage.worker.publish(tennis())
    room = await stage.browser.new_context()
    page = await room.new_page()
    await page.goto(f"{stage.web.url}/es/board")
    await expect(page.get_by_test_id("opportunity-row")).to_have_count(1)
    await page.evaluate("navigator.serviceWorker.ready.then((ready) => ready.active?.state)")
    await page.wait_for_function("() => caches.match('/es/offline').then((it) => it?.status)")
    await room.set_offline(True)
    await page.goto(f"{stage.web.url}/es/status")
    await expect(page).to_have_url(re.compile(r"/es/offline\?to=%2Fes%2Fstatus$"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Estás sin conexión")
    await expect(page.get_by_test_id("opportunity-row")).to_contain_text("Tenis")
    await room.set_offline(False)
    await expect(page).to_have_url(re.compile("/es/status$"))
    await room.close()
