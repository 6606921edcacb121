"""The stake calculator."""

import reflex as rx

from arb_app.components.fields import choice, options
from arb_app.components.notice import notice
from arb_app.components.stake_fields import stake_fields
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.stake_form import STEPS, LegForm
from arb_app.words import say

_TYPING_PAUSE_MS = 250


def stake_card() -> rx.Component:
    """Return the calculator: what is fixed, how to round, and what the stakes come to."""
    return rx.el.section(
        rx.el.h2(say("opportunity.stakes"), class_name="section-title"),
        _fixed(),
        _amount(),
        _step(),
        rx.cond(
            State.slip.cost == "",
            notice(say("opportunity.no_stakes"), "warn"),
            rx.fragment(_sums(), rx.cond(State.head.gone_at == "", _lock())),
        ),
        rx.cond((State.suggestion != "") & (State.head.gone_at == ""), _suggestion()),
        stake_fields(),
        class_name="card card-pad stake-card stack",
        aria_label=say("opportunity.stakes"),
    )


def _fixed() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(say("stakes.fix"), class_name="field-label"),
        rx.el.div(
            _choice("", say("stakes.fix.total")),
            rx.foreach(State.leg_forms, _leg_choice),
            class_name="segments",
        ),
        rx.el.p(say("stakes.fix.help"), class_name="field-help"),
        class_name="field",
    )


def _leg_choice(leg: rx.vars.ObjectVar[LegForm]) -> rx.Component:
    return _choice(leg.letter, rx.fragment(say("stakes.fix.leg"), " ", leg.letter))


def _choice(letter: str | rx.Var, label: str | rx.Component) -> rx.Component:
    here = State.fixed == letter
    return rx.el.button(
        label,
        type="button",
        on_click=State.fix(letter),
        custom_attrs={"aria-pressed": rx.cond(here, "true", "false")},
        class_name=rx.cond(here, "segment segment-here", "segment"),
    )


def _amount() -> rx.Component:
    wrong = rx.el.p(say("opportunity.total.bad"), id="total-wrong", class_name="field-error")
    return rx.el.div(
        rx.el.label(State.amount_label, html_for="total", class_name="field-label"),
        rx.el.div(
            rx.el.input(
                id="total",
                key=State.amount_key,
                default_value=State.amount,
                on_change=State.type_total.debounce(_TYPING_PAUSE_MS),
                input_mode="decimal",
                auto_complete="off",
                max_length=16,
                class_name="input",
                aria_describedby="total-help",
                aria_invalid=State.amount_wrong,
                data_testid="stake-input",
            ),
            rx.el.span(State.amount_unit, class_name="muted"),
            class_name=rx.cond(State.amount_wrong, "input-row input-wrong", "input-row"),
        ),
        rx.el.div(
            rx.cond(
                State.amount_wrong,
                wrong,
                rx.el.p(say("opportunity.total.help"), class_name="field-help"),
            ),
            id="total-help",
            role="status",
        ),
        class_name="field",
    )


def _step() -> rx.Component:
    return choice(
        say("stakes.step"),
        *options((step, say(f"stakes.step.{step}")) for step in STEPS),
        look="select",
        id="step",
        value=State.step,
        on_change=State.round_stakes,
    )


def _sums() -> rx.Component:
    return rx.el.dl(
        _sum("opportunity.cost", State.slip.cost),
        _sum("opportunity.worst", State.slip.worst, worst=True),
        _sum("opportunity.best_case", State.slip.best),
        _sum("stakes.roi", State.slip.roi),
        class_name="sums",
    )


def _lock() -> rx.Component:
    return rx.fragment(
        rx.cond(
            State.slip.locked,
            notice(State.slip.told, "good"),
            notice(State.slip.told, "bad"),
        ),
        rx.cond(State.slip.held != "", notice(State.slip.held, "warn")),
    )


def _suggestion() -> rx.Component:
    return rx.el.div(
        rx.el.p(State.suggestion, role="status", data_testid="suggestion"),
        rx.el.button(
            say("stakes.nearest.take"),
            type="button",
            on_click=State.take_suggestion,
            class_name="button button-quiet",
            data_testid="take-suggestion",
        ),
        class_name="suggestion",
    )


def _sum(key: str, amount: rx.Var, *, worst: bool = False) -> rx.Component:
    tone = rx.cond(State.slip.locked, "figure good", "figure bad") if worst else "figure"
    return rx.el.div(
        rx.el.dt(say(key)),
        rx.el.dd(amount, class_name=tone, data_testid=key),
    )
