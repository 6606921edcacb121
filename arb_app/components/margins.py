"""Why an opportunity was accepted: every gate's figure beside its limit."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.components.notice import chip
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.opportunity_gates import MarginLine
from arb_app.words import say


def margin_list() -> rx.Component:
    """Return a bar a gate, the closest first."""
    lines = rx.el.ul(rx.foreach(State.margins, lambda line: _line(line=line)), class_name="margins")
    return rx.el.section(
        rx.el.h2(say("margin.title"), class_name="section-title"),
        rx.el.p(State.margins_told, class_name="margins-told"),
        rx.el.p(say("margin.text"), class_name="muted small"),
        lines,
        class_name="card card-pad",
    )


@memo
def _line(line: ObjectVar[MarginLine]) -> rx.Component:
    bar = rx.el.span(
        rx.el.span(class_name="margin-used", style={"width": line.width}),
        class_name=rx.cond(line.close, "margin-bar margin-close", "margin-bar"),
        aria_hidden="true",
    )
    return rx.el.li(
        rx.el.strong(
            line.chip, " ", rx.cond(line.close, chip(say("margin.close"), "warn", drawn="warn"))
        ),
        rx.el.span(line.figure, class_name="figure"),
        bar,
        rx.el.span(line.used, class_name="label"),
        class_name="margin",
        data_testid="margin",
    )
