"""Flags: parts of the product that can be switched off, or shown to some, while it runs."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import msgspec

from domain.errors import Refused

_POINTS: Final = 100


class Flag(StrEnum):
    """One such part."""

    JOINING = "joining"
    """New accounts: who has none can register and confirm one."""
    PROSPECTS = "prospects"
    """Middles, value and low holds: looked for, delivered and shown."""
    RESCUE = "rescue"
    """The rescue of a half-placed opportunity."""


class FlagKind(StrEnum):
    """`BOOL` is the same for everybody; `SHARE` is for some: roles, plans, a part of members."""

    BOOL = "bool"
    SHARE = "share"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a part of the product; roles and plans that are empty leave nobody out.

    `share` is how many in a hundred members have it, always the same ones. Who has no account is
    none of them, so has it at 100 alone.
    """

    on: bool = True
    share: int = _POINTS
    roles: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()


DEFAULT: Final = Rule()
"""What holds of a flag that nobody has changed."""
FLAGS: Final[Mapping[Flag, FlagKind]] = MappingProxyType(
    {
        Flag.JOINING: FlagKind.BOOL,
        Flag.PROSPECTS: FlagKind.BOOL,
        Flag.RESCUE: FlagKind.SHARE,
    }
)


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody made of a flag, what it was before, and why; numbered once it is kept."""

    id: int = 0
    flag: str
    at: datetime
    by: str
    why: str = ""
    before: Rule = DEFAULT
    after: Rule


class SwitchedOff(Refused):
    """This part of the product is switched off, for everybody or for whoever asks."""

    code = "switched_off"


def place_of(flag: str, user_id: UUID) -> int:
    """Return a member's place among a hundred, the same in every process and release.

    Examples:
        >>> place_of("rescue", UUID(int=7)) == place_of("rescue", UUID(int=7))
        True
    """
    seed = f"{flag}:{user_id}".encode()
    return int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") % _POINTS


def is_for(flag: str, rule: Rule, *, user_id: UUID | None, role: str, plan: str) -> bool:
    """Return whether a rule gives somebody a flag's part of the product.

    Examples:
        >>> is_for("rescue", Rule(plans=("pro",)), user_id=None, role="", plan="free")
        False
        >>> is_for("rescue", Rule(share=99), user_id=None, role="", plan="free")
        False
    """
    if not rule.on or (rule.roles and role not in rule.roles):
        return False
    if rule.plans and plan not in rule.plans:
        return False
    if rule.share >= _POINTS:
        return True
    return user_id is not None and place_of(flag, user_id) < rule.share
