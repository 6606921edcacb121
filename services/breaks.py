"""Presence of mind: breaks that nobody can end early, and limits of time at the board."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.breaks import DAILY_MIN, DAY, REMINDERS_MIN, Held, Length, Limits, Why, lengthened
from domain.errors import NotAllowed, Refused
from services.access import Permission
from services.work import Work
from store import accounts, audit
from store import breaks as stored
from store.db import Session
from store.tables import BreakRow, LimitsRow

LONGEST_GAP: Final = timedelta(seconds=60)
"""A longer time between two counts was not spent at the board."""


@dataclass(frozen=True, slots=True)
class Own:
    """What a member has set, how long they were at the board, and what keeps them from it."""

    limits: Limits
    used_s: float
    held: Held | None


async def own(work: Work) -> Own:
    """Return what is kept of a member's own breaks and limits; raise `NotAllowed` for a visitor."""
    work.subject.require(Permission.USE_ACCOUNT)
    now = work.clock.now()
    taken, given = await stored.of(work.db, _member(work))
    used_s = given.used_s if given and _counts(given, now) else 0.0
    return Own(limits_of(given), used_s, held(taken, given, now))


async def take(work: Work, length: Length) -> datetime:
    """Keep the board from a member from now on; return when that ends. Nothing ends it sooner.

    Raises:
        NotAllowed: Nobody is signed in.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    member, now = _member(work), work.clock.now()
    ends_at = await stored.lengthen(work.db, member, now, lengthened(None, length, now))
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="break.take",
        subject=str(member),
        details={"until": ends_at.isoformat()},
    )
    return ends_at


async def limit(work: Work, *, remind_min: int, daily_min: int, firm: bool) -> Limits:
    """Set a member's limits; a looser daily limit holds a day after it was asked for.

    Raises:
        NotAllowed: Nobody is signed in.
        Refused: The minutes are none that can be chosen.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    require_offered(remind_min, daily_min)
    now = work.clock.now()
    row = await stored.to_change(work.db, _member(work), now)
    chosen = limits_of(row).changed(remind_min, daily_min, now, firm=firm)
    row.remind_min, row.firm, row.daily_min = chosen.remind_min, chosen.firm, chosen.daily_min
    row.strict_min, row.strict_until = chosen.strict_min, chosen.strict_until
    row.changed_at = now
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action="limits.set",
        subject=work.subject.actor,
        details={"remind_min": remind_min, "daily_min": daily_min, "firm": firm},
    )
    return chosen


async def count(work: Work, token_hashes: Collection[str]) -> None:
    """Count the time of those with a daily limit who watch the board, by their sessions."""
    work.subject.require(Permission.DELIVER)
    if token_hashes:
        await accounts.oversee(work.db)
        now = work.clock.now()
        await stored.count(work.db, token_hashes, now, day=DAY, most=LONGEST_GAP)


def require_offered(remind_min: int, daily_min: int) -> None:
    """Raise `Refused` if the minutes are none of those that can be chosen."""
    if remind_min not in (0, *REMINDERS_MIN):
        raise Refused(f"a reminder comes every {', '.join(map(str, REMINDERS_MIN))} minutes, or 0")
    if daily_min not in (0, *DAILY_MIN):
        raise Refused(f"a daily limit is {', '.join(map(str, DAILY_MIN))} minutes, or 0")


async def of_member(db: Session, user_id: UUID, now: datetime) -> Held | None:
    """Return what keeps a member from the board, whom the transaction acts as."""
    return held(*await stored.of(db, user_id), now)


async def of_sessions(db: Session, token_hashes: Collection[str], now: datetime) -> set[str]:
    """Return behind which sessions are members whom the board is kept from; for an overseer."""
    found = await stored.of_sessions(db, token_hashes, now)
    return {key for key, kept in found.items() if held(*kept, now)}


def held(taken: BreakRow | None, given: LimitsRow | None, now: datetime) -> Held | None:
    """Return what a break and limits keep their member from: the break, if both do."""
    if taken is not None and taken.ends_at > now:
        return Held(Why.BREAK, taken.ends_at)
    most_min = limits_of(given).holding(now)
    if given is None or not most_min or not _counts(given, now) or given.used_s < most_min * 60:
        return None
    return Held(Why.LIMIT, given.since_at + DAY if given.since_at else None)


def _counts(given: LimitsRow, now: datetime) -> bool:
    return given.since_at is not None and now < given.since_at + DAY


def limits_of(row: LimitsRow | None) -> Limits:
    """Return the limits of a row; none where there is no row."""
    if row is None:
        return Limits()
    return Limits(row.remind_min, row.firm, row.daily_min, row.strict_min, row.strict_until)


def _member(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return work.subject.user_id
