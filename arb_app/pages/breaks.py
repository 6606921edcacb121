"""Breaks and limits: where a reader sets how long they want to be here."""

import reflex as rx

from arb_app.components.account_tabs import account_tabs
from arb_app.components.help import help_links
from arb_app.components.layout import page
from arb_app.components.presence_settings import presence_settings
from arb_app.words import say


def breaks() -> rx.Component:
    """Return the page; it begins with `BreaksState.look`."""
    return page(
        say("breaks.title"),
        account_tabs("breaks"),
        presence_settings(),
        rx.el.section(
            rx.el.h2(say("help.title"), class_name="section-title"),
            rx.el.p(say("help.text"), class_name="muted"),
            help_links(),
            class_name="section",
        ),
        active="breaks",
    )
