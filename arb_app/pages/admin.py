"""The index of the admin area."""

import reflex as rx
from reflex.vars import ObjectVar

from arb_app.components.guard import admin_only
from arb_app.components.icons import icon
from arb_app.components.layout import page
from arb_app.components.memo import memo
from arb_app.components.notice import empty
from arb_app.state.admin import AdminState as State
from arb_app.state.admin import Room
from arb_app.words import say


def admin() -> rx.Component:
    """Return the list of admin pages that the subject may open."""
    rooms = rx.el.ul(rx.foreach(State.rooms, lambda room: _room(room=room)), class_name="rooms")
    nothing = empty(say("admin.none.title"), say("admin.none.text"), drawn="shield")
    found = rx.fragment(
        rx.el.p(say("admin.lede"), class_name="lede"),
        rx.cond(State.rooms.length() > 0, rooms, nothing),
    )
    return page(say("admin.title"), admin_only(found, State.phase), active="admin")


@memo
def _room(room: ObjectVar[Room]) -> rx.Component:
    return rx.el.li(
        rx.el.a(
            rx.el.strong(room.title),
            rx.el.span(room.text, class_name="small muted"),
            icon("arrow"),
            href=room.href,
            class_name="card room",
            data_testid="admin-room",
        )
    )
