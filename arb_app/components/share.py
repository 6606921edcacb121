"""Sharing: a picture without book names, to be downloaded, and the same as text."""

import reflex as rx

from arb_app.state.opportunity_share import ShareState as State
from arb_app.words import say

_FILE = "opportunity.svg"


def share_card() -> rx.Component:
    """Return the picture once it was asked for, and what can be done with it."""
    return rx.el.section(
        rx.el.h2(say("share.title"), class_name="section-title"),
        rx.el.p(say("share.text"), class_name="muted small"),
        rx.cond(
            State.picture != "",
            rx.el.img(
                src=State.picture, alt=State.text, class_name="share-picture", data_testid="share"
            ),
        ),
        rx.el.div(
            rx.el.button(
                rx.cond(State.picture != "", say("share.again"), say("share.make")),
                type="button",
                on_click=State.make,
                class_name="button button-quiet",
                data_testid="share.make",
            ),
            rx.cond(
                State.picture != "",
                rx.fragment(
                    rx.el.a(
                        say("share.download"),
                        href=State.picture,
                        download=_FILE,
                        class_name="button button-quiet",
                        data_testid="share.download",
                    ),
                    rx.el.button(
                        say("share.copy"),
                        type="button",
                        on_click=rx.set_clipboard(State.text),
                        class_name="button button-quiet",
                    ),
                ),
            ),
            class_name="buttons",
        ),
        rx.el.p(State.told, role="status", class_name="label"),
        class_name="card card-pad stack",
    )
