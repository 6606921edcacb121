"""An admin's window on the outbox: what was written to members, and what became of it."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from arb_app.gate import allow
from arb_app.state.window import WindowState
from arb_app.words import say
from kit.settings import settings
from services import post
from services.access import Permission, Subject
from services.post import Kept
from services.work import Work

PAUSE_S: Final = 3.0


@dataclass(frozen=True)
class LetterLine:
    """One letter; `text` is empty where it may not be read."""

    kind: str = ""
    address: str = ""
    at: str = ""
    state: str = ""
    tone: str = ""
    subject: str = ""
    text: str = ""
    link: str = ""


class AdminMailState(WindowState, rx.State):
    """The newest letters as text, and whether they are carried at all."""

    local: rx.Field[bool] = rx.field(default=False)
    letters: rx.Field[list[LetterLine]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Follow the outbox until the reader leaves the page, or may no longer see it."""
        await self._follow(PAUSE_S)

    async def _look(self, work: Work) -> list[Kept]:
        return await post.outbox(work, readable=settings().smtp_url is None)

    def _show(self, found: list[Kept], subject: Subject) -> None:
        del subject
        self.local = settings().smtp_url is None
        self.letters = [line(each, local=self.local) for each in found]


def line(of: Kept, *, local: bool) -> LetterLine:
    """Return a letter as the page shows it; `local` says that nobody carries letters."""
    state, tone = _state(of, local=local)
    text = of.letter.text if of.letter else ""
    link = next((each for each in text.split() if each.startswith(("http://", "https://"))), "")
    return LetterLine(
        kind=say(f"mail.kind.{of.kind}"),
        address=of.address,
        at=of.written_at.isoformat(),
        state=state,
        tone=tone,
        subject=of.letter.subject if of.letter else "",
        text=text,
        link=link,
    )


def _state(of: Kept, *, local: bool) -> tuple[str, str]:
    if of.sent_at:
        return say("mail.sent"), "good"
    if of.failed:
        return say("mail.tried", why=of.failed, tries=of.tries), "bad"
    return (say("mail.kept"), "plain") if local else (say("mail.waiting"), "warn")
