"""Post: letters of the outbox handed to a mail server, each once, and again until one takes it."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from domain.errors import Broken, Refused
from domain.letters import Letter
from kit.clock import Clock
from kit.settings import Settings
from services.post import opened
from store import mail
from store.db import Database
from store.keys import Keys
from store.tables import LetterRow

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
ABSENT_PAUSE: Final = timedelta(minutes=1)
"""The longest pause where it is the server that is away: then no letter is at fault."""
_PATIENCE_S: Final = 20.0
_PORTS: Final = {"smtp": 587, "smtps": 465}
_NEAR: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server, as a URL names it; what is said on the way to another machine is encrypted."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: bool
    sender: str

    @classmethod
    def of(cls, given: Settings) -> "Server | None":
        """Return the server of the settings, or None if there is none.

        Raises:
            Refused: The URL is not one of a mail server, or nobody is named as the sender.
        """
        if given.smtp_url is None:
            return None
        parts = urlsplit(given.smtp_url.get_secret_value())
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Refused("DUTCHBOOK_SMTP_URL must look like smtp://user:password@host:587")
        if not given.mail_from:
            raise Refused("DUTCHBOOK_MAIL_FROM is not set: letters need a sender")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            sender=given.mail_from,
        )

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over; raise `SMTPException` or `OSError` if it was not taken."""
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=None if self.tls or self.host in _NEAR else True,
            timeout=_PATIENCE_S,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Carries letters; several workers may, and each letter is carried by one of them."""

    database: Database
    clock: Clock
    keys: Keys
    server: Server | None

    async def carry(self) -> None:
        """Send what is due; without a mail server letters stay in the outbox, to be read there.

        Raises:
            Unavailable: PostgreSQL cannot be asked.
        """
        if self.server is None:
            return
        for _ in range(AT_ONCE):
            if not await self._carry_one(self.server):
                return

    async def _carry_one(self, server: Server) -> bool:
        now = self.clock.now()
        async with self.database.begin() as db:
            await mail.oversee(db)
            for row in await mail.due(db, now, limit=1):
                return await self._try(server, row, now)
        return False

    async def _try(self, server: Server, row: LetterRow, now: datetime) -> bool:
        """Send a letter, or put it off; return whether the server is there for the next one."""
        try:
            letter = opened(self.keys.now(), row)
            await server.send(_message(server.sender, row, letter, now))
        except (aiosmtplib.SMTPException, OSError, Broken) as e:
            row.tries, row.failed = row.tries + 1, type(e).__name__
            away = isinstance(e, OSError)  # refused, silent or cut off, as aiosmtplib has them too
            longest = ABSENT_PAUSE if away else LONGEST_PAUSE
            row.due_at = now + min(longest, FIRST_PAUSE * 2 ** min(row.tries - 1, 12))
            log.warning("letter not sent", extra={"letter": str(row.id), "why": row.failed})
            return not away
        row.tries, row.sent_at, row.failed = row.tries + 1, now, ""
        return True


def _message(sender: str, row: LetterRow, letter: Letter, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, row.address, letter.subject
    message["Date"], message["Auto-Submitted"] = format_datetime(now), "auto-generated"
    message["Message-ID"] = make_msgid(str(row.id), sender.rpartition("@")[2].rstrip(">"))
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
