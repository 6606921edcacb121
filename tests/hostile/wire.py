"""One socket as Reflex's client opens it, and everything that was heard on it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import websockets

from kit.ids import fresh

HYDRATE = "reflex___state____state.hydrate_and_load"
EVENT = "42/_event,"
NEVER_SAID = re.compile(
    r"Traceback|File \\?\"|site-packages|\.venv|postgres(ql)?(\+\w+)?://|redis://|\$argon2|"
    r"sqlalchemy|asyncpg|psycopg|/tmp/|/home/|token_hash|password_hash",
    re.IGNORECASE,
)


class Wire:
    """A socket that keeps the text of every frame, until it is told not to read."""

    def __init__(self, raw: websockets.ClientConnection) -> None:
        self.raw = raw
        self.said: list[str] = []
        self.heard_at: list[float] = []
        self._pongs = 0
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def fire(self, name: Any, payload: Any = None, *, path: str = "/board") -> None:
        """Send an event as a page does."""
        where = {"pathname": path, "asPath": path}
        await self.send({"name": name, "payload": payload or {}, "router_data": where})

    async def send(self, event: Any) -> None:
        """Send whatever it is as an event."""
        await self.raw.send(EVENT + json.dumps(["event", event]))

    async def settle(self, *, within_s: float = 60) -> None:
        """Wait for the answer to a ping, and until what was fired before has been answered."""
        wanted = self._pongs + 1
        await self.raw.send(EVENT + '["ping"]')
        async with asyncio.timeout(within_s):
            while self._pongs < wanted:
                await self._next()

    async def answered(self, *, within_s: float = 60) -> None:
        """Wait until everything fired so far has been dealt with: events of a tab are in order.

        The mark is a query that comes back with the state of the page.
        """
        mark = fresh()
        await self.send(boot(f"/board?mark={mark}"))
        await self.until(mark, '"is_hydrated_rx_state_":', within_s=within_s)

    async def until(self, *parts: str, within_s: float = 15) -> str:
        """Wait until a frame has all of the parts; return it."""
        looked = 0
        async with asyncio.timeout(within_s):
            while True:
                for text in self.said[looked:]:
                    looked += 1
                    if all(part in text for part in parts):
                        return text
                await self._next()

    async def closed(self, *, within_s: float = 30) -> None:
        """Wait until the other side has closed it."""
        async with asyncio.timeout(within_s):
            await self.raw.wait_closed()

    async def _next(self) -> None:
        self._news.clear()
        if self._reading.done():
            raise ConnectionError("the socket was closed")
        await self._news.wait()

    async def _read(self) -> None:
        try:
            async for frame in self.raw:
                text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
                self.said.append(text)
                self.heard_at.append(asyncio.get_running_loop().time())
                self._pongs += '"pong"' in text
                if text == "2":
                    await self.raw.send("3")
                self._news.set()
        except websockets.ConnectionClosed:
            pass
        finally:
            self._news.set()

    async def stop_reading(self) -> None:
        """Read nothing more: what is sent from now on piles up on the way."""
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self.raw.transport.pause_reading()


def socket_url(url: str, token: str) -> str:
    """Return where a page's socket is opened."""
    at = urlsplit(url)
    scheme = "wss" if at.scheme == "https" else "ws"
    return f"{scheme}://{at.netloc}/_event/?token={token}&EIO=4&transport=websocket"


@asynccontextmanager
async def opened(
    url: str, *, cookie: str = "", token: str = "", joining: bool = True, **more: Any
) -> AsyncIterator[Wire]:
    """Open a page's socket with Reflex's handshake, whose first event hydrates the page."""
    headers = {"Cookie": cookie} if cookie else {}
    options = {"origin": url, "proxy": None, "additional_headers": headers, "max_size": None}
    where = socket_url(url, token or fresh())
    async with websockets.connect(where, **(options | more)) as raw:
        wire = Wire(raw)
        await wire.until("0{")
        if joining:
            await raw.send("40/_event," + json.dumps({"event": boot()}))
            await wire.until("40/_event,")
        yield wire


def boot(path: str = "/board") -> dict[str, Any]:
    """Return the event that a page sends first."""
    where = {"pathname": path.partition("?")[0], "asPath": path}
    return {"name": HYDRATE, "payload": {}, "router_data": where}


def updates(said: list[str]) -> list[dict[str, Any]]:
    """Return the updates of Reflex among the frames."""
    start = EVENT + '["event"'
    return [json.loads(text.removeprefix(EVENT))[1] for text in said if text.startswith(start)]
