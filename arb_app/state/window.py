"""Windows: pages of figures that are looked at once, or every few seconds, as long as they may."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

import reflex as rx

from arb_app import gate
from arb_app.proving import prove_first
from arb_app.runtime import current
from arb_app.state.presence import present
from arb_app.words import say
from domain.errors import NotAllowed, ProofNeeded, Refused, Unavailable
from services.access import Permission, Subject
from services.work import Work, begin

T = TypeVar("T")


async def looks(
    state: rx.State, pause_s: float = 0.0, permission: Permission = Permission.VISIT
) -> AsyncGenerator[Subject]:
    """Yield who looks, time and again, until they leave the page or may no longer look.

    Args:
        state: The proxy of a background event.
        pause_s: How long to wait between two looks; a loop that waits by itself gives none.
        permission: What it takes to go on.
    """
    while present(state):
        subject = await gate.subject_of(state)
        if not subject.may(permission):
            return
        yield subject
        await asyncio.sleep(pause_s)


async def seen(
    subject: Subject, look: Callable[[Work], Awaitable[T]]
) -> T | NotAllowed | Unavailable:
    """Return what the services tell a subject, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            return await look(work)
    except (NotAllowed, Unavailable) as e:
        return e


def put(state: rx.State, told: dict[str, object]) -> None:
    """Set the vars that differ: whatever is set is sent to the browser, changed or not."""
    for name, value in told.items():
        if getattr(state, name) != value:
            setattr(state, name, value)


class WindowState(rx.State, mixin=True):
    """Whether there is something to see; what was shown stays while it cannot be asked for."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)

    @abstractmethod
    async def _look(self, work: Work) -> Any:
        """Ask the services for what is to be shown; they refuse whoever may not see it."""

    @abstractmethod
    def _show(self, found: Any, subject: Subject) -> None:
        """Copy what was found into the vars."""

    def _chosen(self) -> object:
        """Return what the reader chose: what was looked up for another choice is not shown."""

    async def _load(self) -> None:
        subject = await gate.subject_of(self)
        self._take(await seen(subject, self._look), subject)

    async def _follow(self, pause_s: float) -> None:
        """Look time and again, from a background event."""
        async for subject in looks(self, pause_s):
            async with self:
                chosen = self._chosen()
            found = await seen(subject, self._look)
            async with self:
                if not await gate.is_of(self, subject):
                    return
                if chosen == self._chosen():
                    self._take(found, subject)
            if isinstance(found, NotAllowed):
                return

    def _take(self, found: Any, subject: Subject) -> None:
        """Show what was found; whoever may not see it keeps nothing of what was shown before."""
        if isinstance(found, NotAllowed):
            self.reset()
            self.phase = "refused"
        elif isinstance(found, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            self.phase, self.late = "found", False
            self._show(found, subject)


class DeedsState(WindowState, mixin=True):
    """A window in which something is done; `said` is what came of it."""

    said: rx.Field[str] = rx.field("")
    said_tone: rx.Field[str] = rx.field("good")

    async def _do(
        self, deed: Callable[[Work], Awaitable[object]], said: str, page: str
    ) -> rx.event.EventSpec | None:
        """Do one thing in one transaction, say what came of it, and look again."""
        try:
            async with begin(current().resources, await gate.subject_of(self)) as work:
                await deed(work)
        except ProofNeeded:
            return prove_first(page)
        except NotAllowed:
            self._say(say("guard.account.text"), "bad")
        except Refused as e:
            self._say(f"{e}"[:1].upper() + f"{e}."[1:], "bad")
        except Unavailable:
            self._say(say("admin.said.away"), "bad")
        else:
            self._say(said, "good")
        await self._load()
        return None

    def _say(self, sentence: str, tone: str) -> None:
        self.said, self.said_tone = sentence, tone
