"""One's own sessions and devices: where one is signed in, and how to end it."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.account_tabs import account_tabs
from arb_app.components.guard import admin_only
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import chip, toned_chip
from arb_app.components.post_form import post_form
from arb_app.components.sheet import sheet
from arb_app.components.sure import sure
from arb_app.components.when import local_time
from arb_app.state.sessions import OTHERS, OddLine, OwnLine
from arb_app.state.sessions import SessionsState as State
from arb_app.words import say


def sessions() -> rx.Component:
    """Return the page; it begins with `SessionsState.open`."""
    told = rx.el.p(toned_chip(State.told, State.tone), class_name="own-told", data_testid="told")
    content = rx.fragment(
        rx.el.div(rx.cond(State.told != "", told), role="status"), _sessions(), _devices(), _odd()
    )
    return page(
        say("sessions.title"),
        sheet("sessions"),
        account_tabs("sessions"),
        rx.el.p(say("sessions.lede"), class_name="lede"),
        admin_only(content, State.phase),
        active="account",
    )


def _sessions() -> rx.Component:
    others = rx.cond(
        State.asking == OTHERS,
        sure(
            say("sessions.others.ask"),
            say("sessions.end.text"),
            say("sessions.others"),
            State.end,
            State.ask(""),
        ),
        rx.el.button(
            say("sessions.others"),
            type="button",
            on_click=State.ask(OTHERS),
            class_name="button button-quiet",
        ),
    )
    return rx.el.section(
        rx.el.h2(say("sessions.list"), class_name="section-title"),
        rx.el.ul(
            rx.foreach(State.sessions, lambda line: _session(line=line, asking=State.asking)),
            class_name="card own-list",
        ),
        rx.cond(State.sessions.length() > 1, rx.el.div(others, class_name="own-others")),
        class_name="section own-section",
    )


@memo
def _session(line: ObjectVar[OwnLine], asking: rx.Var[str]) -> rx.Component:
    out = rx.el.button(say("account.sign_out"), type="submit", class_name="button button-quiet")
    end = rx.cond(
        asking == line.key,
        sure(
            say("sessions.end.ask"),
            say("sessions.end.text"),
            say("sessions.end"),
            State.end,
            State.ask(""),
        ),
        _asks(say("sessions.end"), line),
    )
    return rx.el.li(
        _what(line, "sessions.began", "sessions.seen"),
        rx.cond(line.here, post_form("/auth/sign-out", out), end),
        class_name="own",
        data_testid="session",
    )


def _devices() -> rx.Component:
    devices = rx.el.ul(
        rx.foreach(State.devices, lambda line: _device(line=line, asking=State.asking)),
        class_name="card own-list",
    )
    nothing = rx.el.p(say("sessions.devices.none"), class_name="muted own-others")
    return rx.el.section(
        rx.el.h2(say("sessions.devices"), class_name="section-title"),
        rx.el.p(say("sessions.devices.text"), class_name="small muted"),
        rx.cond(State.devices.length() > 0, devices, nothing),
        class_name="section own-section",
    )


@memo
def _device(line: ObjectVar[OwnLine], asking: rx.Var[str]) -> rx.Component:
    forget = rx.cond(
        asking == line.key,
        sure(
            say("sessions.forget.ask"),
            say("sessions.forget.text"),
            say("sessions.forget"),
            State.forget,
            State.ask(""),
        ),
        _asks(say("sessions.forget"), line),
    )
    return rx.el.li(
        _what(line, "sessions.first", "sessions.last"),
        forget,
        class_name="own",
        data_testid="device",
    )


def _odd() -> rx.Component:
    lines = rx.el.ul(
        rx.foreach(State.odd, lambda line: _odd_line(line=line)), class_name="card own-list"
    )
    nothing = rx.el.p(say("sessions.odd.none"), class_name="muted own-others")
    return rx.el.section(
        rx.el.h2(say("sessions.odd"), class_name="section-title"),
        rx.el.p(say("sessions.odd.text"), class_name="small muted"),
        rx.cond(State.odd.length() > 0, lines, nothing),
        class_name="section own-section",
    )


@memo
def _odd_line(line: ObjectVar[OddLine]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.strong(line.name), toned_chip(line.came, line.tone), class_name="chips"),
            rx.el.p(line.place, " · ", local_time(line.at), class_name="small muted"),
            rx.el.p(line.reasons, class_name="small"),
            class_name="own-what",
        ),
        class_name="own",
        data_testid="odd",
    )


def _what(line: ObjectVar[OwnLine], began: str, seen: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.strong(line.name),
            rx.cond(line.here, chip(say("sessions.here"), "good", drawn="check")),
            class_name="chips",
        ),
        rx.el.p(line.place, class_name="small muted"),
        rx.el.p(say(began), " ", local_time(line.began), class_name="small muted"),
        rx.el.p(say(seen), " ", local_time(line.seen), class_name="small muted"),
        class_name="own-what",
    )


def _asks(label: str, line: ObjectVar[OwnLine]) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(": ", line.name, ", ", line.place, class_name="visually-hidden"),
        type="button",
        on_click=State.ask(line.key),
        class_name="button button-quiet",
    )
