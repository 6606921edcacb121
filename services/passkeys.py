"""Passkeys: made, listed, renamed and removed by their member, and signed in with, without more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid4

import webauthn
from webauthn.helpers import exceptions
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.errors import NotFound, Refused
from domain.factors import Kind, Proof
from domain.letters import LetterKind
from kit.ids import stable
from services import passkey_checks as checks
from services import risk, security, sessions
from services.access import Permission
from services.accounts import ACTIVE
from services.halfway import Throttled, tell
from services.passkey_checks import Purpose, Relying
from services.post import Written
from services.second_step import pending
from services.sessions import Attempt, Granted, called, network, place_of
from services.work import Work
from store import accounts, audit
from store import passkeys as stored
from store.tables import AccountRow, CeremonyRow, PasskeyRow
from store.throttle import Allowance

NAME: Final = "Dutchbook"
MOST: Final = 20
LONGEST_NAME: Final = 60
_VERIFIED: Final = UserVerificationRequirement.REQUIRED


class Refusal(StrEnum):
    """Why a passkey lets nobody in."""

    OVER = "over"
    """The challenge was used, is over, or was another browser's."""
    UNKNOWN = "unknown"
    WRONG = "wrong"
    CLONED = "cloned"
    """Its count went back: there are two of it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A passkey as its member sees it."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None
    backed_up: bool
    cloned: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser sent back, as JSON, to the challenge that `about` asked for."""

    said: str = field(repr=False)
    about: str = field(default="", repr=False)


async def listed(work: Work) -> list[Shown]:
    """Return one's passkeys, the eldest first."""
    work.subject.require(Permission.USE_ACCOUNT)
    rows = await stored.of(work.db, _me(work))
    return [
        Shown(r.id, r.name, r.made_at, r.used_at, r.backed_up, r.cloned_at is not None)
        for r in rows
    ]


async def registering(work: Work, relying: Relying) -> str:
    """Return what a browser needs to make a passkey, as JSON.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        Refused: There are many already.
        Throttled: It was asked for too often.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    await _spend(work, str(_me(work)))
    own = await stored.of(work.db, _me(work))
    if len(own) >= MOST:
        raise Refused(f"there are {MOST} passkeys already: remove one first")
    about, me = str(work.subject.session_id), _me(work)
    challenge = await checks.begun(work, Purpose.REGISTER, about, relying, user_id=me)
    options = webauthn.generate_registration_options(
        rp_id=relying.id,
        rp_name=NAME,
        user_id=me.bytes,
        user_name=work.subject.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_described(own),
    )
    return webauthn.options_to_json(options)


async def register(
    work: Work, said: str, *, name: str, agent: str, written: Written
) -> Granted | None:
    """Keep a passkey that was made; return None if it is none, or not for this challenge.

    The session is then proved by it and has a new token; all others end.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    about, me = str(work.subject.session_id), _me(work)
    found = await checks.taken(work, said, Purpose.REGISTER, about)
    if found is None or found[1].user_id != me:
        return None
    signed, ceremony, challenge = found
    row = _made(work, said, ceremony, challenge)
    if row is None:
        return None
    row.name = _named(name) or called(agent)
    row.transports = checks.shortened(signed.response.transports)
    if not await stored.add(work.db, row):
        return None
    await _note(work, "passkey.add", row)
    return await security.gained(work, Kind.PASSKEY, written=written)


async def rename(work: Work, passkey_id: UUID, name: str) -> None:
    """Call a passkey otherwise; raise `NotFound` or `Refused`."""
    work.subject.require(Permission.USE_ACCOUNT)
    row = await _own(work, passkey_id)
    if not (plain := _named(name)):
        raise Refused(f"a passkey's name has 1 to {LONGEST_NAME} characters")
    row.name = plain
    await _note(work, "passkey.rename", row)


async def remove(work: Work, passkey_id: UUID, *, written: Written) -> None:
    """Forget a passkey, and end all other sessions.

    Raises:
        ProofNeeded: It was not proved lately that it is the member.
        NotFound: There is none of that id.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    work.subject.require_proof(work.clock.now())
    row = await _own(work, passkey_id)
    await stored.remove(work.db, row.user_id, row.id)
    await _note(work, "passkey.remove", row)
    await security.lost(work, Kind.PASSKEY, written=written)


async def signing_in(work: Work, about: str, address: str, relying: Relying) -> str:
    """Return what a browser needs to sign somebody in, whoever it will be, as JSON.

    Raises:
        Throttled: There were too many from that address.
        Unavailable: Attempts cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    await _spend(work, place_of(address), burst=40, every_s=5.0)
    challenge = await checks.begun(work, Purpose.SIGN_IN, about, relying)
    return _asked(relying, challenge, ())


async def stepping(work: Work, token: str, address: str, relying: Relying) -> str:
    """Return what a browser needs for the second step of a half-way sign-in, as JSON.

    Raises:
        StepOver: There is no such sign-in, or it is over.
        NotFound: Its member has no passkey.
        Throttled: There were too many from that address.
    """
    work.subject.require(Permission.SIGN_IN)
    await _spend(work, place_of(address), burst=40, every_s=5.0)
    step = await pending(work, token)
    return await _asked_of(work, Purpose.STEP, str(step.id), step.user_id, relying)


async def proving(work: Work, relying: Relying) -> str:
    """Return what a browser needs to prove once more that it is the member, as JSON.

    Raises:
        Throttled: It was asked for too often.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    await _spend(work, str(_me(work)))
    return await _asked_of(work, Purpose.PROVE, str(work.subject.session_id), _me(work), relying)


async def prove(work: Work, said: str) -> Granted | None:
    """Prove once more that it is oneself, by a passkey alone; None if it is none of the member's.

    The session then has a new token.

    Raises:
        Throttled: There were too many attempts.
    """
    work.subject.require(Permission.USE_ACCOUNT)
    await _spend(work, f"answer {_me(work)}")
    account = await accounts.own(work.db, _me(work))
    session = await sessions.own(work)
    if account is None or not await checks.check(work, account, Proof(said, session.id)):
        actor = work.subject.actor
        await audit.record(
            work.db,
            actor=actor,
            action="session.prove_refuse",
            subject=actor,
            details={"kind": Kind.PASSKEY.value},
        )
        return None
    return await sessions.proved(work, Kind.PASSKEY)


async def sign_in(work: Work, answer: Answer, attempt: Attempt) -> Granted | Refusal:
    """Let in whoever a passkey is of; it verifies its holder, so that nothing else is asked.

    Raises:
        Throttled: There were too many from that address.
        Unavailable: Attempts cannot be counted.
    """
    work.subject.require(Permission.SIGN_IN)
    await _spend(work, f"answer {place_of(attempt.address)}", burst=20, every_s=15.0)
    found = await checks.taken(work, answer.said, Purpose.SIGN_IN, answer.about)
    if found is None:
        return await _refused(work, "nobody", attempt, Refusal.OVER)
    signed, ceremony, challenge = found
    owner = await stored.owner_of(work.db, signed.id)
    if owner is None:
        return await _refused(work, "nobody", attempt, Refusal.UNKNOWN)
    await accounts.act_as(work.db, owner)
    account = await accounts.own(work.db, owner)
    passkey = await stored.held(work.db, owner, signed.id)
    if account is None or passkey is None or not _is_handle_of(owner, signed.response.userHandle):
        return await _refused(work, str(owner), attempt, Refusal.UNKNOWN)
    if not await checks.accepted(work, passkey, answer.said, ceremony, challenge):
        why = Refusal.WRONG if passkey.cloned_at is None else Refusal.CLONED
        return await _refused(work, str(owner), attempt, why)
    if account.state != ACTIVE or await _too_odd(work, account, attempt):
        return await _refused(work, str(owner), attempt, Refusal.WRONG)
    return await sessions.begun(work, account, attempt, Kind.PASSKEY)


async def tell_of_clone(work: Work, said: str, *, written: Written) -> bool:
    """Return whether the count of the passkey of an answer went back; its member is told once."""
    work.subject.require(Permission.SIGN_IN)
    credential_id = checks.credential_of(said)
    owner = await stored.owner_of(work.db, credential_id) if credential_id else None
    if owner is None:
        return False
    await accounts.act_as(work.db, owner)
    account = await accounts.own(work.db, owner)
    row = await stored.held(work.db, owner, credential_id)
    if account is None or row is None or row.cloned_at is None:
        return False
    if row.told_at is None:
        row.told_at = work.clock.now()
        await tell(work, account, LetterKind.PASSKEY_CLONED, written)
    return True


def _made(work: Work, said: str, ceremony: CeremonyRow, challenge: bytes) -> PasskeyRow | None:
    """Return the passkey that an answer brings, verified, or None."""
    try:
        verified = webauthn.verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=ceremony.rp_id,
            expected_origin=ceremony.origin,
            require_user_verification=True,
        )
    except (*checks.MALFORMED, exceptions.WebAuthnException):
        return None
    return PasskeyRow(
        id=uuid4(),
        user_id=_me(work),
        credential_id=checks.to_text(verified.credential_id),
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name="",
        transports="",
        backed_up=verified.credential_backed_up,
        made_at=work.clock.now(),
    )


async def _asked_of(
    work: Work, purpose: Purpose, about: str, user_id: UUID, relying: Relying
) -> str:
    own = [row for row in await stored.of(work.db, user_id) if row.cloned_at is None]
    if not own:
        raise NotFound("this account has no passkey")
    challenge = await checks.begun(work, purpose, about, relying, user_id=user_id)
    return _asked(relying, challenge, own)


def _asked(relying: Relying, challenge: bytes, own: Sequence[PasskeyRow]) -> str:
    options = webauthn.generate_authentication_options(
        rp_id=relying.id,
        challenge=challenge,
        allow_credentials=_described(own),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(options)


def _described(rows: Sequence[PasskeyRow]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=checks.from_text(row.credential_id),
            transports=[AuthenticatorTransport(t) for t in row.transports.split(",") if t],
        )
        for row in rows
    ]


def _is_handle_of(user_id: UUID, handle: str | None) -> bool:
    return handle == checks.to_text(user_id.bytes)


async def _too_odd(work: Work, account: AccountRow, attempt: Attempt) -> bool:
    """Return whether the arrival is refused; where it is only odd, the passkey is the proof."""
    arrival = risk.Arrival(attempt.address, attempt.agent, attempt.device)
    return (await risk.of_sign_in(work, account, arrival)).verdict is risk.Verdict.BLOCK


async def _spend(work: Work, whose: str, *, burst: int = 20, every_s: float = 15.0) -> None:
    allowance = Allowance(stable("passkey", whose), burst=burst, every_s=every_s)
    if wait_s := await work.cache.spend([allowance], now=work.clock.now()):
        raise Throttled(wait_s)


async def _own(work: Work, passkey_id: UUID) -> PasskeyRow:
    row = await stored.own(work.db, _me(work), passkey_id)
    if row is None:
        raise NotFound("there is no such passkey")
    return row


def _me(work: Work) -> UUID:
    if work.subject.user_id is None:
        raise Refused("passkeys are for those who have signed in")
    return work.subject.user_id


def _named(name: str) -> str:
    return "".join(c for c in name if c.isprintable()).strip()[:LONGEST_NAME].strip()


async def _note(work: Work, act: str, row: PasskeyRow) -> None:
    actor, details = work.subject.actor, {"passkey": str(row.id)}
    await audit.record(work.db, actor=actor, action=act, subject=actor, details=details)


async def _refused(work: Work, known: str, attempt: Attempt, why: Refusal) -> Refusal:
    details = {"network": network(attempt.address), "passkey": why.value}
    await audit.record(
        work.db, actor="anonymous", action="sign_in.refuse", subject=known, details=details
    )
    return why
