"""The doors of the web process: what strangers may not do, and how it lives without servers."""

import asyncio
import json
import signal
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
import websockets
from playwright.async_api import expect
from websockets.exceptions import InvalidStatus

from kit.ids import fresh
from store.embedded import free_port
from tests.e2e.conftest import Web, moved, until
from tests.facts import a_row

ROOT_STATE = "reflex___state____state"
BOARD_STATE = f"{ROOT_STATE}.arb_app___state___board____board_state"
PAGES = ("/", "/board", f"/board/{'c3' * 12}", "/status", "/no-such-page")


@asynccontextmanager
async def socket(web, *, origin=None):
    """Open a page's socket by hand, as a hostile program would."""
    where = f"ws://127.0.0.1:{web.port}/_event/?token={fresh()}&EIO=4&transport=websocket"
    async with websockets.connect(where, origin=origin or web.url, proxy=None) as raw:
        assert (await raw.recv()).startswith("0{")
        await raw.send("40/_event,")
        assert (await raw.recv()).startswith("40/_event,")
        yield raw


async def fire(raw, event):
    await raw.send("42/_event," + json.dumps(["event", event]))


async def alive(raw):
    """Wait for the answer to a ping; what came in between is thrown away."""
    await raw.send('42/_event,["ping"]')
    async with asyncio.timeout(10):
        while '"pong"' not in await raw.recv():
            pass


async def refused(web, name):
    """Return how often the gate refused an event."""
    wanted = f'dutchbook_events_refused_total{{event="{name}"}}'
    lines = (await web.get("/metrics")).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(wanted))


@pytest.mark.usefixtures("heartbeat")
@pytest.mark.parametrize("path", PAGES)
async def test_no_page_breaks_its_own_policy(stage, path):
    async with stage.open(path) as page:
        await expect(page.get_by_role("main")).to_be_visible()
        await page.wait_for_load_state("networkidle")


async def test_a_strangers_page_cannot_open_our_socket(stage):
    with pytest.raises(InvalidStatus):
        async with socket(stage.web, origin="https://evil.example"):
            pass


async def test_a_strangers_name_for_us_is_not_answered(stage):
    assert (await stage.web.get("/board", host="evil.example")).status_code == 421


SET = {"var_name": "message", "value": {"x": 1}}
ERRORS = f"{ROOT_STATE}.reflex___state____frontend_event_exception_state"


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (f"{BOARD_STATE}.setvar", SET),
        (f"{ROOT_STATE}.setvar", SET),
        (f"{ERRORS}.handle_frontend_exception", {"info": "x", "component_stack": "y"}),
    ],
)
async def test_an_event_without_a_door_is_refused_and_counted(stage, name, payload):
    before = await refused(stage.web, name)

    async def counted():
        return await refused(stage.web, name) > before

    async with socket(stage.web) as raw:
        await fire(raw, {"name": name, "payload": payload})
        await until(counted)


HOSTILE = [
    {"name": f"{BOARD_STATE}.no_such_handler", "payload": {}},
    {"name": "os.system", "payload": {"command": "true"}},
    {"name": f"{BOARD_STATE}.join", "payload": {"room": "everything", "self": None}},
    {"name": f"{BOARD_STATE}.join", "payload": {}, "router_data": {"sid": "another", "path": 7}},
    {"name": f"{ROOT_STATE}.hydrate_and_load", "payload": {"vars": {"x.y": 1}, "hashes": [{}]}},
    {"name": 7, "payload": []},
    {"name": None},
    {"payload": {"deep": [[[[[[]]]]]]}},
    [],
    "text",
    None,
]


@pytest.mark.parametrize("event", HOSTILE, ids=lambda event: str(event)[:40])
async def test_whatever_is_sent_the_others_notice_nothing(stage, event):
    async with socket(stage.web) as raw:
        await fire(raw, event)
    for junk in ("4", "42/_event,", "42/_event,{", "45/_event,[", "9", b"\x00\xff", "2" * 1_000):
        async with socket(stage.web) as raw:
            await raw.send(junk)
    async with socket(stage.web) as raw:
        await alive(raw)
    assert stage.web.process.poll() is None


async def test_a_message_beyond_all_measure_closes_only_its_own_socket(stage):
    async def overdo(raw):
        """Send it and wait for an answer; the door may shut while it is still being sent."""
        await raw.send("42/_event," + "x" * 2_000_000)
        await raw.recv()

    async with socket(stage.web) as bystander:
        async with socket(stage.web) as raw:
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(overdo(raw), 10)
        await alive(bystander)


@pytest.mark.usefixtures("heartbeat")
async def test_it_is_ready_once_everything_is(stage):
    assert (await stage.web.becomes("/readyz", 200)).status_code == 200


async def test_it_stops_quickly_when_told_to_and_with_pages_open(stage):
    async with stage.open("/board") as page:
        await expect(page.get_by_test_id("board-count")).to_be_visible()
        assert stage.web.end(signal.SIGTERM) == 0
    await stage.web.start()


@asynccontextmanager
async def passage(port, url):
    """Let a port of this machine lead to a server; closed, nobody answers there."""
    parts = urlsplit(url)

    async def carry(source, sink):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
        sink.close()

    async def meet(reader, writer):
        there, back = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(carry(reader, back), carry(there, writer), return_exceptions=True)

    async with await asyncio.start_server(meet, "127.0.0.1", port):
        yield


async def test_it_starts_without_its_servers_and_recovers_when_they_come(
    stage, environment, servers
):
    postgres, valkey = free_port(), free_port()
    there = {
        "DATABASE_URL": moved(servers.database_url, postgres),
        "REDIS_URL": moved(servers.redis_url, valkey),
    }
    web = Web(environment | there)
    await web.start()
    try:
        answer = await web.becomes("/readyz", 503)
        assert answer.headers["content-type"] == "application/problem+json"
        alone = type(stage)(web, stage.worker, stage.browser)
        async with alone.open("/board") as page:
            await expect(page.get_by_text("The board is late.")).to_be_visible(timeout=15_000)
            async with (
                passage(postgres, servers.database_url),
                passage(valkey, servers.redis_url),
            ):
                await web.becomes("/readyz", 503)
                await stage.worker.publish(a_row())
                await expect(page.get_by_test_id("opportunity-row")).to_have_count(1)
                await stage.worker.publish()
                await web.becomes("/readyz", 200)
    finally:
        web.end()
