"""Limits: what requests cost, what was refused in the last day, and the loudest networks."""

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.limits_export import PATH
from arb_app.state.admin_limits import LONGEST_SEARCH
from arb_app.state.admin_limits import AdminLimitsState as State
from arb_app.state.limits_shown import LoudLine, RuleLine
from arb_app.words import say

_RULES = ("kind", "cost", "without", "hour", "six", "day")
_LOUD = ("network", "day")


def admin_limits() -> rx.Component:
    """Return the page; it begins with `AdminLimitsState.open`."""
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")), _rules(), _loudest()
    )
    return page(
        say("limits.title"),
        sheet("review"),
        rx.el.p(say("limits.lede"), class_name="lede"),
        admin_only(content, State.phase),
        active="admin",
    )


def _rules() -> rx.Component:
    # A link of the router's would look for a page of this address.
    export = A.create(
        say("limits.export"), href=PATH, download="limits.csv", title=say("limits.export.text"),
        class_name="button button-quiet", data_testid="export",
    )  # fmt: skip
    return rx.el.section(
        rx.el.div(
            rx.el.h2(say("limits.rules"), class_name="section-title"),
            export,
            class_name="heading-row",
        ),
        rx.el.p(State.quotas, class_name="small muted"),
        _table("limits.rules", _RULES, rx.foreach(State.rules, lambda line: _rule(line=line))),
        class_name="section",
    )


@memo
def _rule(line: ObjectVar[RuleLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.kind,
            rx.el.span(line.text, class_name="small muted cell-beneath said"),
            scope="row",
        ),
        _cell("cost", line.cost),
        _cell("without", line.without),
        _cell("hour", rx.cond(line.tone == "warn", toned_chip(line.hour, line.tone), line.hour)),
        _cell("six", line.six),
        _cell("day", line.day),
        data_testid="limit",
    )


def _loudest() -> rx.Component:
    rows = rx.foreach(State.loud, lambda line: _network(line=line))
    found = rx.fragment(
        _table("limits.loudest", _LOUD, rows), pager(State.page, State.pages, State.turn_to)
    )
    return rx.el.section(
        rx.el.h2(say("limits.loudest"), class_name="section-title"),
        rx.el.p(say("limits.loudest.text"), class_name="small muted"),
        _search(),
        rx.cond(
            State.loud.length() > 0,
            found,
            empty(say("limits.empty.title"), say("limits.empty.text"), drawn="shield"),
        ),
        class_name="section",
    )


def _search() -> rx.Component:
    typed = rx.el.input(
        name="network", type="search", max_length=LONGEST_SEARCH, class_name="input"
    )
    field = rx.el.label(
        rx.el.span(say("limits.column.network"), class_name="field-label"),
        rx.el.div(typed, class_name="input-row"),
        class_name="field",
    )
    return rx.el.form(
        field,
        rx.el.button(say("limits.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search limits-search",
    )


@memo
def _network(line: ObjectVar[LoudLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.span(line.network, class_name="said"), scope="row"),
        _cell("day", line.count),
        data_testid="network",
    )


def _table(title: str, columns: tuple[str, ...], rows: rx.Component) -> rx.Component:
    heads = (rx.el.th(say(f"limits.column.{name}"), scope="col") for name in columns)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say(title), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rows),
            class_name="folding",
        ),
        class_name="card folding-frame",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    label = {"data-label": say(f"limits.column.{column}")}
    return rx.el.td(rx.el.div(shown), custom_attrs=label)
