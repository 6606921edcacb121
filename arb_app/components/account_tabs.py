"""The way between the pages of one's account, the same on each of them."""

from typing import Final

import reflex as rx

from arb_app.reader import here
from arb_app.words import say

_PAGES: Final = {
    "settings": "/account",
    "security": "/account/security",
    "sessions": "/account/sessions",
    "data": "/account/data",
    "breaks": "/account/breaks",
}


def account_tabs(active: str) -> rx.Component:
    """Return the links to all of them; `active` is the name of the page that they stand on."""
    return rx.el.nav(
        *(_tab(name, path, chosen=name == active) for name, path in _PAGES.items()),
        aria_label=say("settings.nav"),
        class_name="tabs",
    )


def _tab(name: str, path: str, *, chosen: bool) -> rx.Component:
    return rx.el.a(
        say(f"{name}.title"),
        href=here(path),
        class_name="tab tab-here" if chosen else "tab",
        custom_attrs={"aria-current": "page"} if chosen else {},
    )
