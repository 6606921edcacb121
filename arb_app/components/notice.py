"""What pages say aside: chips, notices, and the states of having nothing to show."""

from typing import Final, Literal

import reflex as rx

from arb_app.components.icons import icon
from arb_app.words import say

Tone = Literal["plain", "accent", "good", "warn", "bad"]
ICONS: Final[dict[Tone, str]] = {
    "plain": "clock",
    "accent": "spark",
    "good": "check",
    "warn": "warn",
    "bad": "cross",
}


def chip(label: str | rx.Var, tone: Tone = "plain", *, drawn: str = "") -> rx.Component:
    """Return a small label; `drawn` names an icon before it, so that colour never speaks alone."""
    return rx.el.span(
        icon(drawn) if drawn else rx.fragment(),
        rx.el.span(label),
        class_name=f"chip chip-{tone}",
    )


def toned_chip(label: rx.Var, tone: rx.Var) -> rx.Component:
    """Return a chip whose tone, and with it its icon, is only known in the browser."""
    cases = [(name, chip(label, name, drawn=drawn)) for name, drawn in ICONS.items()]
    return rx.el.span(rx.match(tone, *cases, chip(label)))


def notice(text: str | rx.Var, tone: Tone, *, title: str | rx.Var = "") -> rx.Component:
    """Return a line or two that the reader should not miss; changes of it are read aloud."""
    return rx.el.div(
        icon(ICONS[tone]),
        rx.el.p(rx.el.strong(title), " ", text),
        role="status",
        class_name=f"notice notice-{tone}",
    )


def empty(title: str, text: str, *then: rx.Component, drawn: str, level: int = 2) -> rx.Component:
    """Return what stands where there is nothing to show, and the ways on from here."""
    heading = rx.el.h1 if level == 1 else rx.el.h2
    return rx.el.div(icon(drawn), heading(title), rx.el.p(text), *then, class_name="card empty")


def away(level: int = 2) -> rx.Component:
    """Return the state of a page whose figures cannot be reached."""
    return empty(say("state.away.title"), say("state.away.text"), drawn="pause", level=level)


def loading(lines: int = 4) -> rx.Component:
    """Return the state of a page whose figures are on their way."""
    return rx.el.div(
        rx.el.span(say("state.loading"), class_name="visually-hidden"),
        rx.el.noscript(say("state.no_script")),
        *(rx.el.div(class_name="loading-bar") for _ in range(lines)),
        role="status",
        class_name="card card-pad loading",
    )
