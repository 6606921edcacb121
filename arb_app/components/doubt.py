"""A pair of events that may be one: both side by side, the evidence, and the answers."""

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.icons import icon
from arb_app.components.memo import memo
from arb_app.components.notice import chip
from arb_app.components.when import local_time
from arb_app.state.admin_matching import MERGE, REVERSED, SPLIT
from arb_app.state.admin_matching import AdminMatchingState as State
from arb_app.state.matching_shown import DoubtLine
from arb_app.words import say

_QUIET: Final = "button button-quiet"


@memo
def doubt_card(line: ObjectVar[DoubtLine], asking: rx.Var[str], way: rx.Var[str]) -> rx.Component:
    """Return a pair that waits for an answer, or the confirmation of one."""
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(say("matching.score"), class_name="label"),
                rx.el.strong(line.score, class_name="figure figure-strong"),
            ),
            rx.cond(line.reversed, chip(say("matching.believes"), "warn", drawn="warn")),
            rx.cond(line.why != "", rx.el.p(line.why, class_name="small")),
            class_name="doubt-score",
        ),
        rx.el.div(
            described(say("matching.source"), line.one),
            described(say("matching.ours"), line.other),
            class_name="doubt-sides",
        ),
        rx.cond(
            line.parts != "",
            rx.el.details(
                rx.el.summary(say("matching.evidence")), rx.el.p(line.parts, class_name="reasons")
            ),
        ),
        rx.cond(asking == line.key, confirmation(way), _answers(line)),
        class_name="card card-pad doubt",
        data_testid="doubt",
    )


def described(label: str, of: Any, *, prices: bool = True) -> rx.Component:
    """Return how a source describes an event; `of` is a var of `Described`."""
    priced = rx.cond(of.prices != "", of.prices, say("matching.prices.none"))
    start = rx.cond(of.starts_at != "", local_time(of.starts_at), say("matching.start_unknown"))
    return rx.el.div(
        rx.el.p(rx.el.span(label, class_name="label"), " ", rx.el.strong(of.source)),
        rx.el.p(of.home, rx.el.span(" v ", class_name="muted"), of.away, class_name="doubt-event"),
        rx.el.p(of.league, class_name="small muted"),
        rx.el.p(start, class_name="small"),
        rx.el.p(priced, class_name="small muted") if prices else rx.fragment(),
        rx.cond(of.more != "", rx.el.p(of.more, class_name="small muted")),
        class_name="doubt-side",
    )


def _answers(line: ObjectVar[DoubtLine]) -> rx.Component:
    """Return the four answers; what the matcher believes is the first button's look."""
    same = rx.cond(line.reversed, _QUIET, "button")
    turned = rx.cond(line.reversed, "button", _QUIET)
    return rx.el.div(
        _answer(say("matching.merge"), State.ask(line.key, MERGE), same),
        _answer(say("matching.reversed"), State.ask(line.key, REVERSED), turned),
        _answer(say("matching.part"), State.part(line.key), _QUIET),
        _answer(say("matching.skip"), State.skip(line.key), _QUIET),
        class_name="buttons doubt-answers",
    )


def _answer(label: str, on_click: Any, look: str | rx.Var) -> rx.Component:
    return rx.el.button(label, type="button", on_click=on_click, class_name=look)


def confirmation(way: rx.Var[str]) -> rx.Component:
    """Return what is asked before a merge or a split, with the reason that the audit keeps."""
    question = rx.match(
        way,
        (MERGE, say("matching.confirm.merge")),
        (REVERSED, say("matching.confirm.reversed")),
        say("matching.confirm.split"),
    )
    return rx.el.form(
        rx.el.p(icon("warn"), rx.el.strong(question), class_name="doubt-question"),
        rx.el.p(say("matching.confirm.text"), class_name="small muted"),
        rx.el.label(
            rx.el.span(say("matching.reason"), class_name="field-label"),
            rx.el.div(
                rx.el.input(
                    name="reason",
                    default_value=say("matching.reason.default"),
                    max_length=500,
                    required=True,
                    auto_focus=True,
                    class_name="input",
                ),
                class_name="input-row",
            ),
            class_name="field",
        ),
        rx.el.div(
            rx.el.button(
                rx.cond(way == SPLIT, say("matching.yes.split"), say("matching.yes")),
                type="submit",
                class_name="button",
            ),
            _answer(say("matching.cancel"), State.cancel, _QUIET),
            class_name="buttons",
        ),
        on_submit=State.confirm,
        class_name="doubt-confirm",
        data_testid="confirm",
    )
