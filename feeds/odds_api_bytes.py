"""What the loops over The Odds API's answers do with bytes.

The bytes are trusted to be JSON, with 16 more at their end: msgspec has looked at every one before.
Spaces are all that is 32 or less.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.jit import jit_inline

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = Any
"""An array of records, whose fields have no types to tell."""

PRIME = np.uint64(0x9E3779B97F4A7C15)


@jit_inline
def nth(row: Any, n: int) -> Any:
    """Return an element of a row, whose number is not below 0: to say so halves the time of all."""
    return row[np.uint64(n)]


@jit_inline
def following(text: Bytes, at: int) -> int:
    """Return where the next sign stands that is no space and does not part values."""
    while True:
        sign = nth(text, at)
        if sign > 32 and sign not in (44, 58):
            return at
        at += 1


@jit_inline
def after_string(text: Bytes, at: int) -> int:
    """Return where the string ends that begins here."""
    at += 1
    while True:
        sign = nth(text, at)
        if sign == 34:
            return at + 1
        at += 2 if sign == 92 else 1


@jit_inline
def after(text: Bytes, at: int) -> int:
    """Return where the value ends that begins here."""
    if text[at] == 34:
        return after_string(text, at)
    if text[at] == 123 or text[at] == 91:
        return after_nested(text, at)
    while True:
        sign = nth(text, at)
        if sign <= 32 or sign in (44, 93, 125):
            return at
        at += 1


@jit_inline
def after_nested(text: Bytes, at: int) -> int:
    """Return where the object or list ends that begins here."""
    depth = 0
    while True:
        sign = text[at]
        if sign == 34:
            at = after_string(text, at)
            continue
        # { or [, } or ]: in either pair they differ by a bit.
        depth += int((sign | 32) == 123) - int((sign | 32) == 125)
        at += 1
        if depth == 0:
            return at


@jit_inline
def _word(words: Words, at: int) -> np.uint64:
    """Return the eight bytes that begin here."""
    n, shift = at >> 3, np.uint64((at & 7) << 3)
    return (nth(words, n) >> shift) | (
        (nth(words, n + 1) << np.uint64(1)) << (np.uint64(63) - shift)
    )


@jit_inline
def _rest(words: Words, at: int, length: int) -> np.uint64:
    """Return the last bytes of a piece, fewer than eight."""
    return _word(words, at) & ((np.uint64(1) << np.uint64(length << 3)) - np.uint64(1))


@jit_inline
def same(words: Words, at: int, known: Words, start: int, length: int) -> bool:
    """Say whether what begins here is what is known; JSON that begins the same ends the same."""
    whole = length >> 3
    for n in range(whole):
        if _word(words, at + (n << 3)) != nth(known, start + n):
            return False
    return length & 7 == 0 or _rest(words, at + (whole << 3), length & 7) == nth(
        known, start + whole
    )


@jit_inline
def keep(words: Words, at: int, known: Words, start: int, length: int) -> None:
    """Make what begins here known."""
    whole = length >> 3
    for n in range(whole):
        known[start + n] = _word(words, at + (n << 3))
    if length & 7:
        known[start + whole] = _rest(words, at + (whole << 3), length & 7)


@jit_inline
def mixed(words: Words, at: int, length: int, of: int) -> np.uint64:
    """Return a hash of what begins here and of what it is."""
    value, whole = np.uint64(np.int64(of)) * PRIME ^ np.uint64(length), length >> 3
    for n in range(whole):
        value = (value ^ _word(words, at + (n << 3))) * PRIME
        value ^= value >> np.uint64(29)
    if length & 7:
        value = (value ^ _rest(words, at + (whole << 3), length & 7)) * PRIME
    return value ^ (value >> np.uint64(32))


@jit_inline
def _digits(text: Bytes, at: int, count: int) -> int:
    """Return the number that is written here in so many digits, or one far below 0."""
    value = 0
    for n in range(at, at + count):
        digit = np.int64(text[n]) - 48
        value = 10 * value + (digit if 0 <= digit <= 9 else -100_000_000)
    return int(value)


@jit_inline
def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 + (month + (month > 7)) % 2


@jit_inline
def clock(text: Bytes, at: int) -> int:
    """Return the milliseconds since 1970 of "2026-07-21T12:00:49Z", 22 bytes, or -1 if it is other.

    The days are counted as if a year began in March, so that a leap day ends it.
    """
    parted = text[at + 5] == 45 and text[at + 8] == 45 and text[at + 11] == 84
    if not (parted and text[at + 14] == 58 and text[at + 17] == 58 and text[at + 20] == 90):
        return -1
    year, month, day = _digits(text, at + 1, 4), _digits(text, at + 6, 2), _digits(text, at + 9, 2)
    hour, minute = _digits(text, at + 12, 2), _digits(text, at + 15, 2)
    second = _digits(text, at + 18, 2)
    if not (1970 <= year < 2200 and 1 <= month <= 12 and 1 <= day <= _days(year, month)):
        return -1
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return -1
    since = year - (month < 3)
    days = 365 * since + since // 4 - since // 100 + since // 400 - 719_469 + day
    days += (153 * ((month + 9) % 12) + 2) // 5
    return 1000 * (86_400 * days + 3600 * hour + 60 * minute + second)
