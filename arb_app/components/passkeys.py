"""Passkeys on pages: a button that asks for one, what came of it, and a member's own in a list."""

from typing import Any, Final

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.door import field
from arb_app.components.memo import memo
from arb_app.components.notice import Tone, chip, notice
from arb_app.components.when import local_time
from arb_app.state.passkeys import PasskeyLine
from arb_app.state.passkeys import PasskeysState as State
from arb_app.words import say
from services.passkey_checks import Purpose
from services.passkeys import LONGEST_NAME, MOST

_TOLD: Final[dict[str, Tone]] = {
    "none": "plain",
    "address": "plain",
    "waiting": "accent",
    "refused": "bad",
    "known": "warn",
    "unknown": "bad",
    "wrong": "bad",
    "over": "warn",
    "cloned": "bad",
    "often": "warn",
    "away": "warn",
}


def passkey_button(purpose: Purpose, label: str, *, quiet: bool = True) -> rx.Component:
    """Return a button that asks the browser for a passkey, and below it what came of that.

    Where the browser has none, or the page has an address that none is made for, it says so. The
    script that does it is loaded by the pages that have the button.
    """
    return rx.el.div(
        rx.el.button(
            label,
            type="button",
            custom_attrs={"data-passkey": purpose.value},
            class_name="button button-quiet" if quiet else "button",
        ),
        rx.el.div(
            *(_told(name, tone) for name, tone in _TOLD.items()),
            class_name="passkey-told",
        ),
        rx.el.noscript(say("passkeys.no_script")),
        rx.el.script(src="/passkeys.js", custom_attrs={"async": True}),
        class_name="passkey",
    )


def _told(name: str, tone: Tone) -> rx.Component:
    words = notice(say(f"passkeys.{name}.text"), tone, title=say(f"passkeys.{name}"))
    return rx.el.div(words, custom_attrs={"data-told": name}, data_testid=f"passkey-{name}")


def passkeys() -> rx.Component:
    """Return the section of one's passkeys, of the page of security."""
    new = rx.el.div(
        field(
            "passkey",
            say("passkeys.name"),
            "off",
            LONGEST_NAME,
            say("passkeys.name.hint"),
            required=False,
            **{"data-passkey-name": ""},
        ),
        passkey_button(Purpose.REGISTER, say("passkeys.add"), quiet=False),
        class_name="stack narrow",
    )
    return rx.el.section(
        rx.el.h2(say("passkeys.title"), class_name="section-title"),
        rx.el.p(say("passkeys.text"), class_name="muted"),
        rx.cond(State.wrong != "", notice(State.wrong, "bad")),
        rx.el.ul(
            rx.foreach(State.keys, lambda line: _passkey(line=line, key=line.id)),
            class_name="letters",
        ),
        rx.cond(State.keys.length() < MOST, new, rx.fragment()),
        on_mount=State.open,
        class_name="card card-pad stack",
    )


@memo
def _passkey(line: ObjectVar[PasskeyLine]) -> rx.Component:
    used = rx.cond(
        line.used_at != "",
        rx.fragment(" · ", say("passkeys.used"), " ", local_time(line.used_at)),
    )
    since = rx.el.p(
        say("passkeys.since"), " ", local_time(line.made_at), used, class_name="small muted"
    )
    copied = notice(say("passkeys.copied.text"), "bad", title=say("passkeys.copied"))
    return rx.el.li(
        rx.el.p(
            rx.el.strong(line.name),
            " ",
            rx.cond(line.backed_up, chip(say("passkeys.backed_up")), rx.fragment()),
        ),
        since,
        rx.cond(line.cloned, copied, rx.fragment()),
        rx.cond(
            State.asking == line.id,
            _sure(),
            rx.cond(State.naming == line.id, _renaming(line.name), _acts(line)),
        ),
        class_name="letter",
        data_testid="passkey",
    )


def _acts(line: ObjectVar[PasskeyLine]) -> rx.Component:
    return rx.el.div(
        _button(say("passkeys.rename"), State.begin_to_rename(line.id)),
        _button(say("passkeys.remove"), State.ask(line.id)),
        class_name="buttons",
    )


def _sure() -> rx.Component:
    return rx.el.div(
        rx.el.p(say("passkeys.remove.sure")),
        _button(say("passkeys.remove.yes"), State.remove),
        _button(say("passkeys.keep"), State.ask("")),
        class_name="buttons",
        role="alert",
    )


def _renaming(name: str | rx.Var) -> rx.Component:
    entry = rx.el.input(
        name="name",
        default_value=name,
        max_length=LONGEST_NAME,
        required=True,
        class_name="input",
        custom_attrs={"aria-label": say("passkeys.name")},
    )
    save = rx.el.button(say("passkeys.save"), type="submit", class_name="button")
    keep = _button(say("passkeys.keep"), State.begin_to_rename(""))
    return rx.el.form(
        rx.el.div(entry, class_name="input-row"),
        rx.el.div(save, keep, class_name="buttons"),
        on_submit=State.rename,
        class_name="stack narrow",
    )


def _button(label: str, event: Any) -> rx.Component:
    return rx.el.button(label, type="button", on_click=event, class_name="button button-quiet")
