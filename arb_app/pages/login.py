"""The door for those who have an account: a plain form, which needs no JavaScript."""

from typing import Literal

import reflex as rx

from arb_app.components.layout import page
from arb_app.components.notice import Tone, notice
from arb_app.components.post_form import post_form
from arb_app.sign_in import AWAY, OFTEN, WRONG
from arb_app.state.account import AccountState
from arb_app.words import say


def login() -> rx.Component:
    """Return the sign-in page; the end of its address chooses which refusal is to be seen."""
    refusals = (_refusal(WRONG, "bad"), _refusal(OFTEN, "warn"), _refusal(AWAY, "warn"))
    already = notice(AccountState.email, "plain", title=say("login.already"))
    return page(
        say("login.title"),
        rx.el.div(
            rx.el.h1(say("login.title"), class_name="page-title"),
            *refusals,
            rx.cond(AccountState.email, already, rx.fragment()),
            _form(),
            rx.el.p(say("login.no_account"), class_name="small muted"),
            class_name="card card-pad login",
        ),
        active="login",
        heading=False,
    )


def _refusal(why: str, tone: Tone) -> rx.Component:
    words = notice(say(f"login.{why}.text"), tone, title=say(f"login.{why}"))
    return rx.el.div(words, id=why, class_name="login-refusal", data_testid="login-refusal")


def _form() -> rx.Component:
    return post_form(
        "/auth/sign-in",
        _field("email", "email", "username", 254),
        _field("password", "password", "current-password", 1024),
        rx.el.button(say("account.sign_in"), type="submit", class_name="button"),
        class_name="login-form",
    )


def _field(
    name: str, kind: Literal["email", "password"], filled: str, longest: int
) -> rx.Component:
    entry = rx.el.input(
        id=name,
        name=name,
        type=kind,
        auto_complete=filled,
        max_length=longest,
        required=True,
        class_name="input",
        custom_attrs={"autoCapitalize": "none", "spellCheck": "false"},
    )
    return rx.el.div(
        rx.el.label(say(f"login.{name}"), html_for=name, class_name="field-label"),
        rx.el.div(entry, class_name="input-row"),
        class_name="field",
    )
