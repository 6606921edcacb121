"""How the prices of one event moved, with every book."""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.event import EventCallback
from reflex.vars import ArrayVar, ObjectVar

from arb_app.components.fields import choice
from arb_app.components.layout import button_link, page
from arb_app.components.line_chart import line_chart
from arb_app.components.memo import memo
from arb_app.components.notice import away, empty, loading, notice
from arb_app.components.when import local_time
from arb_app.state.history import HistoryState as State
from arb_app.state.history_drawn import MOST_CHANGES, Choice, Drawn, Moment
from arb_app.words import say


def history() -> rx.Component:
    """Return the page of an event's prices; it follows `HistoryState.open` from its loading."""
    body = rx.match(
        State.phase,
        ("found", _found()),
        ("missing", _missing()),
        ("shut", _shut()),
        ("away", away(level=1)),
        loading(lines=6),
    )
    return page(say("history.title"), body, active="board", heading=False)


def _shut() -> rx.Component:
    return empty(
        say("plan.history.title"),
        say("plan.history.text"),
        button_link(say("missing.board"), "/board"),
        drawn="shield",
        level=1,
    )


def _missing() -> rx.Component:
    return empty(
        say("history.missing.title"),
        say("history.missing.text"),
        button_link(say("missing.board"), "/board"),
        drawn="flag",
        level=1,
    )


def _found() -> rx.Component:
    shown = rx.cond(
        State.lines.length() > 0,
        rx.fragment(line_chart(), _figures(), _latest()),
        empty(say("history.empty.title"), say("history.empty.text"), drawn="clock"),
    )
    return rx.el.article(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.unreal != "", notice(State.unreal, "warn")),
        rx.el.header(
            rx.el.p(rx.el.span(State.competition), class_name="eyebrow"),
            rx.el.h1(State.event, class_name="event-title"),
            rx.el.p(local_time(State.starts_at), class_name="event-facts"),
        ),
        rx.cond(
            State.markets.length() > 0,
            rx.fragment(_choices(), shown),
            empty(say("history.none.title"), say("history.none.text"), drawn="clock"),
        ),
        class_name="stack",
    )


def _choices() -> rx.Component:
    return rx.el.div(
        _choice(say("history.market"), State.markets, State.market, State.choose_market),
        _choice(say("history.outcome"), State.outcomes, State.outcome, State.choose_outcome),
        class_name="moves-choices",
    )


def _choice(
    label: str,
    options: ArrayVar[Sequence[Choice]],
    chosen: rx.Var[str],
    on_change: EventCallback[Any],
) -> rx.Component:
    named = rx.foreach(options, lambda each: rx.el.option(each.label, value=each.value))
    attrs = {"value": chosen, "on_change": on_change}
    return choice(label, named, label_look="label", within="", **attrs)


def _figures() -> rx.Component:
    names = ("book", "first", "low", "high", "last", "at")
    return rx.el.section(
        rx.el.h2(say("history.table")),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*(_column(name) for name in names))),
                rx.el.tbody(rx.foreach(State.lines, lambda line: _row(line=line))),
                class_name="moves-table moves-figures",
            ),
            class_name="moves-scroll",
            tab_index=0,
            role="region",
            aria_label=say("history.table"),
        ),
        class_name="moves-part",
    )


def _column(name: str) -> rx.Component:
    return rx.el.th(say(f"history.column.{name}"), scope="col")


@memo
def _row(line: ObjectVar[Drawn]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(line.name, scope="row"),
        *(_cell(name, getattr(line, name), "figure") for name in ("first", "low", "high", "last")),
        _cell("at", local_time(line.since)),
    )


def _cell(name: str, shown: rx.Var | rx.Component, look: str = "") -> rx.Component:
    """Return a cell that names its column, for where the columns stand below each other."""
    label = {"data-label": say(f"history.column.{name}")}
    return rx.el.td(shown, class_name=look, custom_attrs=label)


def _latest() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("history.latest")),
        rx.el.p(say("history.latest.text", count=MOST_CHANGES), class_name="label"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*(_column(name) for name in ("when", "book", "odds")))),
                rx.el.tbody(rx.foreach(State.changes, lambda each: _change(each=each))),
                class_name="moves-table",
            ),
            class_name="moves-scroll",
            tab_index=0,
            role="region",
            aria_label=say("history.latest"),
        ),
        class_name="moves-part",
    )


@memo
def _change(each: ObjectVar[Moment]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(local_time(each.at), scope="row"),
        rx.el.td(each.book),
        rx.el.td(each.odds, class_name="figure"),
    )
