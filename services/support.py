"""Support: a member lets those who help them look, for some hours; each look is told to them.

Who works here sees nothing private of a member without such a grant. A look shows what the member
sees and lets nobody act for them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.breaks import Limits
from domain.errors import NotAllowed, NotFound, Refused
from domain.plans import EVERYTHING, View
from domain.preferences import Preferences, parsed
from services import breaks
from services.access import Permission, Role
from services.work import Work
from store import audit
from store import breaks as stored_breaks
from store import preferences as stored_preferences
from store import support as stored
from store.tables import GrantRow, LookRow

HOURS: Final = (1, 24, 72)
VIEW: Final = "view"
LONGEST_REASON: Final = 500
KEPT: Final = timedelta(days=90)
_MOST_TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Own:
    """What a member has granted, and who looked, the newest first."""

    grants: list[GrantRow]
    looks: list[LookRow]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a member sees: their board, how things are shown to them, sessions, breaks, limits.

    `sessions` are browsers by name with their last use; addresses are not among it.
    """

    role: Role
    state: str
    view: View
    chosen: Preferences | None
    sessions: list[tuple[str, datetime]]
    limits: Limits
    used_s: float
    break_until: datetime | None
    grant: GrantRow


async def give(work: Work, hours: int, reason: str) -> GrantRow:
    """Let support look for some hours; a grant that is live ends with it.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Refused: It is no number of hours that can be chosen, or there is no reason.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    said = " ".join(reason.split())
    if hours not in HOURS:
        raise Refused(f"a grant lasts {', '.join(map(str, HOURS))} hours")
    if not 1 <= len(said) <= LONGEST_REASON or not said.isprintable():
        raise Refused(f"the reason must have 1 to {LONGEST_REASON} characters")
    member, now = _member(work), work.clock.now()
    await stored.revoke(work.db, member, now)
    grant = GrantRow(
        id=uuid4(),
        user_id=member,
        scope=VIEW,
        reason=said,
        made_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    await stored.give(work.db, grant)
    await _note(work, "support.grant", member, grant=str(grant.id), hours=hours)
    return grant


async def revoke(work: Work) -> int:
    """Take back every live grant of the member, at once; return how many there were."""
    work.subject.require(Permission.USE_ACCOUNT)
    member = _member(work)
    ended = await stored.revoke(work.db, member, work.clock.now())
    await _note(work, "support.revoke", member, grants=ended)
    return ended


async def own(work: Work) -> Own:
    """Return what the member granted and who looked."""
    work.subject.require(Permission.USE_ACCOUNT)
    member = _member(work)
    grants = await stored.of(work.db, member, limit=_MOST_TOLD)
    return Own(grants, await stored.looks(work.db, member, limit=_MOST_TOLD))


async def granted(work: Work, member: UUID) -> GrantRow | None:
    """Return the grant by which a member may be looked at now, if there is one."""
    work.subject.require(Permission.VIEW_MEMBERS)
    await stored.oversee(work.db)
    return await stored.live(work.db, member, work.clock.now())


async def look(work: Work, member: UUID) -> Seen:
    """Return what a member sees, by the grant that they gave; the member is told of it.

    Row-level security opens the member's rows to the grant: without a live one there are none.

    Raises:
        NotAllowed: The subject may not, or there is no live grant.
        NotFound: There is no such member.
    """
    work.subject.require(Permission.VIEW_MEMBERS)
    looker, role, now = work.subject.user_id, work.subject.role, work.clock.now()
    if looker is None or role is None:
        raise NotAllowed("a member is told who looked: sign in")
    await stored.oversee(work.db)
    grant = await stored.live(work.db, member, now)
    if grant is None:
        raise NotAllowed("this member has not let support look, or no longer does")
    await stored.present(work.db, grant.id)
    account = await stored.shown_account(work.db, member)
    if account is None:
        raise NotFound("there is no such member")
    taken = LookRow(id=uuid4(), user_id=member, grant_id=grant.id, looker=looker, role=role, at=now)
    await stored.note(work.db, taken)
    await _note(work, "support.look", member, grant=str(grant.id), scope=grant.scope)
    return await _seen(work, account, grant)


async def _seen(work: Work, account: tuple[str, str, str, str], grant: GrantRow) -> Seen:
    role, state, plan, league = account
    member, now = grant.user_id, work.clock.now()
    chosen = await stored_preferences.own(work.db, member)
    taken, limits = await stored_breaks.of(work.db, member)
    limited = breaks.limits_of(limits)
    lasts = taken is not None and taken.ends_at > now
    return Seen(
        role=Role(role),
        state=state,
        view=View.of(plan, league) if role == Role.MEMBER else EVERYTHING,
        chosen=None if chosen is None else parsed(chosen),
        sessions=await stored.shown_sessions(work.db, member, now),
        limits=limited,
        used_s=limits.used_s if limits else 0.0,
        break_until=taken.ends_at if taken and lasts else None,
        grant=grant,
    )


def _member(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise NotAllowed("nobody is signed in")
    return work.subject.user_id


async def _note(work: Work, act: str, member: UUID, **details: str | int) -> None:
    await audit.record(
        work.db, actor=work.subject.actor, action=act, subject=str(member), details=details
    )
