"""What stands in for every page while there is no network: the last board, and its age."""

import reflex as rx

from arb_app.components.board_grid import board_grid
from arb_app.components.layout import page
from arb_app.components.notice import notice
from arb_app.words import say


def offline() -> rx.Component:
    """Return the page; the service worker keeps it, the browser keeps the board."""
    return page(
        say("offline.title"),
        rx.el.div(notice(say("offline.text"), "warn"), board_grid(kept=True), class_name="stack"),
        active="board",
    )
