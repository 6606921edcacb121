"""The transport against a real server on this machine that is slow, endless, lying or down."""

import asyncio
import gzip
import logging
import re
import traceback
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from domain.errors import Unavailable
from feeds.base import (
    Basis,
    FeedDrifted,
    KeyRefused,
    Manifest,
    Quota,
    RegionRefused,
    Request,
)
from feeds.transport import AskedToWait, Limits, NoCredential, Transport
from kit.clock import ManualClock

SECRET = "s3cr3t-of-the-vendor"
NOON = datetime(2026, 7, 21, 12, 0, tzinfo=UTC)
JSON = "Content-Type: application/json\r\n"


@dataclass
class Vendor:
    """A server whose next answers a test writes byte for byte, and what it was asked."""

    port: int = 0
    answers: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    endless: bytes = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            # Closing on a body that nobody read would take the answer back.
            length = re.search(r"(?i)^content-length: (\d+)", self.asked[-1], re.MULTILINE)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(self.answers.pop(0))
            await writer.drain()
            while self.endless:
                writer.write(self.endless)
                await writer.drain()
                await asyncio.sleep(0)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(body: bytes = b"[]", *, status: str = "200 OK", headers: str = JSON) -> bytes:
    head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    made = Vendor()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


@pytest.fixture
def manifest() -> Manifest:
    return Manifest(
        name="vendor",
        title="A vendor",
        basis=Basis.DOCUMENTED,
        sports=frozenset(),
        markets=frozenset(),
        hosts=frozenset({"127.0.0.1"}),
        needs_credential=True,
        credential_param="apiKey",
    )


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
async def transport(slept) -> AsyncIterator[Transport]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    made = Transport(
        credential={"vendor": SECRET}.get,
        clock=ManualClock(NOON),
        limits=Limits(connect_s=2, read_s=0.2, total_s=1.0, most_bytes=100_000, tries=3),
        sleep=sleep,
        allow_loopback=True,
    )
    async with made:
        yield made


@pytest.fixture
def request_(vendor) -> Request:
    url = f"http://127.0.0.1:{vendor.port}/odds"
    return Request(source="vendor", scope="all", url=url, params={"sport": "tennis"})


async def test_an_answer_comes_with_its_instant_and_what_is_left_of_the_quota(
    transport, vendor, request_, manifest
):
    vendor.answers = [answer(b"[1]", headers=JSON + "x-requests-remaining: 489\r\n")]
    got = await transport.fetch(request_, manifest)
    assert (got.body, got.quota_left) == (b"[1]", 489)
    assert got.as_of == got.arrived_at == NOON
    assert got.request is request_


async def test_the_credential_is_sent_and_seen_nowhere(
    transport, vendor, request_, manifest, caplog
):
    caplog.set_level(logging.DEBUG)
    vendor.answers = [answer(), answer(status="401 Unauthorized", body=b"bad apiKey")]
    got = await transport.fetch(request_, manifest)
    with pytest.raises(FeedDrifted) as refused:
        await transport.fetch(request_, manifest)
    assert all(f"apiKey={SECRET}" in asked for asked in vendor.asked)
    shown = caplog.text + repr(got) + repr(transport) + repr(transport.__dict__)
    assert SECRET not in shown + "".join(traceback.format_exception(refused.value))


async def test_an_error_on_the_way_does_not_quote_the_credential(
    transport, vendor, request_, manifest
):
    vendor.answers = [b"no HTTP at all\r\n\r\n"] * 3
    with pytest.raises(Unavailable) as failed:
        await transport.fetch(request_, manifest)
    cause = failed.value.__cause__
    assert SECRET not in str(cause.request.url) + "".join(traceback.format_exception(failed.value))


async def test_without_its_credential_a_source_is_not_asked(vendor, request_, manifest):
    async with Transport(
        credential={}.get, clock=ManualClock(NOON), allow_loopback=True
    ) as transport:
        with pytest.raises(Unavailable, match="no credential"):
            await transport.fetch(request_, manifest)
    assert vendor.asked == []


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Too Many Requests"])
async def test_a_busy_source_is_asked_again(transport, vendor, request_, manifest, slept, status):
    vendor.answers = [answer(status=status), answer(status=status), answer(b"[2]")]
    assert (await transport.fetch(request_, manifest)).body == b"[2]"
    assert len(slept) == 2


async def test_a_source_that_stays_busy_is_unavailable(transport, vendor, request_, manifest):
    vendor.answers = [answer(status="500 Oops")] * 3
    with pytest.raises(Unavailable, match="vendor: it answers 500"):
        await transport.fetch(request_, manifest)
    assert len(vendor.asked) == 3


@pytest.mark.parametrize(
    ("said", "waited"), [("7", 7), ("Tue, 21 Jul 2026 12:00:09 GMT", 9), ("soon", None)]
)
async def test_the_wait_that_a_source_asks_for_is_kept(
    transport, vendor, request_, manifest, slept, said, waited
):
    busy = answer(status="429 Too Many Requests", headers=f"{JSON}Retry-After: {said}\r\n")
    vendor.answers = [busy, answer()]
    await transport.fetch(request_, manifest)
    assert len(slept) == 1
    assert waited is None or slept == [waited]


async def test_who_asks_us_to_wait_too_long_is_left_at_once(
    transport, vendor, request_, manifest, slept
):
    vendor.answers = [answer(status="503 Busy", headers=f"{JSON}Retry-After: 3600\r\n")]
    with pytest.raises(Unavailable, match="503"):
        await transport.fetch(request_, manifest)
    assert slept == []


async def test_only_changes_are_asked_for(transport, vendor, request_, manifest):
    tagged = answer(headers=f'{JSON}ETag: "v1"\r\nLast-Modified: Tue, 21 Jul 2026 11:00:00 GMT\r\n')
    vendor.answers = [tagged, answer(b"", status="304 Not Modified", headers="")]
    assert await transport.fetch(request_, manifest) is not None
    assert await transport.fetch(request_, manifest) is None
    assert "if-none-match" not in vendor.asked[0].lower()
    assert 'if-none-match: "v1"' in vendor.asked[1].lower()
    assert "if-modified-since: tue, 21 jul 2026" in vendor.asked[1].lower()


async def test_another_question_is_not_answered_from_memory(transport, vendor, request_, manifest):
    vendor.answers = [answer(headers=f'{JSON}ETag: "v1"\r\n'), answer()]
    await transport.fetch(request_, manifest)
    await transport.fetch(replace(request_, params={"sport": "golf"}), manifest)
    assert "if-none-match" not in vendor.asked[1].lower()


async def test_a_redirect_at_home_is_followed(transport, vendor, request_, manifest):
    vendor.answers = [answer(status="302 Found", headers="Location: /v2/odds\r\n"), answer(b"[3]")]
    assert (await transport.fetch(request_, manifest)).body == b"[3]"
    assert vendor.asked[1].startswith(f"GET /v2/odds?apiKey={SECRET} ")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.invalid/", "http://localhost/", "https://u:p@127.0.0.1.evil.invalid/", "//x"],
)
async def test_a_redirect_elsewhere_is_not(transport, vendor, request_, manifest, elsewhere):
    vendor.answers = [answer(status="302 Found", headers=f"Location: {elsewhere}\r\n")]
    with pytest.raises(FeedDrifted, match="not its own"):
        await transport.fetch(request_, manifest)
    assert len(vendor.asked) == 1


async def test_a_redirect_without_end_is_left(transport, vendor, request_, manifest):
    vendor.answers = [answer(status="302 Found", headers="Location: /again\r\n")] * 9
    with pytest.raises(FeedDrifted, match="without end"):
        await transport.fetch(request_, manifest)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.vendor.invalid/odds",
        "https://other.invalid/odds",
        "https://127.0.0.1:1@x.invalid",
    ],
)
async def test_nothing_is_asked_outside_the_manifest_or_without_tls(transport, manifest, url):
    only = replace(manifest, hosts=frozenset({"api.vendor.invalid"}))
    with pytest.raises(FeedDrifted, match="not its own"):
        await transport.fetch(Request(source="vendor", scope="all", url=url), only)


async def test_this_machine_is_not_asked_unless_allowed(vendor, request_, manifest):
    async with Transport(credential={"vendor": SECRET}.get, clock=ManualClock(NOON)) as strict:
        with pytest.raises(FeedDrifted, match="not its own"):
            await strict.fetch(request_, manifest)
    assert vendor.asked == []


async def test_too_large_an_answer_is_refused_while_it_comes(transport, vendor, request_, manifest):
    vendor.answers = [f"HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n".encode()]
    vendor.endless = b" " * 10_000
    with pytest.raises(FeedDrifted, match="larger than 100000 bytes"):
        await transport.fetch(request_, manifest)


async def test_a_packed_answer_is_unpacked(transport, vendor, request_, manifest):
    headers = f"{JSON}Content-Encoding: gzip\r\n"
    vendor.answers = [answer(gzip.compress(b"[4]"), headers=headers)]
    assert (await transport.fetch(request_, manifest)).body == b"[4]"


@pytest.mark.parametrize(
    ("body", "coding", "why"),
    [
        (gzip.compress(b"0" * 50_000_000), "gzip", "larger than"),
        (gzip.compress(b"[5]")[:-9], "gzip", "cut short"),
        (b"not packed", "gzip", "damaged"),
        (b"[5]", "zstd", "not asked for"),
    ],
)
async def test_packing_is_not_trusted(transport, vendor, request_, manifest, body, coding, why):
    vendor.answers = [answer(body, headers=f"{JSON}Content-Encoding: {coding}\r\n")]
    with pytest.raises(FeedDrifted, match=why):
        await transport.fetch(request_, manifest)


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "204 No Content"])
async def test_a_page_for_people_is_no_answer(transport, vendor, request_, manifest, status):
    vendor.answers = [answer(b"", status=status, headers="Content-Type: text/html\r\n")]
    with pytest.raises(FeedDrifted, match=r"vendor: it (sent text/html|answers)"):
        await transport.fetch(request_, manifest)


async def test_a_silent_source_is_too_slow(transport, vendor, request_, manifest, slept):
    head = f"HTTP/1.1 200 OK\r\n{JSON}Content-Length: 99\r\n\r\n".encode()
    silent = asyncio.Event()

    async def say_nothing(reader, writer):
        vendor.asked.append("")
        writer.write(head)
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    asked = replace(request_, url=f"http://127.0.0.1:{port}/")
    with pytest.raises(Unavailable, match="too slow"):
        await transport.fetch(asked, manifest)
    assert (len(vendor.asked), len(slept)) == (3, 2)
    silent.set()
    server.close()


async def test_a_source_that_never_ends_is_cut(vendor, request_, manifest):
    vendor.answers = [f"HTTP/1.1 200 OK\r\n{JSON}Connection: close\r\n\r\n".encode()]
    vendor.endless = b" "
    limits = Limits(read_s=5, total_s=0.3, tries=1)
    async with Transport(
        credential={"vendor": SECRET}.get,
        clock=ManualClock(NOON),
        limits=limits,
        allow_loopback=True,
    ) as transport:
        with pytest.raises(Unavailable, match="too slow"):
            await transport.fetch(request_, manifest)


async def test_a_source_that_is_not_there_cannot_be_reached(transport, manifest):
    gone = Request(source="vendor", scope="all", url="http://127.0.0.1:1/odds")
    with pytest.raises(Unavailable, match="vendor: it cannot be reached"):
        await transport.fetch(gone, manifest)


async def test_an_answer_that_breaks_off_is_asked_for_again(transport, vendor, request_, manifest):
    cut = answer(b"[6]").replace(b"Content-Length: 3", b"Content-Length: 300")
    vendor.answers = [cut, answer(b"[6]")]
    assert (await transport.fetch(request_, manifest)).body == b"[6]"


LOGIN = {
    "needs_credential": True,
    "credential_param": "",
    "credential_headers": {"X-Application": "{app_key}", "X-Session": "{session}"},
    "credential_in_body": frozenset({"password"}),
    "session_s": 3600.0,
}


@pytest.fixture
def keys() -> dict[str, object]:
    return {"vendor": {"app_key": "app", "password": 'p"w'}}


@pytest.fixture
async def keyed(keys) -> AsyncIterator[tuple[Transport, ManualClock]]:
    clock = ManualClock(NOON)
    async with Transport(credential=keys.get, clock=clock, allow_loopback=True) as made:
        yield made, clock


async def test_a_session_is_opened_with_the_credential_and_then_used(
    keyed, keys, vendor, request_, manifest
):
    (transport, clock), told = keyed, replace(manifest, **LOGIN)
    login = replace(request_, params={}, body=b'{"password":"{{password}}"}')
    vendor.answers = [answer(b"t0ken"), answer(), answer(b"t1ken")]

    def token(payload):
        return payload.body.decode()

    assert not transport.signed_in(told)
    await transport.sign_in(login, told, token)
    assert transport.signed_in(told)
    await transport.fetch(request_, told)
    asked = [question.lower() for question in vendor.asked]
    assert asked[0].startswith("post /odds http")
    assert ("x-application: app" in asked[0], "x-session" in asked[0]) == (True, False)
    assert "content-length: 19\r\n" in asked[0]
    assert ("x-application: app" in asked[1], "x-session: t0ken" in asked[1]) == (True, True)
    clock.advance(3600)
    assert not transport.signed_in(told)
    await transport.sign_in(login, told, token)
    keys["vendor"] = {"app_key": "another", "password": "x"}
    assert not transport.signed_in(told)


async def test_a_key_put_in_another_ones_place_is_used_from_the_next_question_on(
    keyed, keys, vendor, request_, manifest
):
    transport, _ = keyed
    vendor.answers = [answer(), answer()]
    for key in ("old-key", "new-key"):
        keys["vendor"] = key
        await transport.fetch(request_, manifest)
    assert ["apiKey=old-key" in vendor.asked[0], "apiKey=new-key" in vendor.asked[1]] == [True] * 2


async def test_the_credential_is_checked_without_asking(keyed, keys, vendor, manifest):
    transport, _ = keyed
    keys["vendor"] = ""
    with pytest.raises(NoCredential):
        transport.check(manifest)
    keys["vendor"] = "key"
    transport.check(manifest)
    assert vendor.asked == []


async def test_a_question_with_a_body_is_asked_in_full_and_not_redirected(
    transport, vendor, request_, manifest
):
    posted = replace(request_, body=b"{}")
    tagged = answer(headers=f'{JSON}ETag: "v1"\r\n')
    vendor.answers = [tagged, tagged, answer(status="307 X", headers="Location: /v2\r\n")]
    for _ in range(2):
        await transport.fetch(posted, manifest)
    with pytest.raises(FeedDrifted, match="no GET"):
        await transport.fetch(posted, manifest)
    assert "if-none-match" not in "".join(vendor.asked).lower()


async def test_what_could_not_be_read_is_asked_for_again(transport, vendor, request_, manifest):
    vendor.answers = [answer(headers=f'{JSON}ETag: "v1"\r\n'), answer()]
    await transport.fetch(request_, manifest)
    transport.forget(request_)
    await transport.fetch(request_, manifest)
    assert "if-none-match" not in vendor.asked[1].lower()


@pytest.mark.parametrize(
    ("status", "needs", "kind"),
    [
        ("401 X", True, KeyRefused),
        ("403 X", True, KeyRefused),
        ("403 X", False, RegionRefused),
        ("451 X", True, RegionRefused),
        ("451 X", False, RegionRefused),
    ],
)
async def test_a_refusal_says_of_what(transport, vendor, request_, manifest, status, needs, kind):
    vendor.answers = [answer(status=status)]
    with pytest.raises(kind):
        await transport.fetch(request_, replace(manifest, needs_credential=needs))
    assert len(vendor.asked) == 1


async def test_a_wait_that_is_too_long_is_handed_on(transport, vendor, request_, manifest):
    vendor.answers = [answer(status="429 X", headers=f"{JSON}Retry-After: 3600\r\n")]
    with pytest.raises(AskedToWait) as asked:
        await transport.fetch(request_, manifest)
    assert asked.value.wait_s == 3600


@pytest.mark.parametrize(
    ("headers", "left", "took"),
    [
        ("credits-left: 17\r\ncredits-took: 3\r\n", 17, 3),
        ("x-requests-remaining: 5\r\n", None, None),
        ("credits-left: nan\r\ncredits-took: -1\r\n", None, None),
        ("credits-left: 1e99\r\n", None, None),
    ],
)
async def test_the_quota_is_read_where_the_vendor_documents_it(
    transport, vendor, request_, manifest, headers, left, took
):
    quota = Quota(left_header="credits-left", cost_header="credits-took")
    vendor.answers = [answer(headers=JSON + headers)]
    got = await transport.fetch(request_, replace(manifest, quota=quota))
    assert (got.quota_left, got.took) == (left, took)


async def test_xml_is_data(transport, vendor, request_, manifest):
    vendor.answers = [answer(b"<odds/>", headers="Content-Type: text/xml; charset=utf-8\r\n")]
    assert (await transport.fetch(request_, manifest)).body == b"<odds/>"
