"""An admin's window on odd arrivals, and on the rules by which they are found so."""

from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from arb_app import format as as_text
from arb_app.gate import allow_inherited
from arb_app.risk_export import PATH
from arb_app.state.listing import PAGE_ROWS, ListState, link, summed
from arb_app.state.sessions import OddLine, odd_line
from arb_app.words import say
from services import risk_look
from services.access import Permission, Subject
from services.risk_look import MOST_COUNTED, Events, Standing
from services.risk_rules import WEIGHTS
from services.work import Work

Seen = tuple[Standing, Events]


@dataclass(frozen=True)
class RuleLine:
    """One rule: what it calls odd, and its weight."""

    name: str = ""
    text: str = ""
    weight: str = ""


@allow_inherited(Permission.VIEW_AUDIT, "search", "turn_to")
class AdminRiskState(ListState, rx.State):
    """One page of arrivals as text."""

    FIELDS: ClassVar = ("verdict", "reason", "about", "since", "until")
    rules: rx.Field[list[RuleLine]] = rx.field(default_factory=list)
    bars: rx.Field[str] = rx.field("")
    places: rx.Field[str] = rx.field("")
    events: rx.Field[list[OddLine]] = rx.field(default_factory=list)

    async def _look(self, work: Work) -> Seen:
        standing = await risk_look.standing(work)
        start, wanted = self._start(), risk_look.filtered(self._asked)
        return standing, await risk_look.events(work, wanted, limit=PAGE_ROWS, offset=start)

    def _show(self, found: Seen, subject: Subject) -> None:
        del subject
        standing, events = found
        self.rules = rule_lines()
        self.bars, self.places = bars_text(standing), places_text(standing)
        self.events = [odd_line(each) for each in events.events]
        more = "risk.total.more"
        self.summed = summed(events.total, "risk.total", "risk.total.one", more, MOST_COUNTED)
        self.export = link(PATH, self._asked)
        self._count(events.total)


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
