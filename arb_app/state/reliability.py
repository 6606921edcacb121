"""One reader's window on how far each source and its books can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import reflex as rx

from arb_app import format as as_text
from arb_app import words
from arb_app.gate import allow
from arb_app.runtime import current
from arb_app.state.window import looks
from arb_app.words import say
from domain.errors import Unavailable
from domain.sources import ReliabilityPart, SourceReliability, Standing
from services import status
from services.access import Permission, Subject
from services.work import begin

PAUSE_S: Final = 10.0
MOST_LINES: Final = 50


@dataclass(frozen=True)
class ReliabilityLine:
    """One source, or one of its books, with its score and the parts of it."""

    name: str = ""
    whole: bool = False
    score: str = ""
    freshness: str = ""
    completeness: str = ""
    closeness: str = ""
    steadiness: str = ""
    soundness: str = ""
    lag: str = ""
    age: str = ""
    silent: str = ""


class ReliabilityState(rx.State):
    """Sources and books, as text; none until the worker has told."""

    lines: rx.Field[list[ReliabilityLine]] = rx.field(default_factory=list)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VIEW_STATUS)
    async def live(self) -> None:
        """Follow what the worker tells until the reader leaves the page."""
        async for subject in looks(self, PAUSE_S, Permission.VIEW_STATUS):
            lines = await _told(subject)
            async with self:
                self._take(lines)

    def _take(self, lines: list[ReliabilityLine] | None) -> None:
        """Copy the lines; those once shown stay while they cannot be asked for."""
        if lines is not None:
            self.lines = lines


def reliability_lines(of: Sequence[SourceReliability]) -> list[ReliabilityLine]:
    """Return a line a source, followed by one a book, the least reliable first."""
    lines: list[ReliabilityLine] = []
    for each in of:
        lines.append(_line(each.whole, each.whole.name, whole=True))
        books = sorted(each.books, key=lambda book: book.score)
        lines += [_line(book, words.book(book.name), whole=False) for book in books]
    return lines[:MOST_LINES]


async def _told(subject: Subject) -> list[ReliabilityLine] | None:
    try:
        async with begin(current().resources, subject) as work:
            return reliability_lines(await status.reliabilities(work))
    except Unavailable:
        return None


def _line(of: Standing, name: str, *, whole: bool) -> ReliabilityLine:
    shares = {part.value: as_text.percent(of.parts[part], signed=False) for part in ReliabilityPart}
    return ReliabilityLine(
        name=name,
        whole=whole,
        score=as_text.percent(of.score, digits=1, signed=False),
        lag=as_text.age(of.lag_s),
        age=as_text.age(of.age_s),
        silent=say("reliability.silent.of", silent=of.silent, events=of.events),
        **shares,
    )
