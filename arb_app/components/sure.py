"""Asking once more before something is done that is not undone."""

from typing import Any

import reflex as rx

from arb_app.components.buttons import press
from arb_app.words import say


def sure(question: str, text: str, done: str, on_yes: Any, on_no: Any) -> rx.Component:
    """Return the question, what comes of it, and both answers; the careful one has the focus.

    Args:
        question: What is asked.
        text: What comes of yes.
        done: What the button for yes says.
        on_yes: The event of yes.
        on_no: The event of no.
    """
    return rx.el.div(
        rx.el.p(rx.el.strong(question)),
        rx.el.p(text, class_name="small muted"),
        rx.el.div(
            press(done, on_yes, quiet=False),
            press(say("sure.no"), on_no, auto_focus=True),
            class_name="buttons",
        ),
        role="group",
        aria_label=question,
        class_name="sure",
        data_testid="sure",
    )
