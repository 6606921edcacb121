"""Pictures of the running product for `docs/screens`: wide and narrow, in light and dark.

`python -m tests.screens FOLDER [OPTION OF ./arb up]...`; `./arb screens` is the way to call it.
"""

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from arb_app.pages import PAGES
from tests.e2e.conftest import FLAGS, until
from tests.product import Product

VIEWS = {
    "home": "/",
    "board": "/board",
    "opportunity": "/board/[opportunity]",
    "calculators": "/calculator",
    "middles": "/middles",
    "value": "/value",
    "status": "/status",
    "account": "/account",
    "second-step": "/login/step",
    "offline": "/offline",
}
LOOKS = {1440: (900, 1), 390: (844, 2)}
"""Of each width: the height, and how many pixels of the picture make one of the page."""
SCHEMES = ("light", "dark")
QUALITY = 82
ROWS, FILLS_WITHIN_S = 6, 30.0
FIRST_WITHIN_S = 120.0
ROW = "[data-testid=opportunity-row]"
LINK = f"{ROW} a[href^='/board/']"
KEPT = "() => caches.match('/offline').then((found) => found?.status)"
SETTLED = """() => document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done()))))"""


async def main(folder: Path, options: list[str], scratch: Path) -> None:
    """Start the product, wait for a board with rows, and replace the pictures in a folder."""
    path = os.environ.get("DUTCHBOOK_CHROMIUM") or shutil.which("chromium")
    product, fresh = Product(scratch / "data", tuple(options)), scratch / "new"
    try:
        await product.start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=FLAGS.split())
            await _filled(browser, product.url)
            for width in LOOKS:
                for scheme in SCHEMES:
                    await _pictures(browser, product.url, fresh, width, scheme)
    finally:
        product.stop()
    _replace(folder, fresh)


async def _filled(browser: Browser, url: str) -> None:
    """Wait for a board that is worth a picture; go on with one row if there are never more."""
    page = await browser.new_page()
    await page.goto(f"{url}/board")
    await page.locator(ROW).first.wait_for(timeout=FIRST_WITHIN_S * 1000)

    async def many() -> bool:
        return await page.locator(ROW).count() >= ROWS

    try:
        await until(many, within_s=FILLS_WITHIN_S)
    except TimeoutError:
        sys.stderr.write("few rows on the board\n")
    await page.close()


async def _pictures(browser: Browser, url: str, folder: Path, width: int, scheme: str) -> None:
    height, scale = LOOKS[width]
    room = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = await room.new_page()
    for name, route in VIEWS.items():
        if any(route == known.route for known in PAGES):
            await _opened(room, page, url, route)
            await _drawn(page, folder / f"{name}-{width}-{scheme}.webp")
    await room.close()


async def _opened(room: BrowserContext, page: Page, url: str, route: str) -> None:
    """Go to a page and wait until it shows what it has."""
    if "[" in route or route == "/offline":
        await page.goto(f"{url}/board")
        await page.locator(ROW).first.wait_for(timeout=FIRST_WITHIN_S * 1000)
    if "[" in route:
        await page.goto(f"{url}{await page.locator(LINK).first.get_attribute('href')}")
    elif route == "/offline":
        await page.wait_for_function(KEPT)
        await room.set_offline(offline=True)
        await page.goto(f"{url}/board")
    else:
        await page.goto(f"{url}{route}")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".loading")).to_have_count(0)
    if route in ("/board", "/offline"):
        await page.locator(ROW).first.wait_for(timeout=FIRST_WITHIN_S * 1000)
    if await page.get_by_role("dialog").is_visible():  # a question that stands before the page
        await page.get_by_role("dialog").get_by_role("button").first.click()
    await page.evaluate(SETTLED)


async def _drawn(page: Page, file: Path) -> None:
    session = await page.context.new_cdp_session(page)
    asked = {"format": "webp", "quality": QUALITY}
    taken = await session.send("Page.captureScreenshot", asked)
    await session.detach()
    await asyncio.to_thread(file.write_bytes, base64.b64decode(taken["data"]))


def _replace(folder: Path, fresh: Path) -> None:
    """Put the new pictures in the place of all that were there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.suffix in (".png", ".webp"):
            old.unlink()
    for new in sorted(fresh.iterdir()):
        shutil.copy(new, folder)
    size = sum(picture.stat().st_size for picture in folder.iterdir())
    sys.stdout.write(f"{len(list(folder.iterdir()))} pictures, {size / 1e6:.1f} MB, in {folder}\n")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="dutchbook-screens-") as made:
        Path(made).chmod(0o755)
        (Path(made) / "new").mkdir()
        asyncio.run(main(Path(sys.argv[1]), sys.argv[2:], Path(made)))
