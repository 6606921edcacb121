"""How the machinery is, in one page: every reading, judged, and what to do about it."""

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import notice, toned_chip
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.machinery_export import HEALTH_CSV, HEALTH_JSON
from arb_app.state.admin_health import AdminHealthState as State
from arb_app.state.admin_health import ReadingLine
from arb_app.words import say

_COLUMNS = ("sign", "value", "level", "todo")


def admin_health() -> rx.Component:
    """Return the page; it follows `AdminHealthState.live` from its loading."""
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.down != "", rx.el.div(notice(State.down, "bad"), data_testid="down")),
        rx.el.div(
            rx.el.p(
                toned_chip(State.level, State.tone),
                " ",
                say("health.at"),
                " ",
                local_time(State.at),
                class_name="chips small",
                role="status",
            ),
            rx.el.div(
                _file("health.csv", HEALTH_CSV, say("machinery.csv")),
                _file("health.json", HEALTH_JSON, say("machinery.json")),
                class_name="admin-buttons",
            ),
            class_name="heading-row",
        ),
        _table(),
    )
    lede = rx.el.p(say("health.lede"), class_name="lede")
    return page(
        say("health.title"),
        sheet("admin"),
        sheet("review"),
        sheet("machinery"),
        lede,
        admin_only(content, State.phase),
        active="admin",
    )


def _file(name: str, href: str, label: str) -> rx.Component:
    # A link of the router's would look for a page of this address.
    return A.create(label, href=href, download=name, class_name="button button-quiet")


def _table() -> rx.Component:
    columns = (rx.el.th(say(f"health.column.{name}"), scope="col") for name in _COLUMNS)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say("health.title"), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rx.foreach(State.lines, lambda line: _line(line=line, key=line.key))),
            class_name="folding machinery-table",
        ),
        class_name="card folding-frame",
    )


@memo
def _line(line: ObjectVar[ReadingLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.span(line.part, ": ", line.sign),
            rx.cond(line.name != "", rx.el.span(line.name, class_name="small muted cell-beneath")),
            scope="row",
        ),
        _cell("value", line.value),
        _cell("level", toned_chip(line.level, line.tone)),
        _cell("todo", line.todo),
        data_testid="reading",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    label = {"data-label": say(f"health.column.{column}")}
    look = f"machinery-{'do' if column == 'todo' else column}"
    return rx.el.td(rx.el.div(shown), class_name=look, custom_attrs=label)
