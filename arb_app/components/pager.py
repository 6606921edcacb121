"""Turning pages of a list that is longer than one."""

from typing import Any

import reflex as rx
from reflex.vars import NumberVar

from arb_app.components.buttons import press
from arb_app.words import say


def pager(page: NumberVar[int], pages: NumberVar[int], turn_to: Any) -> rx.Component:
    """Return the buttons before and after the page in view; nothing where there is one page."""
    told = say("admin.paging.page", page="\n", pages="\n").split("\n")
    return rx.cond(
        pages > 1,
        rx.el.nav(
            press(say("admin.previous"), turn_to(page - 1), disabled=page <= 1),
            rx.el.span(told[0], page, told[1], pages, told[2], class_name="small", role="status"),
            press(say("admin.next"), turn_to(page + 1), disabled=page >= pages),
            aria_label=say("admin.paging"),
            class_name="pager",
        ),
    )
