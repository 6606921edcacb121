"""The chart of results: a bar for each ending, drawn without a script."""

from collections.abc import Sequence

import reflex as rx
from reflex.vars import ArrayVar, ObjectVar

from arb_app.components.memo import memo
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.opportunity_proof import Bar, Scale
from arb_app.words import say


def payoff() -> rx.Component:
    """Return the bars of both groups of endings; the table beside says the same in words."""
    return rx.el.figure(
        rx.el.figcaption(
            rx.el.strong(say("opportunity.chart")),
            rx.el.span(say("opportunity.chart.text"), class_name="label"),
        ),
        rx.el.div(
            _panel(State.played_bars, State.played_scale),
            rx.cond(State.ruled_bars.length() > 0, _panel(State.ruled_bars, State.ruled_scale)),
            class_name="payoff-panels",
        ),
        class_name="payoff",
    )


def _panel(bars: ArrayVar[Sequence[Bar]], scale: ObjectVar[Scale]) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.el.span(scale.top),
                rx.el.span(scale.bottom),
                class_name="payoff-scale figure",
                aria_hidden="true",
            ),
            rx.el.div(
                rx.foreach(bars, lambda bar: _bar(bar=bar, zero=scale.zero)),
                class_name="payoff-bars",
                aria_hidden="true",
            ),
            role="img",
            aria_label=scale.told,
            class_name="payoff-drawing",
            data_testid="payoff",
        ),
        rx.el.p(scale.told, class_name="label", aria_hidden="true"),
        class_name="payoff-panel",
    )


@memo
def _bar(bar: ObjectVar[Bar], zero: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.svg(
            rx.el.svg.rect(
                x="12%", y=bar.top, width="76%", height=bar.height, class_name=f"bar {bar.tone}"
            ),
            rx.el.svg.line(x1="0", x2="100%", y1=zero, y2=zero, class_name="payoff-zero"),
            class_name="payoff-bar",
        ),
        rx.el.span(bar.number, class_name="payoff-number"),
        title=bar.told,
        class_name="payoff-slot",
    )
