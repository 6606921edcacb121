"""Closing: a member leaves, may come back for some days, and is then erased; or is so at once.

What goes is everything that names them. What stays is the audit, which knows them by an id that
nothing connects with a person any more.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import NotAllowed, Refused
from domain.letters import LetterKind
from services import post
from services.access import Permission
from services.accounts import ACTIVE, CLOSED, normalised, require_not_last_owner
from services.joining import spend
from services.passwords import LONGEST, Passwords
from services.post import Written
from services.sessions import Attempt
from services.work import Work
from store import accounts as stored
from store import audit, mail, sessions
from store.db import Session, release
from store.tables import AccountRow

GRACE: Final = timedelta(days=14)
UPKEEP: Final = "upkeep"


async def close(work: Work, typed: str, *, written: Written) -> datetime:
    """Close the member's account and end all of its sessions; return when it is erased.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Refused: What was typed is not the account's address, it is closed, or the last owner's.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _leaving(work, typed)
    ended = await _shut(work, account)
    letter = written(LetterKind.CLOSED, "")
    await post.post(work, LetterKind.CLOSED, account.email, letter, user_id=account.id)
    await _note(work, "account.close", account.id, sessions_ended=ended)
    return work.clock.now() + GRACE


async def erase(work: Work, typed: str) -> None:
    """Erase the member's account at once, with everything that names them: nothing undoes it.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Refused: What was typed is not the account's address, it is closed, or the last owner's.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _leaving(work, typed)
    await _shut(work, account)
    await _note(work, "account.erase", account.id)
    await erased(work.db, account)


async def come_back(
    work: Work, attempt: Attempt, *, passwords: Passwords, written: Written
) -> bool:
    """Open an account again that its member closed; return False if nothing here is right.

    It signs nobody in: that is done as ever, with whatever it takes.

    Raises:
        Refused: It is no e-mail address.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.SIGN_IN)
    email = normalised(attempt.email)
    await spend(work, "come-back", email, attempt.address)
    found = await stored.named(work.db, email)
    kept = found.password_hash if found else None
    await release(work.db)
    right = await passwords.verify(attempt.password[: LONGEST + 1], kept)
    if found is None or not right:
        return False
    await stored.act_as(work.db, found.id)
    account = await stored.to_change(work.db, found.id)
    if account is None or account.state != CLOSED or account.password_hash != kept:
        return False
    account.state, account.erase_at, account.changed_at = ACTIVE, None, work.clock.now()
    letter = written(LetterKind.CAME_BACK, "")
    await post.post(work, LetterKind.CAME_BACK, account.email, letter, user_id=account.id)
    await audit.record(
        work.db,
        actor=str(account.id),
        action="account.come_back",
        subject=str(account.id),
        details={},
    )
    return True


async def erase_due(db: Session, now: datetime) -> bool:
    """Erase the account whose time to come back was over first; return whether there was one."""
    await stored.oversee(db)
    for user_id in await stored.due_for_erasure(db, now, limit=1):
        account = await stored.to_change(db, user_id)
        if account is not None and account.state == CLOSED:
            told = {"actor": UPKEEP, "action": "account.erase", "subject": str(user_id)}
            await audit.record(db, **told, details={})
            await erased(db, account)
        return True
    return False


async def erased(db: Session, account: AccountRow) -> None:
    """Erase a closed account and every row that names its member.

    Whoever calls puts it on record. The transaction acts as the member, or oversees accounts.
    Tables that point at the account go with it; letters and codes that went to its address before
    it began are taken out as well.
    """
    user_id = account.id
    await db.flush()
    await mail.forget_address(db, account.email)
    await stored.oversee(db)
    if not await stored.erase(db, user_id):
        raise Refused("this account is not closed, or no longer there")


async def _leaving(work: Work, typed: str) -> AccountRow:
    """Return the member's own account, if they may leave and have typed its address."""
    user_id = work.subject.user_id
    account = await stored.to_change(work.db, user_id) if user_id else None
    if account is None:
        raise NotAllowed("nobody is signed in")
    if normalised(typed) != account.email:
        raise Refused("that is not the e-mail address of this account")
    if account.state != ACTIVE:
        raise Refused("this account is closed already")
    await require_not_last_owner(work.db, account)
    return account


async def _shut(work: Work, account: AccountRow) -> int:
    now = work.clock.now()
    account.state, account.erase_at, account.changed_at = CLOSED, now + GRACE, now
    await mail.forget_codes_of(work.db, account.id)
    await stored.act_as(work.db, account.id)
    return await sessions.end_all(work.db, account.id)


async def _note(work: Work, act: str, account: UUID, **details: int) -> None:
    await audit.record(
        work.db, actor=work.subject.actor, action=act, subject=str(account), details=details
    )
