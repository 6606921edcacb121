"""An admin's window on odd arrivals, and on the rules by which they are found so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow, subject_of
from arb_app.risk_export import PATH
from arb_app.runtime import current
from arb_app.state.sessions import OddLine, odd_line
from arb_app.words import say
from domain.errors import NotAllowed, Unavailable
from services import risk_look
from services.access import Permission, Subject
from services.audit_look import LONGEST_TEXT
from services.risk_look import MOST_COUNTED, Events, Standing
from services.risk_rules import WEIGHTS
from services.work import begin

PAGE_ROWS: Final = 25
FIELDS: Final = ("verdict", "reason", "about", "since", "until")

Seen = tuple[Standing, Events]


@dataclass(frozen=True)
class RuleLine:
    """One rule: what it calls odd, and its weight."""

    name: str = ""
    text: str = ""
    weight: str = ""


class AdminRiskState(rx.State):
    """One page of arrivals as text; the reader's own is what was searched for."""

    phase: rx.Field[str] = rx.field("loading")
    late: rx.Field[bool] = rx.field(default=False)
    rules: rx.Field[list[RuleLine]] = rx.field(default_factory=list)
    bars: rx.Field[str] = rx.field("")
    places: rx.Field[str] = rx.field("")
    events: rx.Field[list[OddLine]] = rx.field(default_factory=list)
    summed: rx.Field[str] = rx.field("")
    export: rx.Field[str] = rx.field("")
    page: rx.Field[int] = rx.field(default=1)
    pages: rx.Field[int] = rx.field(default=1)
    _asked: rx.Field[dict[str, str]] = rx.field(default_factory=dict)

    @rx.event
    @allow(Permission.VISIT)
    async def open(self) -> None:
        """Show the latest arrivals; whoever may not see them is told so."""
        self._asked, self.page = {}, 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_AUDIT)
    async def search(self, form: Any) -> None:
        """Show the arrivals that fit what was typed."""
        self._asked, self.page = _typed(form), 1
        await self._load()

    @rx.event
    @allow(Permission.VIEW_AUDIT)
    async def turn_to(self, page: Any) -> None:
        """Show another page of arrivals."""
        if type(page) is int and 1 <= page <= self.pages:
            self.page = page
            await self._load()

    async def _load(self) -> None:
        self._take(await look_at(await subject_of(self), self._asked, self.page))

    def _take(self, seen: Seen | NotAllowed | Unavailable) -> None:
        """Copy a look into the vars; arrivals once shown stay while PostgreSQL is away."""
        if isinstance(seen, NotAllowed):
            self.phase, self.late, self.events, self.rules = "refused", False, [], []
        elif isinstance(seen, Unavailable):
            self.late = self.phase == "found"
            self.phase = "found" if self.late else "away"
        else:
            standing, found = seen
            self.phase, self.late, self.rules = "found", False, rule_lines()
            self.bars = bars_text(standing)
            self.places = places_text(standing)
            self.events = [odd_line(each) for each in found.events]
            self.summed = summed(found.total)
            self.export = export_link(self._asked)
            self.pages = max(1, -(-found.total // PAGE_ROWS))


async def look_at(
    subject: Subject, asked: Mapping[str, str], page: int
) -> Seen | NotAllowed | Unavailable:
    """Return what the services say of odd arrivals, or why they do not."""
    try:
        async with begin(current().resources, subject) as work:
            standing = await risk_look.standing(work)
            start, wanted = (page - 1) * PAGE_ROWS, risk_look.filtered(asked)
            return standing, await risk_look.events(work, wanted, limit=PAGE_ROWS, offset=start)
    except (NotAllowed, Unavailable) as e:
        return e


def rule_lines() -> list[RuleLine]:
    """Return the rules with their weights."""
    return [
        RuleLine(
            say(f"risk.reason.{reason}"),
            say(f"risk.rule.{reason}"),
            as_text.number(f"{weight:.2f}"),
        )
        for reason, weight in WEIGHTS.items()
    ]


def bars_text(of: Standing) -> str:
    """Return from which scores on what happens."""
    step_up, block = (as_text.number(f"{bar:g}") for bar in (of.bars.step_up, of.bars.block))
    return say("risk.bars", step_up=step_up, block=block)


def places_text(of: Standing) -> str:
    """Return by what addresses have a place."""
    if not of.ranges:
        return say("risk.places.none")
    return say("risk.places", ranges=as_text.count(of.ranges))


def summed(total: int) -> str:
    """Return how many arrivals a search found."""
    if total >= MOST_COUNTED:
        return say("risk.total.more", total=as_text.count(MOST_COUNTED))
    return say("risk.total.one") if total == 1 else say("risk.total", total=as_text.count(total))


def export_link(asked: Mapping[str, str]) -> str:
    """Return the address of the file of what was asked for."""
    told = {name: text for name, text in asked.items() if text}
    return f"{PATH}?{urlencode(told)}" if told else PATH


def _typed(form: Any) -> dict[str, str]:
    """Return the texts of the form's fields; a client may send anything."""
    told = cast("Mapping[str, Any]", form) if isinstance(form, Mapping) else {}
    typed = ((name, told.get(name)) for name in FIELDS)
    return {name: text[:LONGEST_TEXT] for name, text in typed if isinstance(text, str)}
