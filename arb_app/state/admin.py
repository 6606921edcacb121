"""The index of the admin area: what of it the subject may open."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.reader import here
from arb_app.words import say
from services.access import Permission, Subject

ROOMS: Final = (
    ("sources", "/admin/sources", Permission.MANAGE_SOURCES),
    ("matching", "/admin/matching", Permission.MANAGE_MATCHING),
    ("quality", "/admin/quality", Permission.VIEW_QUALITY),
    ("mail", "/admin/mail", Permission.MANAGE_ACCOUNTS),
    ("gallery", "/admin/gallery", Permission.VIEW_ADMIN),
    ("audit", "/admin/audit", Permission.VIEW_AUDIT),
    ("risk", "/admin/risk", Permission.VIEW_AUDIT),
    ("health", "/admin/health", Permission.VIEW_SYSTEM),
    ("jobs", "/admin/jobs", Permission.VIEW_SYSTEM),
    ("flags", "/admin/flags", Permission.VIEW_SYSTEM),
    ("keys", "/admin/keys", Permission.VIEW_AUDIT),
    ("members", "/admin/members", Permission.VIEW_MEMBERS),
    ("sessions", "/admin/sessions", Permission.MANAGE_ACCOUNTS),
    ("limits", "/admin/limits", Permission.VIEW_SYSTEM),
)


@dataclass(frozen=True)
class Room:
    """One page of the admin area."""

    title: str = ""
    text: str = ""
    href: str = ""


class AdminState(rx.State):
    """The pages that the subject may open."""

    phase: rx.Field[str] = rx.field("loading")
    rooms: rx.Field[list[Room]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """List the pages, or say that there are none for this subject."""
        subject = await subject_of(self)
        allowed = subject.may(Permission.VIEW_ADMIN)
        self.rooms = rooms(subject) if allowed else []
        self.phase = "found" if allowed else "refused"


def rooms(subject: Subject) -> list[Room]:
    """Return the admin pages that the subject may open."""
    return [
        Room(say(f"admin.{name}"), say(f"admin.{name}.text"), here(href))
        for name, href, permission in ROOMS
        if subject.may(permission)
    ]
