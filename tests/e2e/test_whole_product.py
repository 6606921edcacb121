"""The whole product on recorded odds: rows come, change and go, and no crash loses one."""

import asyncio
import shutil
import signal
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.product import Product

WATCH_ROWS = """
window.rows = {came: {}, changed: {}, left: {}};
const look = () => {
  const now = {};
  for (const row of document.querySelectorAll("[data-testid=opportunity-row]")) {
    const life = row.querySelector("a[href^='/board/']").getAttribute("href");
    now[life] = row.dataset.roi;
    const before = window.shown?.[life];
    if (before === undefined) window.rows.came[life] = row.dataset.roi;
    else if (before !== row.dataset.roi) window.rows.changed[life] = [before, row.dataset.roi];
  }
  for (const life in window.shown ?? {}) if (!(life in now)) window.rows.left[life] = true;
  window.shown = now;
};
addEventListener("DOMContentLoaded", () => {
  const all = {subtree: true, childList: true, attributes: true};
  new MutationObserver(look).observe(document.body, all);
});
"""
AT_ONCE = {"web": 20, "worker": 30, "valkey": 30, "postgres": 30}


@asynccontextmanager
async def running(tmp_path, *options, built=None):
    """The product; it builds its pages as on a first start, unless given some that are built."""
    product = Product(tmp_path / "data", options)
    if built:
        shutil.copytree(built, product.data / "web")
    try:
        await product.start()
        yield product
    finally:
        product.everything()
        product.process.send_signal(signal.SIGKILL)
        product.process.wait()
        assert await product.left_behind() == []


@asynccontextmanager
async def watching(browser, product):
    room = await browser.new_context()
    await room.add_init_script(WATCH_ROWS)
    page = await room.new_page()
    await page.goto(f"{product.url}/board")
    yield page
    await room.close()


async def rows(page):
    return await page.evaluate("window.rows")


async def eventually(page, what, *, within_s=90):
    async with asyncio.timeout(within_s):
        while not (found := (await rows(page))[what]):
            await asyncio.sleep(0.2)
    return found


@pytest.mark.timeout(400)
async def test_a_row_appears_its_return_changes_and_it_leaves(browser, recorded_dir, tmp_path):
    recording = recorded_dir / "odds_stream" / "worldcup_2026-06-20_72snaps.jsonl.xz"
    async with (
        running(tmp_path, "--replay", str(recording), "--speed", "300") as product,
        watching(browser, product) as page,
    ):
        await expect(page.get_by_test_id("opportunity-row").first).to_be_visible(timeout=60_000)
        await expect(page.get_by_text("Replay of recorded odds").first).to_be_visible()
        await eventually(page, "changed")
        await eventually(page, "left")
        ages = page.get_by_test_id("board-age")
        await expect(ages).to_be_visible()


@pytest.mark.timeout(600)
async def test_whatever_is_killed_comes_back_and_no_opportunity_is_lost(
    browser, recorded_dir, tmp_path, built
):
    folder = recorded_dir / "odds_stream"
    async with (
        running(tmp_path, "--replay", str(folder), "--speed", "300", built=built) as product,
        watching(browser, product) as page,
    ):
        await eventually(page, "came")
        for part, within_s in AT_ONCE.items():
            before = product.part(part).pid
            product.kill(part)
            await _replaced(product, part, before, within_s)
            await product.ready(within_s=within_s)
            known = set((await rows(page))["came"])
            await _news(page, known)
        acknowledged = (await rows(page))["came"]
        lost = [life for life in acknowledged if not await _is_kept(page, product, life)]
        assert lost == []


async def _replaced(product, part, before, within_s):
    async with asyncio.timeout(within_s):
        while True:
            try:
                if product.part(part).pid != before:
                    return
            except ValueError:
                pass
            await asyncio.sleep(0.1)


async def _news(page, known, *, within_s=60):
    """Wait until the page shows an opportunity that it did not know: the load goes on."""
    async with asyncio.timeout(within_s):
        while not set((await rows(page))["came"]) - known:
            await asyncio.sleep(0.2)


async def _is_kept(page, product, life):
    await page.goto(f"{product.url}{life}")
    await expect(
        page.get_by_test_id("stake-input").or_(page.get_by_text("no such"))
    ).to_be_visible()
    return await page.get_by_test_id("stake-input").is_visible()
