"""Who helps when betting has stopped being fun: public organisations, free of charge."""

from typing import Final

import reflex as rx

from arb_app.words import say

ORGANISATIONS: Final = {
    "gamcare": "https://www.gamcare.org.uk/",
    "gambleaware": "https://www.begambleaware.org/",
    "anonymous": "https://www.gamblersanonymous.org/",
    "gambler": "https://www.1800gambler.net/",
    "fejar": "https://fejar.org/",
    "jugarbien": "https://www.jugarbien.es/",
}


def help_links(*, short: bool = False) -> rx.Component:
    """Return the organisations as links; `short` leaves out where and how they help."""
    return rx.el.ul(
        *(_organisation(name, href, short=short) for name, href in ORGANISATIONS.items()),
        class_name="help-links help-links-short" if short else "help-links",
    )


def _organisation(name: str, href: str, *, short: bool) -> rx.Component:
    link = rx.el.a(say(f"help.{name}"), href=href, rel="noopener noreferrer")
    where = rx.fragment() if short else rx.el.span(say(f"help.{name}.text"), class_name="muted")
    return rx.el.li(link, where)
