"""Listened: a stream that is lost is taken up again, and its loss is its own."""

import asyncio
import json
from contextlib import aclosing, suppress

import pytest

from domain.errors import DutchbookError, FeedDrifted, Unavailable
from domain.sources import SourceState
from feeds.base import KeyRefused, Payload, Wire
from feeds.transport import AskedToWait
from jobs.collect import Collector
from jobs.credentials import SwitchedOff
from jobs.listened import Listened
from kit.clock import ManualClock
from tests.jobs.vendors import NOON, Numbers


class Streams:
    """A transport whose streams say, a connection, what a test lists; the last waits for ever."""

    def __init__(self, **said):
        self.said, self.opened, self.messages, self.out = said, [], [], 0

    async def payloads(self, request, manifest):
        self.opened.append(request.scope)
        self.messages.append(request.messages)
        left = self.said[request.scope]
        if not left:
            await asyncio.Event().wait()
        for said in left.pop(0):
            if isinstance(said, Exception):
                raise said
            yield Payload(
                request=request, body=json.dumps(said).encode(), as_of=NOON, arrived_at=NOON
            )
        raise Unavailable("it closed the stream")

    def check(self, manifest):
        pass

    def sign_out(self, manifest):
        self.out += 1


def listened(transport, feed=None):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)
        await asyncio.sleep(0)

    feed = feed or Numbers(dict.fromkeys(transport.said, "wss://x.invalid"), wire=Wire.WEBSOCKET)
    source = Listened(
        feed=feed, transport=transport, sports=["tennis"], clock=ManualClock(NOON), sleep=sleep
    )
    return source, waits


async def take(source, count):
    """Return so many readings of a source."""
    got = []
    async with aclosing(source.readings()) as readings:
        async for reading in readings:
            got.append((reading.scope, len(reading.quotes)))
            if len(got) == count:
                return got
    raise AssertionError("the streams ended")


async def lost(source):
    """Return the readings of a source and the error that it ends by."""
    got = []
    try:
        async for reading in source.readings():
            got += [len(reading.quotes)]
    except (DutchbookError, KeyError) as e:
        return got, e
    raise AssertionError("a stream ends by an error")


async def test_messages_are_readings_in_their_order():
    source, _ = listened(Streams(a=[[[1], [1, 1], [1, 1, 1]]]))
    assert await take(source, 3) == [("a", 1), ("a", 2), ("a", 3)]
    assert (source.facts.answers, source.facts.last_answer_at) == (3, NOON)


async def test_the_only_stream_ends_the_round_when_it_is_lost():
    source, _ = listened(Streams(a=[[[1]]]))
    got, error = await lost(source)
    assert (got, str(error)) == ([1], "it closed the stream")
    assert source.facts.failed == 0


async def test_one_stream_is_lost_and_taken_up_while_the_other_goes_on():
    transport = Streams(a=[[[1]], [[1, 1]]], b=[])
    source, waits = listened(transport)
    assert await take(source, 2) == [("a", 1), ("a", 2)]
    assert (transport.opened.count("a") >= 2, transport.opened.count("b")) == (True, 1)
    assert 0 <= waits[0] <= 0.5
    assert source.facts.failed >= 1


async def test_when_all_are_lost_the_source_fails():
    source, _ = listened(Streams(a=[[Unavailable("a is down")]], b=[[[1]], []]))
    _, error = await lost(source)
    assert isinstance(error, Unavailable)
    assert set(source.facts.failing) == {"a", "b"}


@pytest.mark.parametrize("said", [{"not": "a list"}, "text"])
async def test_a_message_that_cannot_be_read_loses_the_stream(said):
    source, _ = listened(Streams(a=[[[1], said, [1]]]))
    got, error = await lost(source)
    assert (got, type(error)) == ([1], FeedDrifted)


async def test_what_a_feed_breaks_on_is_not_swallowed():
    class Broken(Numbers):
        def read(self, payload):
            raise KeyError("x")

    streams = Streams(a=[[[1]]], b=[])
    source, _ = listened(streams, Broken(dict.fromkeys("ab", "wss://x.invalid")))
    _, error = await lost(source)
    assert isinstance(error, KeyError)


async def test_who_asks_us_to_wait_is_waited_for():
    source, waits = listened(Streams(a=[[AskedToWait("busy", 70.0)], [[1]]], b=[]))
    await take(source, 1)
    assert waits[0] == 70.0


async def test_a_refused_session_is_closed():
    source, _ = listened(transport := Streams(a=[[KeyRefused("your session is over")]]))
    await lost(source)
    assert transport.out == 1


async def test_a_stream_goes_on_where_it_was_when_it_was_lost():
    class Clocked(Numbers):
        messages = (b'{"clk":"{{clk}}"}',)

        def resume(self, payload):
            return {"clk": str(len(json.loads(payload.body)))}

    feed = Clocked(dict.fromkeys("ab", "wss://x.invalid"))
    feed.messages = Clocked.messages
    source, _ = listened(transport := Streams(a=[[[1], [1, 1]], [[1]]], b=[]), feed)
    await take(source, 3)
    first, again = (
        m for scope, m in zip(transport.opened, transport.messages, strict=True) if scope == "a"
    )
    assert (list(first), list(again)) == ([b'{"clk":"{{clk}}"}'], [b'{"clk":"2"}'])


async def test_a_plan_without_streams_is_asked_again_later():
    source, _ = listened(Streams())
    assert [reading async for reading in source.readings()] == []
    assert source.pause_s == 60.0


async def test_no_stream_outlives_its_reader():
    source, _ = listened(Streams(a=[[[1]]], b=[]))
    before = asyncio.all_tasks()
    await take(source, 1)
    assert asyncio.all_tasks() == before


async def test_a_collector_comes_back_to_a_stream_that_was_lost():
    transport, waits = Streams(a=[[[1]], [Unavailable("down")], [[1]]]), []

    async def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    async def nothing(_):
        return None

    source, _ = listened(transport)
    collector = Collector(source, nothing, ManualClock(NOON), sleep=sleep)
    with suppress(asyncio.CancelledError):
        await collector.run()
    health = collector.health
    assert (health.readings, health.failures, health.state) == (2, 3, SourceState.FAILING)
    assert health.note == "it closed the stream"


async def test_a_stream_is_connected_anew_when_its_credential_changes_and_no_failure_is_counted():
    class Endless(Streams):
        async def payloads(self, request, manifest):
            self.opened.append(request.scope)
            yield Payload(request=request, body=b"[1]", as_of=NOON, arrived_at=NOON)
            await asyncio.Event().wait()

    source, waits = listened(transport := Endless(a=[], b=[]))
    async with aclosing(source.readings()) as readings:
        assert {(await anext(readings)).scope for _ in "ab"} == {"a", "b"}
        source.renew()
        assert {(await anext(readings)).scope for _ in "ab"} == {"a", "b"}
    assert sorted(transport.opened) == ["a", "a", "b", "b"]
    assert (transport.out, waits, source.facts.error_rate) == (1, [], 0.0)


async def test_a_stream_that_is_switched_off_ends_at_once_and_says_why():
    class Switched(Streams):
        off = False

        async def payloads(self, request, manifest):
            if self.off:
                raise SwitchedOff("switched off by an admin")
            yield Payload(request=request, body=b"[1]", as_of=NOON, arrived_at=NOON)
            await asyncio.Event().wait()

    source, _ = listened(transport := Switched(a=[], b=[]))
    async with aclosing(source.readings()) as readings:
        await anext(readings)
        transport.off = True
        source.renew()
        with pytest.raises(SwitchedOff):
            async for _ in readings:
                pass
