"""The channel under a page that is open: restarts, a lost network, a slow one, and two tabs."""

import asyncio
import json
import re

import pytest
from playwright.async_api import expect

from store.embedded import free_port
from tests.e2e.conftest import Web
from tests.e2e.test_board_page import lions, otters

# A phone at the edge of a mast: 400 ms away, 50 kB a second.
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}


class Heard:
    """Every board message that the sockets of a page received, in order."""

    def __init__(self, page):
        self.messages, self.sockets = [], 0
        page.on("websocket", self._opened)

    def _opened(self, socket):
        self.sockets += 1
        socket.on("framereceived", self._took)

    def _took(self, payload):
        text = payload if isinstance(payload, str) else ""
        if text.startswith('42/_event,["event"') and '"published_ms"' in text:
            (delta,) = json.loads(text.removeprefix("42/_event,"))[1]["delta"].values()
            self.messages.extend(each for each in delta.values() if "seq" in each)

    def gaps(self):
        """Return the patches that do not follow what came before them."""
        found, last = [], None
        for each in self.messages:
            here = (each["epoch"], each["seq"])
            if each["kind"] == "patch" and last != (here[0], here[1] - 1):
                found.append((last, here))
            last = here
        return found


def row_of(page, name):
    return page.get_by_role("row", name=re.compile(name))


async def heard_by(stage, where=""):
    """Open a page whose sockets are listened to from the first on."""
    room = await stage.browser.new_context()
    page = await room.new_page()
    heard = Heard(page)
    await page.goto(where or f"{stage.web.url}/board")
    return page, heard


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("heartbeat")
async def test_after_a_restart_the_board_comes_back_by_itself_and_misses_nothing(stage):
    await stage.worker.publish(lions(0.02))
    page, heard = await heard_by(stage)
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.02")
    stage.web.process.kill()
    stage.web.process.wait()
    await stage.worker.publish(lions(0.03))
    await stage.web.start()
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.03", timeout=30_000)
    await stage.worker.publish(lions(0.031))
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.031")
    assert heard.sockets > 1
    assert len({each["epoch"] for each in heard.messages}) == 2
    assert heard.gaps() == []
    await page.context.close()


class Tunnel:
    """A port of this machine that leads to a server, until it is cut."""

    def __init__(self, port):
        self.port, self.there, self.server, self.ends = port, 0, None, set()

    async def open(self):
        self.server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)

    async def cut(self):
        """Let nobody through, and drop whoever is inside."""
        self.server.close()
        await self.server.wait_closed()
        for end in self.ends:
            end.transport.abort()
        self.ends.clear()

    async def _meet(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self.there)
        self.ends |= {writer, back}
        await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)


async def carry(source, sink):
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.close()


@pytest.fixture
async def tunnel(stage, environment):
    """A tunnel to a web process that knows itself by the tunnel's address."""
    tunnel = Tunnel(free_port())
    web = Web(environment | {"DUTCHBOOK_PUBLIC_URL": f"http://127.0.0.1:{tunnel.port}"})
    await web.start()
    tunnel.there = web.port
    await tunnel.open()
    yield tunnel
    await tunnel.cut()
    web.end()


@pytest.mark.usefixtures("heartbeat")
async def test_an_open_board_goes_on_when_the_network_is_back(stage, tunnel):
    await stage.worker.publish(lions(0.02), otters(0.01))
    page, heard = await heard_by(stage, f"http://127.0.0.1:{tunnel.port}/board")
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.02")
    await tunnel.cut()
    await expect(page.get_by_text("Not connected.")).to_be_visible()
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.02")
    await stage.worker.publish(lions(0.05), gone=("b2" * 12,))
    await tunnel.open()
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.05", timeout=30_000)
    await expect(row_of(page, "Otters")).to_have_count(0)
    await expect(page.get_by_text("Not connected.")).to_have_count(0)
    assert heard.sockets > 1
    assert heard.gaps() == []
    await page.context.close()


@pytest.mark.usefixtures("heartbeat")
async def test_a_slow_network_shows_the_same_board_later(stage):
    await stage.worker.publish(lions(0.02))
    room = await stage.browser.new_context()
    page = await room.new_page()
    heard = Heard(page)
    session = await room.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW)
    await page.goto(f"{stage.web.url}/board", wait_until="commit")
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.02", timeout=60_000)
    await expect(page.get_by_test_id("board-count")).to_have_text("1")
    await stage.worker.publish(lions(0.03))
    await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.03", timeout=30_000)
    assert heard.gaps() == []
    await room.close()


@pytest.mark.usefixtures("heartbeat")
async def test_two_tabs_of_one_browser_have_a_socket_each_and_the_same_rows(stage):
    await stage.worker.publish(lions(0.02), otters(0.01))
    one, heard = await heard_by(stage)
    other = await one.context.new_page()
    await other.goto(f"{stage.web.url}/board")
    for page in (one, other):
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(2)
    await stage.worker.publish(lions(0.04), gone=("b2" * 12,))
    for page in (one, other):
        await expect(row_of(page, "Lions")).to_have_attribute("data-roi", "0.04")
        await expect(page.get_by_test_id("opportunity-row")).to_have_count(1)
    await other.close()
    await stage.worker.publish(lions(0.05))
    await expect(row_of(one, "Lions")).to_have_attribute("data-roi", "0.05")
    assert heard.sockets == 1
    assert heard.gaps() == []
    await one.context.close()


@pytest.mark.usefixtures("heartbeat")
async def test_a_duplicated_tab_gets_a_memory_of_its_own(stage):
    """The client token is copied with the tab; whoever comes second is given another."""
    await stage.worker.publish(lions(0.02))
    page, _ = await heard_by(stage)
    await expect(row_of(page, "Lions")).to_be_visible()
    async with page.context.expect_page() as opening:
        await page.evaluate("window.open(location.href)")
    twin = await opening.value
    await expect(row_of(twin, "Lions")).to_be_visible()
    await stage.worker.publish(lions(0.03))
    for each in (page, twin):
        await expect(row_of(each, "Lions")).to_have_attribute("data-roi", "0.03")
    assert await page.evaluate("sessionStorage.token") != await twin.evaluate(
        "sessionStorage.token"
    )
    await page.context.close()
