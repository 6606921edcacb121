"""The door for those who have an account: a plain form, which needs no JavaScript."""

from typing import Final

import reflex as rx

from arb_app.components.door import door, field, send, told
from arb_app.components.notice import Tone, notice
from arb_app.components.passkeys import passkey_button
from arb_app.components.post_form import post_form
from arb_app.sign_in import AWAY, OFTEN, WRONG
from arb_app.state.account import AccountState
from arb_app.stepping import OVER
from arb_app.words import say
from services.passkey_checks import Purpose

_REFUSALS: Final[tuple[tuple[str, Tone], ...]] = (
    (WRONG, "bad"),
    (OFTEN, "warn"),
    (AWAY, "warn"),
    (OVER, "warn"),
)


def login() -> rx.Component:
    """Return the sign-in page; the end of its address chooses which refusal is to be seen."""
    already = notice(AccountState.email, "plain", title=say("login.already"))
    return door(
        "login",
        *(told("login", why, tone) for why, tone in _REFUSALS),
        rx.cond(AccountState.email, already, rx.fragment()),
        _form(),
        passkey_button(Purpose.SIGN_IN, say("passkeys.sign_in")),
        rx.el.p(
            rx.el.a(say("login.forgot"), href="/forgot"),
            rx.el.a(say("login.register"), href="/register"),
            class_name="small login-ways",
        ),
        rx.el.p(say("login.no_account"), class_name="small muted"),
    )


def _form() -> rx.Component:
    return post_form(
        "/auth/sign-in",
        field("email", say("login.email"), "username webauthn", 254),
        field("password", say("login.password"), "current-password", 1024),
        send(say("account.sign_in")),
        class_name="login-form",
    )
