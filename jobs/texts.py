"""Texts: messages of the outbox handed to a provider, while they are of use, and no longer.

The provider is one that speaks as Twilio does: Messages.json, a form, HTTP Basic authentication.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx
import msgspec

from domain.errors import Broken, Refused
from kit.clock import Clock
from kit.settings import Settings
from services.text_codes import Text, opened
from store import texts
from store.db import Database
from store.keys import Keys
from store.tables import TextRow

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
PAUSE: Final = timedelta(seconds=15)
_PATIENCE_S: Final = 10.0
_CREATED: Final = 201
_AGAIN: Final = frozenset({408, 425, 429})
_NEAR: Final = ("http://127.0.0.1:", "http://localhost:")


class _Taken(msgspec.Struct):
    sid: str


class _Said(msgspec.Struct):
    code: int | None = None


class NotTaken(Exception):
    """The provider did not take a text: `code` says why, `again` whether it may later."""

    def __init__(self, code: str, *, again: bool) -> None:
        super().__init__(code)
        self.code, self.again = code, again


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who sends texts, and by whose account."""

    url: str
    account: str
    token: str = field(repr=False)
    sender: str

    @classmethod
    def of(cls, given: Settings) -> "Provider | None":
        """Return the provider of the settings, or None if there is none.

        Raises:
            Refused: Only some of what it takes is set, or what we say would not be encrypted.
        """
        if given.sms_account is None:
            return None
        if given.sms_token is None or not given.sms_from:
            raise Refused(
                "DUTCHBOOK_SMS_ACCOUNT is set: DUTCHBOOK_SMS_TOKEN and DUTCHBOOK_SMS_FROM are not"
            )
        url = given.sms_url.rstrip("/")
        if not url.startswith(("https://", *_NEAR)):
            raise Refused("DUTCHBOOK_SMS_URL must begin with https://")
        token = given.sms_token.get_secret_value()
        return cls(url=url, account=given.sms_account, token=token, sender=given.sms_from)

    async def send(self, text: Text) -> str:
        """Hand a text over and return the provider's id of it; raise `NotTaken`."""
        url = f"{self.url}/2010-04-01/Accounts/{self.account}/Messages.json"
        form = {"From": self.sender, "To": text.to, "Body": text.body}
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False) as client:
                answer = await client.post(url, data=form, auth=(self.account, self.token))
        except httpx.HTTPError as e:
            raise NotTaken(type(e).__name__, again=True) from e
        return _judged(answer)


def _judged(answer: httpx.Response) -> str:
    try:
        if answer.status_code == _CREATED:
            return msgspec.json.decode(answer.content, type=_Taken).sid
        code = msgspec.json.decode(answer.content, type=_Said).code
    except msgspec.MsgspecError:
        code = None
    again = answer.status_code in _AGAIN or answer.is_server_error
    why = f"{answer.status_code}" if code is None else f"{answer.status_code} {code}"
    raise NotTaken(why, again=again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Carries texts; several workers may, and each text is carried by one of them."""

    database: Database
    clock: Clock
    keys: Keys
    provider: Provider | None

    async def carry_texts(self) -> None:
        """Send what is due; without a provider there is nothing to send.

        Raises:
            Unavailable: PostgreSQL cannot be asked.
        """
        if self.provider is None:
            return
        for _ in range(AT_ONCE):
            if not await self._carry_one(self.provider):
                return

    async def _carry_one(self, provider: Provider) -> bool:
        now = self.clock.now()
        async with self.database.begin() as db:
            await texts.oversee(db)
            for row in await texts.due(db, now, limit=1):
                await self._try(provider, row, now)
                return True
        return False

    async def _try(self, provider: Provider, row: TextRow, now: datetime) -> None:
        row.tries += 1
        try:
            await provider.send(opened(self.keys.now(), row))
        except NotTaken as e:
            # What the provider will never take is over; another text can be asked for.
            row.failed, row.due_at = e.code, now + PAUSE if e.again else row.ends_at
            log.warning("text not sent", extra={"text": str(row.id), "why": e.code})
        except Broken as e:
            row.failed, row.due_at = e.code, row.ends_at
            log.warning("text not sent", extra={"text": str(row.id), "why": e.code})
        else:
            row.sent_at, row.failed = now, ""
