"""One hour of the live board at 1,000 browsers: memory stays as it is, and nobody misses a patch.

The worker's voice, the web process and the clients are those of `benchmarks.web`. Every ten seconds
the resident memory of the web process is read, and what the clients saw since is added up. Memory
after the warm-up, a tenth of the run, is compared with memory at the end: means over a tenth each.
A client whose socket is dropped counts as a reconnect; a patch that does not follow the one before
it, as a gap.

`DUTCHBOOK_BENCH_SOAK_S` sets for how many seconds it runs (3600 unless told),
`DUTCHBOOK_BENCH_SOAK_CLIENTS` with how many clients (1000), `DUTCHBOOK_BENCH_SOAK_STAYS_S` after
how long a client closes its page and another comes in its place, on average (0: all stay).
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.web import Program, Web, crowd_on, in_a_folder, quantile, staged
from domain.plans import PlanName
from store.embedded import free_port

NAME = "soak"
SECONDS = float(os.environ.get("DUTCHBOOK_BENCH_SOAK_S", "3600"))
CLIENTS = int(os.environ.get("DUTCHBOOK_BENCH_SOAK_CLIENTS", "1000"))
STAYS_S = float(os.environ.get("DUTCHBOOK_BENCH_SOAK_STAYS_S", "0"))
SAMPLE_S = 10.0
SAID_EVERY = 30
MB = 1024 * 1024


@dataclass
class Soaked:
    """What was seen so far: a value a sample, and sums."""

    rss: list[int] = field(default_factory=list[int])
    p99_ms: list[float] = field(default_factory=list[float])
    live: list[int] = field(default_factory=list[int])
    messages: int = 0
    gaps: int = 0
    reconnects: int = 0

    def add(self, rss: int, told: Mapping[str, Any]) -> None:
        """Add a sample."""
        self.rss.append(rss)
        self.live.append(told["live"])
        if told["delays_ms"]:
            self.p99_ms.append(quantile(told["delays_ms"], 0.99))
        self.messages += told["patches"]
        self.gaps += told["gaps"]
        self.reconnects += told["retries"]

    def change(self) -> float:
        """Return by what share of itself memory has changed since the warm-up."""
        tenth = max(1, len(self.rss) // 10)
        warm = statistics.fmean(self.rss[tenth : 2 * tenth] or self.rss)
        return statistics.fmean(self.rss[-tenth:]) / warm - 1

    def figures(self, seconds: float) -> dict[str, float]:
        """Return them by name, for a run of so many seconds."""
        return {
            "soak_memory_change": self.change(),
            "soak_gaps": float(self.gaps),
            "soak_messages": float(self.messages),
            "soak_reconnects": float(self.reconnects),
            "soak_p99_ms": statistics.median(self.p99_ms),
            "soak_rss_mb": self.rss[-1] / MB,
            "soak_clients": float(min(self.live)),
            "soak_hours": seconds / 3600,
        }


def run() -> Mapping[str, float]:
    """Return the change of memory as a share, counts, milliseconds, megabytes and hours."""
    return in_a_folder(_run)


async def _run(folder: Path) -> Mapping[str, float]:
    async with staged(folder) as stage:
        port = free_port()
        web = await stage.web(port, PlanName.PRO, core=None)
        group = {"name": "pro", "count": CLIENTS, "port": port, "stays_s": STAYS_S}
        try:
            async with crowd_on([group]) as crowd:
                if not STAYS_S:  # else there is always somebody on the way
                    await crowd.ask("live")
                return await _watched(crowd, web)
        finally:
            web.end()


async def _watched(crowd: Program, web: Web) -> Mapping[str, float]:
    soaked, started = Soaked(), time.monotonic()
    await crowd.ask("take")
    while (passed := time.monotonic() - started) < SECONDS:
        await asyncio.sleep(min(SAMPLE_S, SECONDS - passed))
        soaked.add(web.memory_info().rss, await crowd.ask("take"))
        if len(soaked.rss) % SAID_EVERY == 0:
            _say(soaked, time.monotonic() - started)
    return soaked.figures(time.monotonic() - started)


def _say(soaked: Soaked, passed_s: float) -> None:
    print(
        f"{passed_s:.0f} s: {soaked.rss[-1] / MB:.1f} MB, {soaked.live[-1]} clients,"
        f" {soaked.messages} messages, {soaked.gaps} gaps, {soaked.reconnects} reconnects",
        file=sys.stderr,
        flush=True,
    )
