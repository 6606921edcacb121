"""What to do: the legs in the order to place them, each with its stake and the reason."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.icons import icon
from arb_app.components.memo import memo
from arb_app.components.notice import notice
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.opportunity_steps import StepLine
from arb_app.words import say


def step_card() -> rx.Component:
    """Return the legs to place, the first one on top."""
    lines = rx.el.ol(rx.foreach(State.steps, lambda step: _step(step=step)), class_name="steps")
    none = rx.cond(State.head.gone_at != "", say("steps.gone"), say("steps.none"))
    return rx.el.section(
        rx.el.h2(say("steps.title"), class_name="section-title"),
        rx.el.p(say("steps.text"), class_name="muted small"),
        rx.cond(State.steps.length() > 0, lines, notice(none, "warn")),
        class_name="card card-pad step-card",
    )


@memo
def _step(step: ObjectVar[StepLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(step.number, class_name="step-number", aria_hidden="true"),
        rx.el.div(
            rx.el.p(
                rx.el.strong(step.stake, class_name="step-stake figure", data_testid="step-stake"),
                rx.cond(step.aside != "", rx.el.span(step.aside, class_name="label")),
                class_name="step-amount",
            ),
            rx.el.p(
                rx.el.span(step.letter, class_name="leg-letter leg-letter-small"),
                rx.el.strong(step.bet),
                rx.el.span(" ", say("steps.at"), " ", class_name="muted"),
                rx.el.strong(step.book),
                class_name="step-bet",
            ),
            rx.el.p(icon("flag"), rx.el.span(step.why), class_name="step-why"),
            class_name="step-words",
        ),
        rx.el.div(
            rx.el.span(step.odds, class_name="odds odds-large"),
            rx.el.span(step.worst_odds, class_name="label"),
            class_name="leg-odds",
        ),
        class_name="step",
        data_testid="step",
    )
