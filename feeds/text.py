"""Names and instants as vendors write them, made fit to store, compare and show."""

import unicodedata
from datetime import UTC, datetime
from functools import lru_cache

MOST_CHARACTERS = 200
MOST_SHOWN = 80
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


@lru_cache(maxsize=16384)
def plain(text: str) -> str | None:
    """Return a name without invisible characters and with single spaces, or None if none is left.

    Control characters and lone surrogates, which no database would take, make it None as well.

    Examples:
        >>> plain("  Red   Bulls ")
        'Red Bulls'
    """
    if len(text) > MOST_CHARACTERS:
        return None
    composed = unicodedata.normalize("NFC", text)
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    words = " ".join(seen.split())
    if not words or any(unicodedata.category(c) in {"Cc", "Cs"} for c in words):
        return None
    return words


@lru_cache(maxsize=4096)
def shown(text: str) -> str:
    r"""Return what a person may be shown of any text: no invisible character, `MOST_SHOWN` at most.

    Examples:
        >>> shown("  Total\x00   Goals\u202e ")
        'Total Goals'
    """
    seen = "".join(c for c in text[: 4 * MOST_SHOWN] if unicodedata.category(c) not in _UNSEEN)
    return " ".join(seen.split())[:MOST_SHOWN].rstrip()


@lru_cache(maxsize=16384)
def instant(text: str) -> datetime | None:
    """Return the UTC instant of ISO 8601 text, or None if it is none or names no time zone.

    Examples:
        >>> instant("2026-07-21T12:00:49Z")
        datetime.datetime(2026, 7, 21, 12, 0, 49, tzinfo=datetime.timezone.utc)
        >>> instant("2026-07-21T12:00:49") is None
        True
    """
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def utc(at: datetime) -> datetime | None:
    """Return an instant in UTC, or None if it names no time zone or is of no year to be taken for.

    Bounding the years keeps every sum and difference of instants within what can be computed.
    """
    return at.astimezone(UTC) if at.tzinfo and 1970 <= at.year < 2200 else None
