"""How far each source and its books can be trusted, with the parts of every score."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.state.reliability import ReliabilityLine
from arb_app.state.reliability import ReliabilityState as State
from arb_app.words import say

_COLUMNS = (
    "score", "freshness", "completeness", "closeness", "steadiness", "soundness", "lag", "age",
    "silent",
)  # fmt: skip


def reliability() -> rx.Component:
    """Return the table, hidden until there is something to tell; it follows `State.live`."""
    head = rx.el.tr(
        rx.el.th(say("reliability.name"), scope="col"),
        *(rx.el.th(say(f"reliability.{column}"), scope="col") for column in _COLUMNS),
    )
    table = rx.el.table(
        rx.el.thead(head),
        rx.el.tbody(rx.foreach(State.lines, lambda line: _row(line=line))),
        class_name="reliability",
    )
    return rx.el.section(
        rx.cond(
            State.lines.length() > 0,
            rx.fragment(
                rx.el.h2(say("reliability.title"), class_name="section-title"),
                rx.el.p(say("reliability.lede"), class_name="small muted"),
                rx.el.div(
                    table,
                    class_name="card reliability-frame",
                    tab_index=0,
                    role="region",
                    aria_label=say("reliability.title"),
                ),
            ),
        ),
        class_name="section",
        on_mount=State.live,
    )


@memo
def _row(line: ObjectVar[ReliabilityLine]) -> rx.Component:
    name = rx.cond(line.whole, rx.el.strong(line.name), rx.el.span(line.name))
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        *(rx.el.td(getattr(line, column), class_name="figure") for column in _COLUMNS),
        data_testid="reliability-row",
    )
