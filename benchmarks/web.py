"""The live board to thousands of browsers: delay, CPU beside a bare server, memory, a restart.

One web process on one core, the load generator on another; 200 rows, 20 of which change each
second. The delay runs from the instant that the worker's message was published, through Valkey and
the web process, to the client. The same payload is then sent by a bare picows server to as many
clients in the same run: that is the limit. Then two web processes with the plans anonymous, basic
and pro mixed 60/25/15, and a web process that is killed and started again under all clients.

`DUTCHBOOK_BENCH_CLIENTS` sets how many (10,000 unless told), `DUTCHBOOK_BENCH_SECONDS` how long
each part is measured (20).
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.web_clients import most_files
from domain.board import BoardPatch, BoardRow, BoardSnapshot, Feeding
from domain.errors import Unavailable
from domain.plans import PLANS, PlanName
from domain.quotes import Origin
from kit.clock import SystemClock
from kit.settings import ROOT
from services import accounts
from services.access import OPERATOR
from services.work import Resources, begin
from store.cache import Cache
from store.db import Database
from store.embedded import Servers, free_port
from store.migrate import app_role, migrate
from tests.accounts import open_account, signed_in
from tests.facts import a_row, an_event, an_opportunity

NAME = "web"
CLIENTS = int(os.environ.get("DUTCHBOOK_BENCH_CLIENTS", "10000"))
SECONDS = float(os.environ.get("DUTCHBOOK_BENCH_SECONDS", "20"))
ROWS, CHANGES = 200, 20
MIX = {PlanName.ANONYMOUS: 0.60, PlanName.BASIC: 0.25, PlanName.PRO: 0.15}
WEB_CORE, LOAD_CORE = 0, 1
STARTS_S = 180.0


def run() -> Mapping[str, float]:
    """Return milliseconds, kilobytes, seconds, and how many times the CPU of the bare server."""
    return in_a_folder(_run)


def in_a_folder(
    measure: Callable[[Path], Coroutine[Any, Any, Mapping[str, float]]],
) -> Mapping[str, float]:
    """Return what is measured in a folder of its own, with as many sockets as the machine allows.

    Raises:
        Unavailable: What the clients are made with is not installed.
    """
    if find_spec("picows") is None:
        raise Unavailable("picows is not there: `./arb bench` installs it")
    most_files()
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        Path(folder).chmod(0o755)
        return asyncio.run(measure(Path(folder)))


async def _run(folder: Path) -> Mapping[str, float]:
    async with staged(folder) as stage:
        figures = await stage.one_process()
        return {**figures, **await stage.two_processes()}


@asynccontextmanager
async def staged(folder: Path) -> "AsyncIterator[Stage]":
    """Start servers of its own in a folder, and publish a patch each second."""
    async with AsyncExitStack() as stack:
        servers = stack.enter_context(Servers.start(folder / "servers"))
        migrate(servers.owner_url, app_role=app_role(servers.database_url, servers.owner_url))
        database = await Database.open(servers.database_url, application="bench")
        stack.push_async_callback(database.close)
        cache = await Cache.open(servers.redis_url, namespace="bench")
        stack.push_async_callback(cache.close)
        resources = Resources(database, cache, SystemClock())
        publishing = asyncio.create_task(_publish(cache))
        stack.callback(publishing.cancel)
        yield Stage(folder, servers, resources)


async def _publish(cache: Cache) -> None:
    """Publish as a worker does: a second, a patch."""
    rows = [_row(n, 0) for n in range(ROWS)]
    seq, due = 0, time.monotonic()
    while True:
        seq += 1
        told: dict[str, Any] = {
            "epoch": "bench",
            "seq": seq,
            "published_at": datetime.now(UTC),
            "refused_total": 0,
            "refused_by": {},
            "feeding": [Feeding(source="invented", origin=Origin.SIMULATED, label="invented")],
        }
        changed = [_row((seq * CHANGES + n) % ROWS, seq) for n in range(CHANGES)]
        for row in changed:
            rows[int(row.id)] = row
        await cache.publish(
            BoardPatch(rows=changed, gone=[], **told), BoardSnapshot(rows=rows, **told)
        )
        due += 1.0
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def _row(number: int, seq: int) -> BoardRow:
    event = an_event(f"Invented {number} v Other {number}", league="nba" if number % 2 else "wnba")
    roi = 0.01 + (number * 31 + seq) % 97 / 10_000
    base = an_opportunity(event, key=f"{number:024x}", roi=roi)
    legs = [msgspec.structs.replace(leg, odds=leg.odds + roi) for leg in base.legs]
    now = datetime.now(UTC)
    return a_row(
        id=f"{number:024d}",
        opportunity=msgspec.structs.replace(base, legs=legs),
        arrived_at=now,
        first_seen_at=now - timedelta(hours=1),
        best_roi=roi,
    )


class Program:
    """A process that is told words and answers in lines of JSON."""

    def __init__(self, *command: str, core: int) -> None:
        """Start it on a core."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        _pin(self.pid, core)

    def say(self, word: str) -> None:
        """Tell it a word."""
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    async def hear(self) -> Any:
        """Return what it answers."""
        assert self._process.stdout
        line = await asyncio.to_thread(self._process.stdout.readline)
        return json.loads(line)

    async def ask(self, word: str) -> Any:
        """Tell it a word and return what it answers."""
        self.say(word)
        return await self.hear()

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Web(psutil.Popen):
    """A web process."""

    def used_s(self) -> float:
        """Return the seconds of CPU that it has used."""
        times = self.cpu_times()
        return times.user + times.system

    def end(self) -> None:
        """Kill it."""
        with suppress(psutil.NoSuchProcess):
            self.kill()
        self.wait()


class Stage:
    """What is measured, one thing after the other."""

    def __init__(self, folder: Path, servers: Servers, resources: Resources) -> None:
        """Take what runs already."""
        self._folder = folder
        self._servers = servers
        self._resources = resources

    @property
    def cache(self) -> Cache:
        """Valkey, as the web processes use it."""
        return self._resources.cache

    async def one_process(self) -> Mapping[str, float]:
        """Measure one web process, the limit, and a restart."""
        port = free_port()
        web = await self.web(port, PlanName.PRO, core=WEB_CORE)
        before, begun_s = web.memory_info().rss, web.used_s()
        async with crowd_on([{"name": "pro", "count": CLIENTS, "port": port}]) as crowd:
            joined = await crowd.ask("live")
            print(f"{CLIENTS} clients after {joined['seconds']:.1f} s", file=sys.stderr)
            joined_s = web.used_s() - begun_s
            told, web_s = await _measured(crowd, web)
            per_client = (web.memory_info().rss - before) / CLIENTS / 1024
            crowd.say("away")
            killed_at = time.monotonic()
            web.end()
            again = await self.web(port, PlanName.PRO, core=WEB_CORE)
            await asyncio.wait_for(crowd.hear(), 600)
            reconnect_s = time.monotonic() - killed_at
        again.end()
        bare = await _bare(self._folder, told["payload"])
        return {
            "fanout_10k_p99_ms": quantile(told["delays_ms"], 0.99),
            "fanout_p50_ms": quantile(told["delays_ms"], 0.5),
            "fanout_cpu_us": 1e6 * web_s / told["patches"],
            "fanout_cpu_vs_picows": web_s / told["patches"] / bare,
            "fanout_gaps": float(told["gaps"]),
            "rss_kb_per_client": per_client,
            "join_cpu_ms": 1e3 * joined_s / CLIENTS,
            "reconnect_10k_s": reconnect_s,
            "clients": float(CLIENTS),
        }

    async def two_processes(self) -> Mapping[str, float]:
        """Measure two web processes with readers of three plans."""
        ports = free_port(), free_port()
        webs = [await self.web(port, PlanName.ANONYMOUS, core=None) for port in ports]
        cookies = {plan: await self._member(plan) for plan in MIX if plan is not PlanName.ANONYMOUS}
        groups = [
            {
                "name": plan.value,
                "count": round(CLIENTS * part / 2),
                "port": port,
                "cookie": cookies.get(plan, ""),
            }
            for plan, part in MIX.items()
            for port in ports
        ]
        async with crowd_on(groups) as crowd:
            await crowd.ask("live")
            await asyncio.sleep(PLANS[PlanName.ANONYMOUS].delay_s)
            told, _ = await _measured(crowd, *webs)
        for web in webs:
            web.end()
        return {
            "two_process_p99_ms": quantile(told["delays_ms"], 0.99),
            "two_process_gaps": float(told["gaps"]),
            "two_process_foreign": float(told["foreign"]),
        }

    async def _member(self, plan: PlanName) -> str:
        email = f"{plan}@example.com"
        await open_account(self._resources, email)
        async with begin(self._resources, OPERATOR) as work:
            await accounts.change_plan(work, email, plan, "nba")
        return await signed_in(self._resources, email)

    async def web(self, port: int, plan: PlanName, *, core: int | None) -> Web:
        """Start a web process that shows visitors what a plan shows; wait until it is ready."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DUTCHBOOK_", "REFLEX_"))}
        own = {
            "DATABASE_URL": self._servers.database_url,
            "REDIS_URL": self._servers.redis_url,
            "DUTCHBOOK_DATA_DIR": str(self._folder / "data"),
            "DUTCHBOOK_NAMESPACE": "bench",
            "DUTCHBOOK_VISITOR_PLAN": plan.value,
            "DUTCHBOOK_LOG_LEVEL": "WARNING",
            "DUTCHBOOK_RAW_FANOUT": os.environ.get("DUTCHBOOK_RAW_FANOUT", "true"),
            "MALLOC_ARENA_MAX": "2",
        }
        command = [sys.executable, "-m", "arb_app.serve", "--port", str(port)]
        web = Web(command, cwd=ROOT, env=kept | own)
        deadline = time.monotonic() + STARTS_S
        while not await asyncio.to_thread(_ready, port):
            if web.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web process did not start")
            await asyncio.sleep(0.1)
        if core is not None:
            _pin(web.pid, core)
        return web


@asynccontextmanager
async def crowd_on(groups: list[dict[str, Any]]) -> AsyncIterator[Program]:
    """Open the browsers of some groups, each a `benchmarks.web_load.Group` as JSON has it."""
    crowd = Program("benchmarks.web_load", json.dumps(groups), core=LOAD_CORE)
    try:
        yield crowd
    finally:
        crowd.stop()


async def _measured(crowd: Program, *webs: Web) -> tuple[Any, float]:
    """Return what the clients saw for a while, and the CPU that the web processes used for it."""
    await asyncio.sleep(3)
    await crowd.ask("mark")
    before = sum(web.used_s() for web in webs)
    await asyncio.sleep(SECONDS)
    used_s = sum(web.used_s() for web in webs) - before
    told = await crowd.ask("tell")
    print(f"{told['patches']} patches, {told['gaps']} gaps, {used_s:.2f} s", file=sys.stderr)
    return told, used_s


async def _bare(folder: Path, payload: str) -> float:
    """Return the seconds of CPU that the bare server needs for one message to one client."""
    port, file = free_port(), folder / "payload"
    file.write_text(payload)
    server = Program("benchmarks.web_bare", str(port), str(file), core=WEB_CORE)
    await asyncio.sleep(2)
    clients = Program("benchmarks.web_watchers", str(port), str(CLIENTS), core=LOAD_CORE)
    try:
        await clients.hear()
        await asyncio.sleep(3)
        process = psutil.Process(server.pid)
        seen, before = await clients.ask("tell"), process.cpu_times()
        await asyncio.sleep(SECONDS)
        seen, after = await clients.ask("tell") - seen, process.cpu_times()
    finally:
        clients.stop()
        server.stop()
    return (after.user + after.system - before.user - before.system) / seen


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def quantile(ordered: list[float], part: float) -> float:
    """Return the value below which a part of sorted values lies."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _pin(pid: int, core: int) -> None:
    """Keep a process on one core, where the machine has as many."""
    if (os.cpu_count() or 1) > core:
        psutil.Process(pid).cpu_affinity([core])
