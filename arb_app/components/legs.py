"""The legs of an opportunity, each with its price, its age and its stake."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.beside import past_prices
from arb_app.components.icons import icon
from arb_app.components.memo import memo
from arb_app.state.opportunity import OpportunityState as State
from arb_app.state.opportunity_beside import BesideState
from arb_app.state.opportunity_shown import LegLine
from arb_app.words import say


def leg_list() -> rx.Component:
    """Return the legs in view."""
    return rx.el.section(
        rx.el.h2(say("opportunity.legs"), class_name="section-title"),
        rx.el.ul(rx.foreach(State.legs, lambda leg: _leg(leg=leg)), class_name="legs"),
        rx.cond(BesideState.past.length() > 0, past_prices()),
        class_name="card card-pad leg-card",
    )


@memo
def _leg(leg: ObjectVar[LegLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(leg.letter, class_name="leg-letter", aria_hidden="true"),
            rx.el.div(
                rx.el.strong(leg.bet, class_name="leg-bet"),
                rx.el.span(leg.market, class_name="leg-market"),
                rx.el.span(leg.book, class_name="leg-book"),
                class_name="leg-words",
            ),
            class_name="leg-what",
        ),
        rx.el.div(
            rx.el.span(leg.odds, class_name="odds odds-large"),
            rx.el.span(leg.worst_odds, class_name="label"),
            class_name="leg-odds",
        ),
        rx.el.dl(
            _figure("opportunity.leg.age", rx.fragment(icon("clock"), leg.age), leg.judged),
            _figure("opportunity.leg.commission", leg.commission),
            _figure("opportunity.leg.share", leg.share),
            _figure("opportunity.leg.stake", leg.stake, leg.aside, strong=True),
            _figure("opportunity.leg.return", leg.returns),
            class_name="leg-figures",
        ),
        class_name="leg",
        data_testid="leg",
    )


def _figure(
    key: str,
    figure: rx.Var | rx.Component,
    aside: rx.Var | str = "",
    *,
    strong: bool = False,
) -> rx.Component:
    return rx.el.div(
        rx.el.dt(say(key), class_name="label"),
        rx.el.dd(
            rx.el.span(figure, class_name="figure figure-strong" if strong else "figure"),
            rx.el.span(aside, class_name="label"),
        ),
    )
