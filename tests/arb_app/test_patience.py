"""Patience with HTTP: a request that never arrives is not waited for."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from arb_app.patience import PatientProtocol

ANSWER = b"HTTP/1.1 200 OK"


async def app(scope, receive, send):
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def served(within_s):
    """Serve on a port of this machine; yield a new connection's reader and writer."""
    config = uvicorn.Config(app, log_config=None, timeout_keep_alive=30)
    config.load()
    state = ServerState()

    def protocol():
        return type("Quick", (PatientProtocol,), {"within_s": within_s, "lingers_s": within_s})(
            config, state, {}
        )

    async with await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.transport.abort()


async def talk(writer):
    """Write on for as long as anybody listens."""
    while True:
        writer.write(b"x" * 100_000)
        await writer.drain()
        await asyncio.sleep(0.01)


async def is_cut(reader):
    try:
        return await reader.read(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9000\r\n\r\nabc",
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_does_not_say_what_they_want_is_cut_off(half):
    async with served(0.02) as (reader, writer), asyncio.timeout(30):
        writer.write(half)
        assert await is_cut(reader)


async def test_a_second_request_that_never_arrives_is_cut_off_too():
    async with served(0.2) as (reader, writer), asyncio.timeout(30):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)
        writer.write(b"GET / HT")
        assert await is_cut(reader)


async def test_a_whole_request_is_answered_and_the_connection_kept():
    async with served(0.2) as (reader, writer), asyncio.timeout(30):
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(ANSWER)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: here\r\nX-Large: " + b"x" * 70_000, b"431"),
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", b"400"),
    ],
    ids=["too large", "nonsense", "no host", "unknown coding", "a header that is none"],
)
async def test_what_is_no_request_is_refused_as_a_problem_and_cut_off(said, status):
    async with served(5) as (reader, writer), asyncio.timeout(30):
        writer.write(said)
        answer = await reader.read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == status
    assert b"application/problem+json" in head
    assert b"x-content-type-options: nosniff" in head
    assert b'"status": ' + status in body


async def test_who_is_refused_while_they_talk_on_still_hears_why():
    async with served(5) as (reader, writer), asyncio.timeout(30):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\nX-Large: " + b"x" * 3_000_000)
        await writer.drain()
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert answer.endswith(b"}")


async def test_who_was_refused_and_never_stops_talking_is_cut_off():
    async with served(0.2) as (reader, writer), asyncio.timeout(30):
        writer.write(b"NONSENSE\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        with pytest.raises(ConnectionError):
            await talk(writer)
