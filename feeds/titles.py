"""Titles: the two sides that an event's title names, and what stands for the second of a race."""

from datetime import datetime

from feeds.base import UNDATED
from feeds.text import plain

# The other side of an event that is no contest of two: a race, a tournament, an award.
FIELD = "the field"
_SEPARATORS = {" v ": False, " vs ": False, " vs. ": False, " @ ": True, " at ": True}


def sides_of(title: str) -> tuple[str, str] | None:
    """Return the home and away side that a title names, or None if it names no two.

    Examples:
        >>> sides_of("Gulls v Terns")
        ('Gulls', 'Terns')
        >>> sides_of("Terns @ Gulls")
        ('Gulls', 'Terns')
        >>> sides_of("Winner 2016/17") is None
        True
    """
    for separator, away_first in _SEPARATORS.items():
        first, found, second = title.partition(separator)
        if found:
            one, other = plain(first), plain(second)
            if one is None or other is None or one == other:
                return None
            return (other, one) if away_first else (one, other)
    return None


def begun(starts_at: datetime | None, as_of: datetime, *, in_play: bool) -> datetime | None:
    """Return when an event starts: no later than now if its source says that it is in play."""
    if not in_play or as_of == UNDATED:
        return starts_at
    return as_of if starts_at is None else min(starts_at, as_of)
