"""The doors of the second step, and of proving once more that it is oneself.

They need no JavaScript; with it they show the ways alone that whoever is asked has.
"""

import reflex as rx

from arb_app.components.door import door, field, send, told
from arb_app.components.notice import Tone, notice
from arb_app.components.passkeys import passkey_button
from arb_app.components.post_form import post_form
from arb_app.components.texts import by_text
from arb_app.sign_in import AWAY, BY_FACTOR, BY_LETTER, OFTEN, WRONG
from arb_app.state.account import AccountState
from arb_app.state.ways import WaysState
from arb_app.words import say
from services.passkey_checks import Purpose
from services.passwords import LONGEST

_TONES: dict[str, Tone] = {
    BY_LETTER: "plain",
    BY_FACTOR: "plain",
    WRONG: "bad",
    OFTEN: "warn",
    AWAY: "warn",
}
LONGEST_CODE = 60


def step() -> rx.Component:
    """Return the page that asks for a factor, or for the code of a letter, after the password."""
    form = post_form("/auth/step", code(), send(say("door.step.send")), class_name="login-form")
    return door(
        "step",
        *(told("step", end, tone) for end, tone in _TONES.items()),
        rx.cond(WaysState.form, form, rx.fragment()),
        _passkey(Purpose.STEP, say("passkeys.step")),
        by_text("step"),
        rx.el.p(rx.el.a(say("door.step.again"), href="/login"), class_name="small login-ways"),
    )


def prove() -> rx.Component:
    """Return the page that asks for the password once more, and for a factor if there is one."""
    coded = rx.cond(
        WaysState.code, code(hint=say("door.prove.code.hint"), required=False), rx.fragment()
    )
    form = post_form(
        "/auth/prove",
        field("password", say("login.password"), "current-password", LONGEST),
        coded,
        send(say("door.prove.send")),
        class_name="login-form",
    )
    nobody = notice(say("door.prove.nobody.text"), "warn", title=say("door.prove.nobody"))
    return door(
        "prove",
        *(told("prove", end, _TONES[end]) for end in (WRONG, OFTEN, AWAY)),
        rx.el.p(say("door.prove.lede"), class_name="small muted"),
        rx.cond(rx.State.is_hydrated & (AccountState.email == ""), nobody, rx.fragment()),
        rx.cond(WaysState.form, form, rx.fragment()),
        _passkey(Purpose.PROVE, say("passkeys.prove")),
        by_text("prove"),
        active="account",
    )


def _passkey(purpose: Purpose, label: str) -> rx.Component:
    return rx.el.div(passkey_button(purpose, label), hidden=~WaysState.passkey)


def code(*, hint: str = "", required: bool = True) -> rx.Component:
    """Return the field of a code, from an app, a letter or the list of recovery codes."""
    return field(
        "code",
        say("door.step.code"),
        "one-time-code",
        LONGEST_CODE,
        hint or say("door.step.code.hint"),
        required=required,
    )
