"""What an event may carry: the arguments that its handler names, made of what a page can send."""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import reflex as rx
from prometheus_client import Counter
from reflex.state import BaseState, StateUpdate
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from arb_app.gate import FRAMEWORK

DEEPEST: Final = 8
MOST_PARTS: Final = 2_000
LONGEST_TEXT: Final = 20_000
LARGEST_NUMBER: Final = 2**53
"""Beyond it a browser's numbers are not exact, so no page of ours sends them."""

ODD: Final = Counter("dutchbook_events_odd_total", "Events with arguments that no page sends.")


class Payloads(rx.Middleware):
    """Refuses, without a word, events whose arguments no page of ours could have sent.

    Handlers still say which values they take: what gets here is only known to be ordinary text,
    finite numbers, and lists and maps of them, not too many and not too deep.
    """

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:  # noqa: ARG002 - Reflex's signature
        """Return None to let the event pass, or an empty update, which ends it."""
        registered = RegistrationContext.get().event_handlers.get(event.name)
        if registered is None:
            return None
        fitting = fits(registered.handler.fn, event.payload)
        if fitting and (event.name not in FRAMEWORK or suits_reflex(event.payload)):
            return None
        ODD.inc()
        return StateUpdate()


def fits(handler: Callable[..., Any], payload: object) -> bool:
    """Return whether a handler can be called with a payload that is ordinary through and through.

    Examples:
        >>> def turn_to(self, page): ...
        >>> fits(turn_to, {"page": 2}), fits(turn_to, {}), fits(turn_to, {"page": float("nan")})
        (True, False, False)
    """
    if not isinstance(payload, Mapping):
        return False
    known, needed = _arguments(handler)
    return needed <= payload.keys() <= known and is_ordinary(payload)


def suits_reflex(payload: Mapping[str, Any]) -> bool:
    """Return whether the arguments of Reflex's own events are what its client sends.

    `vars` names vars kept in the browser and no others, `hashes` are texts, `value` is yes or no.
    """
    stored, hashes = payload.get("vars") or {}, payload.get("hashes") or []
    return (
        isinstance(stored, dict)
        and all(map(_is_kept_in_browser, stored))
        and isinstance(hashes, list)
        and all(isinstance(each, str) for each in hashes)
        and isinstance(payload.get("value", True), bool)
    )


def is_ordinary(value: object) -> bool:
    """Return whether a value, as JSON gave it, is one that a page of ours could have sent."""
    left = MOST_PARTS
    level: list[object] = [value]
    for _ in range(DEEPEST):
        left -= len(level)
        if left < 0 or not all(map(_is_ordinary_alone, level)):
            return False
        level = [part for each in level for part in _parts(each)]
        if not level:
            return True
    return False


def _is_kept_in_browser(name: str) -> bool:
    state, _, var = name.rpartition(".")
    try:
        owner: Any = rx.State.get_class_substate(state)
    except ValueError:
        return False
    return bool(owner._is_client_storage(var.removesuffix(FIELD_MARKER)))  # noqa: SLF001 - as Reflex does


def _is_ordinary_alone(value: object) -> bool:
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, list | dict)


def _is_text(text: str) -> bool:
    """Return whether it is text of a usual length that PostgreSQL and a browser take."""
    if len(text) > LONGEST_TEXT or "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list) else []


@cache
def _arguments(handler: Callable[..., Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all arguments, and of those that must be given."""
    _, *named = inspect.signature(handler).parameters.values()
    needed = (each.name for each in named if each.default is each.empty)
    return frozenset(each.name for each in named), frozenset(needed)
