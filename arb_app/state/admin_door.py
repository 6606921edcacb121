"""The door of the pages for admins: says to whoever may not enter that it is shut."""

import reflex as rx

from arb_app import gate
from arb_app.gate import allow
from services.access import Permission


class AdminDoorState(rx.State):
    """Whether the page stays shut; nothing else is told to whoever may not enter."""

    shut: rx.Field[bool] = rx.field(default=False)

    @rx.event
    @allow(Permission.VISIT)
    async def knock_for_sources(self) -> None:
        """Find out whether whoever is there manages sources."""
        self.shut = not await gate.may(self, Permission.MANAGE_SOURCES)
