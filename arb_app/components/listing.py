"""What pages of admins share: their frame, and lists that are searched, paged and taken away."""

from typing import Any

import reflex as rx
from reflex.vars import ArrayVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.notice import notice
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.state.listing import PagedState, SearchedState
from arb_app.state.window import DeedsState, WindowState
from arb_app.words import say


def window(
    state: type[WindowState],
    title: str,
    lede: str,
    *content: rx.Component,
    sheets: tuple[str, ...] = (),
) -> rx.Component:
    """Return the page of a window; `sheets` names the style sheets that it needs."""
    late = rx.cond(state.late, notice(say("state.late"), "warn"))
    return page(
        title,
        *map(sheet, sheets),
        rx.el.p(lede, class_name="lede"),
        admin_only(rx.fragment(late, *content), state.phase),
        active="admin",
    )


def said(state: type[DeedsState], look: str = "") -> rx.Component:
    """Return what came of what was done, if something was."""
    good, bad = notice(state.said, "good"), notice(state.said, "bad")
    told = rx.cond(state.said_tone == "good", good, bad)
    return rx.cond(state.said != "", rx.el.div(told, class_name=look, data_testid="said"))


def search_form(
    state: type[SearchedState], *fields: rx.Component, look: str = "audit-search"
) -> rx.Component:
    """Return the form that searches a list."""
    return rx.el.form(
        *fields,
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=state.search,
        role="search",
        class_name=look,
    )


def export_link(
    label: str, href: str | rx.Var, file: str, title: str = "", *, marked: bool = True
) -> rx.Component:
    """Return the link to a file; a link of the router's would look for a page of its address."""
    attrs: dict[str, Any] = {"title": title} if title else {}
    if marked:
        attrs["data_testid"] = "export"
    return A.create(label, href=href, download=file, class_name="button button-quiet", **attrs)


def summary(told: rx.Var, export: rx.Component | rx.Var) -> rx.Component:
    """Return how many were found, and the way to take them away."""
    counted = rx.el.p(told, class_name="small muted", role="status")
    return rx.el.div(counted, export, class_name="heading-row")


def paged(
    state: type[PagedState], lines: ArrayVar[Any], shown: rx.Component, nothing: rx.Component
) -> rx.Component:
    """Return a page of lines and the way to the others, or what stands where there are none."""
    turned = rx.fragment(shown, pager(state.page, state.pages, state.turn_to))
    return rx.cond(lines.length() > 0, turned, nothing)
