"""Letters: what is written to a member, whichever way it is carried."""

from datetime import datetime
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
    NEW_DEVICE = "new_device"
    """A device that the account did not know has signed in."""
    BLOCKED = "blocked"
    """Somebody had the right password, and was not let in all the same."""
    STEP_CODE = "step_code"
    """Somebody signed in from where nobody did before: a code completes it."""
    STOPPED = "stopped"
    """Somebody had the right password, and was not let in."""
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_MADE = "recovery_made"
    RECOVERY_USED = "recovery_used"
    PASSKEY_CLONED = "passkey_cloned"
    """There are two of a passkey, as the count of what it signed tells."""
    MOVE = "move"
    """A member wants this address for their account: a code proves that the mailbox is theirs."""
    MOVE_TAKEN = "move_taken"
    """A member wanted this address, which has an account."""
    MOVE_ASKED = "move_asked"
    """Somebody wants another address for the account of this one: a code stops or undoes it."""
    MOVED = "moved"
    """The account has this address from now on."""
    MOVED_AWAY = "moved_away"
    """The account has another address from now on: a code undoes it."""
    CLOSED = "closed"
    """The account is closed, and erased in some days."""
    CAME_BACK = "came_back"
    """An account that was closed is open again."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """Who came, as a letter tells it: a browser's name, a network, a country's code or "", when."""

    device: str
    network: str
    country: str
    at: datetime


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it is read: plain, and the same as HTML."""

    subject: str
    text: str
    html: str
