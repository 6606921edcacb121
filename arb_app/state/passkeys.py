"""A member's passkeys and telephone, as the page of security shows and changes them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import reflex as rx

from arb_app.gate import allow, is_of, subject_of
from arb_app.letters import written
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.words import say
from domain.errors import ProofNeeded, Refused, Unavailable
from kit.settings import settings
from services import passkeys, phones
from services.access import Permission
from services.passkeys import Shown
from services.phones import Phone
from services.text_codes import offered
from services.work import Work, begin

PAGE: Final = "/account/security"


@dataclass(frozen=True)
class PasskeyLine:
    """One passkey; the instants are ISO 8601, `used_at` is "" if it never was."""

    id: str = ""
    name: str = ""
    made_at: str = ""
    used_at: str = ""
    backed_up: bool = False
    cloned: bool = False


class PasskeysState(rx.State):
    """`asking` and `naming` name a passkey to be removed or renamed, or are "".

    `phone` are the last digits of the telephone, and `phone_waiting` those of a number that is not
    confirmed yet, "" for none; `texting` says whether there is a provider of texts.
    """

    keys: rx.Field[list[PasskeyLine]] = rx.field(default_factory=list)
    phone: rx.Field[str] = rx.field("")
    phone_waiting: rx.Field[str] = rx.field("")
    texting: rx.Field[bool] = rx.field(default=False)
    asking: rx.Field[str] = rx.field("")
    naming: rx.Field[str] = rx.field("")
    wrong: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Say which there are."""
        self.reset()
        await self._look()

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    def ask(self, passkey: str) -> None:
        """Ask once more before a passkey is removed; "" no longer asks."""
        self.asking, self.naming = str(passkey), ""

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    def begin_to_rename(self, passkey: str) -> None:
        """Ask for another name of a passkey; "" no longer asks."""
        self.naming, self.asking = str(passkey), ""

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def remove(self) -> rx.event.EventSpec | None:
        """Remove the passkey that was asked about."""
        chosen, self.asking = self._chosen(self.asking), ""
        if chosen is None:
            return None
        return await self._do(lambda work: passkeys.remove(work, chosen, written=written))

    @rx.event
    @allow(Permission.USE_ACCOUNT)
    async def rename(self, form: dict[str, Any]) -> rx.event.EventSpec | None:
        """Give the passkey that was chosen another name."""
        chosen, name = self._chosen(self.naming), str(form.get("name", ""))[:200]
        self.naming = ""
        if chosen is None:
            return None
        return await self._do(lambda work: passkeys.rename(work, chosen, name))

    def _chosen(self, passkey: str) -> UUID | None:
        return UUID(passkey) if any(each.id == passkey for each in self.keys) else None

    async def _do(self, act: Callable[[Work], Awaitable[None]]) -> rx.event.EventSpec | None:
        """Do it; return the way to prove first, or None with what was wrong told."""
        self.wrong, subject = "", await subject_of(self)
        try:
            async with begin(current().resources, subject) as work:
                await act(work)
            current().visitors.forget_member(subject.user_id)
        except ProofNeeded:
            return prove_first(PAGE)
        except Refused:
            self.wrong = say("passkeys.wrong.text")
        except Unavailable:
            self.wrong = say("passkeys.away.text")
        await self._look()
        return None

    async def _look(self) -> None:
        subject = await subject_of(self)
        try:
            async with begin(current().resources, subject) as work:
                found, phone = await passkeys.listed(work), await phones.look(work)
        except (Refused, Unavailable):
            found, phone = list[Shown](), Phone()
        if await is_of(self, subject):
            self.keys = [_line(each) for each in found]
            self.phone, self.phone_waiting = phone.shown, phone.waiting
            self.texting = offered(settings())


def _line(each: Shown) -> PasskeyLine:
    used = each.used_at.isoformat() if each.used_at else ""
    made = each.made_at.isoformat()
    return PasskeyLine(str(each.id), each.name, made, used, each.backed_up, each.cloned)
