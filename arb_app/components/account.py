"""The account in the header: a way in, or whose browser this is and a way out."""

import reflex as rx

from arb_app.components.icons import icon
from arb_app.components.post_form import post_form
from arb_app.state.account import AccountState
from arb_app.words import say


def admin_entry(active: str) -> rx.Component:
    """Return the way to the admin area, for those who have one."""
    here = {"aria-current": "page"} if active == "admin" else {}
    entry = rx.el.a(
        say("frame.admin"), href="/admin", class_name="nav-entry nav-admin", custom_attrs=here
    )
    return rx.cond(AccountState.staff, entry, rx.fragment())


def account() -> rx.Component:
    """Return the sign-in link or the account's menu."""
    return rx.cond(AccountState.email, _menu(), _way_in())


def _way_in() -> rx.Component:
    return rx.el.a(say("account.sign_in"), href="/login", class_name="nav-entry")


def _menu() -> rx.Component:
    out = rx.el.button(say("account.sign_out"), type="submit", class_name="button button-quiet")
    return rx.el.details(
        rx.el.summary(
            icon("person"),
            rx.el.span(say("account.menu"), class_name="visually-hidden"),
            rx.el.span(AccountState.email, class_name="account-name"),
            class_name="nav-entry",
            data_testid="account-menu",
        ),
        rx.el.div(
            rx.el.p(say("account.signed_in"), class_name="label"),
            rx.el.p(AccountState.email, class_name="account-email"),
            post_form("/auth/sign-out", out),
            class_name="card card-pad account-panel",
        ),
        class_name="account",
    )
