"""Kinds of second factor: who has one, and whether what they say proves that they have it.

A kind is one line in `KINDS`. What stands behind it is called in a transaction that acts as the
member already, so row-level security shows it their rows; the account's row is held, so that of two
at once one waits. It may not import `services.sessions`, `services.second_step` or
`services.security`, which stand above this file.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from domain.factors import Kind, Proof
from services import factors, passkey_checks, text_codes
from services.access import Permission
from services.work import Work
from store.tables import AccountRow

Has = Callable[[Work, UUID], Awaitable[bool]]
"""Whether the member has set one up."""
Check = Callable[[Work, AccountRow, Proof], Awaitable[bool]]
"""Whether that proves it; what was accepted is used up in the same transaction."""

Forget = Callable[[Work, UUID], Awaitable[None]]
"""Removes all of that kind, for one who manages accounts and oversees them."""


@dataclass(frozen=True, slots=True)
class SecondKind:
    """How to ask for a kind; `alone` says that somebody who has only this has a second factor."""

    has: Has
    check: Check
    forget: Forget
    alone: bool = True


KINDS: Final[Mapping[Kind, SecondKind]] = MappingProxyType(
    {
        Kind.TOTP: SecondKind(factors.has_totp, factors.check_totp, factors.forget_totp),
        Kind.PASSKEY: SecondKind(passkey_checks.has, passkey_checks.check, passkey_checks.forget),
        Kind.SMS: SecondKind(text_codes.has, text_codes.check, text_codes.forget, alone=False),
        Kind.RECOVERY: SecondKind(
            factors.has_recovery, factors.check_recovery, factors.forget_recovery, alone=False
        ),
    }
)
"""In the order in which they are offered."""


async def kinds_of(work: Work, user_id: UUID) -> tuple[Kind, ...]:
    """Return what a member can prove themselves with: nothing if they have no factor."""
    work.subject.require(Permission.SIGN_IN)
    found = [kind for kind, how in KINDS.items() if await how.has(work, user_id)]
    return tuple(found) if any(KINDS[kind].alone for kind in found) else ()


async def proves(work: Work, account: AccountRow, kind: str, proof: Proof) -> bool:
    """Return whether that proves it; a kind that the member has not set up proves nothing."""
    work.subject.require(Permission.SIGN_IN)
    known = next((each for each in await kinds_of(work, account.id) if each == kind), None)
    return known is not None and await KINDS[known].check(work, account, proof)
