"""What secures an account: its second factors, its recovery codes, its password."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from domain.errors import NotAllowed, NotFound, Refused
from domain.factors import Kind
from domain.letters import LetterKind
from kit.ids import stable
from services import accounts as members
from services import factors, post, sessions
from services.access import Permission
from services.halfway import Throttled
from services.passwords import Passwords
from services.post import Written
from services.second_kinds import KINDS, kinds_of
from services.sessions import Granted, place_of
from services.work import Work
from store import accounts, audit
from store import factors as stored
from store import sessions as stored_sessions
from store.sealed import seal
from store.tables import AccountRow, FactorRow
from store.throttle import Allowance

CONFIRM_WITHIN: Final = timedelta(minutes=15)
MOST: Final = 5
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class App:
    """An authenticator app that a member has set up."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Security:
    """How an account is secured; `must` says that it has to have a second factor."""

    apps: tuple[App, ...]
    kinds: tuple[Kind, ...]
    codes_left: int
    must: bool
    sealable: bool


@dataclass(frozen=True, slots=True)
class NewApp:
    """What an authenticator app is told, by typing the key or by reading the address."""

    key: str = field(repr=False)
    uri: str = field(repr=False)


async def look(work: Work) -> Security:
    """Return how one's account is secured; raise `NotAllowed` for a visitor."""
    work.subject.require(Permission.USE_ACCOUNT)
    account = await _own(work)
    apps = await stored.of(work.db, account.id)
    return Security(
        apps=tuple(App(row.id, row.name, row.made_at, row.used_at) for row in apps),
        kinds=await kinds_of(work, account.id),
        codes_left=await stored.codes_left(work.db, account.id),
        must=work.subject.role is not None
        and work.factor_policy.must(work.subject.role, account.plan),
        sealable=bool(work.keys.keys),
    )


async def begin_app(work: Work, name: str) -> NewApp:
    """Begin to set an authenticator app up; it counts once a code of it was confirmed.

    Raises:
        NotAllowed: Nobody is signed in.
        NoKeys: There is no key to seal its secret with.
        ProofNeeded: It was not proved lately that it is them.
        Refused: The name will not do, or there are enough.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    called = " ".join(name.split()) or "Authenticator"
    if len(called) > LONGEST_NAME or not called.isprintable():
        raise Refused(f"the name may have {LONGEST_NAME} letters at most")
    if len(await stored.of(work.db, account.id)) >= MOST:
        raise Refused(f"there may be {MOST} authenticator apps: remove one first")
    number, secret = uuid4(), factors.new_secret()
    row = FactorRow(
        id=number,
        user_id=account.id,
        kind=Kind.TOTP,
        name=called,
        sealed=seal(work.keys, stored.place(number), secret),
        made_at=work.clock.now(),
        last_step=0,
    )
    await stored.begin(work.db, row)
    await _note(work, "factor.begin", kind=Kind.TOTP)
    return NewApp(secret, factors.uri(secret, account.email))


async def confirm_app(work: Work, code: str, *, address: str, written: Written) -> Granted | None:
    """Confirm the app that was begun last by a code of it; None if the code is wrong.

    The session is then proved by a factor and has a new token; all others end.

    Raises:
        NotFound: None was begun, or too long ago.
        ProofNeeded: It was not proved lately that it is them.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    await _spend(work, "confirm app", address)
    account = await _own(work)
    since = work.clock.now() - CONFIRM_WITHIN
    rows = await stored.held(work.db, account.id)
    begun = next((r for r in rows if r.confirmed_at is None and r.made_at > since), None)
    if begun is None:
        raise NotFound("no app is being set up: begin again")
    if not factors.accepted(work, begun, code):
        await _note(work, "factor.refuse", kind=Kind.TOTP)
        return None
    begun.confirmed_at = work.clock.now()
    return await gained(work, Kind.TOTP, written=written)


async def remove_app(work: Work, app_id: UUID, *, written: Written) -> None:
    """Remove an authenticator app, and end all other sessions.

    Raises:
        NotFound: There is no such app of theirs.
        ProofNeeded: It was not proved lately that it is them.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    if not await stored.remove(work.db, account.id, app_id):
        raise NotFound("there is no such app")
    await lost(work, Kind.TOTP, written=written)


async def gained(work: Work, kind: Kind, *, written: Written) -> Granted:
    """Note that a factor was added and just proved: others' sessions end, this has a new token."""
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    granted = await sessions.proved(work, kind)
    ended = await _end_others(work, account)
    await _tell(work, account, LetterKind.FACTOR_ADDED, written)
    await _note(work, "factor.add", kind=kind, sessions_ended=ended)
    return granted


async def lost(work: Work, kind: Kind, *, written: Written) -> None:
    """Note that a factor was removed: others' sessions end; after the last no code is left over."""
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    if not await kinds_of(work, account.id):
        await stored.replace_codes(work.db, account.id, (), work.clock.now())
        (await sessions.own(work)).factor = Kind.PASSWORD
    ended = await _end_others(work, account)
    await _tell(work, account, LetterKind.FACTOR_REMOVED, written)
    await _note(work, "factor.remove", kind=kind, sessions_ended=ended)


async def renew_codes(work: Work, *, written: Written) -> tuple[str, ...]:
    """Return new recovery codes, which are told once; those before are good no longer.

    Raises:
        ProofNeeded: It was not proved lately that it is them.
        Refused: There is no factor that they could stand in for.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    account = await _own(work)
    await accounts.held(work.db, account.id)
    if not await kinds_of(work, account.id):
        raise Refused("recovery codes stand in for a second factor: set one up first")
    codes = factors.new_codes()
    hashes = [factors.recovery_hash(code) for code in codes]
    await stored.replace_codes(work.db, account.id, hashes, work.clock.now())
    await _tell(work, account, LetterKind.RECOVERY_MADE, written)
    await _note(work, "factor.codes", kind=Kind.RECOVERY, codes=len(codes))
    return codes


@dataclass(frozen=True, slots=True)
class Change:
    """One password for another."""

    current: str = field(repr=False)
    chosen: str = field(repr=False)
    address: str


async def change_password(
    work: Work, change: Change, *, passwords: Passwords, written: Written
) -> Granted:
    """Change one's own password; this session has a new token, and all others end.

    Raises:
        NotAllowed: Nobody is signed in, or the password until now is wrong.
        ProofNeeded: It was not proved lately that it is them.
        Refused: The new password will not do.
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    await _spend(work, "change password", change.address)
    held = (await sessions.own(work)).token_hash
    await members.change_password(
        work, change.current, change.chosen, token_hash=held, passwords=passwords
    )
    account = await _own(work)
    await _tell(work, account, LetterKind.CHANGED, written)
    return await sessions.proved(work, None)


async def forget_factors(work: Work, email: str, *, written: Written | None = None) -> int:
    """Remove every factor and code of somebody who lost theirs, and end their sessions.

    Returns how many sessions ended. It cannot be undone: factors have to be set up anew. The member
    is written to where somebody writes letters.

    Raises:
        NotAllowed: The subject may not, or the account's role is above theirs.
        NotFound: The address has no account.
    """
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    work.subject.require_proof(work.clock.now())
    account = await members.overseen(work, email)
    for kind in KINDS.values():
        await kind.forget(work, account.id)
    ended = await stored_sessions.end_all(work.db, account.id)
    actor = work.subject.actor
    details = {"sessions_ended": ended}
    await audit.record(
        work.db, actor=actor, action="factor.forget", subject=str(account.id), details=details
    )
    if written and work.subject.may(Permission.SIGN_IN):
        await _tell(work, account, LetterKind.FACTOR_REMOVED, written)
    return ended


async def _tell(work: Work, account: AccountRow, kind: LetterKind, written: Written) -> None:
    """Write to a member what was changed; raise `KeysAway` if not just now: then nothing is."""
    if post.sealable(work.keys):
        letter = written(kind, "")
        await post.post(work, kind, account.email, letter, user_id=account.id)


async def _end_others(work: Work, account: AccountRow) -> int:
    session = await sessions.own(work)
    await work.db.flush()
    return await stored_sessions.end_all(work.db, account.id, but=session.token_hash)


async def _own(work: Work) -> AccountRow:
    user_id = work.subject.user_id
    account = await accounts.own(work.db, user_id) if user_id else None
    if account is None:
        raise NotAllowed("nobody is signed in")
    return account


async def _spend(work: Work, act: str, address: str) -> None:
    allowances = [
        Allowance(stable(act, work.subject.actor), burst=10, every_s=60.0),
        Allowance(stable(f"{act} from", place_of(address)), burst=20, every_s=15.0),
    ]
    if wait_s := await work.cache.spend(allowances, now=work.clock.now()):
        raise Throttled(wait_s)


async def _note(work: Work, act: str, **details: str | int) -> None:
    actor = work.subject.actor
    await audit.record(
        work.db,
        actor=actor,
        action=act,
        subject=actor,
        details={name: str(v) if isinstance(v, str) else v for name, v in details.items()},
    )
