"""Joining: who registers, proves that a mailbox is theirs, or forgot a password.

What is answered never says whether an address has an account, and costs the same work either way:
what there is to say goes to the mailbox. A code is good for one use and known here by its hash; an
account begins only when somebody has both the code from the mailbox and the password that was
chosen, so nobody can register an address of somebody else and wait for them to confirm it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.errors import Refused
from domain.flags import Flag
from domain.letters import LetterKind
from kit.ids import secret, stable
from services import post, sessions
from services.access import Permission, Role
from services.accounts import ACTIVE, normalised
from services.passwords import LONGEST, Passwords, require_good
from services.post import Written
from services.sessions import Attempt, Granted, Throttled, hash_of, network, place_of
from services.work import Work
from store import accounts as stored
from store import audit, mail
from store import sessions as stored_sessions
from store.db import release
from store.tables import AccountRow, CodeRow
from store.throttle import Allowance

CONFIRM, RESET = "confirm", "reset"
LASTS: Final = {CONFIRM: timedelta(hours=24), RESET: timedelta(hours=1)}


class Expired(Refused):
    """The code was used, is over, or never was one."""

    code = "code_expired"


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody at an address says; `code` is what a letter brought them."""

    address: str
    email: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    agent: str = ""
    held: str = field(default="", repr=False)
    device: str = field(default="", repr=False)
    hints: str = field(default="", repr=False)


async def register(work: Work, told: Told, *, passwords: Passwords, written: Written) -> None:
    """Send a code to an address, or, if it has an account, a letter that says so.

    Raises:
        SwitchedOff: Nobody joins for now.
        Refused: It is no e-mail address, or the password will not do.
        Throttled: There were too many from there, or to that address.
        Unavailable: Attempts cannot be counted, or letters not kept.
    """
    work.subject.require(Permission.SIGN_IN)
    await work.flags.require(Flag.JOINING, work)
    await release(work.db)
    email = normalised(told.email)
    require_good(told.password, email=email)
    await spend(work, "register", email, told.address)
    kept = await passwords.hashed(told.password)
    account = await stored.named(work.db, email)
    code = await _given(work, CONFIRM, email, None, password_hash=kept)
    kind = LetterKind.KNOWN if account else LetterKind.CONFIRM
    letter = written(kind, "" if account else code)
    await post.post(work, kind, email, letter, user_id=account.id if account else None)


async def confirm(work: Work, told: Told, *, passwords: Passwords) -> Granted:
    """Make the account that a code and its password are for, and sign its member in.

    Raises:
        SwitchedOff: Nobody joins for now; the code stays good until its end.
        Expired: The code is not good, or no longer.
        Refused: The password is not the one that was chosen.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.SIGN_IN)
    await work.flags.require(Flag.JOINING, work)
    await spend(work, "confirm", hash_of(told.code), told.address)
    found = await _presented(work, told.code, CONFIRM)
    await release(work.db)
    if not await passwords.verify(told.password[: LONGEST + 1], found.password_hash):
        raise Refused("that is not the password that was chosen")
    await _used(work, told.code, CONFIRM)
    account = AccountRow(
        id=uuid4(),
        email=found.email,
        password_hash=found.password_hash,
        role=Role.MEMBER,
        state=ACTIVE,
        changed_at=work.clock.now(),
    )
    await stored.act_as(work.db, account.id)
    if not await stored.add(work.db, account):
        raise Expired("this address has an account by now: sign in")
    await _note(work, "account.register", account.id, told)
    return await sessions.begun(work, account, _attempt(told, found.email))


async def forgot(work: Work, told: Told, *, written: Written) -> None:
    """Send a code to the address if it has an account; nobody is told whether it has.

    Raises:
        Refused: It is no e-mail address.
        Throttled: There were too many from there, or to that address.
        Unavailable: Attempts cannot be counted, or letters not kept.
    """
    work.subject.require(Permission.SIGN_IN)
    email = normalised(told.email)
    await spend(work, "forgot", email, told.address)
    account = await stored.named(work.db, email)
    user_id = account.id if account and account.state == ACTIVE else None
    code = await _given(work, RESET, email, user_id)
    letter = written(LetterKind.RESET, code)
    if user_id is not None:
        await post.post(work, LetterKind.RESET, email, letter, user_id=user_id)


async def reset(work: Work, told: Told, *, passwords: Passwords, written: Written) -> UUID:
    """Give the account of a code another password, end its sessions, and write to its member.

    Returns the account's id.

    Raises:
        Expired: The code is not good, or no longer.
        Refused: The password will not do.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.SIGN_IN)
    await spend(work, "reset", hash_of(told.code), told.address)
    found = await _presented(work, told.code, RESET)
    if found.user_id is None:
        raise Expired("this code is not good, or no longer: ask for another")
    require_good(told.password, email=found.email)
    await release(work.db)
    renewed = await passwords.hashed(told.password)
    await _used(work, told.code, RESET)
    await stored.act_as(work.db, found.user_id)
    account = await stored.own(work.db, found.user_id)
    if account is None or account.state != ACTIVE:
        raise Expired("this code is not good, or no longer: ask for another")
    account.password_hash, account.changed_at = renewed, work.clock.now()
    await stored_sessions.end_all(work.db, account.id)
    await mail.forget_codes(work.db, account.email)
    changed = written(LetterKind.CHANGED, "")
    await post.post(work, LetterKind.CHANGED, account.email, changed, user_id=account.id)
    await _note(work, "account.password_reset", account.id, told)
    return account.id


async def reset_code(work: Work, account: AccountRow) -> str:
    """Return a code by which the member of an account chooses another password."""
    work.subject.require(Permission.SIGN_IN)
    return await _given(work, RESET, account.email, account.id)


async def _given(
    work: Work, purpose: str, email: str, user_id: UUID | None, *, password_hash: str = ""
) -> str:
    """Return a new code, which is kept as its hash."""
    code, now = secret(), work.clock.now()
    row = CodeRow(
        id=uuid4(),
        user_id=user_id,
        purpose=purpose,
        email=email,
        code_hash=hash_of(code),
        password_hash=password_hash,
        made_at=now,
        ends_at=now + LASTS[purpose],
    )
    await mail.add_code(work.db, row)
    return code


async def _presented(work: Work, code: str, purpose: str) -> CodeRow:
    found = await mail.presented(work.db, hash_of(code))
    if found is None or found.purpose != purpose or found.ends_at <= work.clock.now():
        raise Expired("this code is not good, or no longer: ask for another")
    return found


async def _used(work: Work, code: str, purpose: str) -> None:
    """Use a code up, which of two at once only one can."""
    await _presented(work, code, purpose)
    if not await mail.use_up(work.db, hash_of(code)):
        raise Expired("this code was used meanwhile: ask for another")


async def spend(work: Work, act: str, about: str, address: str) -> None:
    """Count an act, by what it is about and from where; raise `Throttled` if there were too many.

    Raises:
        Unavailable: Acts cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    place = place_of(address)
    allowances = [
        Allowance(stable(act, about), burst=5, every_s=300.0),
        Allowance(stable(f"{act} from", place), burst=20, every_s=30.0),
    ]
    if wait_s := await work.cache.spend(allowances, now=work.clock.now()):
        raise Throttled(wait_s)


def _attempt(told: Told, email: str) -> Attempt:
    return Attempt(
        email, told.password, told.address, told.agent, told.held, told.device, told.hints
    )


async def _note(work: Work, act: str, account: UUID, told: Told) -> None:
    details = {"network": network(told.address)}
    await audit.record(
        work.db, actor=str(account), action=act, subject=str(account), details=details
    )
