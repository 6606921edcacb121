"""The pace of events: a member's over all their sockets, wherever these are open."""

from typing import Final

import reflex as rx
from prometheus_client import Counter
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event

from arb_app.cookies import token_of
from arb_app.edge.keeper import Keeper
from arb_app.gate import FRAMEWORK, subject_behind
from kit.settings import settings
from services import limits
from services.limits import EVENTS, Kind

KIND: Final = Kind("events", ("/_event",), 1)
BEYOND: Final = Counter("dutchbook_events_beyond_total", "Events beyond a member's limit.")


class Pace(rx.Middleware):
    """Stands before the gate, and drops what a member fires beyond their quota of events.

    How fast a single socket is heard is `manners.py`'s to say; whoever has not signed in has
    sockets only, which their address pays for.
    """

    def __init__(self) -> None:
        self.keeper = Keeper()

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex's signature
        """Return None to let the event pass, or an empty update, which ends it."""
        token = token_of(state.router.headers.cookie, settings())
        if event.name in FRAMEWORK or not token:
            return None
        user_id = (await subject_behind(token)).user_id
        if user_id is None:
            return None
        taken = await self.keeper.take(EVENTS, limits.member(user_id), KIND)
        if taken is None or not taken.wait_s:
            return None
        BEYOND.inc()
        self.keeper.refused(KIND, EVENTS, state.router.session.client_ip)
        return StateUpdate()
