"""Risk: the rules that judge arrivals, and what they found odd, filtered, paged, to take away."""

from collections.abc import Iterable

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import choice, options, text_field
from arb_app.components.listing import export_link, paged, search_form, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.state.admin_risk import AdminRiskState as State
from arb_app.state.admin_risk import RuleLine
from arb_app.state.sessions import OddLine
from arb_app.words import say
from services.risk_rules import Reason, Verdict

_COLUMNS = ("who", "came", "score", "place", "when")


def admin_risk() -> rx.Component:
    """Return the page; it begins with `AdminRiskState.open`."""
    return window(
        State,
        say("risk.title"),
        say("risk.lede"),
        _events(),
        _rules(),
        sheets=("review", "sessions"),
    )


def _events() -> rx.Component:
    lines = rx.foreach(State.events, lambda line: _event(line=line))
    shown = table(
        say("risk.events"), [say(f"risk.column.{each}") for each in _COLUMNS], lines, "risk-table"
    )
    nothing = empty(say("risk.empty.title"), say("risk.empty.text"), drawn="shield")
    text = say("risk.export.text")
    return rx.el.section(
        rx.el.h2(say("risk.events"), class_name="section-title"),
        search_form(
            State,
            _choice("verdict", Verdict),
            _choice("reason", Reason),
            text_field(say("risk.about"), "about", hint=say("risk.about.hint")),
            text_field(say("risk.since"), "since", "date"),
            text_field(say("risk.until"), "until", "date"),
        ),
        summary(State.summed, export_link(say("risk.export"), State.export, "risk.csv", text)),
        paged(State, State.events, shown, nothing),
        class_name="section",
    )


def _choice(name: str, codes: Iterable[str]) -> rx.Component:
    every = ("", say(f"risk.{name}.all"))
    known = ((str(code), say(f"risk.{name}.{code}")) for code in codes)
    return choice(say(f"risk.{name}"), *options([every, *known]), name=name)


@memo
def _event(line: ObjectVar[OddLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.who,
            rx.el.span(line.reasons, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("came", toned_chip(line.came, line.tone)),
        _cell("score", rx.el.span(line.score, class_name="figure")),
        _cell(
            "place",
            rx.fragment(line.name, rx.el.span(line.place, class_name="muted cell-beneath")),
        ),
        _cell("when", local_time(line.at)),
        data_testid="event",
    )


def _cell(column: str, shown: rx.Var | rx.Component) -> rx.Component:
    return cell(f"risk.column.{column}", shown, look=f"risk-{column}")


def _rules() -> rx.Component:
    columns = [say(f"risk.column.{each}") for each in ("rule", "weight")]
    lines = rx.foreach(State.rules, lambda line: _rule(line=line))
    return rx.el.section(
        rx.el.h2(say("risk.rules"), class_name="section-title"),
        rx.el.p(say("risk.rules.text")),
        rx.el.p(State.bars),
        rx.el.p(State.places),
        notice(say("risk.not_learned"), "plain"),
        table(say("risk.rules"), columns, lines),
        class_name="section risk-rules",
        data_testid="rules",
    )


@memo
def _rule(line: ObjectVar[RuleLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            line.name,
            rx.el.span(line.text, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("weight", rx.el.span(line.weight, class_name="figure")),
        data_testid="rule",
    )
