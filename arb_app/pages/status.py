"""How the product and its sources are doing."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.alerts import alerts
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import away, empty, loading, notice, toned_chip
from arb_app.components.reliability import reliability
from arb_app.components.sheet import sheet
from arb_app.components.source_row import folded_sources, source_row
from arb_app.state.status import PartLine
from arb_app.state.status import StatusState as State
from arb_app.words import say


def status() -> rx.Component:
    """Return the status page; it follows `StatusState.live` from its loading."""
    body = rx.match(
        State.phase,
        ("found", rx.fragment(alerts(), _parts(), _sources(), reliability())),
        ("away", away()),
        loading(lines=6),
    )
    lede = rx.el.p(say("status.lede"), class_name="lede")
    return page(say("status.title"), sheet("admin"), lede, body, active="status")


def _parts() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("status.system"), class_name="section-title"),
        rx.cond(State.late, notice(say("state.late"), "warn")),
        rx.el.ul(
            rx.foreach(State.parts, lambda part: _part(part=part)),
            class_name="parts",
        ),
        class_name="section",
    )


@memo
def _part(part: ObjectVar[PartLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(part.name, class_name="label"),
        toned_chip(part.state, part.tone),
        rx.el.span(part.detail, class_name="small muted"),
        class_name="card part",
        data_testid="part",
    )


def _sources() -> rx.Component:
    rows = rx.el.ul(
        rx.foreach(State.sources, lambda source: source_row(source=source)),
        class_name="card sources",
    )
    nothing = empty(say("status.empty.title"), say("status.empty.text"), drawn="clock")
    return rx.el.section(
        rx.el.h2(say("status.sources"), class_name="section-title"),
        rx.cond(State.sources.length() > 0, rows, nothing),
        folded_sources(State.unset, say("status.unset.text"), "sources-unset"),
        folded_sources(State.idle, say("status.idle.text"), "sources-idle"),
        class_name="section",
    )
