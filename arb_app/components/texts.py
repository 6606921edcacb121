"""Codes by text message on pages: asking for one, saying it, and a member's telephone."""

import reflex as rx

from arb_app.components.door import field, send, told
from arb_app.components.notice import chip, notice
from arb_app.components.post_form import post_form
from arb_app.phones import ADDED, NO_TEXT, REMOVED, SENT, TEXT, WRONG
from arb_app.state.passkeys import PasskeysState as State
from arb_app.state.ways import WaysState
from arb_app.words import say
from domain.factors import Kind
from services.passwords import LONGEST


def by_text(purpose: str) -> rx.Component:
    """Return what asks for a code by text and takes it: for `step`, or for `prove`.

    It is there for whoever has a telephone, and for all where no script can say who has.
    """
    password = field("password", say("login.password"), "current-password", LONGEST, id="again")
    kind = rx.el.input(type="hidden", name="kind", default_value=Kind.SMS.value)
    way = rx.el.details(
        rx.el.summary(say("texts.instead")),
        post_form(f"/auth/text/{purpose}", send(say("texts.send")), class_name="login-form"),
        post_form(
            f"/auth/{purpose}",
            kind,
            password if purpose == "prove" else rx.fragment(),
            _code(),
            send(say("texts.finish")),
            class_name="login-form",
        ),
        class_name="stack",
        data_testid="by-text",
    )
    return rx.el.div(
        told("texts", TEXT, "good"),
        told("texts", NO_TEXT, "warn"),
        rx.cond(WaysState.text, way, rx.fragment()),
        rx.el.noscript(way),
        class_name="stack",
    )


def came_of_number() -> rx.Component:
    """Return what came of a form of one's telephone; it stands where the page itself does."""
    return rx.fragment(
        *(told("texts", end, "good") for end in (SENT, ADDED, REMOVED)),
        told("texts", WRONG, "bad"),
    )


def telephone() -> rx.Component:
    """Return the section of one's telephone, of the page of security."""
    has = _number(State.phone, "phone", chip(say("texts.confirmed"), "good", drawn="check"))
    waits = _number(
        State.phone_waiting, "phone-waiting", chip(say("texts.unconfirmed"), "warn", drawn="warn")
    )
    either = (State.phone != "") | (State.phone_waiting != "")
    return rx.el.section(
        rx.el.h2(say("texts.title"), class_name="section-title"),
        rx.el.p(say("texts.text"), class_name="muted"),
        rx.cond(State.phone != "", has, rx.fragment()),
        rx.cond(State.phone_waiting != "", waits, rx.fragment()),
        rx.cond(either, _removing(), rx.fragment()),
        rx.cond(State.texting, _setting_up(), notice(say("texts.none.text"), "plain")),
        class_name="card card-pad stack",
    )


def _number(ends: rx.Var, testid: str, state: rx.Component) -> rx.Component:
    digits = rx.el.strong(ends, data_testid=testid)
    return rx.el.p(say("texts.number.ends"), " ", digits, " ", state)


def _setting_up() -> rx.Component:
    number = field("number", say("texts.number"), "tel", 40, say("texts.number.hint"), type="tel")
    confirm = post_form(
        "/auth/phone/confirm", _code(), send(say("texts.confirm")), class_name="login-form narrow"
    )
    return rx.el.div(
        post_form("/auth/phone", number, send(say("texts.send")), class_name="login-form narrow"),
        rx.cond(State.phone_waiting != "", confirm, rx.fragment()),
        class_name="stack",
    )


def _removing() -> rx.Component:
    sure = rx.el.p(say("texts.remove.sure"))
    return rx.el.details(
        rx.el.summary(say("texts.remove")),
        post_form("/auth/phone/remove", sure, send(say("texts.remove.yes"))),
    )


def _code() -> rx.Component:
    return field("code", say("texts.code"), "one-time-code", 20, id="text-code")
