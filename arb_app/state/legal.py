"""How long what is kept, as this Dutchbook is set up."""

from collections.abc import Iterable
from dataclasses import dataclass

import reflex as rx

from arb_app.gate import allow
from arb_app.words import say
from kit.settings import settings
from services.access import Permission
from services.kept import ABOUT_PEOPLE, ABOUT_PRICES, kept
from services.sessions import MEMBERS, STAFF


@dataclass(frozen=True)
class KeptLine:
    """What is kept, and for how long."""

    what: str = ""
    time: str = ""


class LegalState(rx.State):
    """Two lists: what is kept about people, and about prices."""

    people: rx.Field[list[KeptLine]] = rx.field(default_factory=list)
    prices: rx.Field[list[KeptLine]] = rx.field(default_factory=list)

    @rx.event
    @allow(Permission.VISIT)
    def open(self) -> None:
        """Say how long what is kept; a setting may have changed it since the pages were built."""
        self.people = kept_lines(ABOUT_PEOPLE)
        self.prices = kept_lines(ABOUT_PRICES)


def kept_lines(tables: Iterable[str]) -> list[KeptLine]:
    """Return what tables keep and for how long, in words and with the figures of their rules."""
    return [KeptLine(say(f"kept.{table}"), _time(table)) for table in tables]


def _time(table: str) -> str:
    figures = dict(zip(("days", "most"), kept(table, settings()).figures, strict=False))
    if table == "sessions":
        figures |= {
            "idle": MEMBERS.idle.days,
            "whole": MEMBERS.whole.days,
            "idle_hours": int(STAFF.idle.total_seconds() // 3600),
            "whole_hours": int(STAFF.whole.total_seconds() // 3600),
        }
    return say(f"kept.{table}.time", **figures)
