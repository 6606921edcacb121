"""A member's window on the live board: a channel whose rows live in the browser."""

from typing import Any

import reflex as rx

from arb_app.cookies import token_of
from arb_app.gate import allow, subject_of
from arb_app.reader import reader
from arb_app.runtime import current
from kit.settings import settings
from services.access import Permission
from services.sessions import hash_of


class BoardState(rx.State):
    """The board's doors. `message` is filled by `live` on its way to the browser, never here."""

    message: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VIEW_BOARD)
    async def join(self) -> None:
        """Begin to receive the board: a snapshot, then patches. Asked again, a new snapshot.

        What of it, the plan of whoever asks says, and nothing that the browser sends.
        """
        subject = await subject_of(self)
        token_hash = hash_of(token_of(self.router.headers.cookie, settings()))
        signed_in = token_hash if subject.user_id else ""
        session_id, language = self.router.session.session_id, reader().language
        current().board.join(session_id, subject.view, signed_in, language)

    @rx.event
    @allow(Permission.VIEW_BOARD)
    def leave(self) -> None:
        """Receive no more."""
        current().board.leave(self.router.session.session_id)
