"""One opportunity: what to do, its stakes and proof, other prices, and what speaks against it."""

import reflex as rx

from arb_app.components.beside import rival_card
from arb_app.components.icons import icon
from arb_app.components.layout import button_link, page
from arb_app.components.legs import leg_list
from arb_app.components.margins import margin_list
from arb_app.components.notice import away, chip, empty, loading, notice
from arb_app.components.proof import proof_card
from arb_app.components.refusals import refusal_list
from arb_app.components.rescue import rescue_card
from arb_app.components.share import share_card
from arb_app.components.stakes import stake_card
from arb_app.components.steps import step_card
from arb_app.components.when import local_time
from arb_app.state.opportunity import OpportunityState as State
from arb_app.words import origin_chip, say
from domain.quotes import Origin


def opportunity() -> rx.Component:
    """Return the page of one opportunity; it follows `OpportunityState.open` from its loading."""
    # A page that is opened anew is first handed what the tab saw last: that may be of another.
    named = rx.Var('(globalThis.location?.pathname ?? "").split("/").at(-1)').to(str)
    body = rx.match(
        State.phase,
        ("found", rx.cond(named == State.life, _found(), loading(lines=6))),
        ("missing", _missing()),
        ("away", away(level=1)),
        loading(lines=6),
    )
    return page(say("opportunity.title"), _back(), body, active="board", heading=False)


def _back() -> rx.Component:
    return rx.el.a(
        icon("back"), rx.el.span(say("opportunity.back")), href="/board", class_name="back"
    )


def _missing() -> rx.Component:
    return empty(
        say("opportunity.missing.title"),
        say("opportunity.missing.text"),
        button_link(say("missing.board"), "/board"),
        drawn="flag",
        level=1,
    )


def _found() -> rx.Component:
    past = State.head.gone_at != ""
    return rx.el.article(
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.cond(State.head.origin_text != "", notice(State.head.origin_text, "warn")),
        _head(past),
        rx.cond(past, _gone()),
        _life(past),
        rx.cond(
            State.masked,
            rx.el.div(notice(say("plan.opportunity"), "warn"), leg_list(), class_name="stack"),
            rx.el.div(
                step_card(),
                stake_card(),
                rx.el.div(
                    proof_card(), leg_list(), rival_card(), rescue_card(), class_name="stack below"
                ),
                class_name="columns opportunity-columns",
            ),
        ),
        rx.cond(State.margins.length() > 0, margin_list()),
        share_card(),
        _neighbours(),
        class_name=rx.cond(past, "stack past", "stack"),
    )


def _head(past: rx.Var) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.p(
                rx.el.span(State.head.competition),
                rx.cond(
                    past,
                    chip(say("opportunity.gone"), "bad", drawn="cross"),
                    chip(say("opportunity.live"), "good", drawn="check"),
                ),
                rx.match(
                    State.head.origin,
                    *((o.value, chip(origin_chip(o), "warn")) for o in Origin if o != Origin.LIVE),
                    rx.fragment(),
                ),
                rx.cond(State.head.in_play, chip(say("opportunity.in_play"), "warn")),
                class_name="eyebrow",
            ),
            rx.el.h1(State.head.event, class_name="event-title"),
            rx.el.p(
                rx.el.strong(State.head.market),
                local_time(State.head.starts_at),
                rx.el.span(State.head.starts_in),
                class_name="event-facts",
            ),
        ),
        rx.el.p(
            rx.el.span(
                rx.cond(past, say("opportunity.roi.past"), say("opportunity.roi")),
                class_name="label",
            ),
            rx.el.span(State.head.roi, class_name="roi roi-large", data_testid="roi"),
            class_name="event-roi",
        ),
        class_name="event-head",
    )


def _gone() -> rx.Component:
    return rx.el.div(
        icon("cross"),
        rx.el.div(
            rx.el.p(
                rx.el.strong(say("opportunity.gone.since"), " ", local_time(State.head.gone_at))
            ),
            rx.el.p(State.head.gone_text),
        ),
        role="status",
        class_name="notice notice-bad",
        data_testid="gone",
    )


def _life(past: rx.Var) -> rx.Component:
    until = rx.cond(past, say("opportunity.lived"), say("opportunity.lives"))
    return rx.el.dl(
        _fact(say("opportunity.first_seen"), local_time(State.head.first_seen)),
        _fact(until, State.head.lived),
        rx.cond(
            State.head.verified != "",
            _fact(say("opportunity.verified"), State.head.verified),
        ),
        _fact(say("opportunity.best"), State.head.best_roi),
        _fact(
            say("opportunity.history.label"),
            rx.el.a(say("opportunity.history"), href=State.head.history),
        ),
        class_name="life",
    )


def _fact(name: str | rx.Var, figure: str | rx.Var | rx.Component) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name="label"), rx.el.dd(figure, class_name="figure"))


def _neighbours() -> rx.Component:
    return rx.fragment(
        rx.cond(
            State.refusals.length() > 0,
            refusal_list(say("opportunity.refusals"), "", State.refusals),
        ),
        rx.cond(
            State.near.length() > 0,
            refusal_list(say("opportunity.near"), say("opportunity.near.text"), State.near),
        ),
    )
