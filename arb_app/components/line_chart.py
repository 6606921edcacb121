"""The chart of line movement: a line of steps a book, drawn without a script."""

from typing import Final

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.memo import memo
from arb_app.components.when import local_time
from arb_app.state.history import HistoryState as State
from arb_app.state.history_drawn import HEIGHT, WIDTH, Drawn, Tick
from arb_app.words import say

_BOX: Final = f"0 0 {WIDTH} {HEIGHT}"


def line_chart() -> rx.Component:
    """Return the lines of every book, their axes and their legend."""
    return rx.el.figure(
        rx.el.figcaption(
            rx.el.strong(State.told),
            rx.el.span(say("history.chart.text"), class_name="label"),
        ),
        rx.el.div(
            rx.el.div(
                rx.foreach(State.odds, lambda tick: _odds(tick=tick)),
                rx.el.svg(
                    rx.foreach(State.lines, lambda line: _line(line=line, lit=State.lit)),
                    view_box=_BOX,
                    preserve_aspect_ratio="none",
                    class_name="moves-lines",
                    aria_hidden="true",
                ),
                rx.foreach(State.lines, lambda line: _end(line=line)),
                class_name="moves-field",
                aria_hidden="true",
            ),
            rx.el.div(
                rx.foreach(State.times, lambda tick: _time(tick=tick)),
                class_name="moves-times",
                aria_hidden="true",
            ),
            role="img",
            aria_label=State.told,
            class_name="moves-drawing",
            data_testid="moves",
        ),
        rx.el.ul(
            rx.foreach(State.lines, lambda line: _entry(line=line, lit=State.lit)),
            aria_label=say("history.legend"),
            class_name="moves-legend",
        ),
        class_name="moves",
    )


@memo
def _line(line: ObjectVar[Drawn], lit: rx.Var[str]) -> rx.Component:
    faded = (lit != "") & (lit != line.number)
    look = rx.cond(faded, " move-faded", rx.cond(lit == line.number, " move-lit", ""))
    return rx.el.svg.path(d=line.path, class_name=f"{line.look}{look}")


@memo
def _end(line: ObjectVar[Drawn]) -> rx.Component:
    return rx.el.span(
        line.number,
        class_name=f"moves-end moves-end-{line.end_column}",
        style={"top": line.end_top, "left": line.end_left},
    )


@memo
def _odds(tick: ObjectVar[Tick]) -> rx.Component:
    return rx.el.div(
        rx.el.span(tick.label, class_name="figure"), class_name="moves-odds", style={"top": tick.at}
    )


@memo
def _time(tick: ObjectVar[Tick]) -> rx.Component:
    return rx.el.span(local_time(tick.label), class_name="label")


@memo
def _entry(line: ObjectVar[Drawn], lit: rx.Var[str]) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(line.number, class_name="figure"),
            rx.el.svg(
                rx.el.svg.path(d="M0 5H36", class_name=line.look),
                view_box="0 0 36 10",
                class_name="moves-key",
                aria_hidden="true",
            ),
            rx.el.span(line.name),
            type="button",
            on_click=State.light(line.number),
            custom_attrs={"aria-pressed": rx.cond(lit == line.number, "true", "false")},
            class_name="moves-entry",
        )
    )
