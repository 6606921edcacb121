"""Many browsers in one process: Reflex's own handshake, answers to pings, and what they receive.

It is told on standard input what to do, one word a line, and answers in JSON, one object a line:
`live` once every client has a board, `mark` forgets what was measured, `tell` says it, `take` says
and forgets it, `away` waits until every client has lost its socket and has a board again.
"""

import asyncio
import gc
import json
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import uvloop
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect  # pyright: ignore[reportMissingImports] - the bench list alone has it

from benchmarks.web_clients import most_files

ROOT_STATE = "reflex___state____state"
HYDRATE = {
    "event": {
        "name": f"{ROOT_STATE}.hydrate_and_load",
        "payload": {},
        "router_data": {"pathname": "/board", "asPath": "/board"},
    }
}
CONNECT = b"40/_event," + json.dumps(HYDRATE).encode()
AT_ONCE = 100
RETRY_S, MOST_TRIES = 0.2, 10


@dataclass
class Group:
    """Clients who see the board alike: `cookie` says who they are.

    After `stays_s` on average a client closes its page, and another comes; 0: all of them stay.
    """

    name: str
    count: int
    port: int
    cookie: str = ""
    stays_s: float = 0.0


@dataclass
class Measured:
    """What came since the last mark."""

    delays_ms: list[float] = field(default_factory=list[float])
    seqs: Counter[str] = field(default_factory=Counter[str])
    gaps: int = 0
    foreign: int = 0
    retries: int = 0


class Crowd:
    """All clients, and the figures that they share."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self.measured = Measured()
        self.live: set[Client] = set()
        self.changed = asyncio.Event()
        self.gate = asyncio.Semaphore(AT_ONCE)
        self.payload = b""
        self.read: dict[bytes, tuple[str, str, int, float, frozenset[str]]] = {}

    def parsed(self, payload: bytes) -> tuple[str, str, int, float, frozenset[str]] | None:
        """Return kind, epoch, number, instant and leagues of a board message; each read once."""
        known = self.read.get(payload)
        if known is None and b'"published_ms"' in payload:
            update = json.loads(payload[payload.index(b"[") :])[1]["delta"]
            (message,) = (v for state in update.values() for v in state.values())
            leagues = frozenset(row["league"] for row in message["rows"])
            if len(self.read) > 64:
                self.read.clear()
            kind, epoch, seq = message["kind"], message["epoch"], message["seq"]
            if kind == "patch" and leagues:
                self.payload = payload
            known = self.read[payload] = (kind, epoch, seq, message["published_ms"], leagues)
        return known


class Client(WSListener):
    """One browser."""

    def __init__(self, crowd: Crowd, group: Group) -> None:
        self.crowd, self.group = crowd, group
        self.epoch, self.seq = "", -1
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Remember the socket."""
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows' signature
        """Count as away."""
        self.crowd.live.discard(self)
        self.crowd.changed.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer as a browser does, and note what is told of the board."""
        arrived_ms = time.time() * 1000
        if frame.msg_type != WSMsgType.TEXT:
            return
        payload = frame.get_payload_as_bytes()
        if payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0{"):
            transport.send(WSMsgType.TEXT, CONNECT)
        elif told := self.crowd.parsed(payload):
            self._take(arrived_ms, *told)

    def _take(
        self, arrived_ms: float, kind: str, epoch: str, seq: int, at: float, leagues: frozenset[str]
    ) -> None:
        measured = self.crowd.measured
        if kind == "patch":
            measured.gaps += epoch != self.epoch or seq > self.seq + 1
            measured.delays_ms.append(arrived_ms - at)
            measured.seqs[self.group.name] += 1
        else:
            self.crowd.live.add(self)
            self.crowd.changed.set()
        measured.foreign += self.group.name == "basic" and bool(leagues - {"NBA"})
        self.epoch, self.seq = epoch, seq


async def stay(crowd: Crowd, group: Group) -> None:
    """Keep one browser connected, trying again as ours do: later each time, nobody with others."""
    tries = 0
    cookie = {"Cookie": f"dutchbook={group.cookie}"} if group.cookie else {}
    headers = {"Origin": f"http://127.0.0.1:{group.port}", **cookie}
    while True:
        where = f"ws://127.0.0.1:{group.port}/_event/?token={uuid4()}&EIO=4&transport=websocket"
        try:
            async with crowd.gate:
                transport, client = await ws_connect(
                    lambda: Client(crowd, group),
                    where,
                    extra_headers=headers,
                    websocket_handshake_timeout=20,
                    read_buffer_init_size=4096,
                )
            await until_gone(transport, group.stays_s)
            crowd.live.discard(client)
            tries, wait_s = 0, random.uniform(0.0, 1.0)
        except (OSError, TimeoutError, WSError):
            tries = min(tries + 1, MOST_TRIES)
            wait_s = RETRY_S * tries * random.uniform(0.5, 1.5)
        crowd.measured.retries += 1
        await asyncio.sleep(wait_s)


async def until_gone(transport: WSTransport, stays_s: float) -> None:
    """Wait until the socket is closed, which the client does itself if it does not stay."""
    try:
        async with asyncio.timeout(random.expovariate(1 / stays_s) if stays_s else None):
            await transport.wait_disconnected()
    except TimeoutError:
        transport.disconnect()


async def main() -> None:
    """Do what is asked until standard input ends."""
    groups = [Group(**each) for each in json.loads(sys.argv[1])]
    crowd, total = Crowd(groups), sum(group.count for group in groups)
    browsers = [asyncio.create_task(stay(crowd, g)) for g in groups for _ in range(g.count)]
    gc.freeze()
    gc.set_threshold(200_000, 50, 1_000)
    loop = asyncio.get_running_loop()
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        started = time.monotonic()
        if word == "mark":
            crowd.measured = Measured()
        if word == "away":
            await reached(crowd, 0)
        if word in ("live", "away"):
            await reached(crowd, total)
        measured = crowd.measured
        answer = {
            "seconds": time.monotonic() - started,
            "live": len(crowd.live),
            "delays_ms": sorted(measured.delays_ms)[:: max(1, len(measured.delays_ms) // 20_000)],
            "patches": sum(measured.seqs.values()),
            "gaps": measured.gaps,
            "foreign": measured.foreign,
            "retries": measured.retries,
            "payload": crowd.payload.decode(),
        }
        if word == "take":
            crowd.measured = Measured()
        print(json.dumps(answer), flush=True)
    for browser in browsers:
        browser.cancel()


async def reached(crowd: Crowd, wanted: int) -> None:
    """Wait until so many have a board: none, or at least so many."""
    while len(crowd.live) != wanted:
        crowd.changed.clear()
        await crowd.changed.wait()


if __name__ == "__main__":
    most_files()
    uvloop.run(main())
