"""An admin's window on quality: what is refused and why, and names that nobody knows."""

from typing import Any, Final

import reflex as rx

from arb_app.gate import allow, allow_inherited
from arb_app.runtime import current
from arb_app.state import quality_shown as shown
from arb_app.state.listing import PAGE_ROWS, PagedState
from arb_app.state.window import put
from services import quality
from services.access import Permission, Subject
from services.quality import Names, Quality
from services.work import Work

PAUSE_S: Final = 5.0

Seen = tuple[Quality, Names]


@allow_inherited(Permission.VIEW_QUALITY, "turn_to")
class AdminQualityState(PagedState, rx.State):
    """Gates, books, what was dropped, and one page of unknown names; all of it as text."""

    summed: rx.Field[str] = rx.field("")
    gates: rx.Field[list[shown.GateLine]] = rx.field(default_factory=list)
    books: rx.Field[list[shown.BookLine]] = rx.field(default_factory=list)
    drops: rx.Field[list[shown.DropLine]] = rx.field(default_factory=list)
    names: rx.Field[list[shown.NameLine]] = rx.field(default_factory=list)
    sources: rx.Field[list[shown.Choice]] = rx.field(default_factory=list)
    source: rx.Field[str] = rx.field("")

    @rx.event(background=True, supersedes=True)
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Follow the figures until the reader leaves the page, or may no longer see them."""
        async with self:
            self.source, self.page = "", 1
        await self._follow(PAUSE_S)

    @rx.event
    @allow(Permission.VIEW_QUALITY)
    async def choose_source(self, source: Any) -> None:
        """Show the unknown names of one source, or of all."""
        if any(each.value == source for each in self.sources):
            self.source, self.page = source, 1
            await self._load()

    def _chosen(self) -> object:
        return self.source, self.page

    async def _look(self, work: Work) -> Seen:
        found, start = await quality.quality(work), self._start()
        return found, await quality.names(work, source=self.source, limit=PAGE_ROWS, offset=start)

    def _show(self, found: Seen, subject: Subject) -> None:
        del subject
        figures, names = found
        now, by_source = current().clock.now(), names.by_source
        self._count(by_source.get(self.source, 0) if self.source else sum(by_source.values()))
        put(
            self,
            {
                "summed": shown.summed(figures),
                "gates": shown.gate_lines(figures),
                "books": shown.book_lines(figures),
                "drops": shown.drop_lines(figures.sources),
                "names": [shown.name_line(each, now) for each in names.names],
                "sources": shown.choices(by_source),
            },
        )
