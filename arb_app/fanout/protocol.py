"""uvicorn's WebSocket protocol, made to show the application its transport, and its self-test."""

import asyncio
import logging
from importlib.metadata import version
from typing import Any, Final, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.uri import parse_uri

from arb_app.fanout.frames import WINDOW_BITS, Encoded
from domain.errors import Broken

EXTENSION: Final = "dutchbook.raw"
"""Where in the extensions of an ASGI scope the protocol stands."""
KNOWN: Final = {
    "uvicorn": "0.54.",
    "websockets": "17.",
    "python-engineio": "4.15.",
    "python-socketio": "5.18.",
}
"""The versions whose insides this was written for and measured with."""


class Wire(Protocol):
    """What is needed of a protocol to write frames past it."""

    conn: Any
    transport: asyncio.Transport
    close_sent: bool


class RawProtocol(WebSocketsSansIOProtocol):
    """Takes deflated messages that stand alone, and stands in the scope of its own application."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take what uvicorn gives."""
        super().__init__(*given, **named)
        self.conn = connection(self.config.ws_max_size)

    def handle_connect(self, event: Request) -> None:
        """Accept the handshake as uvicorn does; then the application is told of the protocol."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            scope = cast("dict[str, Any]", self.scope)
            scope["extensions"][EXTENSION] = self

    def connection_lost(self, exc: Exception | None) -> None:
        """End as uvicorn does, and let go of what holds this and is held by it.

        Else nothing of a closed socket is freed before a full garbage collection, which is rare.
        """
        super().connection_lost(exc)
        self.conn.parser.close()
        if hasattr(self, "scope"):
            cast("dict[str, Any]", self.scope)["extensions"].pop(EXTENSION, None)


def connection(max_size: int | None) -> ServerProtocol:
    """Return the server's half of a connection that agrees on compression without a memory.

    Without it each message stands alone: one deflated frame fits every socket, and a socket that
    waits keeps no window. `max_size` bounds a message as it is once inflated.
    """
    deflate = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True,
        client_no_context_takeover=True,
        server_max_window_bits=WINDOW_BITS,
        compress_settings={"memLevel": 5},
    )
    log = logging.getLogger("uvicorn.error")
    return ServerProtocol(extensions=[deflate], max_size=max_size, logger=log)


def is_deflating(wire: Wire) -> bool:
    """Return whether the socket takes our deflated frames."""
    agreed = wire.conn.extensions
    return len(agreed) == 1 and _stands_alone(agreed[0])


def why_not(known: dict[str, str] = KNOWN) -> str:
    """Return why frames cannot be written past uvicorn here, or "" if they can.

    Both halves of a connection shake hands in memory, and the one must read what we frame for it.
    """
    for package, start in known.items():
        if not (found := version(package)).startswith(start):
            return f"{package} {found} is not {start}x"
    try:
        for offered in (True, False):
            _try(offered=offered)
    except (Broken, WebSocketException, AttributeError, TypeError) as e:
        return f"a frame of ours was not read: {e}"
    return ""


def _stands_alone(extension: object) -> bool:
    return isinstance(extension, PerMessageDeflate) and extension.local_no_context_takeover


class _Said:
    """A packet of Socket.IO that says one thing, long enough to be worth deflating."""

    def encode(self) -> str:
        return '2/_event,["event",{}]' * 64


def _try(*, offered: bool) -> None:
    extensions = [ClientPerMessageDeflateFactory()] if offered else None
    client = ClientProtocol(parse_uri("ws://self.test/"), extensions=extensions)
    server = connection(None)
    client.send_request(client.connect())
    server.receive_data(b"".join(client.data_to_send()))
    (request,) = server.events_received()
    server.send_response(server.accept(cast("Request", request)))
    client.receive_data(b"".join(server.data_to_send()))
    said = Encoded(_Said())
    alone = any(map(_stands_alone, server.extensions))
    if alone is not offered:
        raise Broken("compression was not agreed on as it was offered")
    for _ in range(2):
        client.receive_data(said.deflated if alone else said.plain)
    read = [event.data for event in client.events_received() if isinstance(event, Frame)]
    if [bytes(each).decode() for each in read] != [said.packet.encode()] * 2:
        raise Broken("what arrived is not what was framed")
