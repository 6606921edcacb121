"""How the machinery is, in one page: every reading, judged, and what to do about it."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.listing import export_link, window
from arb_app.components.memo import memo
from arb_app.components.notice import notice, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.machinery_export import HEALTH_CSV, HEALTH_JSON
from arb_app.state.admin_health import AdminHealthState as State
from arb_app.state.admin_health import ReadingLine
from arb_app.words import say

_COLUMNS = ("sign", "value", "level", "todo")


def admin_health() -> rx.Component:
    """Return the page; it follows `AdminHealthState.live` from its loading."""
    csv, json = say("machinery.csv"), say("machinery.json")
    lines = rx.foreach(State.lines, lambda line: _line(line=line, key=line.key))
    columns = [say(f"health.column.{each}") for each in _COLUMNS]
    return window(
        State,
        say("health.title"),
        say("health.lede"),
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
                export_link(csv, HEALTH_CSV, "health.csv", marked=False),
                export_link(json, HEALTH_JSON, "health.json", marked=False),
                class_name="admin-buttons",
            ),
            class_name="heading-row",
        ),
        table(say("health.title"), columns, lines, "machinery-table"),
        sheets=("admin", "review", "machinery"),
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
    look = f"machinery-{'do' if column == 'todo' else column}"
    return cell(f"health.column.{column}", shown, look=look)
