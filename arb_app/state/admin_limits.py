"""An admin's window on the limits: the rules, what was refused, and the loudest networks."""

from typing import ClassVar

import reflex as rx

from arb_app.gate import allow_inherited
from arb_app.runtime import current
from arb_app.state import limits_shown as shown
from arb_app.state.listing import PAGE_ROWS, ListState
from services import limits
from services.access import Permission, Subject
from services.limits import Seen
from services.work import Work


@allow_inherited(Permission.VIEW_SYSTEM, "search", "turn_to")
class AdminLimitsState(ListState, rx.State):
    """Rules and refusals as text."""

    FIELDS: ClassVar = ("network",)
    quotas: rx.Field[str] = rx.field("")
    rules: rx.Field[list[shown.RuleLine]] = rx.field(default_factory=list)
    loud: rx.Field[list[shown.LoudLine]] = rx.field(default_factory=list)

    async def _look(self, work: Work) -> Seen:
        return await limits.seen(work)

    def _show(self, found: Seen, subject: Subject) -> None:
        del subject
        loud = shown.loud(found.loudest, self._asked.get("network", "").strip())
        self.quotas = shown.quotas()
        self.rules = shown.rules(found, current().clock.now())
        self.loud = list(loud[self._start() : self._start() + PAGE_ROWS])
        self._count(len(loud))
