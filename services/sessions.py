"""Sessions: who signs in, who is behind a token, and who signs out."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.errors import NotAllowed, Refused
from domain.factors import Kind
from domain.plans import EVERYTHING, LEAST, View
from kit.ids import secret, stable
from services import breaks, devices, halfway, risk
from services.access import ANONYMOUS, PERMISSIONS_OF, Permission, Role, Subject
from services.accounts import ACTIVE, CLOSED, LONGEST_EMAIL, normalised
from services.devices import Arrival
from services.halfway import Halfway, Throttled, hash_of
from services.passwords import LONGEST, Passwords
from services.places import called, network, place_of
from services.post import Told, Written
from services.risk import Judged, Verdict
from services.second_kinds import kinds_of
from services.work import Work
from store import accounts, audit
from store import sessions as stored
from store.db import release
from store.tables import AccountRow, SessionRow
from store.throttle import Allowance

TOUCH_S: Final = 60.0
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without being used, and at most."""

    idle: timedelta
    whole: timedelta


MEMBERS: Final = Limits(timedelta(days=7), timedelta(days=30))
STAFF: Final = Limits(timedelta(hours=2), timedelta(hours=12))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody at `address` says to be let in; `held` is the token they came with.

    `device` is the secret of the device's cookie, `hints` what the browser says of itself, and
    `told` writes the letters that an arrival may call for.
    """

    email: str = field(repr=False)
    password: str = field(repr=False)
    address: str
    agent: str = ""
    held: str = field(default="", repr=False)
    device: str = field(default="", repr=False)
    hints: str = field(default="", repr=False)
    told: Told | None = field(default=None, repr=False, compare=False)

    @property
    def arrival(self) -> Arrival:
        """The attempt without what is secret of it but the device."""
        return Arrival(self.address, self.agent, self.device, self.hints, self.told)


@dataclass(frozen=True, slots=True)
class Granted:
    """A session that has begun: the token goes to the browser and is kept nowhere else.

    `needs_factor` says that its member may do more once they have a second factor.
    """

    token: str = field(repr=False)
    ends_at: datetime
    needs_factor: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A session that has not ended, as its member sees it; `here` is the one that asks."""

    id: UUID
    name: str
    network: str
    country: str
    began_at: datetime
    last_seen_at: datetime
    here: bool


class Closed(Refused):
    """The password is right, and the account was closed by its member, who may come back."""

    code = "closed"


async def sign_in(
    work: Work, attempt: Attempt, *, passwords: Passwords, written: Written | None = None
) -> Granted | Halfway | None:
    """Let somebody in, ask for more, or return None if the address or the password is wrong.

    Whatever is wrong, or if the account is locked or the arrival too odd, the work and the answer
    are the same, and a refusal is in the audit. More is asked of whoever has a second factor, and
    of whoever arrives oddly: without a factor a code comes by letter.

    Args:
        work: Its subject may sign in.
        attempt: What they say, and from where.
        passwords: What compares.
        written: Writes letters; without it nobody who arrives oddly gets in.

    Raises:
        Closed: All is right, but the member has closed the account and may still come back.
        Throttled: There were too many attempts on the account, or from the address.
        Unavailable: Attempts cannot be counted or answered; then nobody is let in.
    """
    work.subject.require(Permission.SIGN_IN)
    email = _spelled(attempt.email)
    allowances = _allowances(email, attempt.address)
    if wait_s := await work.cache.spend(allowances, now=work.clock.now()):
        raise Throttled(wait_s)
    account = await accounts.named(work.db, email)
    kept = account.password_hash if account else None
    await release(work.db)
    right = await passwords.verify(attempt.password[: LONGEST + 1], kept)
    if account is not None and right and account.state == CLOSED:
        raise Closed("this account is closed: its member may come back")
    if account is None or not right or account.state != ACTIVE:
        known = "nobody" if account is None else str(account.id)
        await _refused(work, known, attempt)
        await risk.refused(work, email, attempt.address)
        return None
    renewed = (
        await passwords.hashed(attempt.password)
        if passwords.outdated(account.password_hash)
        else account.password_hash
    )
    await accounts.act_as(work.db, account.id)
    judged = await risk.of_sign_in(work, account, attempt.arrival)
    if judged.verdict is not Verdict.ALLOW:
        await _note_odd(work, account, attempt, judged)
    if judged.verdict is Verdict.BLOCK:
        return None
    await work.cache.restore(allowances[:2])
    account = await _unchanged(work, account)
    account.password_hash = renewed
    await work.db.flush()
    kinds = await kinds_of(work, account.id)
    if not kinds and judged.verdict is Verdict.ALLOW:
        return await begun(work, account, attempt)
    return await halfway.begin(work, account, kinds, written, odd=not kinds)


async def resume(work: Work, token: str, *, active: bool = False) -> Subject:
    """Return who is behind a token: `ANONYMOUS` if its session is unknown or over.

    With `active` the member did something, which puts off the end of an idle session.
    """
    work.subject.require(Permission.VISIT)
    if not _TOKEN.fullmatch(token):
        return ANONYMOUS
    session = await stored.presented(work.db, hash_of(token))
    now = work.clock.now()
    if session is None or session.idle_ends_at <= now:
        return ANONYMOUS
    await accounts.act_as(work.db, session.user_id)
    account = await accounts.own(work.db, session.user_id)
    if account is None or account.state != ACTIVE:
        return ANONYMOUS
    role = Role(account.role)
    if active and (now - session.last_seen_at).total_seconds() >= TOUCH_S:
        session.last_seen_at = now
        session.idle_ends_at = min(session.ends_at, now + limits_of(role).idle)
    held = await breaks.of_member(work.db, account.id, now)
    may = work.factor_policy.permissions(role, account.plan, session.factor)
    found = Subject(
        user_id=account.id,
        permissions=may,
        name=account.email,
        role=role,
        view=_view(work, account, session.factor) or LEAST,
        session_id=session.id,
        proved_at=session.proved_at,
        needs_factor=may != PERMISSIONS_OF[role],
    )
    return found.kept_from_board(held)


async def views(work: Work, token_hashes: Collection[str]) -> dict[str, View | None]:
    """Return what those behind many tokens see now, by the hash of a token.

    Whose session is over, or account locked, is left out; whom a break, a reached limit or a
    factor that is missing keeps from the board sees None.
    """
    work.subject.require(Permission.DELIVER)
    if not token_hashes:
        return {}
    await accounts.oversee(work.db)
    now = work.clock.now()
    found = await stored.holders(work.db, token_hashes, now)
    held = await breaks.of_sessions(work.db, token_hashes, now)
    return {
        key: None if key in held else _view(work, account, factor)
        for key, (account, factor) in found.items()
        if account.state == ACTIVE
    }


async def sign_out(work: Work, token: str) -> bool:
    """End one's session of a token; return whether there was one."""
    work.subject.require(Permission.USE_ACCOUNT)
    user_id = work.subject.user_id
    if user_id is None or not await stored.end(work.db, user_id, hash_of(token)):
        return False
    await _note(work, "sign_out", ended=1)
    return True


async def end_others(work: Work, token: str) -> int:
    """End one's sessions but the one of the token; return how many there were.

    Raises:
        NotAllowed: Nobody is signed in, or it was not proved lately that it is them.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    user_id = work.subject.user_id
    ended = await stored.end_all(work.db, user_id, but=hash_of(token)) if user_id else 0
    await _note(work, "sessions.end_others", ended=ended)
    return ended


async def end_one(work: Work, session_id: UUID) -> bool:
    """End one of one's sessions; return whether there was one.

    Raises:
        NotAllowed: Nobody is signed in, or it was not proved lately that it is them.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    user_id = work.subject.user_id
    ended = user_id is not None and await stored.end_one(work.db, user_id, session_id)
    await _note(work, "sessions.end_one", ended=int(ended))
    return ended


async def listed(work: Work) -> list[Open]:
    """Return one's sessions that have not ended, the one that asks first, then by last use."""
    work.subject.require(Permission.USE_ACCOUNT)
    user_id = work.subject.user_id
    rows = await stored.of_member(work.db, user_id, work.clock.now()) if user_id else []
    found = [_open(row, here=row.id == work.subject.session_id) for row in rows]
    return sorted(found, key=lambda each: not each.here)


def limits_of(role: Role) -> Limits:
    """Return how long a session of the role lasts."""
    return MEMBERS if role is Role.MEMBER else STAFF


def _view(work: Work, account: AccountRow, factor: str) -> View | None:
    """Return what an account's plan shows, None if its session may not view the board.

    Who works here sees all, once they have proved what they must.
    """
    role = Role(account.role)
    may = work.factor_policy.permissions(role, account.plan, factor)
    if Permission.VIEW_BOARD not in may:
        return None
    if role is not Role.MEMBER and may == PERMISSIONS_OF[role]:
        return EVERYTHING
    return View.of(account.plan, account.league)


async def begun(
    work: Work, account: AccountRow, attempt: Attempt, factor: Kind = Kind.PASSWORD
) -> Granted:
    """Begin a session with a token of its own, and end the one that the browser held before.

    Raises:
        Refused: The account was changed since it was read.
    """
    work.subject.require(Permission.SIGN_IN)
    now, token = work.clock.now(), secret()
    limits = limits_of(Role(account.role))
    await _end_held(work, attempt.held)
    await accounts.act_as(work.db, account.id)
    await _unchanged(work, account)
    await stored.forget_over(work.db, now)
    await risk.begun(work, account)
    country = await devices.country_of(attempt.address)
    device_id = await devices.seen(work, account, attempt.arrival, country)
    session = SessionRow(
        id=uuid4(),
        user_id=account.id,
        token_hash=hash_of(token),
        agent=called(attempt.agent),
        address=attempt.address,
        country=country,
        device_id=device_id,
        factor=factor,
        created_at=now,
        proved_at=now,
        last_seen_at=now,
        idle_ends_at=now + limits.idle,
        ends_at=now + limits.whole,
    )
    await stored.add(work.db, session)
    await audit.record(
        work.db,
        actor=str(account.id),
        action="sign_in",
        subject=str(account.id),
        details={
            "network": network(attempt.address),
            "agent": session.agent,
            "factor": factor.value,
        },
    )
    role = Role(account.role)
    may = work.factor_policy.permissions(role, account.plan, factor)
    return Granted(token, session.ends_at, may != PERMISSIONS_OF[role])


async def proved(work: Work, factor: Kind | None) -> Granted:
    """Give one's session a new token, since it was proved anew, and end the old one.

    Args:
        work: Its subject is the member.
        factor: What proved it; None leaves what proved it before.

    Raises:
        NotAllowed: Nobody is signed in, or the session is over.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    session = await own(work)
    token = secret()
    session.token_hash, session.proved_at = hash_of(token), work.clock.now()
    if factor is not None:
        session.factor = factor
    actor = work.subject.actor
    details = {"factor": session.factor}
    await audit.record(work.db, actor=actor, action="session.prove", subject=actor, details=details)
    return Granted(token, session.ends_at)


async def own(work: Work) -> SessionRow:
    """Return one's session, kept from others until the transaction ends; raise `NotAllowed`."""
    work.subject.require(Permission.USE_ACCOUNT)
    session_id = work.subject.session_id
    session = await stored.own(work.db, session_id) if session_id else None
    if session is None:
        raise NotAllowed("this session is over: sign in again")
    return session


async def _unchanged(work: Work, account: AccountRow) -> AccountRow:
    """Return an account as it is now, kept from others; raise `Refused` if it is another."""
    was = account.password_hash
    found = await accounts.held(work.db, account.id)
    if found is None or found.state != ACTIVE or found.password_hash != was:
        raise Refused("the account was changed meanwhile: sign in again")
    return found


async def _refused(work: Work, known: str, attempt: Attempt) -> None:
    details = {"network": network(attempt.address)}
    await audit.record(
        work.db, actor="anonymous", action="sign_in.refuse", subject=known, details=details
    )


async def _end_held(work: Work, token: str) -> None:
    """End the session that the browser loses with its cookie, whoever's it is."""
    if _TOKEN.fullmatch(token) and (held := await stored.presented(work.db, hash_of(token))):
        await accounts.act_as(work.db, held.user_id)
        await stored.end(work.db, held.user_id, held.token_hash)


def _spelled(email: str) -> str:
    """Return the address as kept; what is none is looked for all the same, as long."""
    try:
        return normalised(email)
    except Refused:
        return email[:LONGEST_EMAIL].strip().lower().replace("\0", "")


def _allowances(email: str, address: str) -> list[Allowance]:
    """Return what an attempt takes from: the account here, the account anywhere, the address.

    Those of the account are whole again once its member is in. An address can be shared by many,
    and many addresses can be one attacker's: an IPv6 address counts as its /64.
    """
    place = place_of(address)
    return [
        Allowance(stable("sign-in", email, place), burst=5, every_s=30.0),
        Allowance(stable("sign-in", email), burst=50, every_s=60.0),
        Allowance(stable("sign-in from", place), burst=20, every_s=15.0),
    ]


def _open(row: SessionRow, *, here: bool) -> Open:
    return Open(
        id=row.id,
        name=row.agent,
        network=network(row.address),
        country=row.country,
        began_at=row.created_at,
        last_seen_at=row.last_seen_at,
        here=here,
    )


async def _note_odd(work: Work, account: AccountRow, attempt: Attempt, judged: Judged) -> None:
    odd = {"network": network(attempt.address), "score": round(judged.score, 4)}
    await audit.record(
        work.db,
        actor=str(account.id),
        action=f"sign_in.{judged.verdict}",
        subject=str(account.id),
        details=odd | {"reasons": [*judged.reasons]},
    )


async def _note(work: Work, act: str, *, ended: int) -> None:
    actor = work.subject.actor
    await audit.record(
        work.db, actor=actor, action=act, subject=actor, details={"sessions_ended": ended}
    )
