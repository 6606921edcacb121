"""An admin's window on matching: doubtful pairs, what was done, events by name."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Final, TypeVar

import reflex as rx

from arb_app.gate import allow, may, subject_of
from arb_app.runtime import current
from arb_app.state import matching_shown as shown
from arb_app.words import say
from domain.errors import NotAllowed, Refused, Unavailable
from services import matching_look as look
from services import matching_review as review
from services.access import Permission, Subject
from services.matching_look import Queue
from services.work import Work, begin

T = TypeVar("T")

PAGE_ROWS: Final = 10
MOST_ACTIONS: Final = 20
MOST_SKIPPED: Final = 200
MERGE, REVERSED, SPLIT = "merge", "reversed", "split"


class AdminMatchingState(rx.State):
    """The pairs of one page, the latest actions, and what a search found; all of it as text.

    `asking` names what a confirmation is open for, `way` what it would do. `told` says what was
    done last, and `told_key` names the action that takes it back.
    """

    phase: rx.Field[str] = rx.field("loading")
    error: rx.Field[str] = rx.field("")
    told: rx.Field[str] = rx.field("")
    told_key: rx.Field[str] = rx.field("")
    doubts: rx.Field[list[shown.DoubtLine]] = rx.field(default_factory=list)
    total: rx.Field[int] = rx.field(default=0)
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    asking: rx.Field[str] = rx.field("")
    way: rx.Field[str] = rx.field("")
    actions: rx.Field[list[shown.ActionLine]] = rx.field(default_factory=list)
    searched: rx.Field[str] = rx.field("")
    links: rx.Field[list[shown.LinkLine]] = rx.field(default_factory=list)
    _skipped: rx.Field[list[str]] = rx.field(default_factory=list)
    _parted: rx.Field[list[shown.ActionLine]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the first pairs; whoever may not manage matching is told so."""
        self.page, self.asking, self.told, self.error = 1, "", "", ""
        self.searched, self.links, self._skipped = "", [], []
        if await may(self, Permission.MANAGE_MATCHING):
            await self._load()
        else:
            self.phase = "refused"

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def turn_to(self, page: Any) -> None:
        """Show another page of pairs."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page, self.asking = page, ""
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def look_again(self) -> None:
        """Load everything anew, skipped pairs with the rest."""
        self._skipped, self.asking, self.error = [], "", ""
        await self._load()

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    def ask(self, key: Any, way: Any) -> None:
        """Open the confirmation of a merge or of a split."""
        shared = [line.event_id for line in self.links if not line.alone]
        by_way = {SPLIT: shared}
        by_way[MERGE] = by_way[REVERSED] = [line.key for line in self.doubts]
        if isinstance(way, str) and key in by_way.get(way, []):
            self.asking, self.way, self.error = key, way, ""

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    def cancel(self) -> None:
        """Close the confirmation."""
        self.asking = ""

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def confirm(self, form: Any) -> AsyncGenerator[None]:
        """Do what was asked about; a pair leaves at once, and comes back if it fails."""
        reason = _text(form, "reason")
        key, way, self.asking = self.asking, self.way, ""
        if way == SPLIT and key in {line.event_id for line in self.links}:
            await self._act(lambda work: review.split(work, key, reason=reason), "split")
            await self._find(self.searched)
        elif line := self._doubt(key):
            self._take_out(line)
            yield
            turned = way == REVERSED
            await self._act(lambda work: _merged(work, key, reason, turned=turned), "merge")

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def part(self, key: Any) -> AsyncGenerator[None]:
        """Answer a pair with no."""
        if line := self._doubt(key):
            self._take_out(line)
            yield
            event_id, canonical_id = shown.pair_of(line.key)
            reason = say("matching.reason.part")
            done = await self._act(
                lambda work: review.part(work, event_id, canonical_id, reason=reason), "part"
            )
            if done:
                at = current().clock.now().isoformat()
                told = shown.parted_line(f"part {line.key}", line, at=at, reason=reason)
                self._parted = [told, *self._parted][:MOST_ACTIONS]
                self.told_key = told.key
                self.actions = [*self._parted, *(a for a in self.actions if a.number)]

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def skip(self, key: Any) -> None:
        """Leave a pair for later: it is not shown again until everything is loaded anew."""
        if line := self._doubt(key):
            self._skipped = [*self._skipped, line.key][-MOST_SKIPPED:]
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def undo(self, key: Any) -> None:
        """Take an action back that is in the list of late ones."""
        found = next((each for each in self.actions if each.key == key and each.can_undo), None)
        if found is None:
            return
        reason = say("matching.reason.undo")
        if found.number:
            await self._act(lambda work: review.undo(work, found.number, reason=reason), "undo")
            await self._find(self.searched)
            return
        event_id, canonical_id = shown.pair_of(found.key.removeprefix("part "))
        if await self._act(
            lambda work: review.reopen(work, event_id, canonical_id, reason=reason), "undo"
        ):
            self._parted = [each for each in self._parted if each.key != found.key]
            self.actions = [each for each in self.actions if each.key != found.key]

    @rx.event
    @allow(Permission.MANAGE_MATCHING)
    async def search(self, form: Any) -> None:
        """Look up events and what is linked to them."""
        self.asking = ""
        await self._find(_text(form, "search")[: look.LONGEST])

    def _doubt(self, key: object) -> shown.DoubtLine | None:
        return next((line for line in self.doubts if line.key == key), None)

    def _take_out(self, line: shown.DoubtLine) -> None:
        self.doubts = [each for each in self.doubts if each.key != line.key]
        self.error, self.told, self.told_key = "", "", ""

    async def _act(self, act: Callable[[Work], Awaitable[int | None]], kind: str) -> bool:
        """Do something, say so or why not, and load what is true now; return whether it is done."""
        number = await attempted(await subject_of(self), act)
        failed = isinstance(number, Refused | Unavailable)
        await self._load()
        self.error = _said(number) if failed else ""
        self.told = "" if failed else say(f"matching.told.{kind}")
        self.told_key = str(number) if type(number) is int and kind != "undo" else ""
        return not failed

    async def _find(self, text: str) -> None:
        self.searched = text
        if not text:
            self.links = []
            return
        found = await attempted(await subject_of(self), lambda work: look.named(work, text))
        if isinstance(found, Refused | Unavailable):
            self.error = _said(found)
        else:
            self.links = shown.link_lines(found)

    async def _load(self) -> None:
        skipped, page = frozenset(map(shown.pair_of, self._skipped)), self.page
        found = await attempted(await subject_of(self), lambda work: _looked(work, skipped, page))
        if isinstance(found, NotAllowed):
            self.phase, self.doubts, self.actions, self.links = "refused", [], [], []
        elif isinstance(found, Refused | Unavailable):
            self.error = _said(found)
            self.phase = "found" if self.phase == "found" else "away"
        else:
            self._show(*found)

    def _show(self, queue: Queue, done: list[shown.ActionLine]) -> None:
        self.phase = "found"
        self.total = queue.total
        waiting = max(0, queue.total - len(self._skipped))
        self.pages = max(1, -(-waiting // PAGE_ROWS))
        self.page = min(self.page, self.pages)
        self.doubts = [shown.doubt_line(pair) for pair in queue.pairs]
        self.actions = [*self._parted, *done]


async def attempted(
    subject: Subject, act: Callable[[Work], Awaitable[T]]
) -> T | Refused | Unavailable:
    """Return what a piece of work brings, or why it was refused or could not be done."""
    try:
        async with begin(current().resources, subject) as work:
            return await act(work)
    except (Refused, Unavailable) as e:
        return e


async def _looked(
    work: Work, skipped: frozenset[tuple[str, str]], page: int
) -> tuple[Queue, list[shown.ActionLine]]:
    """Return a page of the pairs that were not skipped, and the latest actions."""
    start = (page - 1) * PAGE_ROWS
    queue = await look.queue(work, limit=PAGE_ROWS, offset=start, skipped=skipped)
    return queue, [shown.action_line(row) for row in await review.done(work, limit=MOST_ACTIONS)]


async def _merged(work: Work, key: str, reason: str, *, turned: bool) -> int:
    """Merge the event of ours that a source's event has into the one that it may be."""
    event_id, into = shown.pair_of(key)
    from_ = await review.place_of(work, event_id)
    return await review.merge(work, into, from_, reason=reason, sides_reversed=turned)


def _text(form: object, name: str) -> str:
    """Return what a form says in a field; "" for anything but text."""
    value = form.get(name) if isinstance(form, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  a client may send anything
    return value.strip() if isinstance(value, str) else ""


def _said(error: object) -> str:
    text = str(error).strip()
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
