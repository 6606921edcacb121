"""Buttons that do something here: not those that send a form, nor links that look like one."""

from typing import Any

import reflex as rx


def press(
    label: str | rx.Var | rx.Component,
    on_click: Any,
    *,
    about: str | rx.Var = "",
    quiet: bool = True,
    small: bool = False,
    **attrs: Any,
) -> rx.Component:
    """Return a button.

    Args:
        label: What it says.
        on_click: The event of it.
        about: What it is about, for whoever hears the page and does not see where it stands.
        quiet: Whether another button, or none, is the one that most people want.
        small: Whether it stands in a row of others.
        attrs: More attributes.
    """
    told = [] if isinstance(about, str) and not about else [_aside(about)]
    look = f"button{' button-quiet' * quiet}{' admin-small' * small}"
    return rx.el.button(label, *told, type="button", on_click=on_click, class_name=look, **attrs)


def _aside(about: str | rx.Var) -> rx.Component:
    return rx.el.span(" ", about, class_name="visually-hidden")
