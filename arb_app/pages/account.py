"""What is a reader's own to choose, in sections; it is there for visitors as well."""

from typing import Final

import reflex as rx

from arb_app.components.display import display
from arb_app.components.layout import button_link, page
from arb_app.words import say


def _breaks() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("breaks.title"), class_name="section-title"),
        rx.el.p(say("breaks.description"), class_name="lede"),
        button_link(say("breaks.title"), "/account/breaks", quiet=True),
        class_name="section",
    )


def _security() -> rx.Component:
    return _way("security", "/account/security")


def _sessions() -> rx.Component:
    return _way("sessions", "/account/sessions")


def _data() -> rx.Component:
    return _way("data", "/account/data")


def _way(name: str, path: str) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say(f"{name}.title"), class_name="section-title"),
        rx.el.p(say(f"{name}.description"), class_name="lede"),
        button_link(say(f"{name}.title"), path, quiet=True),
        class_name="section",
    )


SECTIONS: Final = (display, _security, _sessions, _data, _breaks)
"""What the page is made of, in order; each section is headed by itself."""


def account() -> rx.Component:
    """Return the account page."""
    return page(say("settings.title"), *(section() for section in SECTIONS), active="account")
