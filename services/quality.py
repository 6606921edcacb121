"""Quality: what is refused now and lately, by gate, book and source, and names nobody knows."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.board import RefusedRow
from domain.opportunities import GateCode, Opportunity, Refusal
from domain.sources import SourceHealth, SourceReliability
from services.access import Permission
from services.work import Work
from store.refused import refused_by
from store.unknown import Noted, counted, unknown

DAY: Final = timedelta(days=1)
ANOMALIES: Final = frozenset(
    {
        GateCode.WAY_OUT,
        GateCode.ANOMALOUS,
        GateCode.MIRRORED,
        GateCode.OFF_LADDER,
        GateCode.BOOK_BELOW_ZERO,
    }
)
"""The gates that say that a price is wrong; the others say that it is old or of something else."""


@dataclass(slots=True)
class Blame:
    """What is held against one book of one source, in the crossings that were told."""

    source: str
    book: str
    crossings: int = 0
    by: Counter[GateCode] = field(default_factory=Counter[GateCode])

    @property
    def anomalies(self) -> int:
        """How many of the objections say that a price is wrong."""
        return sum(count for code, count in self.by.items() if code in ANOMALIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What is held back and what it is blamed on; `told` of the `total` crossings are known whole.

    `now` counts crossings by gate at `as_of`, None where no detector tells; `day` those that were
    held back within a day, `day_total` in all. `blames` rest on the crossings told alone.
    """

    as_of: datetime | None
    total: int
    told: int
    now: dict[str, int]
    day_total: int
    day: dict[str, int]
    blames: list[Blame]
    sources: list[SourceHealth]
    reliabilities: list[SourceReliability]


@dataclass(frozen=True, slots=True)
class Names:
    """Some names that no table of ours knows, and how many there are of each source."""

    names: list[Noted]
    by_source: dict[str, int]


async def quality(work: Work) -> Quality:
    """Return what is refused, now and within a day.

    Raises:
        NotAllowed: The subject may not.
        Unavailable: PostgreSQL or Valkey cannot be asked.
    """
    work.subject.require(Permission.VIEW_QUALITY)
    now = await work.cache.refusals()
    day_total, day = await refused_by(work.db, work.clock.now() - DAY)
    rows = now.rows if now else []
    return Quality(
        as_of=now.published_at if now else None,
        total=now.total if now else 0,
        told=len(rows),
        now=now.by_code if now else {},
        day_total=day_total,
        day=day,
        blames=blames(rows),
        sources=await work.cache.source_healths(),
        reliabilities=await work.cache.reliabilities(),
    )


async def names(work: Work, *, source: str, limit: int, offset: int = 0) -> Names:
    """Return names that no table of ours knows, of one source or ("") of all.

    Raises:
        NotAllowed: The subject may not.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_QUALITY)
    found = await unknown(work.db, source=source, limit=limit, offset=offset)
    return Names(found, await counted(work.db))


def blames(rows: Iterable[RefusedRow]) -> list[Blame]:
    """Return what is held against each book that a gate names, the most blamed first."""
    found: dict[tuple[str, str], Blame] = {}
    for row in rows:
        crossing: set[tuple[str, str]] = set()
        for refusal in row.opportunity.refusals:
            for who in blamed(row.opportunity, refusal):
                found.setdefault(who, Blame(*who)).by[refusal.code] += 1
                crossing.add(who)
        for who in crossing:
            found[who].crossings += 1
    return sorted(found.values(), key=lambda one: (-one.crossings, one.source, one.book))


def blamed(found: Opportunity, refusal: Refusal) -> set[tuple[str, str]]:
    """Return the source and book of each leg that a refusal names: none, if it is of all legs."""
    said = set(re.findall(r"\w+", refusal.detail))
    return {(leg.source or found.source, leg.book) for leg in found.legs if leg.book in said}
