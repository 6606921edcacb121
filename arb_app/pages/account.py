"""What is a reader's own to choose, in sections; it is there for visitors as well."""

from typing import Final

import reflex as rx

from arb_app.components.account_tabs import account_tabs
from arb_app.components.display import display
from arb_app.components.icons import icon
from arb_app.components.layout import page
from arb_app.reader import here
from arb_app.words import say

_ROOMS: Final = ("security", "sessions", "data", "breaks")


def _rooms() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("settings.nav"), class_name="section-title"),
        rx.el.ul(*(rx.el.li(_room(name)) for name in _ROOMS), class_name="rooms"),
        class_name="section",
    )


def _room(name: str) -> rx.Component:
    return rx.el.a(
        rx.el.strong(say(f"{name}.title")),
        rx.el.span(say(f"{name}.description"), class_name="small muted"),
        icon("arrow"),
        href=here(f"/account/{name}"),
        class_name="card room",
    )


SECTIONS: Final = (display, _rooms)
"""What the page is made of, in order; each section is headed by itself."""


def account() -> rx.Component:
    """Return the account page."""
    return page(
        say("settings.title"),
        account_tabs("settings"),
        *(section() for section in SECTIONS),
        active="account",
    )
