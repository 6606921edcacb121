"""An admin's window on quality: what is refused and why, and names that nobody knows."""

import asyncio
from typing import Any, Final

import reflex as rx

from arb_app.gate import allow, is_of, subject_of
from arb_app.runtime import current
from arb_app.state import quality_shown as shown
from arb_app.state.presence import present
from domain.errors import NotAllowed, Unavailable
from services import quality
from services.access import Permission, Subject
from services.quality import Names, Quality
from services.work import begin

PAUSE_S: Final = 5.0
PAGE_ROWS: Final = 25

Seen = tuple[Quality, Names]


class AdminQualityState(rx.State):
    """Gates, books, what was dropped, and one page of unknown names; all of it as text."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    summed: rx.Field[str] = rx.field("")
    gates: rx.Field[list[shown.GateLine]] = rx.field(default_factory=list)
    books: rx.Field[list[shown.BookLine]] = rx.field(default_factory=list)
    drops: rx.Field[list[shown.DropLine]] = rx.field(default_factory=list)
    names: rx.Field[list[shown.NameLine]] = rx.field(default_factory=list)
    sources: rx.Field[list[shown.Choice]] = rx.field(default_factory=list)
    source: rx.Field[str] = rx.field("")
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Follow the figures until the reader leaves the page, or may no longer see them."""
        async with self:
            self.source, self.page = "", 1
        while present(self):
            async with self:
                asked = (self.source, self.page)
            subject = await subject_of(self)
            seen = await look_at(subject, *asked)
            async with self:
                if not await is_of(self, subject):
                    return
                if asked == (self.source, self.page):  # else the reader has chosen meanwhile
                    self._take(seen)
            if isinstance(seen, NotAllowed):
                return
            await asyncio.sleep(PAUSE_S)

    @rx.event
    @allow(Permission.VIEW_QUALITY)
    async def choose_source(self, source: Any) -> None:
        """Show the unknown names of one source, or of all."""
        if any(each.value == source for each in self.sources):
            self.source, self.page = source, 1
            self._take(await look_at(await subject_of(self), self.source, self.page))

    @rx.event
    @allow(Permission.VIEW_QUALITY)
    async def turn_to(self, page: Any) -> None:
        """Show another page of unknown names."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            self._take(await look_at(await subject_of(self), self.source, self.page))

    def _take(self, seen: Seen | NotAllowed | Unavailable) -> None:
        """Copy a look into the vars; figures once shown stay while the services are away."""
        if isinstance(seen, NotAllowed):
            self.phase, self.late = "refused", False
            self.gates, self.books, self.drops, self.names = [], [], [], []
        elif isinstance(seen, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            self.phase, self.late = "found", False
            self._show(*seen)

    def _show(self, found: Quality, names: Names) -> None:
        now = current().clock.now()
        of_source = names.by_source.get(self.source, 0)
        count = of_source if self.source else sum(names.by_source.values())
        figures: dict[str, object] = {
            "summed": shown.summed(found),
            "gates": shown.gate_lines(found),
            "books": shown.book_lines(found),
            "drops": shown.drop_lines(found.sources),
            "names": [shown.name_line(each, now) for each in names.names],
            "sources": shown.choices(names.by_source),
            "pages": max(1, -(-count // PAGE_ROWS)),
        }
        for name, figure in figures.items():
            if getattr(self, name) != figure:
                setattr(self, name, figure)


async def look_at(subject: Subject, source: str, page: int) -> Seen | NotAllowed | Unavailable:
    """Return what the services say of quality, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            found = await quality.quality(work)
            start = (page - 1) * PAGE_ROWS
            names = await quality.names(work, source=source, limit=PAGE_ROWS, offset=start)
    except (NotAllowed, Unavailable) as e:
        return e
    return found, names
