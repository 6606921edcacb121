"""One admin's window on the sources. No var and no log ever holds a credential."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from pydantic import SecretStr

from arb_app import format as as_text
from arb_app.gate import allow
from arb_app.runtime import current
from arb_app.state.admin_lines import (
    FILTERS,
    AdminLine,
    LogLine,
    PartLine,
    Shown,
    TrialLine,
    detail,
    log_lines,
    part_lines,
    scores_of,
    shown,
    trial_line,
)
from arb_app.state.sources import SourceLine
from arb_app.state.window import DeedsState, put
from arb_app.words import say
from services import sources_admin, status
from services.access import Permission, Subject
from services.sources_admin import Managed
from services.work import Work

PAUSE_S: Final = 1.0
PAGE: Final = "/admin/sources"
ANSWERED_WITHIN_S: Final = 35.0
MOST_QUERY: Final = 100
Asked = tuple[str, str, int, str]


@dataclass(frozen=True)
class Look:
    """What the services say now; `opened` is the source whose panel is open, if one is."""

    list: Shown
    misspelt: Sequence[str]
    line: SourceLine
    enabled: bool
    parts: Sequence[PartLine]
    log: Sequence[LogLine]
    trial: TrialLine
    why: str = ""


class AdminSourcesState(DeedsState, rx.State):
    """A page of the list, and the panel of one source; the admin's own are words and choices."""

    query: rx.Field[str] = rx.field("")
    chosen: rx.Field[str] = rx.field("all")
    page: rx.Field[int] = rx.field(1)
    pages: rx.Field[int] = rx.field(1)
    total: rx.Field[int] = rx.field(0)
    lines: rx.Field[list[AdminLine]] = rx.field(default_factory=list)
    misspelt: rx.Field[list[str]] = rx.field(default_factory=list)
    opened: rx.Field[str] = rx.field("")
    line: rx.Field[SourceLine] = rx.field(default_factory=SourceLine)
    enabled: rx.Field[bool] = rx.field(default=True)
    why: rx.Field[str] = rx.field("")
    parts: rx.Field[list[PartLine]] = rx.field(default_factory=list)
    log: rx.Field[list[LogLine]] = rx.field(default_factory=list)
    trial: rx.Field[TrialLine] = rx.field(default_factory=TrialLine)
    trying: rx.Field[str] = rx.field("")
    _trying_until: float = 0.0
    asking: rx.Field[bool] = rx.field(default=False)

    @rx.event(background=True, supersedes=True)
    @allow(Permission.MANAGE_SOURCES)
    async def live(self) -> None:
        """Follow the sources until the admin leaves the page or may no longer see them."""
        await self._follow(PAUSE_S)

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def search(self, words: Any) -> None:
        """Show the sources whose name holds these words."""
        if isinstance(words, str) and len(words) <= MOST_QUERY:
            self.query, self.page = words, 1
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def choose(self, name: Any) -> None:
        """Show the sources in one state."""
        if isinstance(name, str) and name in FILTERS:
            self.chosen, self.page = name, 1
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def turn_to(self, page: Any) -> None:
        """Show another page of the list."""
        if type(page) is int:
            self.page = page
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def open(self, name: Any) -> None:
        """Open the panel of a source on this page of the list, or none with an empty name."""
        if name == "" or any(line.name == name for line in self.lines):
            self.opened, self.said, self.asking, self.trying = name, "", False, ""
            self.parts, self.log, self.trial = [], [], TrialLine()
            await self._load()

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def set_credential(self, form: Any) -> rx.event.EventSpec | None:
        """Seal what was typed for a part; it stays in this call and goes nowhere else."""
        source, (part, secret) = self.opened, _typed(form)

        async def put(work: Work) -> None:
            await sources_admin.set_credential(work, source, part, secret)

        return await self._do(put, say("admin.said.set", part=part[:40]), PAGE)

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def clear_credential(self, part: Any) -> rx.event.EventSpec | None:
        """Forget a part of the credential."""
        source = self.opened

        async def clear(work: Work) -> None:
            await sources_admin.clear_credential(work, source, f"{part}")

        return await self._do(clear, say("admin.said.cleared", part=f"{part}"[:40]), PAGE)

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    def ask_to_switch(self, wanted: Any) -> None:
        """Ask once more before a source is switched, or no longer ask."""
        self.asking, self.said = wanted is True, ""

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def switch(self, form: Any) -> rx.event.EventSpec | None:
        """Switch the source off or on, whichever it is not."""
        source, on = self.opened, not self.enabled
        why = form.get("why") if isinstance(form, Mapping) else None

        async def turn(work: Work) -> None:
            await sources_admin.switch(work, source, on=on, why=why if type(why) is str else "")

        self.asking = False
        return await self._do(turn, say("admin.said.on" if on else "admin.said.off"), PAGE)

    @rx.event
    @allow(Permission.MANAGE_SOURCES)
    async def try_now(self) -> rx.event.EventSpec | None:
        """Have the source asked one question now; the panel shows what came of it."""
        source = self.opened

        async def ask(work: Work) -> None:
            self.trying = await sources_admin.try_now(work, source)
            self._trying_until = work.clock.now().timestamp() + ANSWERED_WITHIN_S

        return await self._do(ask, "", PAGE)

    def _chosen(self) -> Asked:
        return self.query, self.chosen, self.page, self.opened

    async def _look(self, work: Work) -> Look:
        return await look(work, self._chosen())

    def _show(self, found: Look, subject: Subject) -> None:
        del subject
        self._hear_of_trial(found.trial)
        put(
            self,
            {
                "lines": found.list.lines,
                "page": found.list.page,
                "pages": found.list.pages,
                "total": found.list.total,
                "misspelt": list(found.misspelt),
                "line": found.line,
                "enabled": found.enabled,
                "why": found.why,
                "parts": list(found.parts),
                "log": list(found.log),
                "trial": found.trial,
            },
        )

    def _hear_of_trial(self, trial: TrialLine) -> None:
        """Wait no longer for a trial that was answered, or that no worker took."""
        if self.trying and trial.id == self.trying:
            self.trying = ""
        elif self.trying and current().clock.now().timestamp() > self._trying_until:
            self.trying = ""
            self._say(say("admin.said.unanswered"), "bad")


async def look(work: Work, asked: Asked) -> Look:
    """Return what the services say of sources, and of the one that is opened."""
    now, found = work.clock.now(), await sources_admin.overview(work)
    scores = scores_of(await status.reliabilities(work))
    page = shown(found, scores, asked, now)
    managed = next((one for one in found.sources if one.name == asked[3]), None)
    if managed is None:
        return Look(page, found.misspelt, SourceLine(), True, (), (), TrialLine())
    return Look(
        page,
        found.misspelt,
        detail(managed, now),
        managed.enabled,
        part_lines(managed, now),
        log_lines(await sources_admin.happenings(work, managed.name), now),
        trial_line(await sources_admin.trial(work, managed.name), now),
        _why(managed),
    )


def _why(of: Managed) -> str:
    """Return who switched a source off, and why."""
    if of.switch is None or of.switch.enabled:
        return ""
    told = say("admin.switched", who=as_text.actor(of.switch.by))
    return f"{told} {of.switch.why}".strip()


def _typed(form: Any) -> tuple[str, SecretStr]:
    """Return the part's name and what was typed for it; a client may send anything."""
    told: Mapping[Any, Any] = form if isinstance(form, Mapping) else {}
    part, value = told.get("part"), told.get("value")
    return (
        part if isinstance(part, str) else "",
        SecretStr(value if isinstance(value, str) else ""),
    )
