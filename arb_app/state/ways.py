"""Which ways the second step has for whoever is asked for it; nobody else is told anything."""

from typing import Final

import reflex as rx

from arb_app import cookies
from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from domain.errors import Unavailable
from domain.factors import Kind
from kit.settings import settings
from services import second_kinds, second_step
from services.access import ANONYMOUS, Permission
from services.text_codes import offered
from services.work import begin

_TYPED: Final = frozenset({Kind.TOTP, Kind.RECOVERY, Kind.LETTER})


class WaysState(rx.State):
    """`code` says whether there may be a code to type, and `form` whether there is a form for it.

    What is there is known only of a browser whose password was right, or that is signed in: any
    other sees what everybody does.
    """

    form: rx.Field[bool] = rx.field(default=True)
    code: rx.Field[bool] = rx.field(default=True)
    passkey: rx.Field[bool] = rx.field(default=False)
    text: rx.Field[bool] = rx.field(default=False)

    @rx.event
    @allow(Permission.VISIT)
    async def look_for_step(self) -> None:
        """Say what a half-way sign-in of this browser waits for."""
        self.reset()
        token = cookies.read(self.router.headers.cookie, cookies.STEP, settings())
        try:
            async with begin(current().resources, ANONYMOUS) as work:
                self._show(await second_step.asked(work, token))
        except Unavailable:
            return

    @rx.event
    @allow(Permission.VISIT)
    async def look_to_prove(self) -> None:
        """Say by what whoever is signed in can prove that it is them."""
        self.reset()
        subject = await subject_of(self)
        if subject.user_id is None:
            return
        try:
            async with begin(current().resources, subject) as work:
                kinds = await second_kinds.kinds_of(work, subject.user_id)
        except Unavailable:
            return
        self._show(kinds)
        self.code = not _TYPED.isdisjoint(kinds)

    def _show(self, kinds: tuple[Kind, ...]) -> None:
        self.form = not kinds or not _TYPED.isdisjoint(kinds)
        self.passkey = Kind.PASSKEY in kinds
        self.text = Kind.SMS in kinds and offered(settings())
