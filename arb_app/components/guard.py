"""What stands where a page is not for everybody: the page, or why it is not shown."""

import reflex as rx

from arb_app.components.layout import button_link
from arb_app.components.notice import away, empty, loading
from arb_app.reader import here
from arb_app.state.account import AccountState
from arb_app.words import say


def admin_only(content: rx.Component, phase: rx.Var) -> rx.Component:
    """Return the content of an admin page, shown when the server has said "found".

    The shell holds no data: it comes through events, each with its own door.

    Args:
        content: What whoever may sees.
        phase: "loading", "found", "refused" or "away", from the page's state.
    """
    return rx.el.div(
        rx.match(
            phase,
            ("found", content),
            ("refused", refusal()),
            ("away", away()),
            loading(lines=6),
        )
    )


def refusal() -> rx.Component:
    """Return the refusal: a way to sign in, or that this account may not."""
    way = here("/login") + "?next=" + rx.State.router.url.path
    sign_in = rx.el.a(rx.el.span(say("account.sign_in")), href=way, class_name="button")
    back = button_link(say("missing.board"), "/board", quiet=True)
    secure = button_link(say("security.title"), "/account/security")
    refused = empty(
        say("guard.account.title"),
        say("guard.account.text"),
        rx.el.div(back, class_name="buttons"),
        drawn="shield",
    )
    needs_factor = empty(
        say("guard.factor.title"),
        say("guard.factor.text"),
        rx.el.div(secure, back, class_name="buttons"),
        drawn="shield",
    )
    visitor = empty(
        say("guard.visitor.title"),
        say("guard.visitor.text"),
        rx.el.div(sign_in, back, class_name="buttons"),
        drawn="shield",
    )
    member = rx.cond(AccountState.needs_factor, needs_factor, refused)
    return rx.el.div(rx.cond(AccountState.email, member, visitor), data_testid="refused")
