"""The running product: real servers, the web process, a worker's voice, and a real browser."""

import asyncio
import os
import shutil
import signal
import ssl
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
from playwright.async_api import Browser, ConsoleMessage, async_playwright, expect

from domain.board import BoardPatch, BoardRow, BoardSnapshot, Feeding, Refusals
from domain.quotes import Origin
from kit.clock import SystemClock
from kit.ids import fresh
from services.access import Role
from services.work import Resources
from store.cache import Cache
from store.db import Database
from store.embedded import free_port
from store.keys import FILE, KeyRing
from tests.accounts import browser_of, open_account, signed_in

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 240.0
STOPS_WITHIN_S = 30.0
SLOWEST_S = 300
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
# Plain HTTP needs none, and to read the machine's anew costs each request 30 ms.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
WATCH_POLICY = (
    "window.violations = [];"
    "addEventListener('securitypolicyviolation', (e) =>"
    " window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));"
)


# A machine that does much else shows late what it shows: only what never comes is a fault.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items):
    """Mark every test of this folder; whichever is first waits for the front end's build too."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("e2e")
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(SLOWEST_S))


# What Chromium says of a web process that a play stopped: the last while it asks for the worker of
# the installed app, the one before it in the middle of an answer.
AWAY = (
    "ERR_CONNECTION_REFUSED",
    "WebSocket connection to",
    "ERR_CONTENT_LENGTH_MISMATCH",
    "occurred when fetching the script",
)


async def until(look, *, within_s: float = 20):
    """Return what `look` finds as soon as it finds something; raise `TimeoutError` if it never."""
    clock = asyncio.get_running_loop()
    ends_at = clock.time() + within_s
    while not (found := await look()):
        if clock.time() > ends_at:
            raise TimeoutError
        await asyncio.sleep(0.05)
    return found


@dataclass
class Worker:
    """The voice of a worker: publishes boards as the real one does."""

    cache: Cache
    origin: Origin = Origin.REPLAY
    epoch: str = field(default_factory=fresh)
    seq: int = 0
    rows: dict[str, BoardRow] = field(default_factory=dict)
    refused_by: dict[str, int] = field(default_factory=dict)

    async def publish(self, *rows: BoardRow, gone: tuple[str, ...] = (), ago_s: float = 0) -> None:
        """Put rows on the board and take others away; with neither, say that it still holds."""
        self.seq += 1
        self.rows |= {row.id: row for row in rows}
        for life_id in gone:
            self.rows.pop(life_id)
        told = {
            "epoch": self.epoch,
            "seq": self.seq,
            "published_at": datetime.now(UTC) - timedelta(seconds=ago_s),
            "refused_total": max(self.refused_by.values(), default=0),
            "refused_by": self.refused_by,
            "feeding": [Feeding(source="invented", origin=self.origin, label="an invented window")],
        }
        patch = BoardPatch(rows=list(rows), gone=list(gone), **told)
        await self.cache.publish(patch, BoardSnapshot(rows=list(self.rows.values()), **told))

    async def refuse(self, refusals: Refusals) -> None:
        """Tell the near misses."""
        self.refused_by = refusals.by_code
        now = datetime.now(UTC)
        await self.cache.put_refusals(msgspec.structs.replace(refusals, published_at=now))

    async def clear(self) -> None:
        """Begin a new numbering with an empty board, as a new worker does."""
        self.epoch, self.seq, self.rows, self.refused_by = fresh(), 0, {}, {}
        self.origin = Origin.REPLAY
        await self.publish()


@dataclass
class Web:
    """The web process on a port of its own."""

    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    module: str = "arb_app.serve"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, *, within_s: float = STARTS_WITHIN_S) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", self.module, "--port", str(self.port)]
        self.process = await asyncio.to_thread(self._spawn, command)
        await self.becomes("/healthz", 200, within_s=within_s)

    def _spawn(self, command: list[str]) -> subprocess.Popen:
        return subprocess.Popen(command, cwd=ROOT, env=self.environment)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False, verify=NO_AUTHORITIES) as client:
            return await client.get(f"{self.url}{path}", headers=headers, timeout=10)

    async def becomes(self, path: str, status: int, *, within_s: float = 30) -> httpx.Response:
        """Wait until a door answers with `status`."""
        return await until(partial(self._answer, path, status), within_s=within_s)

    async def _answer(self, path: str, status: int) -> httpx.Response | None:
        assert self.process.poll() is None, "the web process has died"
        with suppress(httpx.TransportError):
            answer = await self.get(path)
            return answer if answer.status_code == status else None
        return None

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop it; return its exit code."""
        self.process.send_signal(by)
        return self.process.wait(STOPS_WITHIN_S)


@dataclass
class Stage:
    """Everything a play needs."""

    web: Web
    worker: Worker
    browser: Browser

    @asynccontextmanager
    async def open(self, path: str, **context):
        """Open a page in a browser of its own, which complains of nothing until it is closed."""
        room = await self.browser.new_context(**context)
        await room.add_init_script(WATCH_POLICY)
        page = await room.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.extend(_complaints(said, page.url)))
        await page.goto(f"{self.web.url}{path}")
        yield page
        assert await page.evaluate("window.violations") == []
        assert complaints == []
        await room.close()


@dataclass
class Office(Stage):
    """A stage whose browsers are all of one who has signed in."""

    browsers: dict[str, object]

    def open(self, path: str, **context):
        """Open a page as whoever has signed in."""
        return super().open(path, **self.browsers, **context)


async def office_of(stage: Stage, database: Database, role: Role, web: Web | None = None) -> Office:
    """Return the stage as it is for somebody with a role, who is made and signed in for it."""
    resources = Resources(database, stage.worker.cache, SystemClock())
    email = f"{fresh()}@example.com"
    await open_account(resources, email, role)
    browsers = browser_of(await signed_in(resources, email))
    return Office(web or stage.web, stage.worker, stage.browser, browsers)


def _complaints(said: ConsoleMessage, url: str) -> list[str]:
    """Return what a console message complains of, besides a web process that a play stopped."""
    away = any(sign in said.text for sign in AWAY)
    the_page_itself = said.location["url"] == url
    return [said.text] if said.type == "error" and not (away or the_page_itself) else []


@pytest.fixture(scope="session")
def environment(servers, tmp_path_factory):
    """What the web process is started with."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DUTCHBOOK_", "REFLEX_"))}
    data = tmp_path_factory.mktemp("data")
    KeyRing.at(data / FILE)
    return inherited | {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "DUTCHBOOK_DATA_DIR": str(data),
        "DUTCHBOOK_NAMESPACE": fresh("e2e-"),
    }


@pytest.fixture(scope="session")
async def browser():
    """Chromium: the one named, else the system's, else Playwright's own."""
    path = os.environ.get("DUTCHBOOK_CHROMIUM") or shutil.which("chromium")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
async def whole_stage(environment, servers, browser):
    cache = await Cache.open(servers.redis_url, namespace=environment["DUTCHBOOK_NAMESPACE"])
    web = Web(environment)
    await web.start()
    yield Stage(web, Worker(cache), browser)
    web.end()
    await cache.close()


@pytest.fixture(scope="session")
def built(whole_stage, environment):
    """Where the pages lie that the stage was built from."""
    return Path(environment["DUTCHBOOK_DATA_DIR"]) / "web"


COUNTED = ("allowance", "rate", "risk", "velocity")


async def uncounted(cache: Cache) -> None:
    """Forget who did how much: the members of all plays come from this machine's one address."""
    for kind in COUNTED:
        async for key in cache.commands.scan_iter(cache.key(kind, "*")):
            await cache.commands.delete(key)


@pytest.fixture
async def stage(whole_stage):
    """The stage with an empty board, where nobody has done anything yet."""
    await uncounted(whole_stage.worker.cache)
    await whole_stage.worker.clear()
    return whole_stage


@pytest.fixture
async def heartbeat(stage):
    """A worker that goes on saying that the board still holds."""

    async def beating():
        while True:
            await stage.worker.publish()
            await asyncio.sleep(0.5)

    beats = asyncio.create_task(beating())
    yield
    beats.cancel()
    with suppress(asyncio.CancelledError):
        await beats


def moved(url: str, port: int) -> str:
    """Return a server's URL with another port of this machine."""
    parts = urlsplit(url)
    credentials = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{credentials}@127.0.0.1:{port}").geturl()
