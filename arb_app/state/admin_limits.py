"""An admin's window on the limits: the rules, what was refused, and the loudest networks."""

from collections.abc import Mapping
from typing import Any, Final, cast

import reflex as rx

from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from arb_app.state import limits_shown as shown
from domain.errors import NotAllowed, Unavailable
from services import limits
from services.access import Permission, Subject
from services.limits import Seen
from services.work import begin

PAGE_ROWS: Final = 25
LONGEST_SEARCH: Final = 50


class AdminLimitsState(rx.State):
    """Rules and refusals as text; the reader's own is what was searched for."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    quotas: rx.Field[str] = rx.field("")
    rules: rx.Field[list[shown.RuleLine]] = rx.field(default_factory=list)
    loud: rx.Field[list[shown.LoudLine]] = rx.field(default_factory=list)
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    _asked: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the last day; whoever may not see it is told so."""
        self._asked, self.page = "", 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_SYSTEM)
    async def search(self, form: Any) -> None:
        """Show the networks that fit what was typed."""
        told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
        typed = told.get("network")
        self._asked = typed.strip()[:LONGEST_SEARCH] if isinstance(typed, str) else ""
        self.page = 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_SYSTEM)
    async def turn_to(self, page: Any) -> None:
        """Show another page of networks."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            await self._load()

    async def _load(self) -> None:
        self._take(await look_at(await subject_of(self)))

    def _take(self, seen: Seen | NotAllowed | Unavailable) -> None:
        """Copy a look into the vars; what was shown once stays while Valkey is away."""
        if isinstance(seen, NotAllowed):
            self.phase, self.late, self.rules, self.loud = "refused", False, [], []
        elif isinstance(seen, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            found = shown.loud(seen.loudest, self._asked)
            start = (self.page - 1) * PAGE_ROWS
            self.phase, self.late, self.quotas = "found", False, shown.quotas()
            self.rules = shown.rules(seen, current().clock.now())
            self.loud = list(found[start : start + PAGE_ROWS])
            self.pages = max(1, -(-len(found) // PAGE_ROWS))


async def look_at(subject: Subject) -> Seen | NotAllowed | Unavailable:
    """Return what the services say of the limits, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            return await limits.seen(work)
    except (NotAllowed, Unavailable) as e:
        return e
