"""Fields within their labels: what is typed, and what is chosen from a list."""

from collections.abc import Iterable
from typing import Any, Literal

import reflex as rx


def labelled(label: str | rx.Var, entry: rx.Component, look: str = "field") -> rx.Component:
    """Return a field within its label."""
    row = rx.el.div(entry, class_name="input-row")
    return rx.el.label(rx.el.span(label, class_name="field-label"), row, class_name=look)


def text_field(
    label: str,
    name: str,
    kind: Literal["text", "search", "date"] = "search",
    hint: str | rx.Var = "",
    **attrs: Any,
) -> rx.Component:
    """Return a field of a form that is typed into.

    Args:
        label: What people call it.
        name: What the form calls it.
        kind: What browsers offer for it.
        hint: What stands in it while it is empty.
        attrs: More attributes of the input; left out, `max_length` is 200.
    """
    attrs.setdefault("max_length", 200)
    return labelled(
        label, rx.el.input(name=name, type=kind, placeholder=hint, class_name="input", **attrs)
    )


def choice(
    label: str | rx.Var,
    *options: rx.Component | rx.Var,
    look: str = "moves-select",
    label_look: str = "field-label",
    within: str = "field",
    below: rx.Component | None = None,
    **attrs: Any,
) -> rx.Component:
    """Return a choice from a list, with its label: around it, or of it by its `id`.

    Args:
        label: What people call it.
        options: What there is to choose.
        look: The class of the list.
        label_look: The class of the label's text.
        within: The class of what holds both.
        below: What helps to choose, if anything does; only where there is an `id`.
        attrs: More attributes of the list.
    """
    listed = rx.el.select(*options, class_name=look, **attrs)
    if "id" in attrs:
        named = rx.el.label(label, html_for=attrs["id"], class_name=label_look)
        more = [] if below is None else [below]
        return rx.el.div(named, listed, *more, class_name=within)
    return rx.el.label(rx.el.span(label, class_name=label_look), listed, class_name=within)


def options(named: Iterable[tuple[str, str]]) -> list[rx.Component]:
    """Return what there is to choose: pairs of a value and what people call it."""
    return [rx.el.option(label, value=value) for value, label in named]
