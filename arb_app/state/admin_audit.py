"""An admin's window on the audit: how it stands, and its entries by filter."""

from collections.abc import Mapping
from typing import Any, Final, cast

import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from arb_app.state import audit_shown as shown
from domain.errors import NotAllowed, Unavailable
from services import audit_look
from services.access import Permission, Subject
from services.audit_look import Entries, Standing
from services.work import begin

PAGE_ROWS: Final = 25
FIELDS: Final = ("who", "action", "about", "since", "until")

Seen = tuple[Standing, list[str], Entries]


class AdminAuditState(rx.State):
    """One page of entries as text; the reader's own is what was searched for."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    standing: rx.Field[shown.StandingLine] = rx.field(default_factory=shown.StandingLine)
    entries: rx.Field[list[shown.EntryLine]] = rx.field(default_factory=list)
    actions: rx.Field[list[str]] = rx.field(default_factory=list)
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the latest entries; whoever may not see them is told so."""
        self._asked, self.page = {}, 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_AUDIT)
    async def search(self, form: Any) -> None:
        """Show the entries that fit what was typed."""
        self._asked, self.page = _typed(form), 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_AUDIT)
    async def turn_to(self, page: Any) -> None:
        """Show another page of entries."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            await self._load()

    async def _load(self) -> None:
        self._take(await look_at(await subject_of(self), self._asked, self.page))

    def _take(self, seen: Seen | NotAllowed | Unavailable) -> None:
        """Copy a look into the vars; entries once shown stay while PostgreSQL is away."""
        if isinstance(seen, NotAllowed):
            self.phase, self.late, self.entries = "refused", False, []
            self.standing, self.actions = shown.StandingLine(), []
        elif isinstance(seen, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            standing, self.actions, found = seen
            self.phase, self.late = "found", False
            self.standing = shown.standing_line(standing, current().clock.now())
            self.entries = [shown.entry_line(each) for each in found.entries]
            self.summed = shown.summed(found.total)
            self.export = shown.export_link(self._asked)
            self.pages = max(1, -(-found.total // PAGE_ROWS))


async def look_at(
    subject: Subject, asked: Mapping[str, str], page: int
) -> Seen | NotAllowed | Unavailable:
    """Return what the services say of the audit, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            standing = await audit_look.standing(work)
            known = await audit_look.actions(work)
            start = (page - 1) * PAGE_ROWS
            wanted = audit_look.filtered(dict(asked))
            return (
                standing,
                known,
                await audit_look.entries(work, wanted, limit=PAGE_ROWS, offset=start),
            )
    except (NotAllowed, Unavailable) as e:
        return e


def _typed(form: Any) -> dict[str, str]:
    """Return the texts of the form's fields; a client may send anything."""
    told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
    typed = ((name, told.get(name)) for name in FIELDS)
    return {name: text[: audit_look.LONGEST_TEXT] for name, text in typed if isinstance(text, str)}
