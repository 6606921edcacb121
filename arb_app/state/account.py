"""Who is signed in, as the header of every page says it."""

import reflex as rx

from arb_app.gate import allow, has, subject_of
from domain.flags import Flag
from services.access import Permission


class AccountState(rx.State):
    """One's own address, or "", whether there is an admin area, or would be, and what is off."""

    email: rx.Field[str] = rx.field("")
    staff: rx.Field[bool] = rx.field(default=False)
    needs_factor: rx.Field[bool] = rx.field(default=False)
    off: rx.Field[list[str]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def look(self) -> None:
        """Say who is signed in; a page does so as it opens."""
        subject = await subject_of(self)
        self.email = subject.name if subject.user_id else ""
        self.staff = subject.may(Permission.VIEW_ADMIN)
        self.needs_factor = subject.needs_factor
        self.off = [flag.value for flag in Flag if not await has(subject, flag)]
