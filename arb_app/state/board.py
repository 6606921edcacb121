"""A member's window on the live board: a channel whose rows live in the browser."""

from typing import Any

import reflex as rx

from arb_app.gate import allow
from arb_app.runtime import current
from services.access import Permission


class BoardState(rx.State):
    """The board's doors. `message` is filled by `live` on its way to the browser, never here."""

    message: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def join(self) -> None:
        """Begin to receive the board: a snapshot, then patches. Asked again, a new snapshot."""
        current().board.join(self.router.session.session_id)

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def leave(self) -> None:
        """Receive no more."""
        current().board.leave(self.router.session.session_id)
