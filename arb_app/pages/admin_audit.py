"""The audit: how it stands, and who did what, filtered, paged and to take away."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import choice, text_field
from arb_app.components.listing import export_link, paged, search_form, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.state.admin_audit import AdminAuditState as State
from arb_app.state.audit_shown import EntryLine
from arb_app.words import say

_COLUMNS = ("what", "who", "when", "link", "details")


def admin_audit() -> rx.Component:
    """Return the page; it begins with `AdminAuditState.open`."""
    return window(
        State, say("audit.title"), say("audit.lede"), _standing(), _entries(), sheets=("review",)
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
    lines = rx.foreach(State.entries, lambda line: _entry(line=line, key=line.seq))
    shown = table(
        say("audit.entries"),
        [say(f"audit.column.{each}") for each in _COLUMNS],
        lines,
        "audit-table",
    )
    nothing = empty(say("audit.empty.title"), say("audit.empty.text"), drawn="shield")
    text = say("audit.export.text")
    return rx.el.section(
        rx.el.h2(say("audit.entries"), class_name="section-title"),
        _search(),
        summary(State.summed, export_link(say("audit.export"), State.export, "audit.csv", text)),
        paged(State, State.entries, shown, nothing),
        class_name="section",
    )


def _search() -> rx.Component:
    known = rx.foreach(State.actions, lambda name: rx.el.option(name, value=name))
    every = rx.el.option(say("audit.action.all"), value="")
    return search_form(
        State,
        text_field(say("audit.who"), "who", hint=say("audit.who.hint")),
        choice(say("audit.action"), every, known, name="action"),
        text_field(say("audit.about"), "about", hint=say("audit.about.hint")),
        text_field(say("audit.since"), "since", "date"),
        text_field(say("audit.until"), "until", "date"),
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
    return cell(f"audit.column.{column}", shown, look=f"audit-{column}")
