"""The parts of a door: a card with a plain form, what came of it, and fields that browsers fill."""

from typing import Any, Final, Literal

import reflex as rx

from arb_app.components.layout import page
from arb_app.components.notice import Tone, notice
from arb_app.words import say

_TYPES: Final[dict[str, Literal["email", "password"]]] = {"email": "email", "password": "password"}


def door(name: str, *children: rx.Component | rx.Var, active: str = "login") -> rx.Component:
    """Return the page of a door, headed by the words `door.<name>.title`."""
    title = say(f"door.{name}.title")
    heading = rx.el.h1(title, class_name="page-title")
    card = rx.el.div(heading, *children, class_name="card card-pad login")
    return page(title, card, active=active, heading=False)


def told(name: str, why: str, tone: Tone) -> rx.Component:
    """Return what came of a form; the end of the page's address (`#why`) lets it be seen."""
    words = notice(say(f"door.{name}.{why}.text"), tone, title=say(f"door.{name}.{why}"))
    return rx.el.div(words, id=why, class_name="login-refusal", data_testid="login-refusal")


def field(
    name: str, label: str, filled: str, longest: int, hint: str = "", **attrs: Any
) -> rx.Component:
    """Return a field with its label and, if there is one, a hint below.

    Args:
        name: What the form calls it, which says what it is for, too.
        label: What people call it.
        filled: What browsers and password managers may fill in.
        longest: How many characters it takes.
        hint: What somebody should know before they fill it in.
        attrs: More attributes, by the names that React gives them; left out, `required` is True and
            `id` is the name.
    """
    required, mark = attrs.pop("required", True), attrs.pop("id", name)
    described = {"aria-describedby": f"{mark}-hint"} if hint else {}
    entry = rx.el.input(
        id=mark,
        name=name,
        type=attrs.pop("type", _TYPES.get(name, "text")),
        auto_complete=filled,
        max_length=longest,
        required=required,
        class_name="input",
        custom_attrs={"autoCapitalize": "none", "spellCheck": "false", **described, **attrs},
    )
    return rx.el.div(
        rx.el.label(label, html_for=mark, class_name="field-label"),
        rx.el.div(entry, class_name="input-row"),
        rx.el.p(hint, id=f"{mark}-hint", class_name="small muted") if hint else rx.fragment(),
        class_name="field",
    )


def send(label: str) -> rx.Component:
    """Return the button that sends the form."""
    return rx.el.button(label, type="submit", class_name="button")
