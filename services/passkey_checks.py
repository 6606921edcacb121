"""Passkeys: whether what an authenticator signed proves that it is one of a member's.

WebAuthn Level 3, steps 7.1 and 7.2, by py_webauthn; ours is what it leaves open: that a challenge
is good for one use by the browser that asked for it, that no page of another site is around ours,
and what comes of a count of signatures that went back.
"""

import base64
import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import webauthn
from cbor2 import CBORDecodeError
from webauthn.helpers import exceptions

from domain.factors import Proof
from kit.ids import secret
from kit.settings import Settings
from services.access import Permission
from services.work import Work
from store import audit
from store import passkeys as stored
from store.tables import AccountRow, CeremonyRow, PasskeyRow

LASTS: Final = timedelta(minutes=5)
MALFORMED: Final = (ValueError, TypeError, LookupError, AttributeError, CBORDecodeError)
"""What the library lets through of an answer that is none."""
_LOCAL: Final = "localhost"


class Purpose(StrEnum):
    """What a challenge is for; what was signed for one is good for no other."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    STEP = "step"
    PROVE = "prove"


@dataclass(frozen=True, slots=True)
class Relying:
    """For whom a passkey signs: a domain, and the origin that its pages have."""

    id: str
    origin: str

    @classmethod
    def of(cls, given: Settings) -> Self | None:
        """Return ours, or None: browsers make passkeys for a domain over https, or for localhost.

        Examples:
            >>> Relying.of(Settings(public_url="https://odds.example"))
            Relying(id='odds.example', origin='https://odds.example')
            >>> Relying.of(Settings(public_url="https://192.0.2.7"))
        """
        url = given.public_url or f"http://{_LOCAL}:{given.port}"
        parts = urlsplit(url)
        name = (parts.hostname or "").lower()
        safe = parts.scheme == "https" or name == _LOCAL
        if not safe or not name or _is_address(name):
            return None
        return cls(name, f"{parts.scheme}://{parts.netloc.lower()}")


class Response(msgspec.Struct):
    """What an authenticator answered, of what we read ourselves."""

    clientDataJSON: str  # noqa: N815 - WebAuthn's own name
    userHandle: str | None = None  # noqa: N815 - WebAuthn's own name
    transports: list[str] = []


class Signed(msgspec.Struct):
    """A passkey's answer, as `PublicKeyCredential.toJSON` writes it; the library reads the rest."""

    id: str
    response: Response


class _ClientData(msgspec.Struct):
    challenge: str
    crossOrigin: bool = False  # noqa: N815 - WebAuthn's own name


async def begun(
    work: Work, purpose: Purpose, about: str, relying: Relying, *, user_id: UUID | None = None
) -> bytes:
    """Return a new challenge for whoever `about` names, kept as its hash for five minutes."""
    work.subject.require(Permission.SIGN_IN)
    challenge, now = secret().encode(), work.clock.now()
    row = CeremonyRow(
        id=uuid4(),
        user_id=user_id,
        challenge_hash=_hash(challenge),
        purpose=purpose,
        about=about,
        rp_id=relying.id,
        origin=relying.origin,
        made_at=now,
        ends_at=now + LASTS,
    )
    await stored.begin(work.db, row)
    return challenge


async def taken(
    work: Work, said: str, purpose: Purpose, about: str
) -> tuple[Signed, CeremonyRow, bytes] | None:
    """Return an answer and the challenge that it is to, which is used up; None if it is to none.

    The answer itself is not verified yet.
    """
    work.subject.require(Permission.SIGN_IN)
    try:
        signed = msgspec.json.decode(said, type=Signed)
        told = msgspec.json.decode(from_text(signed.response.clientDataJSON), type=_ClientData)
        challenge = from_text(told.challenge)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    found = await stored.take(work.db, _hash(challenge))
    if found is None or (found.purpose, found.about) != (purpose, about):
        return None
    if found.ends_at <= work.clock.now() or told.crossOrigin:
        return None
    return signed, found, challenge


async def accepted(
    work: Work, passkey: PasskeyRow, said: str, ceremony: CeremonyRow, challenge: bytes
) -> bool:
    """Return whether the answer is of that passkey, which has to be held, and count it.

    A count that went back says that there are two of the passkey: it is refused then, and from then
    on, and that is on record.
    """
    work.subject.require(Permission.SIGN_IN)
    if passkey.cloned_at is not None:
        return False
    try:
        verified = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=ceremony.rp_id,
            expected_origin=ceremony.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (*MALFORMED, exceptions.WebAuthnException):
        return False
    now, count = work.clock.now(), verified.new_sign_count
    # Passkeys that are kept in step by a vendor do not count: theirs stays at nothing.
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        passkey.cloned_at = now
        await _record_clone(work, passkey, count)
        return False
    passkey.sign_count, passkey.used_at = count, now
    passkey.backed_up = verified.credential_backed_up
    return True


async def has(work: Work, user_id: UUID) -> bool:
    """Return whether a member has a passkey that proves something."""
    work.subject.require(Permission.SIGN_IN)
    return any(each.cloned_at is None for each in await stored.of(work.db, user_id))


async def check(work: Work, account: AccountRow, proof: Proof) -> bool:
    """Return whether that is an answer of a passkey of the member's to a challenge of theirs."""
    work.subject.require(Permission.SIGN_IN)
    purpose = Purpose.STEP if proof.token else Purpose.PROVE
    found = await taken(work, proof.said, purpose, str(proof.about))
    if found is None:
        return False
    signed, ceremony, challenge = found
    if ceremony.user_id != account.id:
        return False
    passkey = await stored.held(work.db, account.id, signed.id)
    if passkey is None:
        return False
    return await accepted(work, passkey, proof.said, ceremony, challenge)


async def forget(work: Work, user_id: UUID) -> None:
    """Forget every passkey of a member's."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.remove_all(work.db, user_id)
    actor, whose = work.subject.actor, str(user_id)
    await audit.record(work.db, actor=actor, action="passkey.forget", subject=whose, details={})


def credential_of(said: str) -> str:
    """Return the id of the passkey that an answer is of, by its own words; "" if it says none."""
    try:
        return msgspec.json.decode(said, type=Signed).id
    except (msgspec.MsgspecError, RecursionError):
        return ""


def from_text(text: str) -> bytes:
    """Return what base64url without padding stands for; raise `ValueError` if it is none."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def to_text(data: bytes) -> str:
    """Return bytes as WebAuthn writes them in JSON: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def shortened(transports: Sequence[str]) -> str:
    """Return how an authenticator is reached, of what there is today; more is left out."""
    known = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")
    return ",".join(each for each in known if each in transports)


async def _record_clone(work: Work, passkey: PasskeyRow, count: int) -> None:
    details = {"passkey": str(passkey.id), "kept": passkey.sign_count, "said": count}
    await audit.record(
        work.db,
        actor=str(passkey.user_id),
        action="passkey.cloned",
        subject=str(passkey.user_id),
        details=details,
    )


def _hash(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
