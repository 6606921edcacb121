"""The mirror: lines as their specification has them, and an InfluxDB that comes and goes."""

import asyncio
import gzip
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.errors import Refused
from domain.quotes import Origin
from store.history_lines import lines, tag
from store.history_mirror import Mirror
from store.history_rows import Change
from tests.facts import NOON, SOURCE, a_market, a_quote

TOKEN = "not a real token"
NOON_NS = 1_893_499_200_000_000_000


def a_change(*quotes, **fields):
    seen = {"source": SOURCE, "origin": Origin.LIVE, "seen_at": NOON, "changed": quotes}
    return Change(**{**seen, **fields})


def read(line):
    """Return measurement, tags, fields and time, cut as the specification says."""
    series, fields, at = re.split(r"(?<!\\) ", line)
    measurement, *tags = re.split(r"(?<!\\),", series)
    pairs = (re.split(r"(?<!\\)=", each) for each in tags)
    plain = {key: re.sub(r"\\([,= ])", r"\1", value) for key, value in pairs}
    return measurement, plain, dict(each.split("=") for each in fields.split(",")), int(at)


def test_a_price_is_a_line_of_tags_fields_and_nanoseconds():
    (line,) = lines(a_change(a_quote(odds=21 / 11, max_stake=250.0)))
    measurement, tags, fields, at = read(line)
    assert (measurement, at) == ("quotes", NOON_NS)
    assert (tags["book"], tags["outcome"], tags["side"], tags["source"], tags["origin"]) == (
        *("alpha", "home", "back", SOURCE, "live"),
    )
    assert float(fields["odds"]) == 21 / 11
    assert (fields["commission"], fields["max_stake"]) == ("0.0", "250.0")


def test_a_withdrawn_price_is_a_line_that_says_so():
    (line,) = lines(a_change(withdrawn=[a_quote().price]))
    assert line.endswith(f" withdrawn=true {NOON_NS}")


def test_a_name_that_is_empty_is_left_out():
    (line,) = lines(a_change(a_quote(market=a_market(event_id="")), source=""))
    assert {"event", "source"}.isdisjoint(read(line)[1])


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: not text.endswith("\\")
)


@given(texts, texts)
def test_any_name_comes_back_as_it_was(book, source):
    (line,) = lines(a_change(a_quote(book=book), source=source))
    tags = read(line)[1]
    assert (tags["book"], tags["source"]) == (book, source)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_a_name_holds_it_stays_one_tag_of_one_line(book):
    (line,) = lines(a_change(a_quote(book=f"a{book}")))
    assert "\n" not in line
    assert "\r" not in line
    assert len(read(line)[1]) == 8


def test_what_the_protocol_cannot_write_is_replaced():
    assert tag("a\nb\\\\") == "a\\ b//"


@dataclass
class Influx:
    """A server on this machine that answers each write in the way that is next, then well."""

    ways: list[int] = field(default_factory=list)
    port: int = 0
    writes: list[tuple[str, dict[str, str], list[str]]] = field(default_factory=list)
    heard: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, reader, writer):
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.ways.pop(0) if self.ways else 204
                written = gzip.decompress(body).decode().split("\n")
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
                async with self.heard:
                    self.writes.append((head[0], headers, written))
                    self.heard.notify_all()
        writer.close()

    async def has_heard(self, times):
        async with self.heard:
            await asyncio.wait_for(self.heard.wait_for(lambda: len(self.writes) >= times), 10)


@asynccontextmanager
async def influx(*ways):
    served = Influx([*ways])
    server = await asyncio.start_server(served.answer, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served
        server.close()


@asynccontextmanager
async def mirroring(port, **choices):
    async def at_once(_seconds):
        await asyncio.sleep(0)

    url = f"http://127.0.0.1:{port}/api/v2/write?org=o&bucket=b"
    mirror = Mirror(url, SecretStr(TOKEN), sleep=at_once, **choices)
    running = asyncio.create_task(mirror.run())
    try:
        yield mirror
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(true):
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0)


async def test_what_is_offered_arrives_with_its_token():
    async with influx() as server, mirroring(server.port) as mirror:
        mirror.offer([a_change(a_quote(), a_quote(book="beta"))])
        await server.has_heard(1)
        await until(lambda: mirror.counts.sent == 2)
    asked, headers, written = server.writes[0]
    assert asked == "POST /api/v2/write?org=o&bucket=b HTTP/1.1"
    assert headers["authorization"] == f"token {TOKEN}"
    assert [read(line)[1]["book"] for line in written] == ["alpha", "beta"]


@pytest.mark.parametrize("way", [500, 503, 429, 401])
async def test_a_server_that_fails_is_asked_again_and_nothing_is_lost(way):
    async with influx(way, way) as server, mirroring(server.port) as mirror:
        mirror.offer([a_change(a_quote())])
        await server.has_heard(3)
        await until(lambda: mirror.counts.sent == 1)
    assert (mirror.counts.dropped, mirror.counts.refused, mirror.waiting) == (0, 0, 0)


async def test_lines_that_are_refused_are_counted_and_do_not_block_the_next():
    async with influx(400) as server, mirroring(server.port) as mirror:
        mirror.offer([a_change(a_quote())])
        await until(lambda: mirror.counts.refused == 1)
        mirror.offer([a_change(a_quote(book="beta"))])
        await until(lambda: mirror.counts.sent == 1)


async def test_a_redirect_is_not_followed():
    async with influx(302) as server, mirroring(server.port) as mirror:
        mirror.offer([a_change(a_quote())])
        await server.has_heard(2)
        await until(lambda: mirror.counts.sent == 1)


async def test_while_nobody_answers_the_oldest_make_room_and_are_counted(free_port):
    async with mirroring(free_port, most_waiting=10) as mirror:
        for n in range(100):
            mirror.offer([a_change(a_quote(odds=2.0 + n))])
        assert (mirror.waiting, mirror.counts.dropped) == (10, 90)


@pytest.mark.parametrize("url", ["", "influx:8086", "ftp://host/write", "https://"])
def test_an_address_that_is_none_is_refused_by_name(url):
    with pytest.raises(Refused, match="DUTCHBOOK_INFLUX_URL"):
        Mirror(url)


def test_the_token_is_not_shown():
    assert TOKEN not in repr(vars(Mirror("https://host/write?db=d", SecretStr(TOKEN))))
