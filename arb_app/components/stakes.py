"""The stake calculator."""

import reflex as rx

from arb_app.components.notice import notice
from arb_app.state.opportunity import OpportunityState as State
from arb_app.words import say

_TYPING_PAUSE_MS = 250


def stake_card() -> rx.Component:
    """Return the calculator: a total, how to round, and what the stakes come to."""
    return rx.el.section(
        rx.el.h2(say("opportunity.stakes"), class_name="section-title"),
        _total(),
        _whole(),
        rx.cond(
            State.slip.cost == "",
            notice(say("opportunity.no_stakes"), "warn"),
            rx.fragment(_sums(), rx.cond(State.head.gone_at == "", _lock())),
        ),
        class_name="card card-pad stake-card stack",
        aria_label=say("opportunity.stakes"),
    )


def _sums() -> rx.Component:
    return rx.el.dl(
        _sum("opportunity.cost", State.slip.cost),
        _sum("opportunity.worst", State.slip.worst, worst=True),
        _sum("opportunity.best_case", State.slip.best),
        class_name="sums",
    )


def _lock() -> rx.Component:
    return rx.cond(
        State.slip.locked,
        notice(State.slip.told, "good"),
        notice(State.slip.told, "bad"),
    )


def _total() -> rx.Component:
    wrong = rx.el.p(say("opportunity.total.bad"), id="total-wrong", class_name="field-error")
    return rx.el.div(
        rx.el.label(say("opportunity.total"), html_for="total", class_name="field-label"),
        rx.el.div(
            rx.el.span("$", class_name="muted", aria_hidden="true"),
            rx.el.input(
                id="total",
                default_value=State.total,
                on_change=State.type_total.debounce(_TYPING_PAUSE_MS),
                input_mode="decimal",
                auto_complete="off",
                max_length=16,
                class_name="input",
                aria_describedby="total-help",
                aria_invalid=State.total_wrong,
                data_testid="stake-input",
            ),
            class_name="input-row",
        ),
        rx.el.div(
            rx.cond(
                State.total_wrong,
                wrong,
                rx.el.p(say("opportunity.total.help"), class_name="field-help"),
            ),
            id="total-help",
            role="status",
        ),
        class_name="field",
    )


def _whole() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", default_checked=State.whole, on_change=State.round_stakes),
        rx.el.span(say("opportunity.total.whole")),
        class_name="check",
    )


def _sum(key: str, amount: rx.Var, *, worst: bool = False) -> rx.Component:
    tone = rx.cond(State.slip.locked, "figure good", "figure bad") if worst else "figure"
    return rx.el.div(
        rx.el.dt(say(key)),
        rx.el.dd(amount, class_name=tone, data_testid=key),
    )
