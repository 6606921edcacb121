"""The way to prove once more that it is oneself, and back to what asked for it."""

from urllib.parse import quote

import reflex as rx

from arb_app.reader import here


def prove_first(path: str) -> rx.event.EventSpec:
    """Return the way to the page that asks for proof, and leads to `path` afterwards."""
    return rx.redirect(proving_at(path))


def proving_at(path: str) -> str:
    """Return the address of that page, for doors that answer with one."""
    return f"{here('/account/prove')}?next={quote(here(path))}"
