"""The second step: a factor after the password, and proof once more before what is sensitive."""

import hmac
from dataclasses import dataclass, field
from typing import Final

from domain.errors import NotAllowed, Refused
from domain.factors import Kind, Proof
from domain.letters import LetterKind
from kit.ids import stable
from services import sessions
from services.access import Permission
from services.accounts import ACTIVE
from services.halfway import WRONG_ANSWERS, Throttled, failed, hash_of, tell
from services.passwords import LONGEST, Passwords
from services.post import Told, Written
from services.second_kinds import kinds_of, proves
from services.sessions import Attempt, Granted, network, place_of
from services.work import Work
from store import accounts, audit, steps
from store.db import release
from store.tables import AccountRow, StepRow
from store.throttle import Allowance

TRIES: Final = WRONG_ANSWERS


class StepOver(Refused):
    """The second step took too long, failed too often, or is not of this browser."""

    code = "step_over"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says for the second step, and from where.

    `token` is the half-way sign-in's, or "" for a session; `held` the session's that the browser
    has; `device`, `hints` and `told` are as of an attempt.
    """

    kind: str
    text: str = field(repr=False)
    address: str
    token: str = field(default="", repr=False)
    agent: str = ""
    held: str = field(default="", repr=False)
    device: str = field(default="", repr=False)
    hints: str = field(default="", repr=False)
    told: Told | None = field(default=None, repr=False, compare=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Wrong:
    """That was not it; `left` is how often it may be tried again, and after 0 the step is over."""

    left: int


async def asked(work: Work, token: str) -> tuple[Kind, ...]:
    """Return what a half-way sign-in waits for; nothing if it is over or unknown."""
    work.subject.require(Permission.SIGN_IN)
    try:
        step = await pending(work, token)
    except StepOver:
        return ()
    return await _kinds(work, step)


async def pending(work: Work, token: str) -> StepRow:
    """Return a half-way sign-in, and act as its member from now on; for kinds with a challenge.

    Raises:
        StepOver: It is over, or unknown.
    """
    work.subject.require(Permission.SIGN_IN)
    step = await steps.presented(work.db, hash_of(token))
    if step is None or not _open(work, step):
        raise StepOver("the second step is over: sign in again")
    await accounts.act_as(work.db, step.user_id)
    return step


async def finish(work: Work, said: Said, *, written: Written) -> Granted | Wrong:
    """Let whoever had the right password in, if what they say proves the rest as well.

    Of two at once with one code, or with one half-way sign-in, one gets in.

    Raises:
        StepOver: It is over, or unknown; then it begins with the password again.
        Throttled: There were too many attempts on the account, or from the address.
        Unavailable: Attempts cannot be counted; then nobody is let in.
    """
    work.subject.require(Permission.SIGN_IN)
    seen = await pending(work, said.token)
    await _spend(work, str(seen.user_id), said.address)
    account = await accounts.held(work.db, seen.user_id)
    step = await steps.held(work.db, seen.token_hash)
    if step is None or account is None or account.state != ACTIVE or not _open(work, step):
        raise StepOver("the second step is over: sign in again")
    if not await _right(work, account, step, said):
        return await _wrong(work, account, step, said, written)
    await steps.end(work.db, step)
    if said.kind == Kind.RECOVERY:
        await tell(work, account, LetterKind.RECOVERY_USED, written)
    came = said.address, said.agent, said.held, said.device, said.hints, said.told
    attempt = Attempt(account.email, "", *came)
    return await sessions.begun(work, account, attempt, Kind(said.kind))


async def prove(
    work: Work, said: Said, *, passwords: Passwords, written: Written
) -> Granted | None:
    """Prove once more that it is oneself, by the password and a factor if there is one.

    Returns the session under a new token, or None if something of it is wrong, which the audit
    notes.

    Raises:
        NotAllowed: Nobody is signed in.
        Throttled: There were too many attempts.
        Unavailable: Attempts cannot be counted, or passwords not compared.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    user_id = work.subject.user_id
    account = await accounts.own(work.db, user_id) if user_id else None
    if account is None:
        raise NotAllowed("nobody is signed in")
    await _spend(work, str(account.id), said.address)
    await release(work.db)
    right = await passwords.verify(said.password[: LONGEST + 1], account.password_hash)
    held = await accounts.held(work.db, account.id)
    same = held is not None and held.password_hash == account.password_hash
    if not (right and same and await _second(work, account, said)):
        await _note(work, account, "session.prove_refuse", said)
        await failed(work, account, written)
        return None
    used = Kind(said.kind) if said.kind else None
    if used is Kind.RECOVERY:
        await tell(work, account, LetterKind.RECOVERY_USED, written)
    return await sessions.proved(work, used)


async def _second(work: Work, account: AccountRow, said: Said) -> bool:
    """Return whether a factor was proved, or there is none to prove."""
    if not await kinds_of(work, account.id):
        return not said.kind
    session = await sessions.own(work)
    return await proves(work, account, said.kind, Proof(said.text, session.id))


async def _right(work: Work, account: AccountRow, step: StepRow, said: Said) -> bool:
    if said.kind not in await _kinds(work, step):
        return False
    if said.kind == Kind.LETTER:
        code = "".join(said.text[:20].split())
        return hmac.compare_digest(step.code_hash, hash_of(f"{said.token}.{code}"))
    return await proves(work, account, said.kind, Proof(said.text, step.id, said.token))


async def _kinds(work: Work, step: StepRow) -> tuple[Kind, ...]:
    if step.why == "odd":
        return (Kind.LETTER,)
    return await kinds_of(work, step.user_id)


async def _wrong(
    work: Work, account: AccountRow, step: StepRow, said: Said, written: Written
) -> Wrong:
    """Count a wrong answer; the last one ends the step."""
    step.tries += 1
    await _note(work, account, "sign_in.step_refuse", said)
    await failed(work, account, written)
    left = TRIES - step.tries
    if left == 0:
        await steps.end(work.db, step)
    return Wrong(left)


async def _spend(work: Work, account: str, address: str) -> None:
    place = place_of(address)
    allowances = [
        Allowance(stable("second step", account, place), burst=10, every_s=30.0),
        Allowance(stable("second step", account), burst=30, every_s=120.0),
        Allowance(stable("second step from", place), burst=20, every_s=15.0),
    ]
    if wait_s := await work.cache.spend(allowances, now=work.clock.now()):
        raise Throttled(wait_s)


async def _note(work: Work, account: AccountRow, act: str, said: Said) -> None:
    kind = said.kind if said.kind in set(Kind) else "other"
    who = str(account.id)
    details = {"network": network(said.address), "kind": kind}
    await audit.record(work.db, actor=who, action=act, subject=who, details=details)


def _open(work: Work, step: StepRow) -> bool:
    return step.ends_at > work.clock.now() and step.tries < TRIES
