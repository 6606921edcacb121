"""Streams against real servers on this machine: messages in order, bounds kept, losses told."""

import asyncio
import logging
import traceback
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest
import websockets

from domain.errors import Unavailable
from feeds.base import FeedDrifted, KeyRefused, Request, Wire
from feeds.transport import AskedToWait, NoCredential
from tests.jobs.vendors import MANIFEST, PATIENT, QUICK, a_transport

# They wait for what never comes.
pytestmark = pytest.mark.slow

SECRET = "s3cr3t-of-the-vendor"
SSE = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


def manifest(wire, **given):
    keyed = {"needs_credential": True, "credential_param": "key"}
    return replace(MANIFEST, wire=wire, **keyed | given)


@asynccontextmanager
async def serving(handle):
    """Serve raw connections until the block ends; hand out the port."""
    writers = []

    async def one(reader, writer):
        writers.append(writer)
        try:
            await handle(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()


async def heard(transport, request, told):
    """Return what a stream said before it was lost, and the error that it ended by."""
    got = []
    try:
        async with aclosing(transport.payloads(request, told)) as payloads:
            async for payload in payloads:
                got += [(payload.kind, payload.body)]
    except (Unavailable, FeedDrifted) as e:
        return got, e
    raise AssertionError("a stream ends by an error")


def to(port, scheme="http", **given):
    url = f"{scheme}://127.0.0.1:{port}/stream"
    return Request(source="vendor", scope="all", url=url, **given)


def a_keyed_transport(limits=PATIENT):
    return a_transport(credential={"vendor": SECRET}, limits=limits)


@asynccontextmanager
async def events(*answers):
    """Serve one answer a connection and keep the questions."""
    asked, left = [], list(answers)

    async def handle(reader, writer):
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(left.pop(0))
        await writer.drain()
        if not left and answers[-1].endswith(b"\n:\n"):
            await asyncio.Event().wait()

    async with serving(handle) as port:
        yield port, asked


async def test_events_come_one_by_one_and_go_on_behind_the_last_one_after_a_loss():
    first = (SSE + "event: odds\nid: 7\ndata: [1]\n\ndata: [2]\n\ndata: cut").encode()
    second = (SSE + "data: [3]\n\n").encode()
    async with events(first, second) as (port, asked), a_keyed_transport() as transport:
        got, lost = await heard(transport, to(port), manifest(Wire.SSE))
        again, _ = await heard(transport, to(port), manifest(Wire.SSE))
    assert got == [("odds", b"[1]"), ("message", b"[2]")]
    assert again == [("message", b"[3]")]
    assert "closed the stream" in str(lost)
    assert "last-event-id" not in asked[0].lower()
    assert "last-event-id: 7" in asked[1].lower()
    assert all(f"key={SECRET}" in question for question in asked)


async def test_a_source_that_names_its_wait_is_waited_for():
    body = (SSE + "retry: 4000\ndata: 1\n\n").encode()
    async with events(body) as (port, _), a_keyed_transport() as transport:
        _, lost = await heard(transport, to(port), manifest(Wire.SSE))
    assert isinstance(lost, AskedToWait)
    assert lost.wait_s == 4


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (SSE + "data: " + "x" * 20_000 + "\n\n", FeedDrifted, "larger than 10000 bytes"),
        (SSE.replace("event-stream", "html") + "<p>", FeedDrifted, "instead of a stream"),
        (SSE.replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n"), FeedDrifted, "compressed"),
        (SSE.replace("200 OK", "401 No"), KeyRefused, "refuses our credential"),
        (SSE.replace("200 OK", "503 Busy"), Unavailable, "answers 503"),
        ("HTTP/1.1 302 X\r\nLocation: https://10.0.0.1/\r\n\r\n", FeedDrifted, "not its own"),
    ],
)
async def test_a_stream_of_events_is_bounded_and_checked(body, kind, why):
    async with events(body.encode()) as (port, _), a_keyed_transport() as transport:
        got, lost = await heard(transport, to(port), manifest(Wire.SSE))
    assert got == []
    assert isinstance(lost, kind)
    assert why in str(lost)


async def test_a_stream_of_events_that_falls_silent_is_lost():
    body = (SSE + "data: 1\n\n:\n").encode()
    async with events(body) as (port, _), a_keyed_transport(QUICK) as transport:
        got, lost = await heard(transport, to(port), manifest(Wire.SSE))
    assert got == [("message", b"1")]
    assert "too slow" in str(lost)


@asynccontextmanager
async def websocket(handle, **options):
    async with websockets.serve(handle, "127.0.0.1", 0, **options) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_websocket_is_told_what_we_want_and_answers(caplog):
    caplog.set_level(logging.DEBUG)
    said = []

    async def handle(connection):
        said.extend([connection.request.path, connection.subprotocol, await connection.recv()])
        await connection.send('{"n":1}')
        await connection.send(b"\x02")

    asked = {"messages": [b'{"auth":"{{key}}"}'], "subprotocols": ["odds.v1"]}
    async with (
        websocket(handle, subprotocols=["odds.v1"]) as port,
        a_keyed_transport() as transport,
    ):
        caplog.clear()
        got, lost = await heard(transport, to(port, "ws", **asked), manifest(Wire.WEBSOCKET))
    assert got == [("", b'{"n":1}'), ("", b"\x02")]
    assert said == [f"/stream?key={SECRET}", "odds.v1", f'{{"auth":"{SECRET}"}}']
    assert isinstance(lost, Unavailable)
    ours = "".join(r.getMessage() for r in caplog.records if r.name != "websockets.server")
    assert SECRET not in ours + "".join(traceback.format_exception(lost))


@pytest.mark.parametrize("compression", ["deflate", None])
async def test_a_message_that_is_too_large_is_refused_packed_or_not(compression):
    async def handle(connection):
        await connection.send("0" * 5_000_000)
        await connection.wait_closed()

    async with (
        websocket(handle, compression=compression, max_size=None) as port,
        a_keyed_transport() as transport,
    ):
        got, lost = await heard(transport, to(port, "ws"), manifest(Wire.WEBSOCKET))
    assert got == []
    assert isinstance(lost, FeedDrifted)
    assert "larger than 10000 bytes" in str(lost)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "why"),
    [
        (401, {}, KeyRefused, "refuses our credential"),
        (429, {"Retry-After": "77"}, AskedToWait, "answers 429"),
        (404, {}, FeedDrifted, "answers 404"),
        (200, {}, FeedDrifted, "answers a stream with a page"),
        (302, {"Location": "ws://localhost:1/"}, FeedDrifted, "does not answer as a stream"),
        (302, {"Location": "/elsewhere"}, FeedDrifted, "does not answer as a stream"),
    ],
)
async def test_a_websocket_that_is_not_opened_says_why(status, headers, kind, why):
    seen = []

    def refuse(connection, request):
        seen.append(request.path)
        response = connection.respond(status, "no\n")
        response.headers.update(headers)
        return response

    async def nothing(_):
        raise AssertionError("it was opened")

    async with (
        websocket(nothing, process_request=refuse) as port,
        a_keyed_transport() as transport,
    ):
        got, lost = await heard(transport, to(port, "ws"), manifest(Wire.WEBSOCKET))
    assert (got, type(lost), len(seen)) == ([], kind, 1)
    assert why in str(lost)
    assert SECRET not in "".join(traceback.format_exception(lost))


async def test_a_websocket_that_is_half_open_is_lost_for_want_of_a_pong():
    async def handle(reader, writer):
        from websockets.server import ServerProtocol

        protocol = ServerProtocol()
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))
        writer.writelines(protocol.data_to_send())
        await asyncio.Event().wait()

    async with serving(handle) as port, a_keyed_transport(QUICK) as transport:
        got, lost = await heard(transport, to(port, "ws"), manifest(Wire.WEBSOCKET))
    assert got == []
    assert "broke off" in str(lost)


@pytest.mark.parametrize("said", [b"", b"no HTTP at all\r\n\r\n"])
async def test_a_websocket_that_hangs_up_while_it_is_opened_has_broken_off(said):
    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)

    async with serving(handle) as port, a_keyed_transport() as transport:
        got, lost = await heard(transport, to(port, "ws"), manifest(Wire.WEBSOCKET))
    assert got == []
    assert "broke off" in str(lost)


async def test_a_websocket_that_is_closed_before_it_was_told_is_lost():
    async def handle(connection):
        await connection.close()

    asked = to(0, "ws", messages=[b"x" * 100_000] * 50)
    async with websocket(handle) as port, a_keyed_transport() as transport:
        request = replace(asked, url=f"ws://127.0.0.1:{port}/")
        got, lost = await heard(transport, request, manifest(Wire.WEBSOCKET))
    assert (got, type(lost)) == ([], Unavailable)


async def test_lines_are_messages_and_the_credential_is_said_first():
    said = []

    async def handle(reader, writer):
        said.append(await reader.readline())
        writer.write(b'{"n":1}\r\n\r\n{"n":2}\n{"n":')
        await writer.drain()

    asked = {"messages": [b'{"op":"authentication","appKey":"{{key}}"}']}
    async with serving(handle) as port, a_keyed_transport() as transport:
        got, lost = await heard(transport, to(port, "lines", **asked), manifest(Wire.LINES))
    assert got == [("", b'{"n":1}'), ("", b'{"n":2}')]
    assert said == [f'{{"op":"authentication","appKey":"{SECRET}"}}\r\n'.encode()]
    assert "broke off" in str(lost)


async def test_a_line_without_end_is_refused_while_it_comes():
    async def handle(_, writer):
        while True:
            writer.write(b"x" * 5000)
            await writer.drain()

    async with serving(handle) as port, a_keyed_transport() as transport:
        _, lost = await heard(transport, to(port, "lines"), manifest(Wire.LINES))
    assert isinstance(lost, FeedDrifted)
    assert "larger than 10000 bytes" in str(lost)


async def test_lines_that_stop_coming_are_a_loss():
    async def handle(_, writer):
        writer.write(b"1\n")
        await asyncio.Event().wait()

    async with serving(handle) as port, a_keyed_transport(QUICK) as transport:
        got, lost = await heard(transport, to(port, "lines"), manifest(Wire.LINES))
    assert got == [("", b"1")]
    assert "too slow" in str(lost)


@pytest.mark.parametrize(
    ("wire", "scheme"), [(Wire.SSE, "http"), (Wire.WEBSOCKET, "ws"), (Wire.LINES, "lines")]
)
async def test_no_stream_is_opened_elsewhere_nor_without_its_credential(wire, scheme):
    asked = []

    async def handle(reader, writer):
        asked.append(True)

    async with serving(handle) as port:
        async with a_keyed_transport() as transport:
            only = manifest(wire, hosts=frozenset({"api.vendor.invalid"}))
            _, refused = await heard(transport, to(port, scheme), only)
        async with a_transport() as transport:
            _, lacking = await heard(transport, to(port, scheme), manifest(wire))
    assert "not its own" in str(refused)
    assert isinstance(lacking, NoCredential)
    assert asked == []


@pytest.mark.parametrize(
    ("wire", "scheme"), [(Wire.SSE, "http"), (Wire.WEBSOCKET, "ws"), (Wire.LINES, "lines")]
)
async def test_a_source_that_is_not_there_cannot_be_reached(wire, scheme):
    async with a_keyed_transport() as transport:
        _, lost = await heard(transport, to(1, scheme), manifest(wire))
    assert isinstance(lost, Unavailable)
    assert "cannot be reached" in str(lost)


async def test_the_same_door_polls():
    body = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"
    async with events(body) as (port, _), a_keyed_transport() as transport:
        told = manifest(Wire.REST)
        got = [payload.body async for payload in transport.payloads(to(port), told)]
    assert got == [b"[1]"]
