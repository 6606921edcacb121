"""Forms that the browser sends itself, with or without JavaScript."""

from typing import Any

import reflex as rx

from arb_app.reader import reader
from domain.preferences import Language


def post_form(action: str, *children: rx.Component, **props: Any) -> rx.Component:
    """Return a form that POSTs its fields to a door of ours and follows where it points.

    It says in which language its page is, so that the door leads on to one in the same.
    Reflex gives every form a handler that stops the browser from sending it; here it goes.
    """
    if (language := reader().language) is not Language.ENGLISH:
        children += (rx.el.input(type="hidden", name="language", default_value=language.value),)
    form = rx.el.form(*children, action=action, method="post", **props)
    form.event_triggers.pop("on_submit")
    return form
