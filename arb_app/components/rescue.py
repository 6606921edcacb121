"""The rescue: what is placed, what is offered now, and every way on in exact money."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.components.notice import chip, notice
from arb_app.components.typed import Asked, typed
from arb_app.state.account import AccountState
from arb_app.state.opportunity_rescue import RescueState as State
from arb_app.state.rescue_shown import RescueLeg, WayLine
from arb_app.words import say
from domain.flags import Flag


def rescue_card() -> rx.Component:
    """Return the rescue, folded to one button until it is needed; nothing where it is not there."""
    return rx.cond(AccountState.off.contains(Flag.RESCUE.value), rx.fragment(), _card())


def _card() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("rescue.title"), class_name="section-title"),
        rx.el.p(say("rescue.text"), class_name="muted small"),
        rx.cond(State.ready, _form(), _button("rescue.begin", State.begin)),
        rx.cond(State.said != "", notice(State.said, "warn")),
        rx.cond(State.ways.length() > 0, _ways()),
        class_name="card card-pad stack rescue-card",
    )


def _button(key: str, fired: rx.event.EventCallback) -> rx.Component:
    return rx.el.button(
        say(key),
        type="button",
        on_click=fired,
        class_name="button button-quiet",
        data_testid=key,
    )


def _form() -> rx.Component:
    return rx.el.div(
        rx.foreach(State.rows, _leg),
        rx.el.div(
            typed(
                Asked(say("rescue.lay"), "rescue-lay"),
                State.lay,
                State.lay_wrong,
                lambda text: State.type_in("lay", "", text),
            ),
            typed(
                Asked(say("rescue.lay_commission"), "rescue-lay-commission", unit="%", known="0"),
                State.lay_commission,
                State.lay_commission_wrong,
                lambda text: State.type_in("lay_commission", "", text),
            ),
            key=State.key,
            class_name="field-grid",
        ),
        rx.el.p(say("rescue.lay.help"), class_name="field-help"),
        _button("rescue.reprice", State.reprice),
        class_name="stack",
    )


def _leg(leg: ObjectVar[RescueLeg]) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(
            rx.el.span(leg.letter, class_name="leg-letter leg-letter-small"), " ", leg.name
        ),
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=leg.placed,
                on_change=lambda placed: State.place(leg.letter, placed),
                data_testid="rescue-placed",
            ),
            rx.el.span(say("rescue.placed")),
            class_name="check",
        ),
        rx.el.div(
            typed(
                Asked(say("rescue.odds"), f"rescue-odds-{leg.letter}"),
                leg.odds,
                leg.odds_wrong,
                lambda text: State.type_in("odds", leg.letter, text),
            ),
            rx.cond(
                leg.placed,
                typed(
                    Asked(say("rescue.stake"), f"rescue-stake-{leg.letter}", unit=leg.unit),
                    leg.stake,
                    leg.stake_wrong,
                    lambda text: State.type_in("stake", leg.letter, text),
                ),
            ),
            class_name="field-grid",
        ),
        rx.el.p(leg.even, class_name="field-help"),
        key=leg.key,
        class_name="field-set",
    )


def _ways() -> rx.Component:
    return rx.el.div(
        rx.el.h3(say("rescue.ways"), class_name="fields-title"),
        rx.el.ol(rx.foreach(State.ways, lambda way: _way(way=way)), class_name="ways"),
        role="status",
    )


@memo
def _way(way: ObjectVar[WayLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(way.title),
                rx.cond(way.first, chip(say("rescue.first"), "good", drawn="check")),
                class_name="way-title",
            ),
            rx.el.p(way.text, class_name="label"),
            rx.el.p(way.todo, class_name="way-todo"),
            rx.el.p(way.endings, class_name="label"),
        ),
        rx.el.dl(
            rx.el.div(
                rx.el.dt(say("rescue.worst"), class_name="label"),
                rx.el.dd(way.worst, class_name=f"figure way-worst {way.tone}"),
            ),
            rx.el.div(
                rx.el.dt(say("rescue.best"), class_name="label"),
                rx.el.dd(way.best, class_name="figure"),
            ),
            class_name="way-figures",
        ),
        class_name="way",
        data_testid="way",
    )
