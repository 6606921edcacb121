"""The proof in money for the total that was typed: every ending, and what it does to each leg."""

from collections.abc import Sequence
from typing import Final

import reflex as rx
from reflex.vars import ArrayVar, ObjectVar, StringVar

from arb_app.components.icons import icon
from arb_app.components.memo import memo
from arb_app.components.payoff import payoff
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.opportunity_proof import EndingLine
from arb_app.state.opportunity_shown import LegLine
from arb_app.words import say

_ICONS: Final = {
    "won": "check",
    "half_won": "check",
    "back": "back",
    "half_lost": "cross",
    "lost": "cross",
    "shared": "sigma",
    "unknown": "warn",
}
_TABLE: Final = "proof-table"


def proof_card() -> rx.Component:
    """Return every ending with its result; those that the legs leave open stand out."""
    return rx.el.section(
        rx.el.h2(say("opportunity.proof"), class_name="section-title"),
        rx.el.p(State.head.covered, class_name="muted small"),
        rx.cond(State.slip.cost != "", payoff()),
        rx.el.div(
            rx.el.table(
                rx.el.caption(say("opportunity.proof.table"), class_name="visually-hidden"),
                _head(),
                _group("opportunity.proof.played", State.played),
                rx.cond(State.ruled.length() > 0, _group("opportunity.proof.ruled", State.ruled)),
                class_name="proof",
                id=_TABLE,
            ),
            class_name="proof-scroll",
            role="region",
            tab_index=0,
            aria_label=say("opportunity.proof.table"),
        ),
        rx.cond(State.fold != "", _fold()),
        class_name="card card-pad proof-card",
    )


def _fold() -> rx.Component:
    return rx.el.button(
        State.fold,
        type="button",
        on_click=State.unfold(~State.every),
        class_name="button button-quiet",
        aria_expanded=State.every,
        aria_controls=_TABLE,
        data_testid="unfold",
    )


def _head() -> rx.Component:
    return rx.el.thead(
        rx.el.tr(
            rx.el.th("#", scope="col", class_name="proof-number"),
            rx.el.th(say("opportunity.proof.ending"), scope="col"),
            rx.foreach(State.legs, lambda leg: _leg(leg=leg)),
            rx.el.th(say("opportunity.proof.result"), scope="col", class_name="proof-result"),
        )
    )


@memo
def _leg(leg: ObjectVar[LegLine]) -> rx.Component:
    return rx.el.th(
        rx.el.span(leg.letter, class_name="leg-letter"),
        rx.el.span(leg.bet, class_name="proof-leg"),
        scope="col",
    )


def _group(key: str, lines: ArrayVar[Sequence[EndingLine]]) -> rx.Component:
    group = rx.el.th(say(key), scope="rowgroup", col_span=_columns(), class_name="proof-group")
    return rx.el.tbody(
        rx.el.tr(group),
        rx.foreach(lines, lambda line: _ending(line=line)),
    )


def _columns() -> rx.Var[int]:
    """Return how many columns there are: number, ending, one a leg, result."""
    return (State.legs.length() + 3).to(int)


@memo
def _ending(line: ObjectVar[EndingLine]) -> rx.Component:
    open_end = rx.el.span(say("opportunity.proof.open"), class_name="chip chip-bad")
    settled = rx.el.tr(
        rx.el.td(line.number, class_name="proof-number figure"),
        rx.el.th(
            rx.el.span(line.ending, " ", rx.cond(line.open, open_end)),
            rx.cond(line.example != "", rx.el.span(line.example, class_name="label")),
            scope="row",
        ),
        rx.foreach(line.marks.split(" "), lambda mark: _mark(mark=mark)),
        rx.el.td(line.result, class_name=f"proof-result figure {line.tone}"),
        class_name=rx.cond(line.open, "proof-open", ""),
        data_testid="ending",
    )
    check = rx.el.tr(
        rx.el.td(),
        rx.el.td(line.check, col_span=(State.legs.length() + 2).to(int), data_testid="check"),
        class_name="proof-check",
    )
    return rx.fragment(settled, rx.cond(line.check != "", check))


@memo
def _mark(mark: StringVar[str]) -> rx.Component:
    cases = [
        (name, rx.fragment(icon(drawn), rx.el.span(say(f"opportunity.mark.{name}"))))
        for name, drawn in _ICONS.items()
    ]
    told = rx.el.span(rx.match(mark, *cases, rx.fragment()), class_name="mark-told")
    return rx.el.td(told, class_name=f"mark-cell mark-{mark}")
