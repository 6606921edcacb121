"""The end of a socket: said without an exception, and nothing is held after it."""

import gc
import weakref
from types import SimpleNamespace

import pytest
import uvicorn
from engineio import AsyncServer
from engineio.async_drivers.asgi import translate_request
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from arb_app.fanout.ending import QuietSocket, begin_and_end_quietly, read_handshake
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


def a_handshake(query, headers, *, kind="websocket"):
    """Return what ASGI tells of a request, and what is received of it first."""
    scope = {"type": kind, "path": "/_event/", "query_string": query, "headers": headers}
    return scope, {"type": "websocket.connect" if kind == "websocket" else "http.request"}


async def read_by(reader, scope, event):
    async def receive():
        return event

    return await reader(scope, receive, None)


@given(
    query=st.one_of(st.just(b"EIO=4&transport=websocket&token=x"), st.binary(max_size=20)),
    headers=st.lists(
        st.tuples(
            st.sampled_from([b"host", b"Origin", b"cookie", b"x-forwarded-proto", b"\xff"]),
            st.one_of(st.sampled_from([b"https", b"a=b", "ñ".encode()]), st.binary(max_size=9)),
        ),
        max_size=6,
    ),
)
async def test_a_sockets_handshake_is_read_as_engine_io_reads_it(query, headers):
    scope, event = a_handshake(query, headers)
    ours = await read_by(read_handshake, scope, event)
    theirs = await read_by(translate_request, scope, event)
    left_out = theirs.keys() - ours.keys()
    assert {key: theirs[key] for key in ours if key != "asgi.receive"} == {
        key: ours[key] for key in ours if key != "asgi.receive"
    }
    assert all(key.startswith(("wsgi.", "SERVER_")) for key in left_out)


async def test_other_requests_are_left_to_engine_io_and_no_connection_is_none():
    scope, event = a_handshake(b"", [(b"host", b"here")], kind="http")
    assert "wsgi.input" in await read_by(read_handshake, scope, event)
    scope, _ = a_handshake(b"", [])
    assert await read_by(read_handshake, scope, {"type": "websocket.disconnect"}) == {}


async def test_a_handshake_that_was_read_holds_nothing_once_it_is_let_go():
    scope, event = a_handshake(b"", [(b"host", b"here")])

    class Hears:
        async def __call__(self):
            return event

    hears = Hears()
    gone, known = weakref.ref(hears), await read_handshake(scope, hears, None)
    gc.disable()
    try:
        del hears
        assert gone() is known["asgi.receive"]
        del known
        assert gone() is None
    finally:
        gc.enable()


def test_only_the_apps_own_server_is_changed():
    app, other = SimpleNamespace(sio=SimpleNamespace(eio=AsyncServer())), AsyncServer()
    begin_and_end_quietly(app)
    assert app.sio.eio._async["websocket"] is QuietSocket
    assert app.sio.eio._async["translate_request"] is read_handshake
    assert other._async["websocket"] is not QuietSocket
    begin_and_end_quietly(SimpleNamespace(sio=None))


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
