"""Manners of sockets: who says too much is heard slowly, and who does not listen is not heard.

Reflex and Engine.IO keep whatever comes in and whatever should go out, without end; what is not
taken from a socket waits on the way, at the expense of whoever sent it.
"""

import asyncio
import resource
import sys
from typing import Any, Final, cast

from prometheus_client import Counter

from arb_app.csp import Asgi, Message, Receive, Scope, Send
from arb_app.fanout.protocol import EXTENSION

MESSAGES_A_SECOND: Final = 20.0
AT_ONCE: Final = 100.0
TAKES_WITHIN_S: Final = 60.0
"""How long a socket may leave what it is sent where it is."""
SPARE_FILES: Final = 256
"""Descriptors that sockets leave to pages, PostgreSQL and Valkey."""
_KINDS: Final = frozenset("1234")
"""Close, ping, pong, message: no client of ours sends another, nor anything but text."""

TURNED_AWAY: Final = Counter("dutchbook_sockets_turned_away_total", "Sockets beyond the limit.")
GIVEN_UP: Final = Counter("dutchbook_sockets_given_up_total", "Sockets that nobody read from.")
NONSENSE: Final = Counter("dutchbook_packets_odd_total", "Messages that are no packet of ours.")


class Manners:
    """An ASGI wrapper around everything that sockets say and are told."""

    def __init__(
        self, app: Asgi, *, most: int | None = None, patience_s: float = TAKES_WITHIN_S
    ) -> None:
        """Begin with nobody inside.

        Args:
            app: What is wrapped.
            most: How many sockets there may be; None: as many as files allow.
            patience_s: How long a socket may leave what it is sent where it is.
        """
        self._app = app
        self._patience_s = patience_s
        self._most = most_sockets() if most is None else most
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a socket on, or turn it away when there are too many."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
        elif self._open >= self._most:
            TURNED_AWAY.inc()
            await send({"type": "websocket.close", "code": 1013})
        else:
            await self._talk(scope, receive, send)

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        talk = _Talk(scope, receive, send, self._patience_s)
        self._open += 1
        try:
            await self._app(scope, talk.receive, talk.send)
        finally:
            self._open -= 1


class _Talk:
    """One socket's."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, patience_s: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._patience_s = patience_s
        self._taken = asyncio.Event()
        self._taken.set()
        self._loop = asyncio.get_running_loop()
        self._may = AT_ONCE
        self._since = self._loop.time()

    async def receive(self) -> Message:
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            await self._taken.wait()
            await self._pause()
            if is_packet(message):
                return message
            NONSENSE.inc()

    async def send(self, message: Message) -> None:
        self._taken.clear()
        try:
            async with asyncio.timeout(self._patience_s):
                await self._send(message)
        except TimeoutError:
            GIVEN_UP.inc()
            self._abort()
        finally:
            self._taken.set()

    async def _pause(self) -> None:
        """Wait until one more message may be heard."""
        now = self._loop.time()
        self._may = min(AT_ONCE, self._may + (now - self._since) * MESSAGES_A_SECOND) - 1
        self._since = now
        if self._may < 0:
            await asyncio.sleep(-self._may / MESSAGES_A_SECOND)

    def _abort(self) -> None:
        """Cut the connection; closing it in good order would wait for the reader as well."""
        protocol: Any = self._scope.get("extensions", {}).get(EXTENSION)
        if protocol is None:
            raise ConnectionAbortedError
        cast("asyncio.Transport", protocol.transport).abort()


def is_packet(message: Message) -> bool:
    """Return whether it is a packet such as Engine.IO's client sends: text that says its kind."""
    text = message.get("text")
    return bool(text) and text[0] in _KINDS


def most_sockets() -> int:
    """Return how many sockets fit into the files that this process may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(SPARE_FILES, soft - SPARE_FILES)
