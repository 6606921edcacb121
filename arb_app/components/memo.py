"""Components that a page repeats, compiled once a language: `@memo` where Reflex has `@rx.memo`."""

from functools import wraps
from typing import Any

import reflex as rx

from arb_app.components.languages import Shown, spoken
from arb_app.reader import reader
from domain.preferences import Language


def memo(component: Shown) -> Shown:
    """Return the component as a memo of Reflex, in the language of the page that it stands on."""
    made: dict[Language, Any] = {each: rx.memo(spoken(each, component)) for each in Language}

    @wraps(component)
    def shown(*children: rx.Component, **given: Any) -> rx.Component:
        return made[reader().language](*children, **given)

    return shown
