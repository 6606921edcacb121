"""The installed app, and what it shows without a network."""

import json
import re
from datetime import UTC, datetime

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from arb_app.pages import PAGES
from arb_app.theme import STYLE_SHEET
from tests.facts import a_row, an_event, an_opportunity

ASSETS = STYLE_SHEET.parent
READY = "navigator.serviceWorker.ready.then((r) => r.active?.state)"
KEPT = "caches.match('/offline').then((found) => found?.status)"


def lions():
    now = datetime.now(UTC)
    found = an_opportunity(an_event("Lions v Bears"), roi=0.021)
    return a_row(opportunity=found, id="a1" * 12, arrived_at=now, first_seen_at=now)


async def settled(page):
    """Wait until the service worker serves the page and has kept its own."""
    await page.evaluate(READY)
    await page.wait_for_function(f"() => {KEPT}")


@pytest.mark.usefixtures("heartbeat")
async def test_the_last_board_is_read_offline_with_its_age_and_goes_on_when_the_network_is_back(
    stage,
):
    await stage.worker.publish(lions())
    room = await stage.browser.new_context()
    page = await room.new_page()
    await page.goto(f"{stage.web.url}/board")
    row = page.get_by_role("row", name=re.compile("Lions v Bears"))
    await expect(row).to_be_visible()
    await settled(page)
    await room.set_offline(True)
    await page.goto(f"{stage.web.url}/board")
    await expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/offline\?to=%2Fboard$"))
    await expect(row).to_be_visible()
    await expect(page.get_by_test_id("board-kept")).to_contain_text(re.compile(r"\d+ s"))
    await room.set_offline(False)
    await expect(page).to_have_url(f"{stage.web.url}/board")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await room.close()


@pytest.mark.usefixtures("heartbeat")
async def test_nothing_but_the_offline_page_and_its_parts_is_kept(stage):
    async with stage.open("/board") as page:
        await settled(page)
        await page.goto(f"{stage.web.url}/status")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        kept = await page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name)"
            ".then((cache) => cache.keys())))).then((all) => all.flat().map((r) => r.url))"
        )
        paths = {url.removeprefix(stage.web.url) for url in kept}
        pages = {path for path in paths if "." not in path}
        assert pages == {"/offline", "/es/offline"}
        assert not {path for path in paths if path.startswith(("/_event", "/api", "/auth"))}


async def test_chromium_finds_the_app_installable(stage):
    async with stage.open("/board") as page:
        await settled(page)
        session = await page.context.new_cdp_session(page)
        found = await session.send("Page.getInstallabilityErrors")
        assert [e for e in found["installabilityErrors"] if e["errorId"] != "in-incognito"] == []
        manifest = await session.send("Page.getAppManifest")
        assert manifest["errors"] == []
        _names_what_there_is(json.loads(manifest["data"]))


def _names_what_there_is(manifest):
    """An icon to cut to a shape, shortcuts to pages that exist, and no file that is not there."""
    assert "maskable" in {icon.get("purpose") for icon in manifest["icons"]}
    assert {shortcut["url"] for shortcut in manifest["shortcuts"]} <= {page.route for page in PAGES}
    icons = [*manifest["icons"], *(i for each in manifest["shortcuts"] for i in each["icons"])]
    for icon in icons:
        header = (ASSETS / icon["src"].lstrip("/")).read_bytes()[:24]
        size = [int.from_bytes(header[at : at + 4]) for at in (16, 20)]
        assert icon["sizes"] == "{}x{}".format(*size)


async def test_offline_it_is_written_in_the_products_own_letters(stage):
    async with stage.open("/offline") as page:
        await settled(page)
        kept = "caches.match('/fonts/inter-latin.woff2').then((found) => found?.status)"
        assert await page.evaluate(kept) == 200


@pytest.mark.usefixtures("heartbeat")
async def test_the_offline_page_has_no_fault_that_axe_finds_and_says_when_it_has_no_board(stage):
    async with stage.open("/offline") as page:
        await expect(page.get_by_text("This device has not seen a board yet.")).to_be_visible()
        found = await Axe().run(page)
        assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
