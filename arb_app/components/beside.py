"""What stands beside the legs: past prices as small charts, and the next best books."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.state.history_drawn import HEIGHT, WIDTH
from arb_app.state.opportunity_beside import BesideState as State
from arb_app.state.opportunity_beside import PastLine, RivalLine
from arb_app.words import say


def past_prices() -> rx.Component:
    """Return a small chart a leg; each says in words what it draws."""
    return rx.el.ul(
        rx.foreach(State.past, lambda line: _past(line=line)),
        class_name="pasts",
        aria_label=say("beside.past"),
    )


@memo
def _past(line: ObjectVar[PastLine]) -> rx.Component:
    drawing = rx.el.div(
        rx.el.svg(
            rx.el.svg.path(d=line.path, class_name="move-line move-0"),
            view_box=f"0 0 {WIDTH} {HEIGHT}",
            preserve_aspect_ratio="none",
            class_name="past-drawing",
            aria_hidden="true",
        ),
        role="img",
        aria_label=line.told,
        data_testid="past",
    )
    return rx.el.li(
        rx.el.p(
            rx.el.span(line.letter, class_name="leg-letter leg-letter-small"),
            rx.el.strong(line.bet),
            class_name="past-name",
        ),
        drawing,
        rx.el.p(line.told, class_name="label", aria_hidden="true"),
        class_name="past-line",
    )


def rival_card() -> rx.Component:
    """Return the best other prices of each leg, and what the whole would return with them."""
    return rx.el.section(
        rx.el.h2(say("beside.title"), class_name="section-title"),
        rx.el.p(say("beside.text"), class_name="muted small"),
        rx.cond(
            State.rivals.length() > 0,
            rx.fragment(
                rx.el.div(
                    rx.el.table(
                        rx.el.caption(say("beside.title"), class_name="visually-hidden"),
                        _head(),
                        rx.el.tbody(rx.foreach(State.rivals, lambda line: _rival(line=line))),
                        class_name="rivals",
                    ),
                    role="region",
                    tab_index=0,
                    aria_label=say("beside.title"),
                    class_name="rivals-scroll",
                ),
                rx.el.p(State.told, class_name="label"),
            ),
            rx.el.p(say("beside.none"), class_name="muted"),
        ),
        class_name="card card-pad",
    )


def _head() -> rx.Component:
    names = ("beside.book", "beside.odds", "beside.less", "beside.since", "beside.roi")
    return rx.el.thead(rx.el.tr(*(rx.el.th(say(name), scope="col") for name in names)))


@memo
def _rival(line: ObjectVar[RivalLine]) -> rx.Component:
    of_leg = rx.el.tr(
        rx.el.th(
            rx.el.span(line.letter, class_name="leg-letter leg-letter-small"),
            " ",
            line.bet,
            col_span=5,
            scope="rowgroup",
            class_name="rivals-leg",
        )
    )
    return rx.fragment(
        rx.cond(line.own, of_leg),
        rx.el.tr(
            rx.el.th(line.book, scope="row"),
            rx.el.td(line.odds, class_name="figure"),
            rx.el.td(line.less, class_name="figure muted"),
            rx.el.td(line.since, class_name="figure muted"),
            rx.el.td(line.roi, class_name=f"figure {line.tone}"),
            class_name=rx.cond(line.own, "rivals-own", ""),
            data_testid=rx.cond(line.own, "rival-own", "rival"),
        ),
    )
