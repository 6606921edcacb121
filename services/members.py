"""Members and their sessions, as those see and manage them who look after them."""

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.errors import NotFound, Refused
from domain.letters import LetterKind
from domain.plans import PlanName
from services import accounts, closing, joining, post
from services.access import Permission, Role
from services.accounts import ACTIVE, CLOSED, LOCKED, require_not_last_owner, require_reach
from services.post import Written
from services.sessions import network
from services.work import Work
from store import accounts as stored
from store import audit
from store import members as listed
from store import sessions as stored_sessions
from store.members import LiveSession, Sought, SoughtSessions
from store.tables import AccountRow

STATES: Final = (ACTIVE, LOCKED, CLOSED)
MOST_EXPORTED: Final = 20_000
_LONGEST: Final = 254


@dataclass(frozen=True, slots=True)
class Member:
    """An account as a list shows it; `email` is masked for who only sees members."""

    id: UUID
    email: str = field(repr=False)
    role: str
    state: str
    plan: str
    league: str
    created_at: datetime
    changed_at: datetime
    erase_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which members are asked for, as a person says it: `text` is an address or an id."""

    text: str = ""
    state: str = ""
    role: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """A session that lasts; of where it came from only the network."""

    id: UUID
    user_id: UUID
    email: str = field(repr=False)
    role: str
    agent: str
    network: str
    created_at: datetime
    last_seen_at: datetime


def masked(email: str) -> str:
    """Return an address of which only the first letter and the host are told.

    Examples:
        >>> masked("ann@example.com")
        'a***@example.com'
    """
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"


def filtered(asked: dict[str, Any]) -> Filter:
    """Return the filter that a client asks for; what makes no sense asks for nothing.

    Examples:
        >>> filtered({"text": " Ann@Example.com ", "state": "locked", "role": "king", "plan": 7})
        Filter(text='ann@example.com', state='locked', role='', plan='')
    """
    known = {"state": STATES, "role": tuple(Role), "plan": tuple(PlanName)}
    chosen = {name: said for name in known if (said := asked.get(name)) in known[name]}
    return Filter(text(asked.get("text")), **{name: str(said) for name, said in chosen.items()})


def text(said: Any) -> str:
    """Return a text that was typed, without what no address, id or name has."""
    if not isinstance(said, str):
        return ""
    return said.strip().lower().replace("\0", "")[:_LONGEST]


async def found(
    work: Work, asked: Filter, *, limit: int, offset: int = 0
) -> tuple[list[Member], int]:
    """Return members, the newest first, and how many there are in all.

    Who only sees members finds them by their whole address or id: by beginnings they could spell
    out addresses that they are not told.

    Raises:
        NotAllowed: The subject may not.
    """
    work.subject.require(Permission.VIEW_MEMBERS)
    await stored.oversee(work.db)
    sought = _sought(asked, whole=not work.subject.may(Permission.MANAGE_ACCOUNTS))
    rows, total = await listed.accounts(work.db, sought, limit=limit, offset=offset)
    return [_member(work, row) for row in rows], total


async def one(work: Work, member: UUID) -> Member:
    """Return a member; raise `NotFound` if there is none of that id."""
    work.subject.require(Permission.VIEW_MEMBERS)
    await stored.oversee(work.db)
    account = await stored.own(work.db, member)
    if account is None:
        raise NotFound("there is no such member")
    return _member(work, account)


async def exported(work: Work, asked: Filter) -> list[Member]:
    """Return members to take away, `MOST_EXPORTED` at most, and put on record that they were."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    rows, total = await found(work, asked, limit=MOST_EXPORTED)
    told = {"state": asked.state, "role": asked.role, "plan": asked.plan}
    details = {"total": total, "searched": bool(asked.text), "filter": told}
    await _record(work, "members.export", "members", details)
    return rows


async def live(
    work: Work, asked: SoughtSessions, *, limit: int, offset: int = 0
) -> tuple[list[Live], int]:
    """Return the sessions that last, the last used first, and how many there are in all."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.oversee(work.db)
    now = work.clock.now()
    rows, total = await listed.sessions(work.db, asked, now, limit=limit, offset=offset)
    return [_live(row) for row in rows], total


async def exported_sessions(work: Work, asked: SoughtSessions) -> list[Live]:
    """Return live sessions to take away, and put on record that they were."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    rows, total = await live(work, asked, limit=MOST_EXPORTED)
    await _record(work, "sessions.export", "sessions", {"total": total})
    return rows


def sought_sessions(asked: dict[str, Any]) -> SoughtSessions:
    """Return which sessions a client asks for: by whose, from where, by which browser.

    Examples:
        >>> sought_sessions({"text": "ann@", "network": "192.0.2.0/24", "agent": "Firefox"})
        SoughtSessions(begins='ann@', user_id=None, within='192.0.2.', agent='firefox')
        >>> sought_sessions({"network": "2001:db8:1::/48"}).within
        '2001:db8:1:'
    """
    typed = text(asked.get("text"))
    whose = _id(typed)
    return SoughtSessions(
        begins="" if whose else typed,
        user_id=whose,
        within=_within(text(asked.get("network"))),
        agent=text(asked.get("agent")),
    )


async def end_session(work: Work, session_id: UUID) -> None:
    """End one session of somebody.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        NotFound: It is over already.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    await stored.oversee(work.db)
    session = await listed.session_of(work.db, session_id)
    if session is None:
        raise NotFound("this session is over")
    account = await _reached(work, session.user_id)
    await listed.end_session(work.db, session_id)
    await _note(work, "sessions.end", account, sessions_ended=1)


async def sign_out(work: Work, member: UUID) -> int:
    """End every session of a member; return how many there were."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member)
    ended = await stored_sessions.end_all(work.db, account.id)
    await _note(work, "sessions.end_all", account, sessions_ended=ended)
    return ended


async def lock(work: Work, member: UUID) -> None:
    """Let a member in no more until they are unlocked, and end their sessions.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        Refused: It is one's own account, not an active one, or the last owner's.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member, but_own="lock")
    _require_state(account, ACTIVE)
    await require_not_last_owner(work.db, account)
    account.state, account.changed_at = LOCKED, work.clock.now()
    ended = await stored_sessions.end_all(work.db, account.id)
    await _note(work, "account.lock", account, sessions_ended=ended)


async def unlock(work: Work, member: UUID) -> None:
    """Let a member in again; raise `Refused` if they were not locked out."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member)
    _require_state(account, LOCKED)
    account.state, account.changed_at = ACTIVE, work.clock.now()
    await _note(work, "account.unlock", account)


async def send_reset(work: Work, member: UUID, *, written: Written) -> None:
    """Send a member the letter by which another password is chosen; raise `Refused` if locked."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member)
    _require_state(account, ACTIVE)
    code = await joining.reset_code(work, account)
    letter = written(LetterKind.RESET, code)
    await post.post(work, LetterKind.RESET, account.email, letter, user_id=account.id)
    await _note(work, "account.reset_letter", account)


async def change_role(work: Work, member: UUID, role: Role) -> int:
    """Give a member another role and end their sessions; return how many those were."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member)
    return await accounts.change_role(work, account.email, role)


async def change_plan(work: Work, member: UUID, plan: PlanName, league: str = "") -> None:
    """Give a member another plan."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member)
    await accounts.change_plan(work, account.email, plan, league)


async def erase(work: Work, member: UUID, typed: str) -> None:
    """Erase a member at once, with everything that names them: nothing undoes it.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        Refused: What was typed is not the member's address, or it is one's own or the last owner's.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await _reached(work, member, but_own="erase")
    if text(typed) != account.email:
        raise Refused("that is not the e-mail address of this account")
    await require_not_last_owner(work.db, account)
    account.state, account.erase_at = CLOSED, work.clock.now()
    await _note(work, "account.erase", account)
    await closing.erased(work.db, account)


async def _reached(work: Work, member: UUID, *, but_own: str = "") -> AccountRow:
    """Return an account that the subject may touch, kept as it is until the transaction ends."""
    await stored.oversee(work.db)
    account = await stored.to_change(work.db, member)
    if account is None:
        raise NotFound("there is no such member")
    require_reach(work.subject, Role(account.role))
    if but_own and account.id == work.subject.user_id:
        raise Refused(f"nobody can {but_own} their own account here")
    return account


def _require_state(account: AccountRow, state: str) -> None:
    if account.state != state:
        raise Refused(f"this account is {account.state}")


def _sought(asked: Filter, *, whole: bool) -> Sought:
    by_id = _id(asked.text)
    spelled = "" if by_id else asked.text
    return Sought(
        id=by_id,
        email=spelled if whole else "",
        begins="" if whole else spelled,
        state=asked.state,
        role=asked.role,
        plan=asked.plan,
    )


def id_of(said: str) -> UUID:
    """Return the id that a client names; raise `NotFound` if it is none."""
    if (found_ := _id(text(said))) is None:
        raise NotFound("there is no such member or session")
    return found_


def _id(said: str) -> UUID | None:
    try:
        return UUID(said) if len(said) == len("00000000-0000-0000-0000-000000000000") else None
    except ValueError:
        return None


def _within(said: str) -> str:
    """Return how the addresses of a network begin, or of what was typed."""
    try:
        whole = ipaddress.ip_network(said, strict=False)
    except ValueError:
        return said
    start = str(whole.network_address)
    if whole.num_addresses == 1:
        return start
    if whole.version == 6:
        return start.rstrip(":") + ":"
    return "".join(f"{part}." for part in start.split(".")[: whole.prefixlen // 8])


def _member(work: Work, row: AccountRow) -> Member:
    plain = work.subject.may(Permission.MANAGE_ACCOUNTS)
    return Member(
        id=row.id,
        email=row.email if plain else masked(row.email),
        role=row.role,
        state=row.state,
        plan=row.plan,
        league=row.league,
        created_at=row.created_at,
        changed_at=row.changed_at,
        erase_at=row.erase_at,
    )


def _live(row: LiveSession) -> Live:
    return Live(
        id=row.id,
        user_id=row.user_id,
        email=row.email,
        role=row.role,
        agent=row.agent,
        network=network(row.address),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
    )


async def _note(work: Work, act: str, account: AccountRow, **details: int) -> None:
    await _record(work, act, str(account.id), details)


async def _record(work: Work, act: str, subject: str, details: dict[str, Any]) -> None:
    await audit.record(
        work.db, actor=work.subject.actor, action=act, subject=subject, details=details
    )
