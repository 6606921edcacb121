"""Whether a part of the product is there for whoever asks; looked up every few seconds."""

from typing import Final, Protocol

from domain.errors import Unavailable
from domain.flags import DEFAULT, Flag, Rule, SwitchedOff, is_for
from kit.clock import Clock
from services.access import Subject
from store import flags as stored
from store.db import Session

LASTS_S: Final = 2.0
"""For how long a process believes what it last looked up."""


class _Asked(Protocol):
    @property
    def subject(self) -> Subject: ...
    @property
    def db(self) -> Session: ...
    @property
    def clock(self) -> Clock: ...


class Flags:
    """What one process knows of flags; while PostgreSQL cannot be asked it stays as it was."""

    def __init__(self) -> None:
        """Know nothing yet: everything is there until something else is known."""
        self._rules: dict[str, Rule] = {}
        self._read_at: float | None = None

    def forget(self) -> None:
        """Look up anew when next asked."""
        self._read_at = None

    async def has(self, flag: Flag, work: _Asked) -> bool:
        """Return whether whoever asks has this part of the product."""
        await self._look(work)
        rule, subject = self._rules.get(flag, DEFAULT), work.subject
        return is_for(
            flag,
            rule,
            user_id=subject.user_id,
            role=subject.role or "",
            plan=subject.view.plan.name,
        )

    async def require(self, flag: Flag, work: _Asked) -> None:
        """Raise `SwitchedOff` if whoever asks does not have this part of the product."""
        if not await self.has(flag, work):
            raise SwitchedOff(f"{flag} is switched off for now")

    async def _look(self, work: _Asked) -> None:
        """Look up what is known if it is old; who asks meanwhile goes on with what was known."""
        now = work.clock.monotonic()
        if self._read_at is not None:
            if now - self._read_at < LASTS_S:
                return
            self._read_at = now
        try:
            self._rules = await stored.rules(work.db)
        except Unavailable:
            await work.db.rollback()
        else:
            self._read_at = now
