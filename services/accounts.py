"""Accounts: made by those who manage them; each member changes their own password."""

import re
import unicodedata
from typing import Final
from uuid import uuid4

from domain.errors import NotAllowed, NotFound, Refused
from domain.plans import PLANS, PlanName, View
from services.access import Permission, Role, Subject
from services.passwords import Passwords, require_good
from services.work import Work
from store import accounts as stored
from store import audit, sessions
from store.db import Session, release
from store.tables import AccountRow

ACTIVE: Final = "active"
LOCKED: Final = "locked"
CLOSED: Final = "closed"
LONGEST_EMAIL: Final = 254
_EMAIL: Final = re.compile(
    r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s.\x00-\x1f\x7f]+(\.[^@\s.\x00-\x1f\x7f]+)+"
)


def normalised(email: str) -> str:
    """Return the one spelling of an address: composed, lower case, without space around it.

    Raises:
        Refused: It is no e-mail address.

    Examples:
        >>> normalised(" Ann@Example.COM ")
        'ann@example.com'
    """
    plain = unicodedata.normalize("NFC", email.strip()).lower()
    if len(plain) > LONGEST_EMAIL or not _EMAIL.fullmatch(plain):
        raise Refused("that is no e-mail address: it must look like name@example.com")
    return plain


async def create(
    work: Work, email: str, password: str, *, role: Role, passwords: Passwords
) -> AccountRow:
    """Make an account.

    Raises:
        NotAllowed: The subject may not, or the role is above theirs.
        Refused: The address or the password will not do, or the address has an account.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    require_reach(work.subject, role)
    address = normalised(email)
    require_good(password, email=address)
    account = AccountRow(
        id=uuid4(),
        email=address,
        password_hash=await passwords.hashed(password),
        role=role,
        state=ACTIVE,
        changed_at=work.clock.now(),
    )
    await stored.oversee(work.db)
    if not await stored.add(work.db, account):
        raise Refused("this e-mail address has an account already")
    await _note(work, "account.create", account, role=role)
    return account


async def listed(work: Work, *, limit: int = 100) -> list[AccountRow]:
    """Return accounts, the eldest first."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.oversee(work.db)
    return await stored.every(work.db, limit=limit)


async def change_role(work: Work, email: str, role: Role) -> int:
    """Give an account another role and end its sessions; return how many those were.

    Raises:
        NotAllowed: The subject may not, or one of the roles is above theirs.
        NotFound: The address has no account.
        Refused: It is the last owner's.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    account = await _overseen(work, email)
    require_reach(work.subject, role)
    was = Role(account.role)
    if was is role:
        return 0
    await require_not_last_owner(work.db, account)
    account.role, account.changed_at = role, work.clock.now()
    ended = await sessions.end_all(work.db, account.id)
    await _note(work, "account.role", account, was=was, role=role, sessions_ended=ended)
    return ended


async def change_plan(work: Work, email: str, plan: PlanName, league: str = "") -> None:
    """Give an account another plan; whoever watches the board moves within seconds.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        NotFound: The address has no account.
        Refused: It is no plan of an account, or it asks for a league and none was named.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    if plan is PlanName.ANONYMOUS:
        raise Refused("the plan anonymous is that of visitors: an account has another")
    chosen = View.of(plan, league).league
    if PLANS[plan].one_league and not chosen:
        raise Refused(f"the plan {plan} shows one league: name it")
    account = await _overseen(work, email)
    was = account.plan
    account.plan, account.league, account.changed_at = plan, chosen, work.clock.now()
    await _note(work, "account.plan", account, was=was, plan=plan, league=chosen)


async def replace_password(work: Work, email: str, password: str, *, passwords: Passwords) -> int:
    """Set somebody's password and end all their sessions; return how many those were.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        NotFound: The address has no account.
        Refused: The password will not do.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    account = await _overseen(work, email)
    require_good(password, email=account.email)
    ended = await _renew(work, account, await passwords.hashed(password))
    await _note(work, "account.password_replace", account, sessions_ended=ended)
    return ended


async def change_password(
    work: Work, current: str, password: str, *, token_hash: str, passwords: Passwords
) -> int:
    """Change one's own password and end one's other sessions; return how many those were.

    Args:
        work: Its subject is the member.
        current: The password until now.
        password: The new one.
        token_hash: Whose session stays: the one that asks.
        passwords: What compares and hashes.

    Raises:
        NotAllowed: Nobody is signed in, or `current` is wrong.
        Refused: The new password will not do.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    account = await _own(work)
    await release(work.db)
    if not await passwords.verify(current, account.password_hash):
        raise NotAllowed("the password until now is not right")
    require_good(password, email=account.email)
    renewed = await passwords.hashed(password)
    ended = await _renew(work, await _own(work), renewed, but=token_hash)
    await _note(work, "account.password_change", account, sessions_ended=ended)
    return ended


async def overseen(work: Work, email: str) -> AccountRow:
    """Return somebody's account for one who manages it; the transaction then sees every account.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        NotFound: The address has no account.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    return await _overseen(work, email)


async def _renew(work: Work, account: AccountRow, password_hash: str, *, but: str = "") -> int:
    account.password_hash, account.changed_at = password_hash, work.clock.now()
    return await sessions.end_all(work.db, account.id, but=but)


async def _own(work: Work) -> AccountRow:
    user_id = work.subject.user_id
    account = await stored.own(work.db, user_id) if user_id else None
    if account is None:
        raise NotAllowed("nobody is signed in")
    return account


async def _overseen(work: Work, email: str) -> AccountRow:
    await stored.oversee(work.db)
    account = await stored.named(work.db, normalised(email))
    if account is None:
        raise NotFound("this e-mail address has no account")
    require_reach(work.subject, Role(account.role))
    return account


async def require_not_last_owner(db: Session, account: AccountRow) -> None:
    """Raise `Refused` for the account of the only owner who can sign in; the transaction oversees.

    Until it ends no other owner can cease to be one.
    """
    if account.role != Role.OWNER:
        return
    await stored.oversee(db)
    if not await stored.others_active(db, Role.OWNER, account.id):
        raise Refused("this is the last owner: make somebody else an owner first")


def require_reach(subject: Subject, role: Role) -> None:
    """Let nobody give or touch a role above their own; the operator stands outside of it."""
    if subject.user_id is None:
        return
    rising = list(Role)
    if subject.role is None or rising.index(role) > rising.index(subject.role):
        raise NotAllowed(f"{role} is a role above yours")


async def _note(work: Work, act: str, account: AccountRow, **details: str | int) -> None:
    await audit.record(
        work.db,
        actor=work.subject.actor,
        action=act,
        subject=str(account.id),
        details={name: str(v) if isinstance(v, str) else v for name, v in details.items()},
    )
