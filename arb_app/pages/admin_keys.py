"""Master keys: which there are, what is sealed with each, and one taking over from another."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.listing import export_link, paged, said, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.state.admin_keys import EXPORT, ActLine, KeyLine
from arb_app.state.admin_keys import AdminKeysState as State
from arb_app.words import say

_COLUMNS = ("key", "holder", "since", "rows", "do")


def admin_keys() -> rx.Component:
    """Return the page; it follows `AdminKeysState.open` from its loading."""
    parts = said(State, "section"), _rotation(), _keys(), _acts()
    return window(State, say("keys.title"), say("keys.lede"), *parts, sheets=("review",))


def _rotation() -> rx.Component:
    last = State.rotation
    bar = rx.el.progress(
        value=last.percent, max=100, aria_label=say("keys.rotation"), class_name="keys-progress"
    )
    ask = press(say("keys.rotate"), State.ask("rotate"), quiet=False, disabled=last.going)
    asked = rx.el.div(ask, class_name="keys-buttons")
    return rx.el.section(
        rx.el.h2(say("keys.rotation"), class_name="section-title"),
        rx.el.p(toned_chip(last.state, last.tone), " ", last.text, class_name="chips"),
        rx.cond(last.going, bar),
        rx.cond(
            State.may,
            rx.cond(State.asking == "rotate", _sure(say("keys.rotate.sure"), "rotate"), asked),
            rx.el.p(say("keys.look"), class_name="small muted"),
        ),
        class_name="card card-pad section audit-standing",
        data_testid="rotation",
    )


def _sure(question: str | rx.Var, act: str) -> rx.Component:
    """Return what asks once more before something is done."""
    return rx.el.div(
        rx.el.p(question, class_name="small"),
        rx.el.div(
            press(say(f"keys.{act}.yes"), State.act, quiet=False),
            press(say("keys.no"), State.ask("")),
            class_name="keys-buttons",
        ),
        role="group",
        data_testid="sure",
    )


def _keys() -> rx.Component:
    lines = rx.foreach(State.keys, lambda line: _key(line=line, key=line.id))
    shown = table(
        say("keys.title"), [say(f"keys.column.{each}") for each in _COLUMNS], lines, "audit-table"
    )
    none = empty(say("keys.none.title"), say("keys.none.text"), drawn="shield")
    return rx.el.section(
        rx.el.h2(say("keys.all"), class_name="section-title"),
        rx.el.p(say("keys.all.text"), class_name="small muted"),
        rx.cond(State.keys.length() > 0, shown, none),
        class_name="section",
    )


@memo
def _key(line: ObjectVar[KeyLine]) -> rx.Component:
    ask = press(say("keys.retire"), State.ask(line.id), about=line.id)
    sure = _sure(say("keys.retire.sure"), "retire")
    age = rx.el.span(line.age, class_name="small muted cell-beneath")
    return rx.el.tr(
        rx.el.th(
            rx.el.span(line.id, class_name="said"),
            rx.el.span(toned_chip(line.state, line.tone), class_name="cell-beneath"),
            scope="row",
        ),
        _cell("holder", line.holder),
        _cell("since", rx.fragment(local_time(line.at), age)),
        _cell("rows", line.rows),
        _cell(
            "do",
            rx.cond(State.may & line.retirable, rx.cond(State.asking == line.id, sure, ask)),
        ),
        data_testid="key",
    )


def _acts() -> rx.Component:
    lines = rx.el.ol(
        rx.foreach(State.acts, lambda line: _act(line=line, key=line.seq)), class_name="keys-acts"
    )
    none = rx.el.p(say("keys.acts.none"), class_name="small muted")
    text = say("audit.export.text")
    return rx.el.section(
        rx.el.h2(say("keys.acts"), class_name="section-title"),
        summary(State.summed, export_link(say("audit.export"), EXPORT, "audit.csv", text)),
        paged(State, State.acts, lines, none),
        class_name="section",
    )


@memo
def _act(line: ObjectVar[ActLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.what, class_name="said"),
        rx.el.span(line.who, " · ", local_time(line.at), class_name="small muted"),
        rx.el.span(line.details, class_name="small audit-told"),
        data_testid="act",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    return cell(f"keys.column.{column}", shown, look=f"keys-{column}")
