"""Members and their live sessions as lists: searched, paged, to take away."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.buttons import press
from arb_app.components.fields import choice, options, text_field
from arb_app.components.listing import export_link, paged, search_form, summary, window
from arb_app.components.memo import memo
from arb_app.components.notice import empty, notice, toned_chip
from arb_app.components.table import cell, table
from arb_app.components.when import local_time
from arb_app.state.admin_members import AdminMembersState as State
from arb_app.state.admin_members import AdminSessionsState, MemberLine, SessionLine
from arb_app.state.listing import LONGEST
from arb_app.words import say
from domain.plans import PlanName
from services.access import Role
from services.members import STATES

_SHEETS = ("review", "data")
_COLUMNS = ("email", "state", "plan", "since")
_SESSION_COLUMNS = ("whose", "agent", "network", "used", "end")


def admin_members() -> rx.Component:
    """Return the page of members; it begins with `AdminMembersState.open`."""
    hint = rx.cond(State.whole, say("members.text.hint"), say("members.text.whole"))
    lines = rx.foreach(State.members, lambda line: _member(line=line, key=line.key))
    shown = table(say("members.title"), [say(f"members.column.{each}") for each in _COLUMNS], lines)
    nothing = empty(say("members.empty.title"), say("members.empty.text"), drawn="shield")
    return window(
        State,
        say("members.title"),
        say("members.lede"),
        search_form(
            State,
            _typed("members.text", "text", hint),
            _chosen("state", {each: say(f"member.state.{each}") for each in STATES}),
            _chosen("role", {each: say(f"role.{each}") for each in Role}),
            _chosen(
                "plan", {each: say(f"pricing.{each}") for each in PlanName if each != "anonymous"}
            ),
        ),
        summary(State.summed, rx.cond(State.whole, _export(State.export, "members.csv"))),
        paged(State, State.members, shown, nothing),
        sheets=_SHEETS,
    )


def admin_sessions() -> rx.Component:
    """Return the page of live sessions; it begins with `AdminSessionsState.open`."""
    state = AdminSessionsState
    lines = rx.foreach(
        state.sessions, lambda line: _session(line=line, asking=state.asking, key=line.key)
    )
    shown = table(
        say("live.title"), [say(f"live.column.{each}") for each in _SESSION_COLUMNS], lines
    )
    nothing = empty(say("live.empty.title"), say("live.empty.text"), drawn="shield")
    return window(
        state,
        say("live.title"),
        say("live.lede"),
        rx.cond(state.told != "", notice(state.told, "plain")),
        search_form(
            state,
            _typed("live.text", "text", say("live.text.hint")),
            _typed("live.network", "network", "192.0.2.0/24"),
            _typed("live.agent", "agent", "Firefox"),
        ),
        summary(state.summed, _export(state.export, "sessions.csv")),
        paged(state, state.sessions, shown, nothing),
        sheets=_SHEETS,
    )


def _export(href: rx.Var, file: str) -> rx.Component:
    return export_link(say("audit.export"), href, file, say("members.export.text"))


def _typed(label: str, name: str, hint: str | rx.Var) -> rx.Component:
    return text_field(say(label), name, hint=hint, max_length=LONGEST)


def _chosen(name: str, named: dict[str, str]) -> rx.Component:
    known = ((str(value), text) for value, text in named.items())
    every = ("", say("members.any"))
    return choice(say(f"members.{name}"), *options([every, *known]), name=name)


@memo
def _member(line: ObjectVar[MemberLine]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.a(line.email, href=line.href),
            rx.el.span(line.role, class_name="small muted cell-beneath"),
            scope="row",
        ),
        cell("members.column.state", toned_chip(line.state, line.tone)),
        cell("members.column.plan", line.plan),
        cell("members.column.since", local_time(line.created_at)),
        data_testid="member",
    )


@memo
def _session(line: ObjectVar[SessionLine], asking: rx.Var[str]) -> rx.Component:
    ask = press(say("live.end"), AdminSessionsState.ask(line.key))
    cancel = press(say("member.cancel"), AdminSessionsState.ask(""))
    sure = rx.el.div(
        rx.el.p(say("live.end.sure"), class_name="small muted"),
        rx.el.div(
            press(say("live.end.one"), AdminSessionsState.end("one"), quiet=False),
            press(say("live.end.all"), AdminSessionsState.end("all"), quiet=False),
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
        cell("live.column.agent", line.agent),
        cell("live.column.network", line.network),
        cell("live.column.used", local_time(line.last_seen_at)),
        cell("live.column.end", rx.cond(asking == line.key, sure, ask), look="data-wide"),
        data_testid="live-session",
    )
