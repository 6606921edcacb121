"""What admins say to sources and hear of them: credentials, switches, trials, what happened."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Given(StrEnum):
    """Where a part of a credential comes from; what the store holds counts before the environment.

    `UNREADABLE` is in the store and does not open with the keys that the worker has.
    """

    NOWHERE = "nowhere"
    ENVIRONMENT = "environment"
    STORE = "store"
    UNREADABLE = "unreadable"


class StoredPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a source's credential in the store, without its value."""

    source: str
    part: str
    set_at: datetime
    set_by: str


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a source may be asked, as an admin last decided, and why."""

    source: str
    enabled: bool
    at: datetime
    by: str
    why: str = ""


class CredentialReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker's environment gives, by source; what of the store does not open.

    `misspelt` are variables that name no source or no part of its credential.
    """

    environment: dict[str, list[str]] = {}
    unreadable: dict[str, list[str]] = {}
    misspelt: list[str] = []


class Happened(StrEnum):
    """What happened to a source."""

    ANSWERED = "answered"
    FAILED = "failed"
    BREAKER_OPENED = "breaker_opened"
    SWITCHED_OFF = "switched_off"
    SWITCHED_ON = "switched_on"
    CREDENTIAL_SET = "credential_set"
    CREDENTIAL_CLEARED = "credential_cleared"
    TRIED = "tried"


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a source's log; `text` holds no secret."""

    at: datetime
    what: Happened
    text: str = ""
    by: str = ""


class TrialOutcome(StrEnum):
    """How a request of an admin went; `NOT_ASKED`: a rule of ours kept it from being made."""

    ANSWERED = "answered"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


class TrialAsked(msgspec.Struct, frozen=True, kw_only=True):
    """An admin's wish to ask a source one question now."""

    id: str
    source: str
    by: str
    at: datetime


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `rejected` counts by reason; `sentence` says what is wrong, if anything."""

    asked: TrialAsked
    outcome: TrialOutcome
    took_s: float
    quotes: int = 0
    rejected: dict[str, int] = {}
    sentence: str = ""
