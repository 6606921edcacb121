"""Forms that the browser sends itself, with or without JavaScript."""

from typing import Any

import reflex as rx


def post_form(action: str, *children: rx.Component, **props: Any) -> rx.Component:
    """Return a form that POSTs its fields to a door of ours and follows where it points.

    Reflex gives every form a handler that stops the browser from sending it; here it goes.
    """
    form = rx.el.form(*children, action=action, method="post", **props)
    form.event_triggers.pop("on_submit")
    return form
