"""Letters: what is written to a member, whichever way it is carried."""

from enum import StrEnum

import msgspec


class LetterKind(StrEnum):
    """What a letter is about."""

    CONFIRM = "confirm"
    """Somebody wants an account here: a code proves that the mailbox is theirs."""
    KNOWN = "known"
    """Somebody wanted an account at an address that has one."""
    RESET = "reset"
    """Somebody forgot a password: a code lets them choose another."""
    CHANGED = "changed"
    """The password is another one now."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it is read: plain, and the same as HTML."""

    subject: str
    text: str
    html: str
