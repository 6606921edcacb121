"""A vendor on this machine: answers over HTTP as it is told to, and fails as often as it is told.

Of requests that fail there are four kinds, each as likely: an internal error, "too many requests",
a body that breaks off, and no answer at all within the client's patience.
"""

import asyncio
import contextlib
import gzip
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from store.embedded import free_port

_HANG_S = 15.0
_END = b"\r\n\r\n"
_STREAMS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close" + _END


class Asked(NamedTuple):
    """One request: which scope of which source, when, and how it went ("" for well)."""

    source: str
    scope: str
    at_s: float
    failure: str


Answer = Callable[[str, Mapping[str, str]], "tuple[str, bytes] | None"]
Stream = Callable[[str], AsyncIterator[bytes]]


@dataclass(kw_only=True)
class Vendor:
    """Answers `/<source>/...`.

    `answer` gives the scope and body of a path with its query, None for one that is not there;
    `stream` the server-sent events of a path that ends in `/stream/...`.
    """

    answer: Answer
    stream: Stream | None = None
    failures: float = 0.0
    chance: Random = field(default_factory=lambda: Random(3))
    asked: list[Asked] = field(default_factory=list[Asked])
    port: int = field(default_factory=free_port)
    _serving: set["asyncio.Task[None]"] = field(default_factory=set["asyncio.Task[None]"])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        try:
            yield
        finally:
            server.close()
            for task in self._serving:
                task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        # What is cancelled at the end says nothing of it: the server would log it as a fault.
        with contextlib.suppress(ConnectionError, EOFError, asyncio.CancelledError):
            while await self._respond(await reader.readuntil(_END), writer):
                pass
        writer.close()

    async def _respond(self, head: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection lives on."""
        parts = urlsplit(head.split(b" ", 2)[1].decode())
        _, source, path = parts.path.split("/", 2)
        failure = self._failure()
        if "/stream/" in parts.path and self.stream:
            return await self._stream(source, path, failure, writer)
        answer = self.answer(f"{source}/{path}", dict(parse_qsl(parts.query)))
        if answer is None:
            writer.write(_head("404 Not Found", 0))
            return True
        scope, body = answer
        self.asked.append(Asked(source, scope, time.time(), failure))
        return await self._sent(gzip.compress(body, 1), failure, writer)

    async def _sent(self, body: bytes, failure: str, writer: asyncio.StreamWriter) -> bool:
        if failure == "error":
            writer.write(_head("500 Internal Server Error", 0))
        elif failure == "busy":
            writer.write(_head("429 Too Many Requests", 0, "Retry-After: 1"))
        elif failure == "silence":
            await asyncio.sleep(_HANG_S)
            return False
        else:
            head = _head(
                "200 OK", len(body), "Content-Type: application/json", "Content-Encoding: gzip"
            )
            writer.write(head + (body[: len(body) // 2] if failure else body))
        await writer.drain()
        return failure != "truncated"

    async def _stream(
        self, source: str, path: str, failure: str, writer: asyncio.StreamWriter
    ) -> bool:
        scope = path.rpartition("/")[2]
        self.asked.append(Asked(source, f"stream:{scope}", time.time(), failure))
        if failure or self.stream is None:
            return await self._sent(b"", failure, writer)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close" + _END
        )
        async for message in self.stream(scope):
            writer.write(message)
            await writer.drain()
        return False

    def _failure(self) -> str:
        if self.chance.random() >= self.failures:
            return ""
        return self.chance.choice(("error", "busy", "truncated", "silence"))


def _head(status: str, length: int, *more: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {length}", *more)
    return "\r\n".join(lines).encode() + _END
