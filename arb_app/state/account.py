"""Who is signed in, as the header of every page says it."""

import reflex as rx

from arb_app.gate import allow, subject_of
from services.access import Permission


class AccountState(rx.State):
    """One's own address, or "", and whether there is an admin area for one."""

    email: rx.Field[str] = rx.field("")
    staff: rx.Field[bool] = rx.field(default=False)

    @rx.event
    @allow(Permission.VISIT)
    async def look(self) -> None:
        """Say who is signed in; a page does so as it opens."""
        subject = await subject_of(self)
        self.email = subject.name if subject.user_id else ""
        self.staff = subject.may(Permission.VIEW_ADMIN)
