"""From a price's arrival in the worker to its row in a real browser, and what that costs.

The whole product replays recorded odds at 60 times their speed (the simulator, where there are no
recordings) while Chromium shows the board. A new row's delay runs from the instant its reading
reached the worker to the frame after the one that shows it, on one machine's clock. Memory is the
resident set of worker and web at the end, and its growth over the second half of the run.

`DUTCHBOOK_BENCH_SECONDS` sets how long it runs; 600 unless told.
"""

import asyncio
import os
import shutil
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import WebSocket, async_playwright

from tests.product import ROOT, Product

NAME = "live"
SECONDS = float(os.environ.get("DUTCHBOOK_BENCH_SECONDS", "600"))
RECORDINGS = ROOT.parent / "shared" / "data" / "odds_stream"
SAMPLES = 20
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
STAMP_ROWS = """
window.painted = {};
const look = () => {
  const links = "[data-testid=opportunity-row] a[href^='/board/']";
  for (const link of document.querySelectorAll(links)) {
    const life = link.getAttribute("href").slice("/board/".length);
    if (!(life in window.painted)) {
      window.painted[life] = null;
      requestAnimationFrame(() => setTimeout(() => (window.painted[life] = Date.now())));
    }
  }
};
addEventListener("DOMContentLoaded", () =>
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true}));
"""


def run() -> Mapping[str, float]:
    """Return delays in milliseconds, and memory in megabytes."""
    return asyncio.run(_run())


async def _run() -> Mapping[str, float]:
    asked = ["--replay", str(RECORDINGS), "--speed", "60"] if RECORDINGS.is_dir() else []
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        product = Product(Path(folder) / "data", tuple(asked or ["--source", "simulator"]))
        try:
            await product.start()
            return await _watch(product)
        finally:
            product.stop()


async def _watch(product: Product) -> Mapping[str, float]:
    arrived: dict[str, float] = {}
    sizes: list[dict[str, float]] = []
    path = os.environ.get("DUTCHBOOK_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        page = await browser.new_page()
        await page.add_init_script(STAMP_ROWS)
        page.on("websocket", lambda socket: _listen(socket, arrived))
        await page.goto(f"{product.url}/board")
        opened_ms = await page.evaluate("Date.now()")
        for _ in range(SAMPLES):
            await asyncio.sleep(SECONDS / SAMPLES)
            sizes.append({name: _megabytes(product, name) for name in ("worker", "web")})
        painted = await page.evaluate("window.painted")
        await browser.close()
    new = {life: at for life, at in arrived.items() if at > opened_ms and painted.get(life)}
    delays = sorted(painted[life] - at for life, at in new.items())
    return _figures(delays, sizes)


def _listen(socket: WebSocket, arrived: dict[str, float]) -> None:
    def heard(frame: str | bytes) -> None:
        for row in _patched_rows(frame):
            arrived.setdefault(row["id"], row["first_seen_ms"])

    socket.on("framereceived", heard)


def _patched_rows(frame: str | bytes) -> list[dict[str, Any]]:
    """Return the rows of a board patch, new or changed."""
    text = frame if isinstance(frame, str) else frame.decode()
    start = text.find("[")
    if '"kind":"patch"' not in text.replace(" ", "") or start < 0:
        return []
    (message,) = [
        value
        for state in msgspec.json.decode(text[start:])[1]["delta"].values()
        for value in state.values()
        if isinstance(value, dict) and value.get("kind") == "patch"
    ]
    return message["rows"]


def _megabytes(product: Product, name: str) -> float:
    return product.part(name).memory_info().rss / 1e6


def _figures(delays: list[float], sizes: list[dict[str, float]]) -> Mapping[str, float]:
    half = sizes[len(sizes) // 2]
    cuts = statistics.quantiles(delays, n=100, method="inclusive")
    return {
        "live_rows": float(len(delays)),
        "live_p50_ms": statistics.median(delays),
        "live_p99_ms": cuts[98],
        "worker_rss_mb": sizes[-1]["worker"],
        "web_rss_mb": sizes[-1]["web"],
        "worker_growth_mb": sizes[-1]["worker"] - half["worker"],
        "web_growth_mb": sizes[-1]["web"] - half["web"],
    }
