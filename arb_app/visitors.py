"""Who is behind which token, remembered for seconds: not every event asks PostgreSQL."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from domain.errors import Unavailable
from domain.plans import PlanName, View
from kit.settings import Settings
from services.access import ANONYMOUS, Subject
from services.sessions import TOUCH_S, hash_of

FRESH_S: Final = 3.0
OUTAGE_S: Final = 60.0
MOST: Final = 10_000


def visitor(settings: Settings) -> Subject:
    """Return whoever has not signed in, who sees the board by the plan that the operator chose.

    Without a choice that is all of it on one's own machine, and the least in production.
    """
    least = settings.environment == "production"
    plan = settings.visitor_plan or (PlanName.ANONYMOUS if least else PlanName.PRO)
    return replace(ANONYMOUS, view=View.of(plan, settings.visitor_league))


@dataclass(frozen=True, slots=True)
class _Known:
    subject: Subject
    asked_at: float
    active_at: float


class Visitors:
    """Subjects by the hash of their token, the least recently seen forgotten beyond `MOST`.

    A session that has ended is noticed within `FRESH_S`. While PostgreSQL cannot be asked nobody
    can end one either, so whoever was known stays so for `OUTAGE_S`, and then is nobody.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def subject(
        self,
        token: str,
        ask: Callable[[str, bool], Awaitable[Subject]],
        *,
        now: float,
        active: bool,
    ) -> Subject:
        """Return who is behind a token.

        Args:
            token: What the browser sent.
            ask: Returns who it is, given the token and whether the member did something.
            now: Monotonic seconds.
            active: Whether the member did something just now.
        """
        key = hash_of(token)
        known = self._known.get(key)
        touching = active and (known is None or now - known.active_at >= TOUCH_S)
        if known and now - known.asked_at < FRESH_S and not touching:
            self._known.move_to_end(key)
            return known.subject
        try:
            subject = await ask(token, touching)
        except Unavailable:
            return known.subject if known and now - known.asked_at < OUTAGE_S else ANONYMOUS
        active_at = now if touching or known is None else known.active_at
        self._known[key] = _Known(subject, now, active_at)
        self._known.move_to_end(key)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return subject

    def forget(self, token: str) -> None:
        """Ask anew about a token from now on."""
        self._known.pop(hash_of(token), None)

    def forget_member(self, user_id: UUID | None) -> None:
        """Ask anew about every session of a member from now on; of None there is none."""
        if user_id is None:
            return
        theirs = [key for key, known in self._known.items() if known.subject.user_id == user_id]
        for key in theirs:
            del self._known[key]
