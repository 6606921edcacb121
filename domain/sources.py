"""Sources: how each feed is doing."""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.quotes import Origin


class SourceState(StrEnum):
    """What a source is doing, in one word."""

    STARTING = "starting"
    HEALTHY = "healthy"
    FAILING = "failing"
    FINISHED = "finished"
    OFF = "off"


class NotAsked(StrEnum):
    """Why a source is not asked for now."""

    BREAKER_OPEN = "breaker_open"
    NO_CREDENTIAL = "no_credential"
    KEY_REFUSED = "key_refused"
    REGION_REFUSED = "region_refused"
    ASKED_TO_WAIT = "asked_to_wait"
    QUOTA_SPENT = "quota_spent"
    NOT_FOLLOWED = "not_followed"
    SWITCHED_OFF = "switched_off"


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What a source did lately. Counts are since the worker started.

    `quota_left` is in the vendor's own unit, of a period that ends at `quota_ends_at`; `note` says
    in a sentence what is wrong or why it is off, and `not_asked` in one word; `lag_s` is the median
    age of its prices when they arrived. An answer that nothing has changed counts in `answers` and
    `unchanged`. `error_rate` is the share of its last hundred questions that failed; `failing`
    names the scopes that fail while others do not, with the reason. `needs` are the settings that
    its credential is given by; there are none for a source that needs no credential.
    """

    name: str
    title: str
    origin: Origin
    state: SourceState
    note: str = ""
    readings: int = 0
    failures: int = 0
    quotes: int = 0
    rejected: dict[str, int] = {}
    lag_s: float | None = None
    quota_left: float | None = None
    last_answer_at: datetime | None = None
    next_due_at: datetime | None = None
    quota_ends_at: datetime | None = None
    answers: int = 0
    unchanged: int = 0
    error_rate: float | None = None
    not_asked: NotAsked | None = None
    failing: dict[str, str] = {}
    needs: tuple[str, ...] = ()


class ReliabilityPart(StrEnum):
    """What the reliability of prices is made of; each is a share that is good.

    Confirmed within two minutes; still there a minute later, where others are; close to the other
    books; best of all and not taken back within a minute; no anomaly.
    """

    FRESHNESS = "freshness"
    COMPLETENESS = "completeness"
    CLOSENESS = "closeness"
    STEADINESS = "steadiness"
    SOUNDNESS = "soundness"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a source or a book can be trusted: a weighted mean of the parts, and each of them.

    A part of which nothing was seen is one half. `prices` stand now, before the start of their
    events, `age_s` is their median age; `lag_s` is how long the book takes to follow the others.
    Of the `events` it priced, it has been `silent` on so many for five minutes.
    """

    name: str
    score: float
    parts: dict[ReliabilityPart, float]
    prices: int = 0
    age_s: float | None = None
    lag_s: float | None = None
    events: int = 0
    silent: int = 0


class SourceReliability(msgspec.Struct, frozen=True, kw_only=True):
    """A source as a whole, and its books one by one."""

    whole: Standing
    books: list[Standing]
