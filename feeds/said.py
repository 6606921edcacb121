"""What vendors say, taken as it comes: JSON of any shape, numbers as text, instants in any unit."""

import json
import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from feeds.base import FeedDrifted, Tally
from feeds.prices import NoPrice, Style, from_decimal, price
from feeds.prices import line as line_of
from feeds.reasons import Reason
from feeds.text import instant, plain, utc

_Part = TypeVar("_Part", bound=msgspec.Struct)
_NUMBER = re.compile(r"[+\-\u2212]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})", re.ASCII)
_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
_NOT_IN_NAMES = re.compile(r"[^\w]+")
_MILLISECONDS = 1e11
_MOST_STAKE = 1e12


def decoded(body: bytes) -> Any:
    """Return what a JSON answer holds; raise `FeedDrifted` if it is not JSON."""
    try:
        return msgspec.json.decode(body)
    except _UNREADABLE:
        pass
    try:
        return json.loads(body)  # unlike msgspec, takes NaN and Infinity for numbers
    except (ValueError, RecursionError) as e:
        raise FeedDrifted("the answer is not JSON") from e


def fields(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one in place of anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a JSON list, or an empty one in place of anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def needed(value: object, name: str) -> list[Any]:
    """Return the list that an answer is documented to hold; raise `FeedDrifted` without one."""
    if not isinstance(value, list):
        raise FeedDrifted(f"the answer holds no list of {name}")
    return cast("list[Any]", value)


def structs(values: object, kind: type[_Part], tally: Tally, reason: Reason) -> list[_Part]:
    """Return the parts of a list that are of a shape; the others are counted."""
    made = list[_Part]()
    for value in listed(values):
        try:
            made.append(msgspec.convert(value, kind))
        except (msgspec.ValidationError, UnicodeError):
            tally.reject(reason)
    return made


def number(value: object) -> float:
    """Return a number written as such or as plain text; raise `NoPrice` for anything else."""
    if type(value) is int or type(value) is float:
        if abs(value) > 10**15 or not math.isfinite(value):  # in this order: some int is no float
            raise NoPrice(Reason.NOT_A_NUMBER)
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(text := value.strip()):
        return float(text.replace("\u2212", "-"))
    raise NoPrice(Reason.NOT_A_NUMBER)


def odds(value: object, style: Style) -> float:
    """Return the decimal odds of a price, be it a number or text; raise `NoPrice` if it is none."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = number(value)
    return price(value, style)


def require(holds: bool, reason: Reason) -> None:  # noqa: FBT001  it reads as a sentence
    """Raise `NoPrice` with the reason unless a condition holds."""
    if not holds:
        raise NoPrice(reason)


def share(probability: float) -> float:
    """Return the decimal odds of a probability; raise `NoPrice` unless it lies within 0 and 1."""
    if not 0 < probability < 1:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    return from_decimal(1 / probability)


def line(value: object) -> float:
    """Return a line; two half a point apart, as in "0, -0.5", are the quarter line between them.

    Raises:
        NoPrice: It is missing, no number, or more than a pair.
    """
    if not isinstance(value, str):
        return line_of(value)
    try:
        parts = [number(part) for part in value.replace("/", ",").split(",") if value.strip()]
    except NoPrice as e:
        raise NoPrice(Reason.LINE_INVALID) from e
    if len(parts) == 2 and abs(parts[0] - parts[1]) != 0.5:
        raise NoPrice(Reason.LINE_INVALID)
    if len(parts) > 2:
        raise NoPrice(Reason.LINE_INVALID)
    return line_of(sum(parts) / len(parts) if parts else None)


def moment(value: object) -> datetime | None:
    """Return the UTC instant of ISO 8601 text with a zone, or of (milli)seconds since 1970.

    Examples:
        >>> moment("1546802147") == moment(1546802147000)
        True
    """
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        return instant(value)
    try:
        seconds = number(value)
        return utc(
            datetime.fromtimestamp(seconds / 1000 if seconds > _MILLISECONDS else seconds, UTC)
        )
    except (NoPrice, ValueError, OverflowError, OSError):
        return None


def moment_utc(value: object) -> datetime | None:
    """Return the instant of text whose vendor writes UTC without saying so, and else `moment`."""
    if isinstance(value, str) and _NO_ZONE.fullmatch(value):
        return instant(value.replace(" ", "T") + "+00:00")
    return moment(value)


def name(value: object) -> str | None:
    """Return a name, or a number that stands for one, fit to store; None if it is neither."""
    if type(value) is int:
        return str(value) if abs(value) < 10**18 else None
    return plain(value) if isinstance(value, str) else None


@lru_cache(maxsize=4096)
def book(text: str) -> str | None:
    """Return how we call a book, whatever the capitals and spaces; None if nothing is left.

    Examples:
        >>> book("William Hill")
        'william_hill'
    """
    kept = plain(text)
    return _NOT_IN_NAMES.sub("_", kept.casefold()).strip("_") or None if kept else None


def limit(value: object) -> float | None:
    """Return the most that a source says can be staked, or None if it says nothing of use."""
    try:
        most = number(value)
    except NoPrice:
        return None
    return most if 0 < most <= _MOST_STAKE else None
