"""Second factors: what else proves that somebody is who they say, and who must have one."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID


class Kind(StrEnum):
    """How it was proved that a session is its member's."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind
    TOTP = "totp"
    PASSKEY = "passkey"
    SMS = "sms"
    RECOVERY = "recovery"
    LETTER = "letter"
    """A code that came by letter: it proves the mailbox, not that somebody has a factor."""


SECOND: Final = frozenset({Kind.TOTP, Kind.PASSKEY, Kind.SMS, Kind.RECOVERY})
"""What counts as a second factor where one must be had."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody says: a code, or what a passkey signed, as JSON.

    `about` is the half-way sign-in or the session that it was said in, which a challenge belongs
    to; `token` is the half-way sign-in's own, or "".
    """

    said: str = field(repr=False)
    about: UUID
    token: str = field(default="", repr=False)
