"""Master keys: which there are, what is sealed with each, and one taking over from another."""

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_keys import EXPORT, ActLine, KeyLine
from arb_app.state.admin_keys import AdminKeysState as State
from arb_app.words import say

_COLUMNS = ("key", "holder", "since", "rows", "do")


def admin_keys() -> rx.Component:
    """Return the page; it follows `AdminKeysState.open` from its loading."""
    said = rx.el.div(
        rx.cond(State.said_tone == "good", notice(State.said, "good"), notice(State.said, "bad")),
        class_name="section",
        data_testid="said",
    )
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.said != "", said),
        _rotation(),
        _keys(),
        _acts(),
    )
    return page(
        say("keys.title"),
        sheet("review"),
        rx.el.p(say("keys.lede"), class_name="lede"),
        admin_only(content, State.phase),
        active="admin",
    )


def _rotation() -> rx.Component:
    last = State.rotation
    bar = rx.el.progress(
        value=last.percent, max=100, aria_label=say("keys.rotation"), class_name="keys-progress"
    )
    ask = rx.el.button(
        say("keys.rotate"),
        type="button",
        disabled=last.going,
        on_click=State.ask("rotate"),
        class_name="button",
    )
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
            rx.el.button(
                say(f"keys.{act}.yes"), type="button", on_click=State.act, class_name="button"
            ),
            rx.el.button(
                say("keys.no"),
                type="button",
                on_click=State.ask(""),
                class_name="button button-quiet",
            ),
            class_name="keys-buttons",
        ),
        role="group",
        data_testid="sure",
    )


def _keys() -> rx.Component:
    columns = (rx.el.th(say(f"keys.column.{name}"), scope="col") for name in _COLUMNS)
    table = rx.el.div(
        rx.el.table(
            rx.el.caption(say("keys.title"), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rx.foreach(State.keys, lambda line: _key(line=line, key=line.id))),
            class_name="folding audit-table",
        ),
        class_name="card folding-frame",
    )
    none = empty(say("keys.none.title"), say("keys.none.text"), drawn="shield")
    return rx.el.section(
        rx.el.h2(say("keys.all"), class_name="section-title"),
        rx.el.p(say("keys.all.text"), class_name="small muted"),
        rx.cond(State.keys.length() > 0, table, none),
        class_name="section",
    )


@memo
def _key(line: ObjectVar[KeyLine]) -> rx.Component:
    ask = rx.el.button(
        say("keys.retire"),
        rx.el.span(" ", line.id, class_name="visually-hidden"),
        type="button",
        on_click=State.ask(line.id),
        class_name="button button-quiet",
    )
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
    return rx.el.section(
        rx.el.div(
            rx.el.h2(say("keys.acts"), class_name="section-title"),
            # A link of the router's would look for a page of this address.
            A.create(
                say("audit.export"),
                href=EXPORT,
                download="audit.csv",
                title=say("audit.export.text"),
                class_name="button button-quiet",
            ),
            class_name="heading-row",
        ),
        rx.cond(
            State.acts.length() > 0, lines, rx.el.p(say("keys.acts.none"), class_name="small muted")
        ),
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
    label = {"data-label": say(f"keys.column.{column}")}
    return rx.el.td(rx.el.div(shown), class_name=f"keys-{column}", custom_attrs=label)
