"""Tables whose rows become cards on a narrow screen, each cell with its column's name."""

from collections.abc import Iterable

import reflex as rx

from arb_app.words import say


def table(
    title: str, heads: Iterable[str], rows: rx.Component | rx.Var, look: str = ""
) -> rx.Component:
    """Return a table; its title is read aloud, and `look` names a class of its own."""
    columns = (rx.el.th(head, scope="col") for head in heads)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(title, class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rows),
            class_name=f"folding {look}".strip(),
        ),
        class_name="card folding-frame",
    )


def cell(column: str, *shown: rx.Var | rx.Component, look: str = "") -> rx.Component:
    """Return a cell of the column that is called by the words `column`."""
    attrs = {"data-label": say(column)}
    return rx.el.td(rx.el.div(*shown), class_name=look, custom_attrs=attrs)
