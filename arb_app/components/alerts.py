"""What is wrong now, as a short list; nothing at all while nothing is."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.components.notice import toned_chip
from arb_app.state.alerts import AlertLine
from arb_app.state.alerts import AlertsState as State
from arb_app.words import say


def alerts() -> rx.Component:
    """Return the list; it follows `AlertsState.live`."""
    heading = rx.el.h2(say("alerts.title"), class_name="section-title")
    return _following(rx.fragment(heading, _list("card alerts")), "section")


def folded_alerts() -> rx.Component:
    """Return the list folded beneath how long it is; it follows `AlertsState.live`."""
    heading = rx.el.summary(f"{say('alerts.title')}: ", State.lines.length())
    return _following(rx.el.details(heading, _list("alerts"), class_name="card alerts-folded"), "")


def _following(shown: rx.Component, look: str) -> rx.Component:
    return rx.el.section(
        rx.cond(State.lines.length() > 0, shown),
        class_name=look,
        on_mount=State.live,
        aria_live="polite",
    )


def _list(look: str) -> rx.Component:
    lines = rx.foreach(State.lines, lambda line: _line(line=line, key=line.key))
    return rx.el.ul(lines, class_name=look)


@memo
def _line(line: ObjectVar[AlertLine]) -> rx.Component:
    return rx.el.li(
        toned_chip(line.what, line.tone),
        rx.el.p(
            rx.el.strong(line.title),
            " ",
            rx.el.span(line.sentence),
            class_name="alert-text",
        ),
        rx.el.span(line.since, class_name="small muted figure"),
        class_name="alert",
        data_testid="alert",
    )
