"""Instants in the reader's own time zone: written by the browser, which alone knows it."""

from typing import Final

import reflex as rx
from reflex.vars.function import FunctionStringVar

_STYLE: Final = (
    '{weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",'
    ' timeZoneName: "short"}'
)
_LOCAL: Final = FunctionStringVar.create(
    f'((at) => at ? new Date(at).toLocaleString("en-GB", {_STYLE}) : "")'
)


def local_time(at: rx.Var) -> rx.Component:
    """Return an ISO 8601 instant as the reader's clock shows it; nothing where it is empty."""
    return rx.el.time(_LOCAL.call(at).to(str), date_time=at)
