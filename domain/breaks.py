"""Breaks from the board and limits of time there, as readers set them for themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from types import MappingProxyType
from typing import Final

DAY: Final = timedelta(days=1)
"""How long a limit counts, from the first look on, and how long a looser one has to wait."""
REMINDERS_MIN: Final = (15, 30, 60, 120)
DAILY_MIN: Final = (30, 60, 120, 240)


class Length(StrEnum):
    """How long a break lasts; from a month on it is called self-exclusion."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    HALF_YEAR = "half_year"
    YEAR = "year"
    FIVE_YEARS = "five_years"

    @property
    def time(self) -> timedelta:
        """How long that is."""
        return _TIMES[self]

    @property
    def excludes(self) -> bool:
        """Whether it is long enough to be asked for twice."""
        return self.time >= _TIMES[Length.MONTH]


_TIMES: Final[Mapping[Length, timedelta]] = MappingProxyType(
    {
        Length.HOUR: timedelta(hours=1),
        Length.DAY: DAY,
        Length.WEEK: timedelta(days=7),
        Length.MONTH: timedelta(days=30),
        Length.HALF_YEAR: timedelta(days=182),
        Length.YEAR: timedelta(days=365),
        Length.FIVE_YEARS: timedelta(days=5 * 365),
    }
)


class Why(StrEnum):
    """Why the board is kept from somebody."""

    BREAK = "break"
    LIMIT = "limit"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Held:
    """That the board is kept from somebody, and until when, if time ends it."""

    why: Why
    until: datetime | None = None


def lengthened(ends_at: datetime | None, length: Length, now: datetime) -> datetime:
    """Return when a break ends that is taken now, while another may last: never sooner than that.

    Examples:
        >>> from datetime import UTC
        >>> noon = datetime(2030, 1, 1, 12, tzinfo=UTC)
        >>> lengthened(noon + timedelta(days=7), Length.HOUR, noon) == noon + timedelta(days=7)
        True
    """
    asked = now + length.time
    return asked if ends_at is None else max(ends_at, asked)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a reader has asked for, in minutes; 0 is "off".

    `firm` reminders stand in front of the page until they are answered. A stricter daily limit
    holds at once; of a looser one `strict_min` is the limit that still holds until `strict_until`.
    """

    remind_min: int = 0
    firm: bool = False
    daily_min: int = 0
    strict_min: int = 0
    strict_until: datetime | None = None

    def holding(self, now: datetime) -> int:
        """Return the daily limit that holds now, in minutes; 0: none."""
        waits = self.strict_until is not None and now < self.strict_until
        return self.strict_min if waits else self.daily_min

    def changed(self, remind_min: int, daily_min: int, now: datetime, *, firm: bool) -> "Limits":
        """Return the limits as asked for now."""
        holding = self.holding(now)
        if _strict(daily_min) <= _strict(holding):
            return Limits(remind_min, firm, daily_min)
        asked_before = daily_min == self.daily_min and self.strict_until is not None
        until = self.strict_until if asked_before else now + DAY
        return Limits(remind_min, firm, daily_min, holding, until)


def _strict(daily_min: int) -> float:
    return daily_min or inf
