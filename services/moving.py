"""Moving: a member takes their account to another e-mail address, which both addresses are told.

Whether the new address has an account is never said: the letters say what there is to say. The
address changes when somebody has both the code from the new mailbox and the account's password, so
a letter that goes astray gives nobody an account. Who has the old mailbox can stop or undo it.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.errors import NotAllowed, Refused
from domain.letters import LetterKind
from kit.ids import secret
from services import post
from services.access import Permission
from services.accounts import ACTIVE, normalised
from services.joining import LASTS as JOINING_LASTS
from services.joining import RESET, Expired, Told, spend
from services.passwords import LONGEST, Passwords
from services.post import Written
from services.sessions import hash_of, network
from services.work import Work
from store import accounts as stored
from store import audit, mail
from store import sessions as stored_sessions
from store.db import release
from store.tables import AccountRow, CodeRow

MOVE, KEEP = "move", "keep"
LASTS: Final = {MOVE: timedelta(hours=24), KEEP: timedelta(hours=72), RESET: JOINING_LASTS[RESET]}


async def ask(work: Work, told: Told, *, written: Written) -> None:
    """Send a code to the address that the member wants, and word of it to the one they have.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Refused: It is no e-mail address, or the one that the account has.
        Throttled: There were too many.
        Unavailable: Attempts cannot be counted, or letters not kept.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    email = normalised(told.email)
    if email == account.email:
        raise Refused("the account has this address already")
    await spend(work, "move", str(account.id), told.address)
    taken = await stored.named(work.db, email) is not None
    await mail.forget_codes_of(work.db, account.id)
    code = await _given(work, MOVE, email, account)
    stop = await _given(work, KEEP, account.email, account)
    kind = LetterKind.MOVE_TAKEN if taken else LetterKind.MOVE
    await post.post(work, kind, email, written(kind, "" if taken else code), user_id=account.id)
    await _post(work, LetterKind.MOVE_ASKED, account, written, stop)
    await _note(work, "account.move_ask", account.id, told)


async def move(work: Work, told: Told, *, passwords: Passwords, written: Written) -> UUID:
    """Give an account the address to which the code was sent, tell both addresses; return its id.

    Raises:
        Expired: The code is not good, or no longer; or the address has an account by now.
        Refused: The password is not the account's.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.SIGN_IN)
    found = await _presented(work, told, MOVE)
    account = await _of(work, found)
    kept = account.password_hash
    await release(work.db)
    if not await passwords.verify(told.password[: LONGEST + 1], kept):
        raise Refused("that is not the password of the account")
    account = await _used(work, told, found)
    # Whoever has changed the password since then has called it off.
    if account.password_hash != found.password_hash or account.state != ACTIVE:
        raise _over()
    before = account.email
    if not await stored.move(work.db, account, found.email, work.clock.now()):
        raise _over()
    undo = await _given(work, KEEP, before, account)
    away = written(LetterKind.MOVED_AWAY, undo)
    await post.post(work, LetterKind.MOVED_AWAY, before, away, user_id=account.id)
    await _post(work, LetterKind.MOVED, account, written, "")
    await _note(work, "account.move", account.id, told)
    return account.id


async def keep(work: Work, told: Told, *, passwords: Passwords, written: Written) -> UUID:
    """Stop or undo a move: the old address stays, every session ends, no password is known.

    Whoever asked for the move knew the password. So nobody knows the one of now, and a code to
    choose another goes to the address that stays. Returns the account's id.

    Raises:
        Expired: The code is not good, or no longer; or the address has another account by now.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.SIGN_IN)
    found = await _presented(work, told, KEEP)
    await release(work.db)
    unknown = await passwords.hashed(secret())
    account = await _used(work, told, found)
    moved = account.email != found.email
    if moved and not await stored.move(work.db, account, found.email, work.clock.now()):
        raise _over()
    account.password_hash, account.changed_at = unknown, work.clock.now()
    await stored_sessions.end_all(work.db, account.id)
    await mail.forget_codes_of(work.db, account.id)
    code = await _given(work, RESET, account.email, account)
    await _post(work, LetterKind.RESET, account, written, code)
    await _note(work, "account.keep", account.id, told)
    return account.id


async def _own(work: Work) -> AccountRow:
    user_id = work.subject.user_id
    account = await stored.to_change(work.db, user_id) if user_id else None
    if account is None:
        raise NotAllowed("nobody is signed in")
    return account


async def _given(work: Work, purpose: str, email: str, account: AccountRow) -> str:
    """Return a new code for an account, kept as its hash with that of the password of now."""
    code, now = secret(), work.clock.now()
    row = CodeRow(
        id=uuid4(),
        user_id=account.id,
        purpose=purpose,
        email=email,
        code_hash=hash_of(code),
        password_hash=account.password_hash,
        made_at=now,
        ends_at=now + LASTS[purpose],
    )
    await mail.add_code(work.db, row)
    return code


async def _presented(work: Work, told: Told, purpose: str) -> CodeRow:
    """Return what a code is good for, if it is, and count that it was asked."""
    await spend(work, purpose, hash_of(told.code), told.address)
    found = await mail.presented(work.db, hash_of(told.code))
    if found is None or found.purpose != purpose or found.ends_at <= work.clock.now():
        raise _over()
    return found


async def _of(work: Work, found: CodeRow) -> AccountRow:
    """Return the account that a code is for, kept as it is until the transaction ends."""
    if found.user_id is None:
        raise _over()
    await stored.act_as(work.db, found.user_id)
    account = await stored.to_change(work.db, found.user_id)
    if account is None:
        raise _over()
    return account


async def _used(work: Work, told: Told, found: CodeRow) -> AccountRow:
    """Use a code up, which of two at once only one can, and return the account that it is for."""
    account = await _of(work, found)
    if found.ends_at <= work.clock.now() or not await mail.use_up(work.db, hash_of(told.code)):
        raise _over()
    return account


async def _post(
    work: Work, kind: LetterKind, account: AccountRow, written: Written, code: str
) -> None:
    await post.post(work, kind, account.email, written(kind, code), user_id=account.id)


def _over() -> Expired:
    return Expired("this code is not good, or no longer: ask for another")


async def _note(work: Work, act: str, account: UUID, told: Told) -> None:
    details = {"network": network(told.address)}
    await audit.record(
        work.db, actor=str(account), action=act, subject=str(account), details=details
    )
