"""One source on the status page."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.notice import toned_chip
from arb_app.state.status import SourceLine
from arb_app.words import say


@rx.memo
def source_row(source: ObjectVar[SourceLine]) -> rx.Component:
    """Return how a source is doing; what it sent that was dropped folds out."""
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(source.title),
                rx.el.span(source.name, class_name="small muted source-name"),
            ),
            rx.el.p(
                toned_chip(source.state, source.tone),
                toned_chip(source.origin, source.origin_tone),
                class_name="chips",
            ),
            rx.cond(source.note != "", rx.el.p(source.note, class_name="small")),
            class_name="source-what",
        ),
        rx.el.dl(
            _figure("status.last", source.last),
            _figure("status.next", source.next),
            _figure("status.quotes", source.quotes),
            _figure("status.lag", source.lag),
            _figure("status.failures", source.failures),
            _figure("status.quota", source.quota),
            class_name="source-figures",
        ),
        rx.cond(
            source.reasons != "",
            rx.el.details(
                rx.el.summary(source.rejected),
                rx.el.p(source.reasons, class_name="reasons"),
                class_name="source-rejected",
            ),
            rx.el.p(source.rejected, class_name="source-rejected small muted"),
        ),
        class_name="source",
        data_testid="source-row",
    )


def _figure(key: str, figure: rx.Var) -> rx.Component:
    return rx.el.div(rx.el.dt(say(key), class_name="label"), rx.el.dd(figure, class_name="figure"))
