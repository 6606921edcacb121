"""Limits: what requests cost, what was refused in the last day, and the loudest networks."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import text_field
from arb_app.components.listing import export_link, paged, search_form, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, toned_chip
from arb_app.components.table import cell, table
from arb_app.limits_export import PATH
from arb_app.state.admin_limits import AdminLimitsState as State
from arb_app.state.limits_shown import LoudLine, RuleLine
from arb_app.words import say

_RULES = ("kind", "cost", "without", "hour", "six", "day")
_LOUD = ("network", "day")


def admin_limits() -> rx.Component:
    """Return the page; it begins with `AdminLimitsState.open`."""
    return window(
        State, say("limits.title"), say("limits.lede"), _rules(), _loudest(), sheets=("review",)
    )


def _rules() -> rx.Component:
    text = say("limits.export.text")
    lines = rx.foreach(State.rules, lambda line: _rule(line=line))
    return rx.el.section(
        rx.el.div(
            rx.el.h2(say("limits.rules"), class_name="section-title"),
            export_link(say("limits.export"), PATH, "limits.csv", text),
            class_name="heading-row",
        ),
        rx.el.p(State.quotas, class_name="small muted"),
        table(say("limits.rules"), [say(f"limits.column.{each}") for each in _RULES], lines),
        class_name="section",
    )


@memo
def _rule(line: ObjectVar[RuleLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.kind,
            rx.el.span(line.text, class_name="small muted cell-beneath said"),
            scope="row",
        ),
        _cell("cost", line.cost),
        _cell("without", line.without),
        _cell("hour", rx.cond(line.tone == "warn", toned_chip(line.hour, line.tone), line.hour)),
        _cell("six", line.six),
        _cell("day", line.day),
        data_testid="limit",
    )


def _loudest() -> rx.Component:
    lines = rx.foreach(State.loud, lambda line: _network(line=line))
    shown = table(say("limits.loudest"), [say(f"limits.column.{each}") for each in _LOUD], lines)
    network = text_field(say("limits.column.network"), "network", max_length=50)
    return rx.el.section(
        rx.el.h2(say("limits.loudest"), class_name="section-title"),
        rx.el.p(say("limits.loudest.text"), class_name="small muted"),
        search_form(State, network, look="audit-search limits-search"),
        paged(
            State,
            State.loud,
            shown,
            empty(say("limits.empty.title"), say("limits.empty.text"), drawn="shield"),
        ),
        class_name="section",
    )


@memo
def _network(line: ObjectVar[LoudLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.span(line.network, class_name="said"), scope="row"),
        _cell("day", line.count),
        data_testid="network",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    return cell(f"limits.column.{column}", shown)
