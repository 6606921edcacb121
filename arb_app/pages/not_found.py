"""What stands at an address that leads nowhere."""

import reflex as rx

from arb_app.components.layout import button_link, page
from arb_app.components.notice import empty
from arb_app.words import say


def not_found() -> rx.Component:
    """Return the page for an unknown address."""
    ways_on = rx.el.div(
        button_link(say("missing.board"), "/board"),
        button_link(say("missing.home"), "/", quiet=True),
        class_name="buttons",
    )
    nothing = empty(say("missing.title"), say("missing.text"), ways_on, drawn="flag", level=1)
    return page(say("missing.title"), nothing, active="", heading=False)
