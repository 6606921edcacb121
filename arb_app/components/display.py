"""The section of the account page about how things are shown."""

from typing import Any

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.fields import choice, options
from arb_app.components.notice import loading
from arb_app.components.when import local_time
from arb_app.reader import reader
from arb_app.state.account import AccountState
from arb_app.state.settings import Choice
from arb_app.state.settings import SettingsState as State
from arb_app.words import say
from domain.money import CURRENCIES
from domain.preferences import Language, Numbers, zones

_TYPING_PAUSE_MS = 300
_THEMES = ("", "light", "dark")
_THEME = rx.Var('(globalThis.dutchbook?.theme?.() ?? "")').to(str)


def display() -> rx.Component:
    """Return the section; `settings.js` and `theme.js` keep what is chosen there."""
    return rx.el.section(
        rx.el.h2(say("settings.display"), class_name="section-title"),
        rx.el.p(say("settings.display.text"), class_name="lede"),
        rx.cond(State.phase == "found", _fields(), loading(lines=6)),
        rx.el.p(
            rx.cond(AccountState.email, say("settings.member"), say("settings.visitor")),
            class_name="small muted",
        ),
        rx.el.p(State.said, role="status", class_name="settings-said", data_testid="settings-said"),
        class_name="section settings",
    )


def _fields() -> rx.Component:
    return rx.el.div(
        _language(),
        _odds(),
        _numbers(),
        _zone(),
        _currency(),
        _theme(),
        class_name="card card-pad settings-fields",
    )


def _language() -> rx.Component:
    named = options((each.value, say(f"language.{each}")) for each in Language)
    return _select("language", *named, default_value=reader().language.value)


def _odds() -> rx.Component:
    return _select("odds", rx.foreach(State.odds_choices, _option), value=State.odds)


def _option(choice: ObjectVar[Choice]) -> rx.Component:
    return rx.el.option(choice.name, value=choice.value, key=choice.value)


def _numbers() -> rx.Component:
    named = options((each.value, say(f"settings.numbers.{each}")) for each in Numbers)
    return _select("numbers", *named, value=State.numbers)


def _currency() -> rx.Component:
    text = say("settings.currency.help")
    return _select(
        "currency",
        *options((code, code) for code in CURRENCIES),
        below=rx.el.p(text, id="set-currency-help", class_name="field-help"),
        value=State.currency,
        aria_describedby="set-currency-help",
    )


def _select(name: str, *listed: rx.Component | rx.Var, **props: Any) -> rx.Component:
    return choice(
        say(f"settings.{name}"),
        *listed,
        look="select",
        id=f"set-{name}",
        on_change=lambda value: State.choose(name, value),
        custom_attrs={"data-setting": name},
        **props,
    )


def _zone() -> rx.Component:
    label = say("settings.zone")
    typed = rx.el.div(
        rx.el.input(
            id="set-zone",
            default_value=State.zone,
            list="zones",
            on_change=lambda value: State.choose("zone", value).debounce(_TYPING_PAUSE_MS),
            placeholder=say("settings.zone.device"),
            auto_complete="off",
            max_length=64,
            class_name="input",
            aria_invalid=State.zone_wrong,
            aria_describedby="set-zone-help",
            custom_attrs={"data-setting": "zone", "spellCheck": "false"},
        ),
        rx.el.datalist(*(rx.el.option(value=zone) for zone in sorted(zones())), id="zones"),
        class_name=rx.cond(State.zone_wrong, "input-row input-wrong", "input-row"),
    )
    return rx.el.div(
        rx.el.label(label, html_for="set-zone", class_name="field-label"),
        typed,
        _zone_told(),
        class_name="field",
    )


def _zone_told() -> rx.Component:
    told = rx.cond(
        State.zone_wrong,
        rx.el.p(say("settings.zone.wrong"), class_name="field-error"),
        rx.el.p(
            say("settings.zone.help"), " ", say("settings.now"), " ", local_time(State.now), ".",
            class_name="field-help",
        ),
    )  # fmt: skip
    return rx.el.div(told, id="set-zone-help", role="status")


def _theme() -> rx.Component:
    return choice(
        say("settings.theme"),
        *options((each, say(f"settings.theme.{each or 'device'}")) for each in _THEMES),
        look="select",
        id="set-theme",
        default_value=_THEME,
        custom_attrs={"data-theme-choice": ""},
    )
