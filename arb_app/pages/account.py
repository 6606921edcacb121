"""What is a reader's own to choose, in sections; it is there for visitors as well."""

from typing import Final

import reflex as rx

from arb_app.components.display import display
from arb_app.components.layout import page
from arb_app.words import say

SECTIONS: Final = (display,)
"""What the page is made of, in order; each section is headed by itself."""


def account() -> rx.Component:
    """Return the account page."""
    return page(say("settings.title"), *(section() for section in SECTIONS), active="account")
