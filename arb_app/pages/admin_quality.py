"""Quality: what is refused and why, and the names that nobody knows."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import choice
from arb_app.components.listing import window
from arb_app.components.memo import memo
from arb_app.components.notice import chip, empty
from arb_app.components.pager import pager
from arb_app.components.table import table
from arb_app.state.admin_quality import AdminQualityState as State
from arb_app.state.quality_shown import BookLine, DropLine, GateLine, NameLine
from arb_app.words import say


def admin_quality() -> rx.Component:
    """Return the page; it follows `AdminQualityState.open` from its loading."""
    parts = _gates(), _books(), _names(), _drops()
    return window(State, say("quality.title"), say("quality.lede"), *parts, sheets=("review",))


def _gates() -> rx.Component:
    columns = [say(f"quality.column.{each}") for each in ("gate", "now", "day")]
    rows = rx.foreach(State.gates, lambda line: _gate(line=line))
    nothing = rx.el.p(say("quality.gates.empty"), class_name="muted")
    return rx.el.section(
        rx.el.h2(say("quality.gates"), class_name="section-title"),
        rx.el.p(State.summed, class_name="small muted"),
        rx.cond(State.gates.length() > 0, table(say("quality.gates"), columns, rows), nothing),
        class_name="section",
    )


@memo
def _gate(line: ObjectVar[GateLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            chip(line.chip, "bad", drawn="cross"),
            rx.el.span(line.text, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("quality.column.now", line.now),
        _cell("quality.column.day", line.day),
        data_testid="gate",
        custom_attrs={"data-code": line.code},
    )


def _books() -> rx.Component:
    names = ("book", "age", "lag", "silent", "sound", "anomalies", "blamed")
    columns = [say(f"quality.column.{each}") for each in names]
    rows = rx.foreach(State.books, lambda line: _book(line=line))
    nothing = rx.el.p(say("quality.books.empty"), class_name="muted")
    return rx.el.section(
        rx.el.h2(say("quality.books"), class_name="section-title"),
        rx.el.p(say("quality.books.text"), class_name="small muted"),
        rx.cond(State.books.length() > 0, table(say("quality.books"), columns, rows), nothing),
        class_name="section",
    )


@memo
def _book(line: ObjectVar[BookLine]) -> rx.Component:
    name = rx.cond(line.whole, rx.el.strong(line.name), rx.el.span(line.name))
    figures = ("age", "lag", "silent", "sound", "anomalies")
    blamed = rx.fragment(
        line.blamed,
        rx.cond(line.gates != "", rx.el.span(line.gates, class_name="small muted cell-beneath")),
    )
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        *(_cell(f"quality.column.{each}", getattr(line, each)) for each in figures),
        _cell("quality.column.blamed", blamed),
        data_testid="book",
    )


def _names() -> rx.Component:
    order = ("name", "kind", "source", "count", "example", "last")
    columns = [say(f"unknown.column.{each}") for each in order]
    rows = rx.foreach(State.names, lambda line: _name(line=line))
    nothing = empty(say("unknown.empty.title"), say("unknown.empty.text"), drawn="check")
    known = rx.fragment(
        choice(
            say("unknown.source"),
            rx.foreach(State.sources, lambda each: rx.el.option(each.label, value=each.value)),
            label_look="label",
            within="choice",
            value=State.source,
            on_change=State.choose_source,
        ),
        table(say("unknown.title"), columns, rows),
        pager(State.page, State.pages, State.turn_to),
    )
    return rx.el.section(
        rx.el.h2(say("unknown.title"), class_name="section-title"),
        rx.el.p(say("unknown.text"), class_name="small muted"),
        rx.cond(State.sources.length() > 1, known, nothing),
        class_name="section",
    )


@memo
def _name(line: ObjectVar[NameLine]) -> rx.Component:
    beneath = rx.el.span(line.reason, class_name="small muted cell-beneath")
    return rx.el.tr(
        rx.el.th(rx.el.span(line.name, class_name="said"), beneath, scope="row"),
        *(
            _cell(f"unknown.column.{each}", getattr(line, each))
            for each in ("kind", "source", "count", "example", "last")
        ),
        data_testid="unknown-name",
    )


def _drops() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(State.drops, lambda line: _drop(line=line)), class_name="card entries"
    )
    nothing = rx.el.p(say("quality.drops.empty"), class_name="muted")
    return rx.el.section(
        rx.el.h2(say("quality.drops"), class_name="section-title"),
        rx.el.p(say("quality.drops.text"), class_name="small muted"),
        rx.cond(State.drops.length() > 0, lines, nothing),
        class_name="section",
    )


@memo
def _drop(line: ObjectVar[DropLine]) -> rx.Component:
    total = say("quality.drops.total", total="\n").split("\n")
    return rx.el.li(
        rx.el.details(
            rx.el.summary(rx.el.strong(line.name), " ", total[0], line.total, total[1]),
            rx.el.p(line.reasons, class_name="reasons"),
        ),
        class_name="entry",
        data_testid="dropped",
    )


def _cell(column: str, figure: rx.Var | rx.Component) -> rx.Component:
    return rx.el.td(
        rx.el.span(figure), class_name="figure", custom_attrs={"data-label": say(column)}
    )
