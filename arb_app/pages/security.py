"""How an account is secured: second factors, recovery codes, and its password."""

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.account_tabs import account_tabs
from arb_app.components.door import field, send, told
from arb_app.components.guard import refusal
from arb_app.components.layout import button_link, page
from arb_app.components.memo import memo
from arb_app.components.notice import Tone, away, chip, loading, notice
from arb_app.components.passkeys import passkeys
from arb_app.components.post_form import post_form
from arb_app.components.texts import came_of_number, telephone
from arb_app.components.when import local_time
from arb_app.pages.second_step import code
from arb_app.sign_in import AWAY, OFTEN, WRONG
from arb_app.state.account import AccountState
from arb_app.state.security import AppLine
from arb_app.state.security import SecurityState as State
from arb_app.stepping import ADDED, CHANGED, WEAK
from arb_app.words import say
from services.passwords import LONGEST, SHORTEST
from services.security import LONGEST_NAME, MOST

_TOLD: Final[tuple[tuple[str, Tone], ...]] = (
    (ADDED, "good"),
    (CHANGED, "good"),
    (f"app-{WRONG}", "bad"),
    (f"password-{WRONG}", "bad"),
    (f"password-{WEAK}", "bad"),
    (OFTEN, "warn"),
    (AWAY, "warn"),
)


def security() -> rx.Component:
    """Return the page; it begins with `SecurityState.open`."""
    found = rx.el.div(
        rx.cond(State.must | AccountState.needs_factor, _must()),
        rx.cond(State.wrong != "", notice(State.wrong, "bad")),
        *(section() for section in SECTIONS),
        class_name="security",
    )
    return page(
        say("security.title"),
        account_tabs("security"),
        rx.el.p(say("security.lede"), class_name="lede"),
        *(told("security", end, tone) for end, tone in _TOLD),
        told("security", "passkey-added", "good"),
        came_of_number(),
        rx.match(
            State.phase,
            ("found", found),
            ("refused", refusal()),
            ("away", away()),
            loading(lines=6),
        ),
        active="account",
    )


def _must() -> rx.Component:
    return notice(say("security.must.text"), "warn", title=say("security.must"))


def _apps() -> rx.Component:
    state = rx.cond(
        State.apps.length() > 0,
        chip(say("security.on"), "good", drawn="check"),
        chip(say("security.off"), "warn", drawn="warn"),
    )
    new = rx.cond(
        State.key != "",
        _setting_up(),
        rx.cond(State.apps.length() < MOST, _begin(), rx.fragment()),
    )
    apps = rx.el.ul(rx.foreach(State.apps, lambda app: _app(app=app)), class_name="letters")
    return rx.el.section(
        rx.el.h2(say("security.apps"), " ", state, class_name="section-title"),
        rx.el.p(say("security.apps.text"), class_name="muted"),
        rx.cond(State.apps.length() > 0, apps),
        rx.cond(State.sealable, new, notice(say("security.no_keys"), "warn")),
        class_name="card card-pad stack",
    )


@memo
def _app(app: ObjectVar[AppLine]) -> rx.Component:
    used = rx.cond(
        app.used_at != "",
        rx.fragment(" · ", say("security.used"), " ", local_time(app.used_at)),
    )
    sure = rx.el.div(
        rx.el.p(say("security.remove.sure")),
        _button(say("security.remove"), State.remove, "security.remove.sure"),
        _button(say("security.keep"), State.ask(""), "security.keep"),
        class_name="buttons",
        role="alert",
    )
    removing = rx.cond(
        State.asking == app.id,
        sure,
        _button(say("security.remove"), State.ask(app.id), "security.remove"),
    )
    return rx.el.li(
        rx.el.p(rx.el.strong(app.name)),
        rx.el.p(
            say("security.since"), " ", local_time(app.made_at), used, class_name="small muted"
        ),
        removing,
        class_name="letter",
        data_testid="app",
    )


def _begin() -> rx.Component:
    return rx.el.form(
        field(
            "name",
            say("security.name"),
            "off",
            LONGEST_NAME,
            say("security.name.hint"),
            required=False,
        ),
        rx.el.button(say("security.begin"), type="submit", class_name="button"),
        on_submit=State.begin_app,
        class_name="login-form narrow",
    )


def _setting_up() -> rx.Component:
    """Return the square and the key of an app that is being set up, and the form that confirms."""
    return rx.el.div(
        rx.el.ol(
            rx.el.li(say("security.step.scan")),
            rx.el.li(say("security.step.confirm")),
            class_name="security-steps",
        ),
        rx.el.img(src=State.picture, alt=say("security.picture"), class_name="security-picture"),
        rx.el.p(say("security.key"), class_name="label"),
        rx.el.p(rx.el.code(State.key, data_testid="key"), class_name="security-key"),
        post_form(
            "/auth/app",
            code(hint=say("security.code.hint")),
            send(say("security.confirm")),
            class_name="login-form narrow",
        ),
        class_name="stack",
    )


def _recovery() -> rx.Component:
    left = rx.el.p(
        say("security.codes.left"), " ", rx.el.strong(State.codes_left), data_testid="codes-left"
    )
    none = notice(say("security.codes.none.text"), "warn", title=say("security.codes.none"))
    make = _button(
        rx.cond(State.codes_left > 0, say("security.codes.again"), say("security.codes.make")),
        State.renew_codes,
        "codes.make",
    )
    ready = rx.el.div(rx.cond(State.codes_left > 0, left, none), make, class_name="stack")
    return rx.el.section(
        rx.el.h2(say("security.codes"), class_name="section-title"),
        rx.el.p(say("security.codes.text"), class_name="muted"),
        rx.cond(
            State.has_factor,
            rx.cond(State.codes.length() > 0, _shown_once(), ready),
            rx.el.p(say("security.codes.first"), class_name="small muted"),
        ),
        class_name="card card-pad stack",
    )


def _shown_once() -> rx.Component:
    copy = rx.el.button(
        say("security.codes.copy"),
        type="button",
        on_click=rx.set_clipboard(State.codes_text),
        class_name="button button-quiet",
    )
    kept = rx.el.a(
        say("security.codes.download"),
        href=State.codes_file,
        download="dutchbook-recovery-codes.txt",
        class_name="button button-quiet",
    )
    printed = rx.el.button(
        say("security.codes.print"),
        type="button",
        custom_attrs={"data-print": ""},
        class_name="button button-quiet",
    )
    return rx.el.div(
        notice(say("security.codes.once.text"), "warn", title=say("security.codes.once")),
        rx.el.ol(
            rx.foreach(State.codes, lambda each: rx.el.li(rx.el.code(each))),
            class_name="recovery-codes",
            data_testid="recovery-codes",
        ),
        rx.el.div(copy, kept, printed, class_name="buttons"),
        class_name="stack printed",
    )


def _password() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("security.password"), class_name="section-title"),
        rx.el.p(say("security.password.text"), class_name="muted"),
        post_form(
            "/auth/password",
            field("password", say("security.password.current"), "current-password", LONGEST),
            _chosen(),
            send(say("security.password.send")),
            class_name="login-form narrow",
        ),
        class_name="card card-pad stack",
    )


def _chosen() -> rx.Component:
    hint = say("door.join.password.hint", shortest=SHORTEST)
    label = say("door.join.password")
    return field("chosen", label, "new-password", LONGEST, hint, type="password")


def _sessions() -> rx.Component:
    return rx.el.section(
        rx.el.h2(say("security.sessions"), class_name="section-title"),
        rx.el.p(say("security.sessions.text"), class_name="muted"),
        rx.el.div(
            button_link(say("security.sessions"), "/account/sessions", quiet=True),
            class_name="buttons",
        ),
        class_name="card card-pad stack",
    )


def _button(label: str | rx.Var, event: Any, testid: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=event,
        class_name="button button-quiet",
        data_testid=testid,
    )


SECTIONS: Final = (_apps, passkeys, telephone, _recovery, _password, _sessions)
"""What the page is made of, in order; each section is headed by itself."""
