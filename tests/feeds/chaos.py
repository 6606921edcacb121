"""A server on this machine whose every path misbehaves in its own way, and what it was asked."""

import asyncio
import gzip
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

JSON = "Content-Type: application/json\r\n"
BOMB = gzip.compress(b" " * 60_000_000)


def answer(body: bytes = b"[]", *, status: str = "200 OK", headers: str = JSON) -> bytes:
    """Return one HTTP answer after which the connection is closed."""
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


ANSWERS = {
    "good": answer(b"[1]"),
    "wrong": answer(b'{"error": "maintenance"}'),
    "page": answer(b"<html>", headers="Content-Type: text/html\r\n"),
    "truncated": answer(b"[1]").replace(b"Content-Length: 3", b"Content-Length: 300"),
    "noise": b"\x00\xff no HTTP at all\r\n\r\n",
    "limited": answer(status="429 Slow Down", headers=f"{JSON}Retry-After: 1800\r\n"),
    "private": answer(status="302 Found", headers="Location: https://10.0.0.1/odds\r\n"),
    "metadata": answer(status="307 X", headers="Location: http://169.254.169.254/\r\n"),
    "bomb": answer(BOMB, headers=f"{JSON}Content-Encoding: gzip\r\n"),
    "denied": answer(status="401 Unauthorized"),
    "region": answer(status="451 Unavailable For Legal Reasons"),
    "down": answer(status="503 Service Unavailable"),
}


@dataclass
class Chaos:
    """Answers `/<way>/...` in that way; `flapping` fails every other time, `half_open` never says
    a word, `reset` hangs up, `elsewhere` redirects to `trap`, which stands on another host.
    """

    port: int = 0
    asked: Counter[str] = field(default_factory=Counter[str])
    lines: list[str] = field(default_factory=list)
    trap: str = ""
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.port}/{way}/odds"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.lines.append(head.partition("\r\n")[0])
            way = head.split(" ")[1].split("/")[1]
            self.asked[way] += 1
            await self._answer(way, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, way: str, writer: asyncio.StreamWriter) -> None:
        match way:
            case "half_open":
                await self.ending.wait()
            case "slow":
                writer.write(answer(b"[1]")[:-3])
                await writer.drain()
                await self.ending.wait()
            case "reset":
                writer.transport.abort()
            case "flapping":
                down = self.asked[way] % 2
                writer.write(answer(status="404 Not Found") if down else ANSWERS["good"])
            case "elsewhere":
                writer.write(answer(status="301 X", headers=f"Location: {self.trap}\r\n"))
            case _:
                writer.write(ANSWERS[way])
        await writer.drain()


@asynccontextmanager
async def chaos() -> AsyncIterator[Chaos]:
    """Serve until the block ends."""
    made = Chaos()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.ending.set()
        server.close()
