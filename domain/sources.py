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


class SourceHealth(msgspec.Struct, frozen=True, kw_only=True):
    """What a source did lately. Counts are since the worker started.

    `quota_left` is in the vendor's own unit; `note` says in a sentence what is wrong or why it is
    off; `lag_s` is the median age of its prices when they arrived.
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
