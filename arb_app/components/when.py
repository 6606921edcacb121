"""Instants as the reader's clock shows them: written by the browser, which knows their zone."""

from typing import Final

import reflex as rx
from reflex.vars.function import FunctionStringVar

_LOCAL: Final = FunctionStringVar.create(
    '((at) => at ? (globalThis.dutchbook?.instant(at) ?? at) : "")'
)
"""`settings.js` writes it, by the language of the page and the zone that the reader chose."""


def local_time(at: rx.Var) -> rx.Component:
    """Return an ISO 8601 instant as the reader's clock shows it; nothing where it is empty."""
    return rx.el.time(_LOCAL.call(at).to(str), date_time=at)
