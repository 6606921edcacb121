"""The board page in a real browser: what it weighs, how soon it is there, what a patch costs it.

The product's own web process serves a board of 1,000 rows, published as a worker does. The weight
is what the page's scripts and style sheets come to with gzip. Loads are cold, in a browser of their
own each, at a quarter of this processor's speed: until the largest part was painted, until rows
stand there and the main thread has a moment to spare, and how much of it all moved. Then 20 of the
rows change again and again, at full speed: the main thread's work from a message's arrival until
the frame that shows it was painted, taken from Chromium's own trace. `./arb bench web` runs this
too.

`DUTCHBOOK_BENCH_LOADS` sets how many loads on a desk and on a phone (5 each unless told),
`DUTCHBOOK_BENCH_PATCHES` how many patches (40).
"""

import asyncio
import gzip
import json
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from playwright.async_api import Browser, Page, Response, ViewportSize, async_playwright

from benchmarks import web_trace
from cli.chromium import provide_chromium
from domain.board import BoardRow
from domain.opportunities import Opportunity
from domain.quotes import Origin
from store.cache import Cache
from store.embedded import Servers
from store.migrate import app_role, migrate
from tests.e2e.conftest import FLAGS, Web, Worker
from tests.facts import a_row, an_event, an_opportunity

NAME = "web_page"
LOADS = int(os.environ.get("DUTCHBOOK_BENCH_LOADS", "5"))
PATCHES = int(os.environ.get("DUTCHBOOK_BENCH_PATCHES", "40"))
ROWS, CHANGES = 1_000, 20
SLOW_DOWN = 4
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SETTLES_S = 2.0
GAP_S = 0.37  # no part of a second, so that patches meet the page's own clock as it comes
LEAGUES = ("NBA", "WNBA", "Premier League", "La Liga", "MLB")
KINDS = {"script": "js_kb", "stylesheet": "css_kb"}
ROW = "[data-testid=opportunity-row]"
WATCH = (
    """
window.seen = {lcp: 0, shift: 0, rows: 0};
const watch = (type, take) => {
  const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
  observer.observe({type, buffered: true});
};
watch("largest-contentful-paint", (entry) => (window.seen.lcp = entry.startTime));
watch("layout-shift", (entry) => (window.seen.shift += entry.hadRecentInput ? 0 : entry.value));
const settled = () => (window.seen.rows = performance.now());
const rows = new MutationObserver(() => {
  if (!document.querySelector("ROW")) return;
  rows.disconnect();
  requestAnimationFrame(() => requestIdleCallback(settled, {timeout: 20_000}));
});
rows.observe(document, {subtree: true, childList: true});
const painted = () => requestAnimationFrame(() => setTimeout(() => performance.mark("PAINTED")));
const Native = window.WebSocket;
window.WebSocket = class extends Native {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", ({data}) => {
      if (typeof data !== "string" || !/"kind": ?"patch"/.test(data)) return;
      performance.mark("ARRIVED");
      requestAnimationFrame(painted);
    });
  }
};
""".replace("ROW", ROW)
    .replace("ARRIVED", web_trace.ARRIVED)
    .replace("PAINTED", web_trace.PAINTED)
)


def run() -> Mapping[str, float]:
    """Return milliseconds, kilobytes (of 1,000 bytes, with gzip), and the share that moved."""
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        Path(folder).chmod(0o755)
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> Mapping[str, float]:
    async with _served(folder) as (web, worker), async_playwright() as playwright:
        await worker.publish(*(_row(n, 0) for n in range(ROWS)))
        beating = asyncio.create_task(_beat(worker))
        browser = await playwright.chromium.launch(
            executable_path=provide_chromium(), args=FLAGS.split()
        )
        try:
            weights = await _weights(browser, web.url)
            loads = [await _load(browser, web.url, WIDE) for _ in range(LOADS)]
            phones = [await _load(browser, web.url, PHONE) for _ in range(LOADS)]
            beating.cancel()
            patches = await _patches(browser, web.url, worker)
            return {**weights, **_medians(loads), **_medians(phones, "phone_"), **patches}
        finally:
            beating.cancel()
            await browser.close()


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[tuple[Web, Worker]]:
    with Servers.start(folder / "servers") as servers:
        migrate(servers.owner_url, app_role=app_role(servers.database_url, servers.owner_url))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DUTCHBOOK_", "REFLEX_"))}
        own = {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "DUTCHBOOK_DATA_DIR": str(folder / "data"),
            "DUTCHBOOK_NAMESPACE": "bench",
            "DUTCHBOOK_VISITOR_PLAN": "pro",
            "DUTCHBOOK_LOG_LEVEL": "WARNING",
        }
        web = Web(kept | own)
        cache = await Cache.open(servers.redis_url, namespace="bench")
        try:
            await web.start()
            yield web, Worker(cache, Origin.SIMULATED)
        finally:
            web.end()
            await cache.close()


async def _beat(worker: Worker) -> None:
    """Say every second that the board still holds, as a worker does."""
    while True:
        await asyncio.sleep(1)
        await worker.publish()


async def _weights(browser: Browser, url: str) -> Mapping[str, float]:
    """Return what the page's own scripts and style sheets weigh."""
    came: list[Response] = []
    room = await browser.new_context(service_workers="block")
    page = await room.new_page()
    page.on("response", lambda answer: came.append(answer))  # noqa: PLW0108 - it marks what it is given
    await _opened(page, url)
    sizes = dict.fromkeys(KINDS.values(), 0.0)
    for answer in came:
        if figure := KINDS.get(answer.request.resource_type):
            sizes[figure] += len(gzip.compress(await answer.body(), 9)) / 1000
    await room.close()
    return sizes


async def _load(browser: Browser, url: str, size: ViewportSize) -> Mapping[str, float]:
    room = await browser.new_context(viewport=size)
    page = await room.new_page()
    session = await room.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    await _opened(page, url)
    await asyncio.sleep(SETTLES_S)
    seen = await page.evaluate("window.seen")
    await room.close()
    return {"lcp_ms": seen["lcp"], "interactive_ms": seen["rows"], "cls": seen["shift"]}


async def _opened(page: Page, url: str) -> None:
    await page.add_init_script(WATCH)
    await page.goto(f"{url}/board")
    await page.wait_for_function("() => window.seen.rows > 0", timeout=180_000)


async def _patches(browser: Browser, url: str, worker: Worker) -> Mapping[str, float]:
    """Return what patches of 20 rows cost the main thread, each shown before the next one comes."""
    page = await browser.new_page(viewport=WIDE)
    await _opened(page, url)
    await asyncio.sleep(SETTLES_S)
    await browser.start_tracing(page=page, categories=list(web_trace.CATEGORIES))
    for seq in range(1, PATCHES + 1):
        await worker.publish(*(_row((seq * CHANGES + n) % ROWS, seq) for n in range(CHANGES)))
        await asyncio.sleep(GAP_S)
    traced = json.loads(await browser.stop_tracing())
    await page.close()
    trace = web_trace.read(traced["traceEvents"])
    works = web_trace.work_ms(trace)
    return {
        "patch_main_thread_ms": statistics.median(works),
        "patch_longest_task_ms": web_trace.longest_ms(trace),
        "patches": float(len(works)),
    }


def _medians(loads: list[Mapping[str, float]], of: str = "") -> Mapping[str, float]:
    return {f"{of}{name}": statistics.median(load[name] for load in loads) for name in loads[0]}


def _row(number: int, seq: int) -> BoardRow:
    event = an_event(f"Invented {number} v Other {number}", league=LEAGUES[number % len(LEAGUES)])
    roi = 0.01 + (number * 31 + seq * 7) % 97 / 10_000
    now = datetime.now(UTC)
    return a_row(
        id=f"{number:024x}",
        opportunity=_moved(an_opportunity(event, key=f"{number:024x}", roi=roi), roi),
        arrived_at=now,
        first_seen_at=now - timedelta(hours=1),
        best_roi=roi,
    )


def _moved(found: Opportunity, by: float) -> Opportunity:
    legs = [msgspec.structs.replace(leg, odds=leg.odds + by) for leg in found.legs]
    return msgspec.structs.replace(found, legs=legs, as_of=datetime.now(UTC))
