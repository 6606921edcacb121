"""The legal pages: terms, privacy, cookies and responsible play, true of the product as it is."""

from collections.abc import Sequence
from typing import Final

import reflex as rx
from reflex.vars import ArrayVar

from arb_app import cookies, devices
from arb_app.breaks import PAGE, REMEMBERED
from arb_app.components.help import help_links
from arb_app.components.layout import button_link, page
from arb_app.state.legal import KeptLine, LegalState
from arb_app.words import say
from services.breaks import LONGEST_GAP
from services.sessions import MEMBERS

DOCUMENTS: Final = ("terms", "privacy", "cookies", "responsible")
_TERMS: Final = (
    *("what", "age", "law", "price", "accepted", "settled", "errors", "limited"),
    *("late", "money", "account", "plans"),
)
_PRIVACY: Final = ("who", "visitor", "address", "others")
_RIGHTS: Final = ("seen", "erased", "ask")
_RESPONSIBLE: Final = ("truth", "signs", "tools", "blocks")
_COOKIES: Final = (
    (cookies.NAME, "session"),
    (devices.NAME, "device"),
    (cookies.STEP, "step"),
    (cookies.CEREMONY, "ceremony"),
    (cookies.AGE, "age"),
    (cookies.BREAK, "break"),
    (cookies.LIMITS, "limits"),
    ("dutchbook_settings", "settings"),
)
_STORED: Final = ("theme", "board", "time", "token")


def terms() -> rx.Component:
    """Return what the product promises, and what it does not."""
    return _document("terms", _sections("terms", _TERMS))


def privacy() -> rx.Component:
    """Return what is kept of whom and for how long; it begins with `LegalState.open`."""
    return _document(
        "privacy",
        _sections("privacy", _PRIVACY),
        _kept("people", LegalState.people),
        _kept("prices", LegalState.prices),
        _sections("privacy", _RIGHTS),
    )


def cookies_() -> rx.Component:
    """Return every cookie by its name, and what else a browser keeps."""
    rows = [
        _row(rx.el.code(name), say(f"legal.cookies.{key}", days=_days(key)))
        for name, key in _COOKIES
    ]
    stored = [_row(rx.el.code(_stored(key)), say(f"legal.cookies.{key}")) for key in _STORED]
    return _document(
        "cookies",
        rx.el.p(say("legal.cookies.https", prefix=cookies.SECURE)),
        _list("legal.cookies.list", rows),
        _list("legal.cookies.stored", stored),
        rx.el.p(say("legal.cookies.none")),
    )


def responsible() -> rx.Component:
    """Return how to keep betting harmless, and who helps when it is not."""
    return _document(
        "responsible",
        _sections("responsible", _RESPONSIBLE, seconds=int(LONGEST_GAP.total_seconds())),
        rx.el.div(button_link(say("breaks.title"), PAGE), class_name="buttons"),
        rx.el.section(
            rx.el.h2(say("help.title"), class_name="section-title"),
            rx.el.p(say("help.text")),
            help_links(),
        ),
    )


def _document(name: str, *children: rx.Component) -> rx.Component:
    return page(
        say(f"legal.{name}.title"),
        rx.el.p(say(f"legal.{name}.lede"), class_name="lede"),
        rx.el.nav(
            *(_other(each, here=each == name) for each in DOCUMENTS),
            aria_label=say("legal.nav"),
            class_name="tabs",
        ),
        rx.el.article(*children, class_name="legal"),
        active="legal",
    )


def _other(name: str, *, here: bool) -> rx.Component:
    return rx.el.a(
        say(f"legal.{name}.title"),
        href=f"/legal/{name}",
        class_name="tab tab-here" if here else "tab",
        custom_attrs={"aria-current": "page"} if here else {},
    )


def _sections(document: str, names: tuple[str, ...], **values: int) -> rx.Component:
    return rx.fragment(
        *(
            rx.el.section(
                rx.el.h2(say(f"legal.{document}.{name}"), class_name="section-title"),
                rx.el.p(say(f"legal.{document}.{name}.text", **values)),
            )
            for name in names
        )
    )


def _kept(name: str, lines: ArrayVar[Sequence[KeptLine]]) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say(f"legal.kept.{name}"), class_name="section-title"),
        rx.el.dl(
            rx.foreach(lines, lambda line: _row(line.what, line.time)),
            class_name="legal-list",
            data_testid=f"kept-{name}",
        ),
    )


def _list(title: str, rows: list[rx.Component]) -> rx.Component:
    return rx.el.section(
        rx.el.h2(say(title), class_name="section-title"),
        rx.el.dl(*rows, class_name="legal-list"),
    )


def _row(name: rx.Component | rx.Var | str, text: rx.Var | str) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(text))


def _days(key: str) -> int:
    return (MEMBERS.whole if key == "session" else REMEMBERED).days


def _stored(key: str) -> str:
    return key if key == "token" else f"dutchbook-{key}"
