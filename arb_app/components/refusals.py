"""Crossings that the gates hold back, each with its reasons."""

from collections.abc import Sequence

import reflex as rx
from reflex.vars import ArrayVar, ObjectVar

from arb_app.components.memo import memo
from arb_app.components.notice import chip
from arb_app.state.opportunity_gates import RefusalLine


def refusal_list(title: str, text: str, lines: ArrayVar[Sequence[RefusalLine]]) -> rx.Component:
    """Return the reasons of refusal, one a line, with the figures each gate judged by."""
    return rx.el.section(
        rx.el.h2(title, class_name="section-title"),
        rx.el.p(text, class_name="muted small") if text else rx.fragment(),
        rx.el.ul(rx.foreach(lines, lambda line: _line(line=line)), class_name="refusals"),
        class_name="card card-pad",
    )


@memo
def _line(line: ObjectVar[RefusalLine]) -> rx.Component:
    crossing = rx.el.p(
        rx.el.strong(line.market),
        rx.el.span(line.roi, class_name="figure muted"),
        class_name="refusal-market",
    )
    return rx.el.li(
        rx.cond(line.market != "", crossing),
        rx.el.div(
            chip(line.chip, "bad", drawn="cross"),
            rx.el.p(line.text, " ", rx.el.span(line.detail, class_name="muted")),
            class_name="refusal",
            data_testid="refusal-reason",
        ),
    )
