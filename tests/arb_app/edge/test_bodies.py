"""Bodies as they come over a socket: with two sizes, or with an end that never comes."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from arb_app.edge.problems import HUNG_UP, Problems
from arb_app.edge.sizes import Sizes
from arb_app.patience import PatientProtocol

HEAD = b"POST /read HTTP/1.1\r\nHost: here\r\n"
NEXT = b"GET /read HTTP/1.1\r\nHost: here\r\n\r\n"


async def _read(request):
    return PlainTextResponse(f"read {len(await request.body())}")


@asynccontextmanager
async def served():
    """Serve on a port of this machine; yield a new connection's reader and writer."""
    front = Problems(Sizes(Starlette(routes=[Route("/read", _read, methods=["POST"])])))
    config = uvicorn.Config(front, log_config=None)
    config.load()
    state = ServerState()

    def protocol():
        return PatientProtocol(config, state, {})

    loop = asyncio.get_running_loop()
    async with await loop.create_server(protocol, "127.0.0.1", 0) as server, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.transport.abort()


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + NEXT,
        HEAD
        + b"Content-Length: 4\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        + NEXT,
        HEAD + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n" + NEXT,
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    ],
    ids=["length first", "chunks first", "with a body", "two lengths", "older than chunks"],
)
async def test_a_body_of_two_sizes_is_refused_and_what_follows_it_is_not_read(said):
    async with served() as (reader, writer):
        writer.write(said)
        answer = await reader.read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head.lower()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b'"status": 400' in body


@pytest.mark.parametrize(
    "said",
    [b"Content-Length: 3\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
    ids=["by its length", "in chunks"],
)
async def test_a_body_of_one_size_is_read(said):
    async with served() as (reader, writer):
        writer.write(HEAD + b"Connection: close\r\n" + said)
        assert (await reader.read()).endswith(b"read 3")


async def test_who_hangs_up_in_the_middle_of_a_form_is_counted_and_is_no_error(caplog):
    before = HUNG_UP._value.get()
    with caplog.at_level(logging.INFO):
        async with served() as (_, writer):
            writer.write(HEAD + b"Content-Length: 9\r\n\r\nabc")
            await writer.drain()
            writer.close()
            while HUNG_UP._value.get() == before:
                await asyncio.sleep(0)
    assert HUNG_UP._value.get() == before + 1
    assert caplog.records == []
