"""Where admins give sources their credentials, switch them, try them and read what happened."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.admin_source import panel
from arb_app.components.alerts import folded_alerts
from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.state.admin_door import AdminDoorState
from arb_app.state.admin_lines import FILTERS, AdminLine
from arb_app.state.admin_sources import AdminSourcesState as State
from arb_app.words import say


def admin_sources() -> rx.Component:
    """Return the page; it follows `AdminSourcesState.live` from its loading."""
    content = rx.el.div(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        folded_alerts(),
        _misspelt(),
        _tools(),
        rx.el.div(_list(), panel(), class_name="admin-split", custom_attrs=_OPENED),
        class_name="admin",
    )
    lede = rx.el.p(say("admin.sources.lede"), class_name="lede")
    phase = rx.cond(AdminDoorState.shut, "refused", State.phase)
    return page(
        say("admin.sources.title"), sheet("admin"), lede, admin_only(content, phase), active="admin"
    )


_OPENED = {"data-opened": rx.cond(State.opened != "", "yes", "no")}


def _misspelt() -> rx.Component:
    names = rx.el.span(State.misspelt.join(", "), class_name="admin-names")
    told = rx.el.div(
        notice(say("admin.misspelt"), "warn", title=say("admin.misspelt.title")),
        names,
        class_name="admin-misspelt",
        data_testid="misspelt",
    )
    return rx.cond(State.misspelt.length() > 0, told)


def _tools() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="search",
            default_value="",
            placeholder=say("admin.search"),
            aria_label=say("admin.search"),
            on_change=State.search.debounce(250),
            class_name="admin-field admin-search",
        ),
        rx.el.select(
            *(rx.el.option(say(f"admin.filter.{name}"), value=name) for name in FILTERS),
            value=State.chosen,
            on_change=State.choose,
            aria_label=say("admin.filter"),
            class_name="admin-field",
        ),
        rx.el.p(
            rx.el.strong(State.total, class_name="figure"),
            " ",
            rx.cond(State.total == 1, say("admin.total.one"), say("admin.total")),
            class_name="small muted",
        ),
        class_name="admin-tools",
    )


def _list() -> rx.Component:
    rows = rx.el.ul(
        rx.foreach(State.lines, lambda line: _row(line=line, key=line.name)),
        class_name="card admin-list",
        aria_label=say("admin.sources.table"),
    )
    nothing = empty(say("admin.sources.none.title"), say("admin.sources.none.text"), drawn="clock")
    return rx.el.div(
        rx.cond(State.total > 0, rows, nothing),
        pager(State.page, State.pages, State.turn_to),
        class_name="admin-left",
    )


@memo
def _row(line: ObjectVar[AdminLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.button(
                line.title,
                type="button",
                on_click=State.open(line.name),
                class_name="admin-open",
                aria_pressed=line.opened,
            ),
            rx.el.span(line.name, class_name="small muted source-name"),
            class_name="admin-who",
        ),
        toned_chip(line.state, line.tone),
        rx.el.dl(
            _figure("status.last", line.last),
            _figure("status.errors", line.errors),
            _figure("status.quota", line.quota),
            _figure("admin.column.reliability", line.reliability),
            _figure("admin.column.credential", line.credential),
            class_name="admin-figures",
        ),
        class_name=rx.cond(line.opened, "admin-row admin-row-opened", "admin-row"),
        data_testid="source-row",
    )


def _figure(key: str, figure: rx.Var) -> rx.Component:
    return rx.el.div(rx.el.dt(say(key), class_name="label"), rx.el.dd(figure, class_name="small"))
