"""One reader's window on how the product and its sources are doing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app import words
from arb_app.gate import allow, may, subject_of
from arb_app.runtime import current
from arb_app.state.presence import present
from arb_app.words import say
from domain.errors import Unavailable
from domain.quotes import Origin
from domain.sources import SourceHealth, SourceState
from services import status
from services.access import Permission, Subject
from services.status import BOARD_FRESH_S, Health
from services.work import begin

PAUSE_S: Final = 2.0
MOST_SOURCES: Final = 50
_TONES: Final = {
    SourceState.STARTING: "plain",
    SourceState.HEALTHY: "good",
    SourceState.FAILING: "bad",
    SourceState.FINISHED: "plain",
    SourceState.OFF: "plain",
}


@dataclass(frozen=True)
class PartLine:
    """One part of the product and how it is."""

    name: str = ""
    state: str = ""
    tone: str = "plain"
    detail: str = ""


@dataclass(frozen=True)
class SourceLine:
    """One source as the page shows it."""

    name: str = ""
    title: str = ""
    origin: str = ""
    origin_tone: str = "accent"
    state: str = ""
    tone: str = "plain"
    note: str = ""
    last: str = ""
    next: str = ""
    quotes: str = ""
    lag: str = ""
    failures: str = ""
    quota: str = ""
    rejected: str = ""
    reasons: str = ""


Around = tuple[list[PartLine], list[SourceLine]]


class StatusState(rx.State):
    """The parts and the sources, as text."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    parts: rx.Field[list[PartLine]] = rx.field(default_factory=list)
    sources: rx.Field[list[SourceLine]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_STATUS)
    async def live(self) -> None:
        """Follow the product's health until the reader leaves the page."""
        while present(self) and may(self, Permission.VIEW_STATUS):
            look = await look_around(subject_of(self))
            async with self:
                self._take(look)
            await asyncio.sleep(PAUSE_S)

    def _take(self, look: Around | None) -> None:
        """Copy a look into the vars; lines once shown stay when the services are away."""
        self.late = look is None and self.phase == "found"
        if look is not None:
            self.phase = "found"
            self.parts, self.sources = look
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
    return part_lines(health), [source_line(each, now) for each in sources[:MOST_SOURCES]]


def part_lines(health: Health) -> list[PartLine]:
    """Return the parts of the product, the one that readers care most about first."""
    return [
        _board(health.board_age_s),
        _worker(len(health.workers)),
        _server(say("status.database"), answers=health.postgres),
        _server(say("status.cache"), answers=health.valkey),
    ]


def source_line(health: SourceHealth, now: datetime) -> SourceLine:
    """Return a source's line; what was rejected is listed by reason, the commonest first."""
    return SourceLine(
        name=health.name,
        title=health.title,
        origin=words.origin_chip(health.origin),
        origin_tone="accent" if health.origin is Origin.LIVE else "warn",
        state=words.source_state(health.state),
        tone=_TONES[health.state],
        note=health.note,
        last=_since(health.last_answer_at, now),
        next=_until(health.next_due_at, now),
        quotes=as_text.count(health.quotes),
        lag=as_text.age(health.lag_s),
        failures=as_text.count(health.failures),
        quota=as_text.NONE if health.quota_left is None else f"{health.quota_left:,.0f}",
        rejected=_rejected(health.rejected),
        reasons=_reasons(health.rejected),
    )


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


def _since(at: datetime | None, now: datetime) -> str:
    if at is None:
        return say("status.never")
    return say("opportunity.ago", age=as_text.age((now - at).total_seconds()))


def _until(at: datetime | None, now: datetime) -> str:
    if at is None:
        return as_text.NONE
    left_s = (at - now).total_seconds()
    return say("opportunity.ahead", age=as_text.age(left_s)) if left_s >= 1 else say("status.now")


def _rejected(reasons: Mapping[str, int]) -> str:
    total = sum(reasons.values())
    if not total:
        return say("status.rejected.none")
    return say("status.rejected", count=as_text.count(total))


def _reasons(reasons: Mapping[str, int]) -> str:
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return "\n".join(f"{as_text.count(count)}  {words.rejection(name)}" for name, count in ordered)
