"""An admin's window on the audit: how it stands, and its entries by filter."""

from typing import ClassVar

import reflex as rx

from arb_app.audit_export import PATH
from arb_app.gate import allow_inherited
from arb_app.runtime import current
from arb_app.state import audit_shown as shown
from arb_app.state.listing import PAGE_ROWS, ListState, link
from services import audit_look
from services.access import Permission, Subject
from services.audit_look import Entries, Standing
from services.work import Work

Seen = tuple[Standing, list[str], Entries]


@allow_inherited(Permission.VIEW_AUDIT, "search", "turn_to")
class AdminAuditState(ListState, rx.State):
    """One page of entries as text."""

    FIELDS: ClassVar = ("who", "action", "about", "since", "until")
    standing: rx.Field[shown.StandingLine] = rx.field(default_factory=shown.StandingLine)
    entries: rx.Field[list[shown.EntryLine]] = rx.field(default_factory=list)
    actions: rx.Field[list[str]] = rx.field(default_factory=list)

    async def _look(self, work: Work) -> Seen:
        standing, known = await audit_look.standing(work), await audit_look.actions(work)
        wanted = audit_look.filtered(dict(self._asked))
        start = self._start()
        found = await audit_look.entries(work, wanted, limit=PAGE_ROWS, offset=start)
        return standing, known, found

    def _show(self, found: Seen, subject: Subject) -> None:
        del subject
        standing, self.actions, entries = found
        self.standing = shown.standing_line(standing, current().clock.now())
        self.entries = [shown.entry_line(each) for each in entries.entries]
        self.summed = shown.summed(entries.total)
        self.export = link(PATH, self._asked)
        self._count(entries.total)
