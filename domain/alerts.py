"""Alerts: what is wrong, for how long, in a sentence."""

from datetime import datetime
from enum import StrEnum

import msgspec

ALL_SOURCES = "sources"


class AlertCode(StrEnum):
    """What can be wrong."""

    FAILING = "failing"
    BREAKER_OPEN = "breaker_open"
    QUOTA_LOW = "quota_low"
    QUOTA_SPENT = "quota_spent"
    SILENT = "silent"
    ALL_DOWN = "all_down"
    CREDENTIAL_OLD = "credential_old"


# What costs prices now; the rest only will.
GRAVE = frozenset({AlertCode.ALL_DOWN, AlertCode.FAILING, AlertCode.BREAKER_OPEN})


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a source, or with `ALL_SOURCES`; open while `closed_at` is None."""

    subject: str
    code: AlertCode
    sentence: str
    opened_at: datetime
    closed_at: datetime | None = None
