"""The audit: how it stands, and who did what, filtered, paged and to take away."""

from typing import Literal

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_audit import AdminAuditState as State
from arb_app.state.audit_shown import EntryLine
from arb_app.words import say

_COLUMNS = ("what", "who", "when", "link", "details")


def admin_audit() -> rx.Component:
    """Return the page; it begins with `AdminAuditState.open`."""
    lede = rx.el.p(say("audit.lede"), class_name="lede")
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")), _standing(), _entries()
    )
    return page(
        say("audit.title"),
        sheet("review"),
        lede,
        admin_only(content, State.phase),
        active="admin",
    )


def _standing() -> rx.Component:
    standing = State.standing
    facts = (
        ("checked", standing.checked),
        ("head", standing.head),
        ("anchored", standing.anchored),
    )
    return rx.el.section(
        rx.el.p(toned_chip(standing.state, standing.tone), " ", standing.text, class_name="chips"),
        rx.el.dl(
            *(
                rx.el.div(rx.el.dt(say(f"audit.{name}"), class_name="small muted"), rx.el.dd(text))
                for name, text in facts
            )
        ),
        aria_label=say("audit.title"),
        class_name="card card-pad section audit-standing",
        data_testid="standing",
    )


def _entries() -> rx.Component:
    nothing = empty(say("audit.empty.title"), say("audit.empty.text"), drawn="shield")
    found = rx.fragment(_table(), pager(State.page, State.pages, State.turn_to))
    return rx.el.section(
        rx.el.h2(say("audit.entries"), class_name="section-title"),
        _search(),
        rx.el.div(
            rx.el.p(State.summed, class_name="small muted", role="status"),
            # A link of the router's would look for a page of this address.
            A.create(
                say("audit.export"),
                href=State.export,
                download="audit.csv",
                title=say("audit.export.text"),
                class_name="button button-quiet",
                data_testid="export",
            ),
            class_name="heading-row",
        ),
        rx.cond(State.entries.length() > 0, found, nothing),
        class_name="section",
    )


def _search() -> rx.Component:
    action = rx.el.label(
        rx.el.span(say("audit.action"), class_name="field-label"),
        rx.el.select(
            rx.el.option(say("audit.action.all"), value=""),
            rx.foreach(State.actions, lambda name: rx.el.option(name, value=name)),
            name="action",
            class_name="moves-select",
        ),
        class_name="field",
    )
    return rx.el.form(
        _field("who", "search", say("audit.who.hint")),
        action,
        _field("about", "search", say("audit.about.hint")),
        _field("since", "date"),
        _field("until", "date"),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search",
    )


def _field(name: str, kind: Literal["search", "date"], hint: str = "") -> rx.Component:
    typed = rx.el.input(name=name, type=kind, max_length=200, placeholder=hint, class_name="input")
    return rx.el.label(
        rx.el.span(say(f"audit.{name}"), class_name="field-label"),
        rx.el.div(typed, class_name="input-row"),
        class_name="field",
    )


def _table() -> rx.Component:
    columns = (rx.el.th(say(f"audit.column.{name}"), scope="col") for name in _COLUMNS)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say("audit.entries"), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rx.foreach(State.entries, lambda line: _entry(line=line, key=line.seq))),
            class_name="folding audit-table",
        ),
        class_name="card folding-frame",
    )


@memo
def _entry(line: ObjectVar[EntryLine]) -> rx.Component:
    sealed = (("instant", line.at), ("hash", line.hash), ("previous", line.previous))
    before, after = say("audit.details", seq="\n").split("\n")
    opened = rx.el.details(
        rx.el.summary(
            say("audit.column.details"),
            rx.el.span(f" {before}", line.seq, after, class_name="visually-hidden"),
        ),
        rx.el.p(line.details, class_name="said audit-told"),
        *(
            rx.el.p(say(f"audit.{name}"), " ", rx.el.span(text, class_name="said"),
                    class_name="audit-told muted")
            for name, text in sealed
        ),
    )  # fmt: skip
    return rx.el.tr(
        rx.el.th(
            rx.el.span(line.action, class_name="said"),
            rx.el.span(line.subject, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("who", line.who),
        _cell("when", local_time(line.at)),
        _cell("link", line.seq),
        _cell("details", opened),
        data_testid="entry",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    label = {"data-label": say(f"audit.column.{column}")}
    return rx.el.td(rx.el.div(shown), class_name=f"audit-{column}", custom_attrs=label)
