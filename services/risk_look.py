"""Odd arrivals as those read of them who may: by filter, to take away, and one's own."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from kit.settings import settings
from services import audit_look
from services.access import Permission
from services.places import of_file
from services.risk import bars
from services.risk_rules import Bars, Reason, Verdict
from services.work import Work
from store import audit
from store import devices as stored
from store.devices import Sought
from store.tables import RiskEventRow

MOST_COUNTED: Final = 2_500
MOST_EXPORTED: Final = 10_000
KEPT: Final = timedelta(days=90)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which arrivals are asked for, as a person says it; days are of UTC, and both among them."""

    verdict: str = ""
    reason: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None


class Odd(msgspec.Struct, frozen=True, kw_only=True):
    """An arrival about which something was odd; `user_id` is the account that it was at."""

    user_id: UUID
    at: datetime
    score: float
    reasons: list[str]
    verdict: str
    network: str
    country: str
    agent: str


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """A page of arrivals, the latest first; `total` is `MOST_COUNTED` where there are more."""

    events: list[Odd]
    total: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """From which scores on what happens, and how many ranges of addresses have a country."""

    bars: Bars
    ranges: int


def filtered(asked: Mapping[str, Any]) -> Filter:
    """Return the filter that a client asks for; what makes no sense asks for nothing.

    Examples:
        >>> filtered({"verdict": "block", "reason": "a hunch", "since": "2030-01-31"})
        Filter(verdict='block', reason='', about='', since=datetime.date(2030, 1, 31), until=None)
    """
    told = audit_look.filtered(dict(asked))
    verdict, reason = asked.get("verdict"), asked.get("reason")
    return Filter(
        verdict=verdict if isinstance(verdict, str) and verdict in set(Verdict) else "",
        reason=reason if isinstance(reason, str) and reason in set(Reason) else "",
        about=told.about,
        since=told.since,
        until=told.until,
    )


async def standing(work: Work) -> Standing:
    """Return what the rules go by; raise `NotAllowed`."""
    work.subject.require(Permission.VIEW_AUDIT)
    given = settings()
    return Standing(bars=bars(given), ranges=of_file(given.countries_file).ranges)


async def events(work: Work, asked: Filter, *, limit: int, offset: int = 0) -> Events:
    """Return arrivals, the latest first.

    Raises:
        NotAllowed: The subject may not.
        Unavailable: PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_AUDIT)
    await stored.oversee(work.db)
    sought = _sought(asked)
    found = await stored.events(work.db, sought, limit=limit, offset=offset)
    total = await stored.count(work.db, sought, most=MOST_COUNTED)
    return Events(events=[_odd(each) for each in found], total=total)


async def exported(work: Work, asked: Filter) -> list[Odd]:
    """Return the latest `MOST_EXPORTED` arrivals, which is put on record; raise `NotAllowed`."""
    work.subject.require(Permission.VIEW_AUDIT)
    await stored.oversee(work.db)
    told = {name: v for name, v in msgspec.to_builtins(asked).items() if v}
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="risk.export",
        subject="risk",
        details={"filter": told},
    )
    found = await stored.events(work.db, _sought(asked), limit=MOST_EXPORTED)
    return [_odd(each) for each in found]


async def own(work: Work, *, limit: int = 10) -> list[Odd]:
    """Return what was odd about one's own arrivals, the latest first; raise `NotAllowed`."""
    work.subject.require(Permission.USE_ACCOUNT)
    return [_odd(each) for each in await stored.events(work.db, Sought(), limit=limit)]


def _odd(row: RiskEventRow) -> Odd:
    return msgspec.convert(row.model_dump(), Odd)


def _sought(asked: Filter) -> Sought:
    after = asked.until + timedelta(days=1) if asked.until and asked.until < date.max else None
    return Sought(
        verdict=asked.verdict,
        reason=asked.reason,
        about=asked.about,
        since=_midnight(asked.since),
        until=_midnight(after),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)
