"""Texts against a server that keeps Twilio's contract: handed over once, again, or never."""

import threading
from base64 import b64decode
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from domain.errors import Refused
from jobs.texts import PAUSE, Provider, Texts
from kit.settings import Settings
from services import text_codes
from services.access import ANONYMOUS
from services.text_codes import LASTS
from services.work import begin
from store import texts as stored
from store.embedded import free_port
from store.keys import KeyRing
from store.tables import PhoneRow
from tests.accounts import open_account

pytestmark = pytest.mark.usefixtures("emptied")
NUMBER = "+447400123456"
SAID = "{code} is your code"
TAKEN = (201, b'{"sid": "SM1", "status": "queued"}')
NEVER = (400, b'{"code": 21211, "message": "Invalid To", "status": 400}')
BUSY = (429, b'{"code": 20429, "message": "Too Many Requests", "status": 429}')


class Vendor(HTTPServer):
    """Answers as it is told, and remembers what it was sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.says, self.heard = TAKEN, []


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {name: value for name, (value,) in parse_qs(body).items()}
        scheme, _, told = self.headers["authorization"].partition(" ")
        self.server.heard.append((self.path, scheme, b64decode(told).decode(), form))
        status, answer = self.server.says
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    with Vendor() as vendor:
        thread = threading.Thread(target=vendor.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield vendor
        finally:
            vendor.shutdown()
            thread.join()


@pytest.fixture
def vendor():
    with serving() as running:
        yield running


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


def provider(port):
    return Provider(
        url=f"http://127.0.0.1:{port}", account="AC1", token="s3cret", sender="+15005550006"
    )


@pytest.fixture
def carry(resources, vendor):
    """Return a function that carries what is due to the vendor, or elsewhere."""

    async def carrying(to=None, keys=None):
        at = to or provider(vendor.server_port)
        means = {"database": resources.database, "clock": resources.clock}
        await Texts(**means, keys=keys or resources.keys, provider=at).carry_texts()

    return carrying


@pytest.fixture
async def member(resources):
    return await open_account(resources)


@pytest.fixture
def write(resources, member):
    """Return a function that puts a text into the outbox."""

    async def writing():
        sealed = text_codes.sealed_number(resources.keys, member.user_id, NUMBER)
        phone = PhoneRow(
            user_id=member.user_id, sealed=sealed, shown="56", made_at=resources.clock.now()
        )
        async with begin(resources, replace(ANONYMOUS, user_id=member.user_id)) as work:
            await stored.keep_phone(work.db, phone)
            await text_codes.send(work, phone, "phone", address="192.0.2.1", said=SAID)

    return writing


@pytest.fixture
def outbox(owner):
    def reading():
        with owner.transaction():
            owner.execute("select set_config('app.oversight', 'texts', true)")
            return owner.execute("select tries, failed, sent_at is not null from texts").fetchall()

    return reading


async def test_a_text_is_handed_over_whole_and_once(carry, write, vendor, outbox):
    await write()
    await carry()
    await carry()
    ((path, scheme, told, form),) = vendor.heard
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert (scheme, told) == ("Basic", "AC1:s3cret")
    body = form.pop("Body")
    assert form == {"From": "+15005550006", "To": NUMBER}
    assert body[:6].isdecimal()
    assert body[6:] == " is your code"
    assert outbox() == [(1, "", True)]


@pytest.mark.parametrize("says", [BUSY, (503, b"<html>"), (500, b'{"code": null}')])
async def test_what_is_not_taken_now_is_tried_again(carry, write, vendor, outbox, clock, says):
    await write()
    vendor.says = says
    await carry()
    ((tries, failed, sent),) = outbox()
    assert (tries, failed[:3], sent) == (1, str(says[0]), False)
    vendor.says = TAKEN
    await carry()
    assert len(vendor.heard) == 1
    clock.advance(PAUSE.total_seconds())
    await carry()
    assert outbox() == [(2, "", True)]


@pytest.mark.parametrize(
    ("says", "why"), [(NEVER, "400 21211"), ((401, b"{}"), "401"), ((201, b"{}"), "201")]
)
async def test_what_is_never_taken_is_not_tried_again(
    carry, write, vendor, outbox, clock, says, why
):
    await write()
    vendor.says = says
    await carry()
    clock.advance(PAUSE.total_seconds())
    await carry()
    assert (len(vendor.heard), outbox()) == (1, [(1, why, False)])


async def test_a_text_that_is_of_no_use_any_more_is_not_sent(carry, write, vendor, clock):
    await write()
    clock.advance(LASTS.total_seconds())
    await carry()
    assert vendor.heard == []


async def test_a_provider_that_is_away_is_asked_again(carry, write, vendor, outbox, clock):
    await write()
    await carry(to=provider(free_port()))
    assert outbox() == [(1, "ConnectError", False)]
    clock.advance(PAUSE.total_seconds())
    await carry()
    assert len(vendor.heard) == 1


async def test_a_text_whose_key_is_gone_is_not_sent(carry, write, vendor, outbox):
    await write()
    await carry(keys=KeyRing().renewed())
    assert (vendor.heard, outbox()) == ([], [(1, "key_missing", False)])


async def test_a_text_is_in_no_column_as_it_is_read(write, owner):
    await write()
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'texts', true)")
        (row,) = owner.execute("select texts::text from texts").fetchone()
    assert NUMBER not in row
    assert "is your code" not in row


def given(**environment):
    return Settings(**environment)


def test_without_an_account_there_is_no_provider():
    assert Provider.of(given()) is None


def test_the_settings_name_the_provider_and_its_token_is_not_shown():
    found = Provider.of(given(sms_account="AC1", sms_token="s3cret", sms_from="Dutchbook"))
    assert (found.url, found.account) == ("https://api.twilio.com", "AC1")
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"sms_from": "x"}, "SMS_TOKEN"),
        ({"sms_token": "t"}, "SMS_FROM"),
        ({"sms_token": "t", "sms_from": "x", "sms_url": "http://sms.example"}, "SMS_URL"),
    ],
)
def test_half_a_provider_is_refused_by_name(more, named):
    with pytest.raises(Refused, match=named):
        Provider.of(given(sms_account="AC1", **more))
