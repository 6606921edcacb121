"""The frame of every page: skip link, header, main part, footer."""

from typing import Final

import reflex as rx
from reflex_components_core.el.elements.inline import A

from arb_app.components.account import account, admin_entry
from arb_app.components.icons import icon, mark
from arb_app.components.languages import language_switch
from arb_app.reader import here
from arb_app.state.account import AccountState
from arb_app.words import say
from domain.flags import Flag

NAVIGATION: Final = (
    ("board", "/board"),
    ("middles", "/middles"),
    ("value", "/value"),
    ("calculator", "/calculator"),
    ("status", "/status"),
)

_OF_FLAGS: Final = {"middles": Flag.PROSPECTS, "value": Flag.PROSPECTS}

FOOTER: Final = (
    ("pricing", "/pricing"),
    ("breaks", "/account/breaks"),
    ("responsible", "/legal/responsible"),
    ("terms", "/legal/terms"),
    ("privacy", "/legal/privacy"),
    ("cookies", "/legal/cookies"),
)


def page(
    title: str, *children: rx.Component | rx.Var, active: str, heading: bool = True
) -> rx.Component:
    """Return a whole page.

    Args:
        title: The heading of the page.
        children: What stands below the heading.
        active: The name of the part of the product that the page belongs to; "" for none.
        heading: Whether to show `title`; a page that does not has a first-level heading of its own.
    """
    top = [rx.el.h1(title, class_name="page-title")] if heading else []
    return rx.el.div(
        # A link of the router's would lose the query of the address.
        A.create(say("frame.skip"), href="#main", class_name="skip"),
        _header(active),
        rx.el.main(*top, *children, id="main", tab_index=-1, class_name="wrap main"),
        _footer(),
        class_name="frame",
    )


def button_link(label: str, href: str, *, quiet: bool = False) -> rx.Component:
    """Return a link that looks like a button."""
    look = "button button-quiet" if quiet else "button"
    return rx.el.a(rx.el.span(label), icon("arrow"), href=here(href), class_name=look)


def _header(active: str) -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.a(
                mark(),
                rx.el.span(say("product.name")),
                href="/",
                class_name="brand",
                aria_label=say("frame.home"),
            ),
            rx.el.nav(
                *(_entry(name, href, active) for name, href in NAVIGATION),
                admin_entry(active),
                aria_label=say("frame.nav"),
                class_name="nav",
            ),
            account(),
            language_switch(),
            rx.el.a(
                icon("gear"),
                rx.el.span(say("frame.settings"), class_name="visually-hidden"),
                href="/account",
                title=say("frame.settings"),
                class_name="toggle",
            ),
            rx.el.button(
                icon("sun"),
                type="button",
                class_name="toggle",
                aria_label=say("frame.theme"),
                title=say("frame.theme"),
                custom_attrs={"data-theme-toggle": ""},
            ),
            class_name="wrap header-row",
        ),
        class_name="header",
    )


def _entry(name: str, href: str, active: str) -> rx.Component:
    here = {"aria-current": "page"} if name == active else {}
    entry = rx.el.a(say(f"frame.{name}"), href=href, class_name="nav-entry", custom_attrs=here)
    if name not in _OF_FLAGS:
        return entry
    return rx.cond(AccountState.off.contains(_OF_FLAGS[name].value), rx.fragment(), entry)


def _footer() -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.p(rx.el.strong(say("frame.risk"))),
            rx.el.p(say("frame.limits")),
            rx.el.nav(
                *(rx.el.a(say(f"frame.{name}"), href=href) for name, href in FOOTER),
                aria_label=say("frame.more"),
                class_name="footer-links",
            ),
            rx.el.button(
                say("frame.install"),
                type="button",
                class_name="button button-quiet install",
                custom_attrs={"data-install-button": ""},
            ),
            class_name="wrap footer-row",
        ),
        class_name="footer",
    )
