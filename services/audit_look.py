"""The audit as those read it who may: entries by filter, how it was last checked, exports."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from services.access import Permission
from services.audit_check import ANCHORED, CHECKED
from services.work import Work
from store import audit, audit_chain, audit_entries
from store.audit_chain import Head
from store.audit_entries import Kept, Sought

MOST_COUNTED: Final = 2_500
EXPORTED_AT_ONCE: Final = 500
LONGEST_TEXT: Final = 200


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for, as a person says it; days are of UTC, and both among them."""

    who: str = ""
    action: str = ""
    subject: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None


class Entries(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries, the latest first; `total` is `MOST_COUNTED` where there are more."""

    entries: list[Kept]
    total: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The end of the chain, its last check and its last anchor, as far as there are any."""

    head: Head | None
    checked: Kept | None
    anchored: Kept | None


def filtered(asked: dict[str, Any]) -> Filter:
    """Return the filter that a client asks for; what makes no sense asks for nothing.

    Examples:
        >>> asked = filtered({"who": " operator ", "since": "2030-01-31", "action": 7})
        >>> asked.who, asked.action, asked.since
        ('operator', '', datetime.date(2030, 1, 31))
    """
    texts = {name: _text(asked.get(name)) for name in ("who", "action", "subject", "about")}
    return Filter(**texts, since=_day(asked.get("since")), until=_day(asked.get("until")))


async def entries(work: Work, asked: Filter, *, limit: int, offset: int = 0) -> Entries:
    """Return entries, the latest first.

    Raises:
        NotAllowed: The subject may not.
        Unavailable: PostgreSQL cannot be asked, or the search took too long.
    """
    work.subject.require(Permission.VIEW_AUDIT)
    sought = _sought(asked)
    found = await audit_entries.entries(work.db, sought, limit=limit, offset=offset)
    total = await audit_entries.count(work.db, sought, most=MOST_COUNTED)
    return Entries(entries=found, total=total)


async def actions(work: Work) -> list[str]:
    """Return every action that was ever put on record, by name."""
    work.subject.require(Permission.VIEW_AUDIT)
    return await audit_entries.actions(work.db)


async def standing(work: Work) -> Standing:
    """Return where the chain ends, and when it was last checked and anchored."""
    work.subject.require(Permission.VIEW_AUDIT)
    return Standing(
        head=await audit_chain.head(work.db),
        checked=await audit_entries.latest(work.db, CHECKED),
        anchored=await audit_entries.latest(work.db, ANCHORED),
    )


async def begin_export(work: Work, asked: Filter) -> int:
    """Put on record that the subject takes entries away; return the link that they end before."""
    work.subject.require(Permission.VIEW_AUDIT)
    head = await audit_chain.head(work.db)
    # An entry is for good: an address that somebody looked for does not stay in it.
    told = {name: "…" if "@" in v else v for name, v in msgspec.to_builtins(asked).items() if v}
    before = head.seq + 1 if head else 1
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="audit.export",
        subject="audit",
        details={"filter": told, "before": before},
    )
    return before


async def exported(work: Work, asked: Filter, *, before: int) -> list[Kept]:
    """Return the next `EXPORTED_AT_ONCE` entries of links before one; none when all were given."""
    work.subject.require(Permission.VIEW_AUDIT)
    sought = _sought(asked)
    return await audit_entries.entries(work.db, sought, limit=EXPORTED_AT_ONCE, before=before)


def _sought(asked: Filter) -> Sought:
    after = asked.until + timedelta(days=1) if asked.until and asked.until < date.max else None
    return Sought(
        who=asked.who,
        action=asked.action,
        subject=asked.subject,
        about=asked.about,
        since=_midnight(asked.since),
        until=_midnight(after),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)


def _text(said: Any) -> str:
    return said.strip().replace("\0", "")[:LONGEST_TEXT] if isinstance(said, str) else ""


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
