"""Doors for those who join, or forgot a password: plain forms, which need no JavaScript."""

import reflex as rx

from arb_app.components.door import door, field, send, told
from arb_app.components.notice import Tone, notice
from arb_app.components.post_form import post_form
from arb_app.joining import CLOSED, DONE, OVER, SENT
from arb_app.sign_in import AWAY, OFTEN, WRONG
from arb_app.state.account import AccountState
from arb_app.words import say
from domain.flags import Flag
from services.passwords import LONGEST, SHORTEST

ERASED = "erased"
_TONES: dict[str, Tone] = {
    SENT: "good",
    DONE: "good",
    OVER: "warn",
    CLOSED: "warn",
    WRONG: "bad",
    OFTEN: "warn",
    AWAY: "warn",
    ERASED: "plain",
}
# Ends that a door has words of its own for; those of the others are the same everywhere.
_OWN = {
    "register": (SENT, WRONG),
    "confirm": (WRONG,),
    "forgot": (SENT, WRONG),
    "reset": (DONE, WRONG),
    "move": (DONE, WRONG),
    "keep": (DONE,),
    "come-back": (CLOSED, ERASED, DONE, WRONG),
}


def register() -> rx.Component:
    """Return the page of those who want an account."""
    return _door(
        "register",
        (SENT, WRONG, OFTEN, AWAY, CLOSED),
        _email(),
        _new_password(),
        ways=(("door.join.have_account", "/login"),),
    )


def confirm() -> rx.Component:
    """Return the page that a letter leads to, where an account begins."""
    hint = say("door.confirm.password.hint")
    return _door(
        "confirm",
        (OVER, WRONG, OFTEN, AWAY, CLOSED),
        _code(),
        field("password", say("login.password"), "current-password", LONGEST, hint),
        ways=(("door.join.another_letter", "/register"),),
    )


def forgot() -> rx.Component:
    """Return the page of those who forgot their password."""
    return _door(
        "forgot", (SENT, WRONG, OFTEN, AWAY), _email(), ways=(("door.join.have_account", "/login"),)
    )


def reset() -> rx.Component:
    """Return the page that a letter leads to, where another password is chosen."""
    return _door(
        "reset",
        (DONE, OVER, WRONG, OFTEN, AWAY),
        _code(),
        _new_password(),
        ways=(("door.join.sign_in", "/login"), ("door.join.another_code", "/forgot")),
    )


def move() -> rx.Component:
    """Return the page that a letter leads to, where an account gets another address."""
    return _door(
        "move",
        (DONE, OVER, WRONG, OFTEN, AWAY),
        _code(),
        field("password", say("login.password"), "current-password", LONGEST),
        ways=(("door.join.to_data", "/account/data"),),
    )


def keep() -> rx.Component:
    """Return the page that a letter leads to, where an account keeps the address that it had."""
    return _door(
        "keep",
        (DONE, OVER, OFTEN, AWAY),
        _code(),
        ways=(("door.join.another_code", "/forgot"),),
    )


def come_back() -> rx.Component:
    """Return the page where an account that was closed is opened again."""
    return _door(
        "come-back",
        (CLOSED, ERASED, DONE, WRONG, OFTEN, AWAY),
        _email(),
        field("password", say("login.password"), "current-password", LONGEST),
        ways=(("door.join.sign_in", "/login"),),
    )


def _door(
    name: str, ends: tuple[str, ...], *fields: rx.Component, ways: tuple[tuple[str, str], ...]
) -> rx.Component:
    form = post_form(
        f"/auth/{name}", *fields, send(say(f"door.{name}.send")), class_name="login-form"
    )
    return door(
        name,
        *(told(name if end in _OWN[name] else "join", end, _TONES[end]) for end in ends),
        rx.el.p(say(f"door.{name}.lede"), class_name="small muted"),
        _if_open(form) if CLOSED in ends else form,
        rx.el.p(
            *(rx.el.a(say(label), href=href) for label, href in ways), class_name="small login-ways"
        ),
    )


def _if_open(form: rx.Component) -> rx.Component:
    """Return the form of those who join, or a word that nobody does for now."""
    words = notice(say("door.join.closed.text"), "warn", title=say("door.join.closed"))
    closed = rx.el.div(words, data_testid="joining-closed")
    return rx.cond(AccountState.off.contains(Flag.JOINING.value), closed, form)


def _email() -> rx.Component:
    return field("email", say("login.email"), "username", 254)


def _new_password() -> rx.Component:
    hint = say("door.join.password.hint", shortest=SHORTEST)
    return field("password", say("door.join.password"), "new-password", LONGEST, hint)


def _code() -> rx.Component:
    return field(
        "code",
        say("door.join.code"),
        "one-time-code",
        60,
        say("door.join.code.hint"),
        **{"data-code": ""},
    )
