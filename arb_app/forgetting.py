"""Forgets what closed pages leave behind, which Reflex would keep for an hour."""

import asyncio
from typing import Any, Final, cast

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory

from kit.clock import Clock

GRACE_S: Final = 120.0
"""How long a page may be without a socket and still find its memory: a tunnel, a lift, a reload."""
_EVERY_S: Final = 15.0
_AT_ONCE: Final = 0.0


class Forgetting:
    """Knows since when pages have been without a socket."""

    def __init__(self, app: rx.App, clock: Clock) -> None:
        """Begin with having seen nobody go."""
        self._app = app
        self._clock = clock
        self._gone: dict[str, float] = {}

    async def sweep_for_ever(self) -> None:
        """Sweep until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_S)
            self.sweep()

    def sweep(self) -> None:
        """Forget the pages that have been without a socket for `GRACE_S`.

        Reflex purges what is over and not in use; all that is done here is to say what is over.
        """
        manager, namespace = self._app.state_manager, self._app.event_namespace
        if not isinstance(manager, StateManagerMemory) or namespace is None:
            return
        insides = cast("Any", manager)
        kept: dict[str, tuple[float, Any]] = insides._token_expires_at  # noqa: SLF001 - no other door
        here, now = set(namespace.sid_to_token.values()), self._clock.monotonic()
        self._gone = {
            key: self._gone.get(key, now)
            for key, (_, token) in kept.items()
            if token.ident not in here
        }
        for key, since in self._gone.items():
            if now - since >= GRACE_S:
                kept[key] = (_AT_ONCE, kept[key][1])
        insides._purge_expired_tokens()  # noqa: SLF001 - the same
