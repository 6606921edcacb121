"""The live board."""

import reflex as rx

from arb_app.components.board_grid import board_grid
from arb_app.components.layout import page
from arb_app.words import say


def board() -> rx.Component:
    """Return the board page."""
    return page(
        say("board.title"),
        rx.el.p(say("board.description"), class_name="lede lede-wide"),
        board_grid(),
        active="board",
    )
