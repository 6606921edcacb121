"""Post against a real mail server on this machine: carried once, again if need be, and sealed."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from domain.errors import Refused
from domain.letters import Letter, LetterKind
from jobs.post import ABSENT_PAUSE, FIRST_PAUSE, Post, Server
from kit.settings import Settings
from services import post
from services.access import ANONYMOUS, OPERATOR
from services.work import begin
from store.embedded import free_port
from store.keys import KeyRing
from tests.accounts import ANN

pytestmark = pytest.mark.usefixtures("emptied")
LETTER = Letter(subject="Grüße €", text="Plain € text\n", html="<p>Rich &amp; good</p>")


class Mailbox:
    """Takes what is sent, unless it is told to refuse."""

    def __init__(self):
        self.taken, self.says = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        if self.says.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.taken.append((envelope.rcpt_tos, message))
        return self.says


@contextmanager
def serving(mailbox, **settings):
    controller = Controller(mailbox, "127.0.0.1", free_port(), **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def resources(resources):
    return replace(resources, keys=KeyRing().renewed())


@pytest.fixture
def carrier(resources):
    """Return a function that makes a carrier to a port, or to no server."""

    def making(port=None, **changes):
        at = Server(
            host="127.0.0.1", port=port or 1, user=None, password=None, tls=False,
            sender="Dutchbook <post@dutchbook.example>",
        )  # fmt: skip
        server = replace(at, **changes) if port else None
        means = {"database": resources.database, "clock": resources.clock, "keys": resources.keys}
        return Post(server=server, **means)

    return making


@pytest.fixture
def write(resources):
    """Return a function that puts a letter into the outbox."""

    async def writing(address=ANN):
        async with begin(resources, ANONYMOUS) as work:
            await post.post(work, LetterKind.CONFIRM, address, LETTER)

    return writing


@pytest.fixture
def outbox(resources):
    async def reading():
        async with begin(resources, OPERATOR) as work:
            return await post.outbox(work, readable=True)

    return reading


async def test_a_letter_arrives_whole_and_once(carrier, write, outbox, clock):
    await write()
    mailbox = Mailbox()
    with serving(mailbox) as port:
        await carrier(port).carry()
        await carrier(port).carry()
    ((to, message),) = mailbox.taken
    assert (to, message["To"], message["Subject"]) == ([ANN], ANN, LETTER.subject)
    assert message["From"] == "Dutchbook <post@dutchbook.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@dutchbook.example>")
    plain, rich = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert (plain.splitlines(), rich.strip()) == (["Plain € text"], LETTER.html)
    (kept,) = await outbox()
    assert (kept.sent_at, kept.tries, kept.letter) == (clock.now(), 1, None)


async def test_what_is_not_taken_is_tried_again_later_and_the_rest_goes_on(
    carrier, write, outbox, clock
):
    await write()
    mailbox = Mailbox()
    mailbox.says = "451 later"
    with serving(mailbox) as port:
        await carrier(port).carry()
        mailbox.says = "250 OK"
        await write("bob@example.com")
        await carrier(port).carry()
        assert [to for to, _ in mailbox.taken] == [["bob@example.com"]]
        clock.advance(FIRST_PAUSE.total_seconds())
        await carrier(port).carry()
    assert [to for to, _ in mailbox.taken] == [["bob@example.com"], [ANN]]
    assert {(each.address, each.tries, each.failed) for each in await outbox()} == {
        (ANN, 2, ""), ("bob@example.com", 1, ""),
    }  # fmt: skip


async def pauses_of(carry, outbox, clock, owner):
    """Return for how long a letter is put off each time, and the letter after that."""
    pauses = []
    for _ in range(14):
        await carry()
        with owner.transaction():
            owner.execute("select set_config('app.oversight', 'mail', true)")
            (due_at,) = owner.execute("select due_at from letters").fetchone()
        pauses.append(due_at - clock.now())
        clock.at = due_at
    (kept,) = await outbox()
    return pauses, kept


async def test_pauses_of_a_letter_that_is_refused_grow_to_six_hours(
    carrier, write, outbox, clock, owner
):
    await write()
    mailbox = Mailbox()
    mailbox.says = "451 later"
    with serving(mailbox) as port:
        pauses, kept = await pauses_of(carrier(port).carry, outbox, clock, owner)
    assert (pauses[:3], pauses[-1]) == (
        [timedelta(seconds=n) for n in (30, 60, 120)],
        timedelta(hours=6),
    )
    assert (kept.tries, kept.failed) == (14, "SMTPDataError")


async def test_while_the_server_is_away_no_letter_waits_longer_than_a_minute(
    carrier, write, outbox, clock, owner
):
    await write()
    pauses, kept = await pauses_of(carrier(free_port()).carry, outbox, clock, owner)
    assert (pauses[0], pauses[-1]) == (FIRST_PAUSE, ABSENT_PAUSE)
    assert (kept.tries, kept.failed) == (14, "SMTPConnectError")


async def test_a_server_that_is_away_is_not_tried_with_every_letter(carrier, write, outbox):
    for name in ("ann", "bob", "cid"):
        await write(f"{name}@example.com")
    await carrier(free_port()).carry()
    assert sorted(each.tries for each in await outbox()) == [0, 0, 1]


async def test_without_a_server_letters_wait_to_be_read(carrier, write, outbox):
    await write()
    await carrier().carry()
    (kept,) = await outbox()
    assert (kept.sent_at, kept.tries, kept.letter) == (None, 0, LETTER)


async def test_a_letter_whose_key_is_gone_does_not_hold_up_the_others(
    carrier, write, resources, owner
):
    await write()
    other = replace(carrier(1), keys=KeyRing().renewed())
    mailbox = Mailbox()
    with serving(mailbox) as port:
        await replace(other, server=carrier(port).server).carry()
    assert mailbox.taken == []
    with owner.transaction():
        owner.execute("select set_config('app.oversight', 'mail', true)")
        assert owner.execute("select failed from letters").fetchone() == ("KeyMissing",)


async def test_the_name_and_password_of_the_url_are_used(carrier, write):
    seen = []

    def judge(_server, _session, _envelope, _mechanism, data):
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"p:w")

    await write()
    mailbox = Mailbox()
    options = {"authenticator": judge, "auth_require_tls": False}
    with serving(mailbox, **options) as port:
        await carrier(port, user="post", password="p:w").carry()
    assert (seen, len(mailbox.taken)) == ([(b"post", b"p:w")], 1)


async def test_to_another_host_no_letter_goes_in_the_clear(carrier, write, outbox):
    await write()
    mailbox, elsewhere = Mailbox(), "127.0.0.2"
    controller = Controller(mailbox, elsewhere, free_port())
    controller.start()
    try:
        await carrier(controller.port, host=elsewhere).carry()
    finally:
        controller.stop()
    assert mailbox.taken == []
    assert len(await outbox()) == 1


def given(**environment):
    return Settings(**environment)


def test_a_url_names_the_server_and_how_it_is_reached():
    server = Server.of(given(smtp_url="smtps://me%40x:p%3Aw@mail.example", mail_from="a@b.example"))
    assert (server.host, server.port, server.user, server.password, server.tls) == (
        "mail.example", 465, "me@x", "p:w", True,
    )  # fmt: skip
    assert "p:w" not in repr(server)
    assert Server.of(given()) is None


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_what_is_no_mail_server_is_refused_by_name(url):
    with pytest.raises(Refused, match="DUTCHBOOK_SMTP_URL"):
        Server.of(given(smtp_url=url, mail_from="a@b.example"))


def test_a_server_needs_a_sender():
    with pytest.raises(Refused, match="DUTCHBOOK_MAIL_FROM"):
        Server.of(given(smtp_url="smtp://mail.example"))
