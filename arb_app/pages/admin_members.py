"""Members and their live sessions as lists: searched, paged, to take away."""

from typing import Any

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
from arb_app.state.admin_members import AdminMembersState as State
from arb_app.state.admin_members import AdminSessionsState, MemberLine, SessionLine
from arb_app.words import say
from domain.plans import PlanName
from services.access import Role
from services.members import STATES

_COLUMNS = ("email", "state", "plan", "since")
_SESSION_COLUMNS = ("whose", "agent", "network", "used", "end")


def admin_members() -> rx.Component:
    """Return the page of members; it begins with `AdminMembersState.open`."""
    hint = rx.cond(State.whole, say("members.text.hint"), say("members.text.whole"))
    search = rx.el.form(
        _typed("members.text", "text", hint),
        _chosen("state", {each: say(f"member.state.{each}") for each in STATES}),
        _chosen("role", {each: say(f"role.{each}") for each in Role}),
        _chosen("plan", {each: say(f"pricing.{each}") for each in PlanName if each != "anonymous"}),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=State.search,
        role="search",
        class_name="audit-search",
    )
    heads = [say(f"members.column.{each}") for each in _COLUMNS]
    rows = rx.foreach(State.members, lambda line: _member(line=line, key=line.key))
    content = rx.fragment(
        search,
        _heading(State.summed, State.export, "members.csv", State.whole),
        rx.cond(
            State.members.length() > 0,
            rx.fragment(
                _table(say("members.title"), heads, rows),
                pager(State.page, State.pages, State.turn_to),
            ),
            empty(say("members.empty.title"), say("members.empty.text"), drawn="shield"),
        ),
    )
    return _page("members", admin_only(content, State.phase))


def admin_sessions() -> rx.Component:
    """Return the page of live sessions; it begins with `AdminSessionsState.open`."""
    state = AdminSessionsState
    search = rx.el.form(
        _typed("live.text", "text", say("live.text.hint")),
        _typed("live.network", "network", "192.0.2.0/24"),
        _typed("live.agent", "agent", "Firefox"),
        rx.el.button(say("audit.search"), type="submit", class_name="button"),
        on_submit=state.search,
        role="search",
        class_name="audit-search",
    )
    heads = [say(f"live.column.{each}") for each in _SESSION_COLUMNS]
    rows = rx.foreach(
        state.sessions, lambda line: _session(line=line, asking=state.asking, key=line.key)
    )
    content = rx.fragment(
        rx.cond(state.told != "", notice(state.told, "plain")),
        search,
        _heading(state.summed, state.export, "sessions.csv", rx.Var.create(value=True)),
        rx.cond(
            state.sessions.length() > 0,
            rx.fragment(
                _table(say("live.title"), heads, rows),
                pager(state.page, state.pages, state.turn_to),
            ),
            empty(say("live.empty.title"), say("live.empty.text"), drawn="shield"),
        ),
    )
    return _page("live", admin_only(content, state.phase))


def _page(name: str, content: rx.Component) -> rx.Component:
    lede = rx.el.p(say(f"{name}.lede"), class_name="lede")
    return page(say(f"{name}.title"), sheet("review"), sheet("data"), lede, content, active="admin")


def _heading(summed: rx.Var, export: rx.Var, file: str, may: rx.Var) -> rx.Component:
    # A link of the router's would look for a page of this address.
    link = A.create(
        say("audit.export"),
        href=export,
        download=file,
        title=say("members.export.text"),
        class_name="button button-quiet",
        data_testid="export",
    )
    return rx.el.div(
        rx.el.p(summed, class_name="small muted", role="status"),
        rx.cond(may, link),
        class_name="heading-row",
    )


def _typed(label: str, name: str, hint: str | rx.Var) -> rx.Component:
    entry = rx.el.input(
        name=name, type="search", max_length=254, placeholder=hint, class_name="input"
    )
    return rx.el.label(
        rx.el.span(say(label), class_name="field-label"),
        rx.el.div(entry, class_name="input-row"),
        class_name="field",
    )


def _chosen(name: str, options: dict[str, str]) -> rx.Component:
    return rx.el.label(
        rx.el.span(say(f"members.{name}"), class_name="field-label"),
        rx.el.select(
            rx.el.option(say("members.any"), value=""),
            *(rx.el.option(text, value=str(value)) for value, text in options.items()),
            name=name,
            class_name="moves-select",
        ),
        class_name="field",
    )


def _table(title: str, labels: list[str], rows: Any) -> rx.Component:
    heads = (rx.el.th(label, scope="col") for label in labels)
    return rx.el.div(
        rx.el.table(
            rx.el.caption(title, class_name="visually-hidden"),
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(rows),
            class_name="folding",
        ),
        class_name="card folding-frame",
    )


@memo
def _member(line: ObjectVar[MemberLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.a(line.email, href=line.href),
            rx.el.span(line.role, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("members.column.state", toned_chip(line.state, line.tone)),
        _cell("members.column.plan", line.plan),
        _cell("members.column.since", local_time(line.created_at)),
        data_testid="member",
    )


@memo
def _session(line: ObjectVar[SessionLine], asking: rx.Var[str]) -> rx.Component:
    ask = rx.el.button(
        say("live.end"),
        type="button",
        on_click=AdminSessionsState.ask(line.key),
        class_name="button button-quiet",
    )
    cancel = rx.el.button(
        say("member.cancel"),
        type="button",
        on_click=AdminSessionsState.ask(""),
        class_name="button button-quiet",
    )
    sure = rx.el.div(
        rx.el.p(say("live.end.sure"), class_name="small muted"),
        rx.el.div(
            _button(say("live.end.one"), AdminSessionsState.end("one")),
            _button(say("live.end.all"), AdminSessionsState.end("all")),
            cancel,
            class_name="buttons",
        ),
        class_name="data-sure",
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.a(line.email, href=line.href),
            rx.el.span(line.role, class_name="small muted cell-beneath"),
            scope="row",
        ),
        _cell("live.column.agent", line.agent),
        _cell("live.column.network", line.network),
        _cell("live.column.used", local_time(line.last_seen_at)),
        _cell("live.column.end", rx.cond(asking == line.key, sure, ask), look="data-wide"),
        data_testid="live-session",
    )


def _button(label: str, on_click: Any) -> rx.Component:
    return rx.el.button(label, type="button", on_click=on_click, class_name="button")


def _cell(label: str, shown: rx.Var | rx.Component, *, look: str = "") -> rx.Component:
    return rx.el.td(rx.el.div(shown), class_name=look, custom_attrs={"data-label": say(label)})
