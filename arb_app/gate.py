"""Who may fire which event: nobody, unless the handler's door says so."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
import reflex as rx
from prometheus_client import Counter
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from arb_app.admission import admitted
from arb_app.cookies import settings_of, token_of
from arb_app.reader import language_of, write_for
from arb_app.runtime import current
from arb_app.visitors import visitor
from domain.errors import Unavailable
from domain.flags import Flag
from domain.preferences import Preferences, parsed
from kit.settings import settings
from services import sessions
from services.access import ANONYMOUS, Permission, Subject
from services.work import begin

log = logging.getLogger(__name__)

_DOOR: Final = "__dutchbook_door__"
_ROOT: Final = "reflex___state____state"
_ON_LOAD: Final = f"{_ROOT}.reflex___state____on_load_internal_state"
FRAMEWORK: Final = frozenset(
    {
        f"{_ROOT}.hydrate",
        f"{_ROOT}.hydrate_and_load",
        f"{_ROOT}.set_is_hydrated",
        f"{_ON_LOAD}.on_load_internal",
        f"{_ON_LOAD}.set_is_hydrated",
        f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
    }
)
"""Reflex's own events that every page needs. None sets a var of ours: `update_vars_internal` can
only reach vars kept in the browser, and every other built-in (each state's `setvar`) is refused."""

REFUSED = Counter("dutchbook_events_refused_total", "Events that the gate refused.", ["event"])

_Handler = TypeVar("_Handler", bound=Callable[..., Any])
_State = TypeVar("_State", bound=type[BaseState])


@dataclass(frozen=True, slots=True)
class Door:
    """What it takes to fire an event."""

    permission: Permission
    flag: Flag | None = None


def allow(permission: Permission, flag: Flag | None = None) -> Callable[[_Handler], _Handler]:
    """Open a handler to subjects with the permission; written between `@rx.event` and the def.

    One that belongs to a part of the product that can be switched off names its `flag`.
    """

    def opened(handler: _Handler) -> _Handler:
        setattr(handler, _DOOR, Door(permission, flag))
        return handler

    return opened


def allow_inherited(permission: Permission, *names: str) -> Callable[[_State], _State]:
    """Open handlers that a state has of a mixin, which cannot know who may fire them.

    Reflex gives every state a copy of its mixins' handlers: only this state's are opened.

    Raises:
        ValueError: One of them has a door already, which stays as it is.
        KeyError: The state has no such handler.
    """

    def opened(state: _State) -> _State:
        for name in names:
            handler = state.event_handlers[name].fn
            if door_of(handler) is not None:
                raise ValueError(f"{state.__name__}.{name} has a door already")
            allow(permission)(handler)
        return state

    return opened


def door_of(handler: Callable[..., Any]) -> Door | None:
    """Return the handler's door, or None if it has none and so is shut to everybody."""
    return getattr(handler, _DOOR, None)


async def subject_of(state: BaseState, *, active: bool = False) -> Subject:
    """Return who is behind the state, by the cookies that opened its socket.

    Whoever has no session, or one that is over, is a visitor; an end is noticed within seconds, as
    is a break. A break of the browser and the question of age keep whoever it is from the board.

    Args:
        state: Whose event it is.
        active: Whether the member did something; loops that only look leave it out, so that a
            page left open does not keep a session alive.
    """
    header = state.router.headers.cookie
    subject = await _signed_in(header, active=active)
    return admitted(subject, header, settings(), _now)


def _now() -> datetime:
    return current().clock.now()


async def _signed_in(header: str, *, active: bool) -> Subject:
    token = token_of(header, settings())
    if not token:
        return visitor(settings())
    subject = await subject_behind(token, active=active)
    return subject if subject.user_id else visitor(settings())


async def subject_behind(token: str, *, active: bool = False) -> Subject:
    """Return who is behind a token, as it was within seconds; nobody is a visitor who may least."""
    now = current().clock.monotonic()
    return await current().visitors.subject(token, _resumed, now=now, active=active)


async def _resumed(token: str, active: bool) -> Subject:  # noqa: FBT001 - as Visitors asks
    async with begin(current().resources, ANONYMOUS) as work:
        return await sessions.resume(work, token, active=active)


async def is_of(state: BaseState, subject: Subject) -> bool:
    """Return whether a page is still that of whom something was looked up for.

    Asked while the page's memory is held: whoever came by the same tab meanwhile must not be told.
    """
    return (await subject_of(state)).user_id == subject.user_id


async def may(state: BaseState, permission: Permission) -> bool:
    """Return whether whoever is behind the state holds the permission now; live loops ask again."""
    return (await subject_of(state)).may(permission)


def preferences_of(state: BaseState) -> Preferences:
    """Return how whoever is behind the state wants things said; the page says in which language."""
    router = state.router
    chosen = current().choices.of(router.session.session_id)
    chosen = chosen or parsed(settings_of(router.headers.cookie, settings()))
    return msgspec.structs.replace(chosen, language=language_of(router.url.path))


async def has(subject: Subject, flag: Flag) -> bool:
    """Return whether a part of the product is there for somebody, as far as that is known."""
    try:
        async with begin(current().resources, subject) as work:
            return await work.flags.has(flag, work)
    except Unavailable:
        return True


async def _opens(door: Door, subject: Subject) -> bool:
    if not subject.may(door.permission):
        return False
    return door.flag is None or await has(subject, door.flag)


class Gate(rx.Middleware):
    """Stands before every event, background ones too, and refuses what no door lets in."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex's signature
        """Return None to let the event pass, or an empty update, which ends it.

        What the handler writes is written for whoever reads: the task, and so the context, is one.
        """
        write_for(preferences_of(state))
        if event.name in FRAMEWORK:
            return None
        registered = RegistrationContext.get().event_handlers.get(event.name)
        door = door_of(registered.handler.fn) if registered else None
        if door and await _opens(door, await subject_of(state, active=True)):
            return None
        REFUSED.labels(event.name if registered else "unknown").inc()
        log.warning("event refused", extra={"event_name": event.name[:200]})
        return StateUpdate()
