"""One field that is typed into, with its unit, what is known without it, and what is wrong."""

from collections.abc import Callable
from typing import Final, NamedTuple

import reflex as rx

_TYPING_PAUSE_MS: Final = 300


class Asked(NamedTuple):
    """What is asked: its label and id, what it is counted in, and what counts while it is empty."""

    label: str
    name: str | rx.Var
    unit: str | rx.Var = ""
    known: str | rx.Var = ""


Changed = Callable[[rx.Var[str]], rx.event.EventCallback[()]]


def typed(of: Asked, text: rx.Var, wrong: rx.Var, changed: Changed) -> rx.Component:
    """Return the field; its text is set once, what is wrong with it is read aloud and pointed to.

    Args:
        of: What is asked.
        text: What stands in it at first.
        wrong: What is wrong with it, "" for nothing.
        changed: The event of a text that was typed.
    """
    label, name, unit, known = of
    return rx.el.div(
        rx.el.label(label, html_for=name, class_name="field-label"),
        rx.el.div(
            rx.el.input(
                id=name,
                default_value=text,
                placeholder=known,
                on_change=lambda value: changed(value).debounce(_TYPING_PAUSE_MS),
                input_mode="decimal",
                auto_complete="off",
                max_length=16,
                class_name="input",
                aria_invalid=wrong != "",
                aria_describedby=f"{name}-wrong",
            ),
            rx.el.span(unit, class_name="muted"),
            class_name=rx.cond(wrong != "", "input-row input-wrong", "input-row"),
        ),
        rx.el.p(wrong, id=f"{name}-wrong", class_name="field-error", role="status"),
        class_name="field",
    )
