"""The end of a socket: said without an exception, and nothing is held after it."""

import gc
import weakref
from types import SimpleNamespace

import pytest
import uvicorn
from engineio import AsyncServer
from uvicorn.server import ServerState

from arb_app.fanout.ending import QuietSocket, end_quietly
from arb_app.fanout.protocol import EXTENSION, RawProtocol

HANDSHAKE = (
    b"GET /_event/ HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def heard(event):
    """Return what a socket makes of what the server says of it."""
    socket = QuietSocket(None, None)

    async def receive():
        return event

    socket.asgi_receive = receive
    return socket.wait()


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"type": "websocket.receive", "text": "2"}, "2"),
        ({"type": "websocket.receive", "bytes": b"2"}, b"2"),
        ({"type": "websocket.disconnect", "code": 1005}, None),
    ],
)
async def test_a_message_is_passed_on_and_the_end_is_none(event, said):
    assert await heard(event) == said


def test_only_the_apps_own_server_is_changed():
    app, other = SimpleNamespace(sio=SimpleNamespace(eio=AsyncServer())), AsyncServer()
    end_quietly(app)
    assert app.sio.eio._async["websocket"] is QuietSocket
    assert other._async["websocket"] is not QuietSocket
    end_quietly(SimpleNamespace(sio=None))


class Transport:
    """A transport that goes nowhere."""

    def get_extra_info(self, name, default=None):
        return default

    def write(self, data): ...

    def close(self): ...


async def test_a_closed_connection_is_freed_without_a_garbage_collection():
    async def app(scope, receive, send):
        assert EXTENSION in scope["extensions"]

    config = uvicorn.Config(app, log_config=None)
    config.load()
    state = ServerState()
    protocol = RawProtocol(config, state, {})
    protocol.connection_made(Transport())
    protocol.data_received(HANDSHAKE)
    while state.tasks:
        await next(iter(state.tasks))
    protocol.connection_lost(None)
    gone = weakref.ref(protocol.conn)
    gc.disable()
    try:
        del protocol
        assert gone() is None
    finally:
        gc.enable()
