"""Authenticator apps and recovery codes: what they are made of, and whether one was shown.

Codes are those of RFC 6238: SHA-1, six digits, steps of 30 s. One step before and after the present
one is accepted, for clocks that differ; a step that was used, or is before one that was, is not.
A recovery code has 120 random bits, so that its SHA-256 tells nothing of it.
"""

import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP

from domain.errors import Unavailable
from domain.factors import Kind, Proof
from kit.clock import epoch_ms
from kit.ids import words_of
from services.access import Permission
from services.unsealed import unsealed
from services.work import Work
from store import audit
from store import factors as stored
from store.tables import AccountRow, FactorRow

ISSUER: Final = "Dutchbook"
STEP_S: Final = 30
RECOVERY_CODES: Final = 10
_TOTP: Final = re.compile(r"[0-9]{6}")
_RECOVERY: Final = re.compile(r"[a-z2-7]{24}")


async def has_totp(work: Work, user_id: UUID) -> bool:
    """Return whether a member has an authenticator app."""
    work.subject.require(Permission.SIGN_IN)
    return bool(await stored.of(work.db, user_id))


async def check_totp(work: Work, account: AccountRow, proof: Proof) -> bool:
    """Return whether that is a code of an app of the member's, and use its time step up.

    Raises:
        Unavailable: It is of none whose secret opens, and that of another does not.
    """
    work.subject.require(Permission.SIGN_IN)
    shut: Unavailable | None = None
    for each in await stored.held(work.db, account.id):
        try:
            if each.confirmed_at and accepted(work, each, proof.said):
                return True
        except Unavailable as e:
            shut = e
    if shut is not None:
        raise shut
    return False


def accepted(work: Work, factor: FactorRow, said: str) -> bool:
    """Return whether a code is the factor's now, and use its step up; the row has to be held.

    Raises:
        Unavailable: The factor's secret does not open.
    """
    work.subject.require(Permission.SIGN_IN)
    secret = unsealed(work.keys, stored.place(factor.id), factor.sealed)
    now = work.clock.now()
    step = step_of(secret, said, epoch_ms(now) // 1000)
    if step is None or step <= factor.last_step:
        return False
    factor.last_step, factor.used_at = step, now
    return True


def step_of(secret: str, said: str, now_s: int) -> int | None:
    """Return the time step that a code is of, among the three around `now_s`; None if of none.

    Examples:
        >>> step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "081 804", 1111111109)
        37037036
        >>> step_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "081804", 1111111109 + 60)
    """
    code = re.sub(r"[\s-]", "", said[:20])
    if not (code.isascii() and _TOTP.fullmatch(code)):
        return None
    totp, middle = TOTP(secret), now_s // STEP_S
    around = range(max(0, middle - 1), middle + 2)
    right = [step for step in around if hmac.compare_digest(totp.generate_otp(step), code)]
    return max(right, default=None)


def uri(secret: str, email: str) -> str:
    """Return the `otpauth:` address that an app reads from the square."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32."""
    return random_base32()


async def forget_totp(work: Work, user_id: UUID) -> None:
    """Remove every app of a member's, in the name of one who manages accounts."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    for factor in await stored.held(work.db, user_id):
        await stored.remove(work.db, user_id, factor.id)
    await _forgotten(work, user_id, Kind.TOTP)


async def forget_recovery(work: Work, user_id: UUID) -> None:
    """Remove every recovery code of a member's, in the name of one who manages accounts."""
    work.subject.require(Permission.MANAGE_ACCOUNTS)
    await stored.replace_codes(work.db, user_id, (), work.clock.now())
    await _forgotten(work, user_id, Kind.RECOVERY)


async def has_recovery(work: Work, user_id: UUID) -> bool:
    """Return whether a member has a recovery code that was not used."""
    work.subject.require(Permission.SIGN_IN)
    return await stored.codes_left(work.db, user_id) > 0


async def check_recovery(work: Work, account: AccountRow, proof: Proof) -> bool:
    """Return whether that is a recovery code of the member's, and use it up."""
    work.subject.require(Permission.SIGN_IN)
    code = re.sub(r"[\s-]", "", proof.said[:100]).lower()
    if not _RECOVERY.fullmatch(code):
        return False
    return await stored.use_code(work.db, account.id, recovery_hash(code), work.clock.now())


def new_codes() -> tuple[str, ...]:
    """Return new recovery codes, as they are shown."""
    return tuple(words_of(4) for _ in range(RECOVERY_CODES))


def recovery_hash(code: str) -> str:
    """Return what is kept of a recovery code, however its groups are parted."""
    return hashlib.sha256(f"recovery:{code.replace('-', '')}".encode()).hexdigest()


async def _forgotten(work: Work, user_id: UUID, kind: Kind) -> None:
    actor, about = work.subject.actor, str(user_id)
    details = {"kind": kind.value}
    await audit.record(
        work.db, actor=actor, action="factor.kind_forget", subject=about, details=details
    )
