"""AMQP against a broker on this machine that keeps the vendor's contract, or breaks it."""

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pamqp import body, commands, frame, header, heartbeat

from domain.errors import Unavailable
from feeds.base import FeedDrifted, KeyRefused, Request, Wire
from tests.jobs.vendors import MANIFEST, PATIENT, QUICK, a_transport

# They wait for what never comes.
pytestmark = pytest.mark.slow

SECRET = "s3cr3t-token"
TOLD = replace(
    MANIFEST, wire=Wire.AMQP, needs_credential=True,
    credential_in_body=frozenset({"bookmaker", "key"}),
)  # fmt: skip
START = commands.Connection.Start(0, 9, {}, "PLAIN", "en_US")


class Broker:
    """One connection of a topic exchange: greets, lets in, declares, binds, then delivers."""

    def __init__(self, *deliveries, refuse=None, whole=True):
        self.deliveries, self.refuse, self.whole, self.said = deliveries, refuse, whole, []
        self.ending = asyncio.Event()

    async def serve(self, reader, writer):
        self.reader, self.writer = reader, writer
        try:
            assert await reader.readexactly(8) == b"AMQP\x00\x00\x09\x01"
            await self._greet()
            for raw in self.deliveries:
                writer.write(raw)
            await writer.drain()
            if not self.whole:
                await self.ending.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _greet(self):
        self._say(START)
        await self._hear(commands.Connection.StartOk)
        if self.refuse:
            self._say(commands.Connection.Close(self.refuse, "ACCESS_REFUSED", 0, 0))
            return
        self._say(commands.Connection.Tune(10, 131_072, 60))
        await self._hear(commands.Connection.TuneOk)
        await self._hear(commands.Connection.Open)
        self._say(commands.Connection.OpenOk())
        await self._hear(commands.Channel.Open)
        self._say(commands.Channel.OpenOk())
        await self._hear(commands.Queue.Declare)
        self._say(commands.Queue.DeclareOk("amq.gen-1", 0, 0))
        while isinstance(await self._hear(), commands.Queue.Bind):
            self._say(commands.Queue.BindOk())
        self._say(commands.Basic.ConsumeOk("ctag"))

    def _say(self, said):
        self.writer.write(frame.marshal(said, 1))

    async def _hear(self, kind=object):
        head = await self.reader.readexactly(7)
        size = frame.frame_parts(head)[2]
        got = frame.unmarshal(head + await self.reader.readexactly(size + 1))[2]
        assert isinstance(got, kind)
        self.said.append(got)
        return got


def delivery(key, data, *pieces):
    """Return one message in its frames; `pieces` say where its body is cut."""
    cuts = [0, *pieces, len(data)]
    parts = [data[a:b] for a, b in pairwise(cuts) if a < b]
    frames = [
        commands.Basic.Deliver("ctag", 1, False, "unifiedfeed", key),
        header.ContentHeader(0, len(data)),
        *(body.ContentBody(part) for part in parts),
    ]
    return b"".join(frame.marshal(each, 1) for each in frames)


@asynccontextmanager
async def running(broker):
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        broker.ending.set()
        server.close()


async def heard(broker, limits=PATIENT):
    got = []
    credential = {"vendor": {"key": SECRET, "bookmaker": "4711"}}
    async with running(broker) as port, a_transport(credential=credential, limits=limits) as door:
        request = Request(
            source="vendor", scope="live",
            url=f"amqp://127.0.0.1:{port}/unifiedfeed/{{{{bookmaker}}}}",
            params={"exchange": "unifiedfeed", "keys": "*.*.live.#,-.-.-.alive.#"},
        )  # fmt: skip
        try:
            async with aclosing(door.payloads(request, TOLD)) as payloads:
                async for payload in payloads:
                    got += [(payload.kind, payload.body)]
        except (Unavailable, FeedDrifted) as e:
            return got, e
    raise AssertionError("a stream ends by an error")


async def test_a_queue_of_our_own_is_bound_and_read():
    key = "hi.-.live.odds_change.1.sr:match.123.-"
    broker = Broker(delivery(key, b"<odds_change/>", 5), delivery("-.-.-.alive", b""))
    got, lost = await heard(broker)
    assert got == [(key, b"<odds_change/>"), ("-.-.-.alive", b"")]
    assert isinstance(lost, Unavailable)
    start, _, opened, _, declared, *binds, consumed = broker.said
    assert (start.mechanism, start.response) == ("PLAIN", f"\0{SECRET}\0")
    assert opened.virtual_host == "/unifiedfeed/4711"
    assert (declared.queue, declared.exclusive, declared.auto_delete) == ("", True, True)
    assert [(b.queue, b.exchange, b.routing_key) for b in binds] == [
        ("amq.gen-1", "unifiedfeed", "*.*.live.#"),
        ("amq.gen-1", "unifiedfeed", "-.-.-.alive.#"),
    ]
    assert (consumed.queue, consumed.no_ack) == ("amq.gen-1", True)


@pytest.mark.parametrize("code", [403, 530])
async def test_a_broker_that_does_not_let_us_in_says_so(code):
    got, lost = await heard(Broker(refuse=code))
    assert (got, type(lost)) == ([], KeyRefused)
    assert SECRET not in str(lost)


async def test_signs_of_life_are_no_messages():
    beat = heartbeat.Heartbeat().marshal()
    got, _ = await heard(Broker(beat + delivery("a", b"1") + beat))
    assert got == [("a", b"1")]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (delivery("a", b"x" * 20_000), "larger than 10000 bytes"),
        (b"\x03\x00\x01\xff\xff\xff\xff", "does not speak AMQP"),
        (b"AMQP\x00\x00\x09\x01", "does not speak AMQP"),
        (b"\x01\x00\x01\x00\x00\x00\x04\xff\xff\xff\xff\xce", "does not speak AMQP"),
        (frame.marshal(body.ContentBody(b"x"), 1), "answers out of turn"),
    ],
)
async def test_what_is_too_large_or_no_amqp_is_refused(raw, why):
    got, lost = await heard(Broker(raw))
    assert (got, type(lost)) == ([], FeedDrifted)
    assert why in str(lost)


async def test_a_queue_that_is_taken_away_is_a_loss():
    got, lost = await heard(Broker(frame.marshal(commands.Basic.Cancel("ctag"), 1), whole=False))
    assert (got, type(lost)) == ([], Unavailable)


async def test_a_broker_that_falls_silent_is_lost():
    got, lost = await heard(Broker(delivery("a", b"1"), whole=False), QUICK)
    assert got == [("a", b"1")]
    assert "too slow" in str(lost)


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(st.binary(min_size=8, max_size=120))
def test_noise_after_the_greeting_never_crashes(noise):
    got, lost = asyncio.run(heard(Broker(noise)))
    assert got == []
    assert isinstance(lost, Unavailable | FeedDrifted)
