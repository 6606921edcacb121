"""One reader's window on how the product and its sources are doing."""

from dataclasses import dataclass
from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow
from arb_app.runtime import current
from arb_app.state.sources import Folded, SourceLine, Sources, source_lines
from arb_app.state.window import looks
from arb_app.words import say
from domain.errors import Unavailable
from services import status
from services.access import Permission, Subject
from services.status import BOARD_FRESH_S, Health
from services.work import begin

PAUSE_S: Final = 2.0


@dataclass(frozen=True)
class PartLine:
    """One part of the product and how it is."""

    name: str = ""
    state: str = ""
    tone: str = "plain"
    detail: str = ""


Around = tuple[list[PartLine], Sources]


class StatusState(rx.State):
    """The parts and the sources, as text."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    parts: rx.Field[list[PartLine]] = rx.field(default_factory=list)
    sources: rx.Field[list[SourceLine]] = rx.field(default_factory=list)
    unset: rx.Field[Folded] = rx.field(default_factory=Folded)
    idle: rx.Field[Folded] = rx.field(default_factory=Folded)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_STATUS)
    async def live(self) -> None:
        """Follow the product's health until the reader leaves the page."""
        async for subject in looks(self, PAUSE_S, Permission.VIEW_STATUS):
            look = await look_around(subject)
            async with self:
                self._take(look)

    def _take(self, look: Around | None) -> None:
        """Copy a look into the vars; lines once shown stay when the services are away."""
        self.late = look is None and self.phase == "found"
        if look is not None:
            self.phase = "found"
            self.parts, (self.sources, self.unset, self.idle) = look
        elif self.phase != "found":
            self.phase = "away"


async def look_around(subject: Subject) -> Around | None:
    """Return how everything is, or None while that cannot be asked."""
    try:
        async with begin(current().resources, subject) as work:
            health, sources = await status.health(work), await status.sources(work)
            now = work.clock.now()
    except Unavailable:
        return None
    return part_lines(health), source_lines(sources, now)


def part_lines(health: Health) -> list[PartLine]:
    """Return the parts of the product, the one that readers care most about first."""
    return [
        _board(health.board_age_s),
        _worker(len(health.workers)),
        _server(say("status.database"), answers=health.postgres),
        _server(say("status.cache"), answers=health.valkey),
    ]


def _board(age_s: float | None) -> PartLine:
    name = say("status.board")
    if age_s is None:
        return PartLine(name, say("status.down"), "bad", say("status.board.none"))
    detail = say("status.board.age", age=as_text.age(age_s))
    if age_s > BOARD_FRESH_S:
        return PartLine(name, say("status.stale"), "warn", detail)
    return PartLine(name, say("status.ok"), "good", detail)


def _worker(alive: int) -> PartLine:
    name = say("status.worker")
    if not alive:
        return PartLine(name, say("status.down"), "bad", say("status.no_beat"))
    return PartLine(name, say("status.ok"), "good", say("status.beats", count=alive))


def _server(name: str, *, answers: bool) -> PartLine:
    if answers:
        return PartLine(name, say("status.ok"), "good", say("status.answers"))
    return PartLine(name, say("status.down"), "bad", say("status.no_answer"))
