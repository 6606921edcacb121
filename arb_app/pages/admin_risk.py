"""Risk: the rules that judge arrivals, and what they found odd, filtered, paged, to take away."""

from collections.abc import Iterable
from typing import Literal

import reflex as rx
from reflex.vars import ObjectVar
from reflex_components_core.el.elements.inline import A

from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.pager import pager
from arb_app.components.sheet import sheet
from arb_app.components.when import local_time
from arb_app.state.admin_risk import AdminRiskState as State
from arb_app.state.admin_risk import RuleLine
from arb_app.state.sessions import OddLine
from arb_app.words import say
from services.risk_rules import Reason, Verdict

_COLUMNS = ("who", "came", "score", "place", "when")


def admin_risk() -> rx.Component:
    """Return the page; it begins with `AdminRiskState.open`."""
    content = rx.fragment(
        rx.cond(State.late, notice(say("state.late"), "warn")), _events(), _rules()
    )
    return page(
        say("risk.title"),
        sheet("review"),
        sheet("sessions"),
        rx.el.p(say("risk.lede"), class_name="lede"),
        admin_only(content, State.phase),
        active="admin",
    )


def _events() -> rx.Component:
    nothing = empty(say("risk.empty.title"), say("risk.empty.text"), drawn="shield")
    found = rx.fragment(_table(), pager(State.page, State.pages, State.turn_to))
    return rx.el.section(
        rx.el.h2(say("risk.events"), class_name="section-title"),
        _search(),
        rx.el.div(
            rx.el.p(State.summed, class_name="small muted", role="status"),
            # A link of the router's would look for a page of this address.
            A.create(
                say("risk.export"),
                href=State.export,
                download="risk.csv",
                title=say("risk.export.text"),
                class_name="button button-quiet",
                data_testid="export",
            ),
            class_name="heading-row",
        ),
        rx.cond(State.events.length() > 0, found, nothing),
        class_name="section",
    )


def _search() -> rx.Component:
    return rx.el.form(
        _choice("verdict", Verdict),
        _choice("reason", Reason),
        _field("about", "search", say("risk.about.hint")),
        _field("since", "date"),
        _field("until", "date"),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search",
    )


def _choice(name: str, codes: Iterable[str]) -> rx.Component:
    return rx.el.label(
        rx.el.span(say(f"risk.{name}"), class_name="field-label"),
        rx.el.select(
            rx.el.option(say(f"risk.{name}.all"), value=""),
            *(rx.el.option(say(f"risk.{name}.{code}"), value=str(code)) for code in codes),
            name=name,
            class_name="moves-select",
        ),
        class_name="field",
    )


def _field(name: str, kind: Literal["search", "date"], hint: str = "") -> rx.Component:
    typed = rx.el.input(name=name, type=kind, max_length=200, placeholder=hint, class_name="input")
    return rx.el.label(
        rx.el.span(say(f"risk.{name}"), class_name="field-label"),
        rx.el.div(typed, class_name="input-row"),
        class_name="field",
    )


def _table() -> rx.Component:
    columns = (rx.el.th(say(f"risk.column.{name}"), scope="col") for name in _COLUMNS)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(say("risk.events"), class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*columns)),
            rx.el.tbody(rx.foreach(State.events, lambda line: _event(line=line))),
            class_name="folding risk-table",
        ),
        class_name="card folding-frame",
    )


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
    return rx.el.td(
        rx.el.div(shown),
        class_name=f"risk-{column}",
        custom_attrs={"data-label": say(f"risk.column.{column}")},
    )


def _rules() -> rx.Component:
    names = ("rule", "weight")
    columns = (rx.el.th(say(f"risk.column.{name}"), scope="col") for name in names)
    return rx.el.section(
        rx.el.h2(say("risk.rules"), class_name="section-title"),
        rx.el.p(say("risk.rules.text")),
        rx.el.p(State.bars),
        rx.el.p(State.places),
        notice(say("risk.not_learned"), "plain"),
        rx.el.div(
            rx.el.table(
                rx.el.caption(say("risk.rules"), class_name="visually-hidden"),
                rx.el.thead(rx.el.tr(*columns)),
                rx.el.tbody(rx.foreach(State.rules, lambda line: _rule(line=line))),
                class_name="folding",
            ),
            class_name="card folding-frame",
        ),
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
