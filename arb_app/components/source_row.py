"""One source on the status page."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.components.notice import toned_chip
from arb_app.state.sources import Folded, FoldedLine, SourceLine
from arb_app.words import say


@memo
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
            rx.cond(source.why != "", rx.el.p(source.why, class_name="small muted")),
            class_name="source-what",
        ),
        rx.el.dl(
            _figure("status.last", source.last),
            _figure("status.next", source.next),
            _figure("status.quotes", source.quotes),
            _figure("status.lag", source.lag),
            _figure("status.errors", source.failures),
            _figure("status.quota", source.quota, source.quota_ends),
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


def folded_sources(group: ObjectVar[Folded], text: str, test_id: str) -> rx.Component:
    """Return a group of sources that take no part, folded away; nothing, if there are none."""
    lines = rx.el.ul(
        rx.foreach(group.lines, lambda line: _folded_line(line=line)), class_name="source-others"
    )
    return rx.cond(
        group.heading != "",
        rx.el.details(
            rx.el.summary(group.heading),
            rx.el.p(text, class_name="small muted"),
            lines,
            class_name="card source-more",
            data_testid=test_id,
        ),
    )


@memo
def _folded_line(line: ObjectVar[FoldedLine]) -> rx.Component:
    return rx.el.li(
        rx.el.strong(line.title),
        rx.el.span(line.text, class_name="small muted source-needs"),
        data_testid="source-other",
    )


def _figure(key: str, figure: rx.Var, more: rx.Var | None = None) -> rx.Component:
    beneath = [] if more is None else [rx.el.span(more, class_name="small muted source-beneath")]
    return rx.el.div(
        rx.el.dt(say(key), class_name="label"),
        rx.el.dd(figure, *beneath, class_name="figure"),
    )
