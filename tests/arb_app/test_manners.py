"""Manners of sockets: nonsense is dropped, talkers wait, and who does not read is not heard."""

import asyncio

import pytest

from arb_app.fanout.protocol import EXTENSION
from arb_app.manners import (
    AT_ONCE,
    GIVEN_UP,
    NONSENSE,
    SPARE_FILES,
    Manners,
    is_packet,
    most_sockets,
)


class Line:
    """Both ends of a socket: what comes in, and what was sent to it as far as it was taken."""

    def __init__(self):
        self.coming = asyncio.Queue()
        self.taken = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.cut = False

    async def receive(self):
        return await self.coming.get()

    async def send(self, message):
        await self.reading.wait()
        self.taken.append(message)

    def says(self, *texts):
        for text in texts:
            self.coming.put_nowait({"type": "websocket.receive", "text": text})

    @property
    def scope(self):
        return {"type": "websocket", "extensions": {EXTENSION: self}}

    @property
    def transport(self):
        return self

    def abort(self):
        self.cut = True


class Heard:
    """An application that writes down what it hears, and answers where it is told to."""

    def __init__(self, *, answering=False):
        self.texts = []
        self.answering = answering

    async def __call__(self, scope, receive, send):
        while (message := await receive())["type"] == "websocket.receive":
            self.texts.append(message["text"])
            if self.answering:
                await send({"type": "websocket.send", "text": "4"})


def hang_up(line):
    line.coming.put_nowait({"type": "websocket.disconnect"})


async def turns(many=50):
    """Let everything that can go on go on."""
    for _ in range(many):
        await asyncio.sleep(0)


async def test_what_is_said_is_heard_in_order():
    line, heard = Line(), Heard()
    line.says("2", "4a", "4b")
    hang_up(line)
    await Manners(heard)(line.scope, line.receive, line.send)
    assert heard.texts == ["2", "4a", "4b"]


@pytest.mark.parametrize("text", ["", "9", "b" + "A" * 99, "x", "\0", "[", "0{}", None])
async def test_what_is_no_packet_is_dropped_and_counted(text):
    before, line, heard = NONSENSE._value.get(), Line(), Heard()
    line.says(text, "3")
    hang_up(line)
    await Manners(heard)(line.scope, line.receive, line.send)
    assert heard.texts == ["3"]
    assert NONSENSE._value.get() == before + 1


def test_bytes_are_no_packet():
    assert not is_packet({"type": "websocket.receive", "bytes": b"4"})
    assert is_packet({"type": "websocket.receive", "text": "42[]"})


async def test_who_says_too_much_at_once_is_heard_slowly():
    line, heard = Line(), Heard()
    line.says(*["2"] * (int(AT_ONCE) + 50))
    talking = asyncio.create_task(Manners(heard)(line.scope, line.receive, line.send))
    await turns(1_000)
    assert len(heard.texts) == int(AT_ONCE)
    talking.cancel()


async def test_who_does_not_read_is_not_heard_until_they_do():
    line, heard = Line(), Heard()
    began = asyncio.Event()

    async def app(scope, receive, send):
        writing = asyncio.create_task(send({"type": "websocket.send", "text": "4"}))
        await turns()
        began.set()
        await heard(scope, receive, send)
        await writing

    line.reading.clear()
    line.says("2", "3")
    talking = asyncio.create_task(Manners(app)(line.scope, line.receive, line.send))
    await began.wait()
    await turns()
    assert heard.texts == []
    line.reading.set()
    hang_up(line)
    await talking
    assert heard.texts == ["2", "3"]


async def test_who_never_reads_is_cut_off():
    before, line = GIVEN_UP._value.get(), Line()
    line.reading.clear()
    line.says("2")
    hang_up(line)
    await Manners(Heard(answering=True), patience_s=0.001)(line.scope, line.receive, line.send)
    assert line.cut
    assert GIVEN_UP._value.get() == before + 1


async def test_more_than_there_is_room_for_are_turned_away_and_those_inside_stay():
    first, second, heard = Line(), Line(), Heard()
    manners = Manners(heard, most=1)
    inside = asyncio.create_task(manners(first.scope, first.receive, first.send))
    await turns()
    await manners(second.scope, second.receive, second.send)
    assert second.taken == [{"type": "websocket.close", "code": 1013}]
    hang_up(first)
    await inside
    third = Line()
    hang_up(third)
    await manners(third.scope, third.receive, third.send)
    assert third.taken == []


def test_some_files_are_left_to_everything_else():
    assert most_sockets() >= SPARE_FILES


async def test_pages_are_none_of_its_business():
    asked = []

    async def app(scope, receive, send):
        asked.append(scope["type"])

    await Manners(app, most=0)({"type": "http"}, None, None)
    assert asked == ["http"]
