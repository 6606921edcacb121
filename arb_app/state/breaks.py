"""What keeps this reader from the board, and what they have asked to be reminded of."""

from datetime import datetime

import reflex as rx

from arb_app.admission import limits_of
from arb_app.gate import allow, subject_of
from arb_app.runtime import current
from domain.breaks import Held, Limits, Why
from domain.errors import Unavailable
from kit.settings import settings
from services import breaks
from services.access import Permission, Subject
from services.breaks import Own
from services.work import begin


class BreaksState(rx.State):
    """`door` is "open", or why the board is shut: "break", "limit" or "age"; "" is not yet known.

    Minutes are 0 where nothing was asked for; `until` and `looser_at` are ISO 8601 instants.
    """

    door: rx.Field[str] = rx.field("")
    until: rx.Field[str] = rx.field("")
    member: rx.Field[bool] = rx.field(default=False)
    remind: rx.Field[int] = rx.field(0)
    daily: rx.Field[int] = rx.field(0)
    firm: rx.Field[bool] = rx.field(default=False)
    holding: rx.Field[int] = rx.field(0)
    used: rx.Field[int] = rx.field(0)
    looser_at: rx.Field[str] = rx.field("")

    @rx.event
    @allow(Permission.VISIT)
    async def look(self) -> None:
        """Say what holds now; a page does so as it opens, and whenever the board is shut."""
        subject = await subject_of(self)
        found = await _own(subject) if subject.user_id else self._here(subject)
        self._show(found, member=subject.user_id is not None)

    def _here(self, subject: Subject) -> Own:
        limits = limits_of(self.router.headers.cookie, settings())
        return Own(limits, 0.0, subject.held)

    def _show(self, found: Own, *, member: bool) -> None:
        now, held = current().clock.now(), found.held
        limits = found.limits
        waits = limits.strict_until is not None and now < limits.strict_until
        self.door = held.why.value if held else "open"
        self.until = _iso(held.until if held else None)
        self.member = member
        self.remind, self.daily, self.firm = limits.remind_min, limits.daily_min, limits.firm
        self.holding = limits.holding(now)
        self.used = int(found.used_s // 60)
        self.looser_at = _iso(limits.strict_until if waits else None)


async def _own(subject: Subject) -> Own:
    """Return what is kept of a member; the gate may remember them as they were seconds ago."""
    try:
        async with begin(current().resources, subject) as work:
            found = await breaks.own(work)
    except Unavailable:
        return Own(Limits(), 0.0, subject.held)
    return Own(found.limits, found.used_s, _first(found.held, subject.held))


def _first(kept: Held | None, here: Held | None) -> Held | None:
    """Return what is told of what the account and the browser say: a break before all else."""
    told = (kept, here)
    return next((each for each in told if each and each.why is Why.BREAK), kept or here)


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at else ""
