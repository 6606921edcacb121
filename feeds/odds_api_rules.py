"""The loop that judges the pieces of an answer of The Odds API: which are prices, and of what.

It says of each answer what `feeds.the_odds_api.read_events` says, by what each piece was found to
mean when it was first seen.
"""

from typing import NamedTuple

import numpy as np

from feeds.odds_api_bytes import PRIME, Floats, Ints, Longs, Rows
from feeds.odds_api_columns import UNKNOWN
from feeds.odds_api_loops import FULL, ODD, Given
from feeds.reasons import Reason
from kit.jit import jit_inline, jit_lean

SUPPORTED, HANDICAP, SAME_LINE, LAY, DRAWABLE = 1, 2, 4, 8, 16
"""Flags of a market: ours, its two lines mirror or are the same, it lays, a draw changes it."""
DRAW, POINTED = 1, 2
"""Flags of an outcome: it is a draw, its line is a number."""
AMERICAN, DECIMAL, FRACTION = 1, 2, 4
"""Flags of a price: what it makes of its answer's style."""
INVALID = 32
"""Flag of a time that cannot be told, and of a book without a name."""
MISSHAPEN = 64
"""Flag of a piece that is not of the documented shape."""

REASONS = tuple(Reason)
_DUPLICATE = REASONS.index(Reason.DUPLICATE)
_UNSUPPORTED = REASONS.index(Reason.MARKET_UNSUPPORTED)
_UNMIRRORED = REASONS.index(Reason.SIDES_DO_NOT_MIRROR)
_NAMELESS = REASONS.index(Reason.BOOK_MALFORMED)
_UNPRICED = REASONS.index(Reason.NOT_A_NUMBER)
_TIMELESS = REASONS.index(Reason.TIME_INVALID)

MEANT = np.dtype(
    [
        *(("first", "i4"), ("second", "i4"), ("decimal", "f8"), ("american", "f8")),
        *(("point", "f8"), ("at", "i8"), ("why", "u1"), ("why_decimal", "u1")),
        *(("why_american", "u1"), ("flags", "u1")),
    ],
    align=True,
)
"""What a piece means.

Of an outcome: what it is a price of where no outcome is a draw and where one is, its line, and why
it is of nothing: 1 plus the place in `REASONS`, or 0. Of a price: its odds in either style, and why
it has none. Of a book, `first` is its number; of a time, `at` is in milliseconds.
"""


class Priced(NamedTuple):
    """What has ever been priced: who takes or lays what.

    `slots` is a hash table of 2**n numbers plus 1, `keys` are what is priced, shifted by 32, plus
    twice the book plus whether it lays; `seen` is the answer that priced it last, and `used` counts
    the keys and the answers.
    """

    slots: Ints
    keys: Longs
    seen: Longs
    used: Longs


class Verdict(NamedTuple):
    """Rows of prices (of what, by whom, odds, time), drops by reason, and outcomes by event."""

    what: Ints
    by: Ints
    odds: Floats
    at: Longs
    dropped: Longs
    held: Longs


@jit_inline
def _place(key: int, priced: Priced) -> int:
    """Return the number of a place, a new one if it is not known, or `FULL`."""
    mask = np.uint64(len(priced.slots) - 1)
    slot = (np.uint64(key) * PRIME >> np.uint64(24)) & mask
    while priced.slots[slot]:
        number = priced.slots[slot] - 1
        if priced.keys[number] == key:
            return number
        slot = (slot + np.uint64(1)) & mask
    number = priced.used[0]
    if number == len(priced.keys):
        return FULL
    priced.keys[number], priced.seen[number] = key, 0
    priced.used[0] = number + 1
    priced.slots[slot] = number + 1
    return number


@jit_inline
def _is_american(given: Given, meant: Rows) -> bool:
    """Say as `feeds.prices.style_of` does whether the prices of an answer are American."""
    american = decimal = fractions = 0
    for row in range(given.found[2]):
        price = given.outcomes[row, 1]
        if price < 0:
            continue
        flags = meant[price]["flags"]
        american += flags & AMERICAN != 0
        decimal += flags & DECIMAL != 0
        fractions += flags & FRACTION != 0
    return american >= decimal if american or decimal else fractions == 0


@jit_inline
def _misshapen(given: Given, meant: Rows) -> bool:
    flags = np.uint8(0)
    for row in range(given.found[2]):
        flags |= meant[given.outcomes[row, 0]]["flags"]
        if given.outcomes[row, 1] >= 0:
            flags |= meant[given.outcomes[row, 1]]["flags"]
    for row in range(given.found[1]):
        flags |= meant[given.markets[row, 1]]["flags"]
        if given.markets[row, 2] < -1:
            flags |= meant[-2 - given.markets[row, 2]]["flags"]
    for row in range(given.found[0]):
        flags |= meant[given.books[row, 1]]["flags"]
        if given.books[row, 2] < -1:
            flags |= meant[-2 - given.books[row, 2]]["flags"]
    return flags & MISSHAPEN != 0


@jit_inline
def _mirrors(given: Given, meant: Rows, flags: int, first: int, count: int) -> bool:
    if count != 2 or not flags & (HANDICAP | SAME_LINE):
        return True
    one, other = meant[given.outcomes[first, 0]], meant[given.outcomes[first + 1, 0]]
    if not one["flags"] & other["flags"] & POINTED:
        return True
    return one["point"] == (-other["point"] if flags & HANDICAP else other["point"])


@jit_inline
def _why(meant: Rows, price: int, american: bool) -> int:  # noqa: FBT001  no loop takes it by name
    """Return why a price is none, or 0."""
    if price < 0:
        return _UNPRICED + 1
    return meant[price]["why_american"] if american else meant[price]["why_decimal"]


@jit_inline
def _drawn(given: Given, meant: Rows, flags: int, first: int, count: int) -> bool:
    if flags & DRAWABLE:
        for row in range(first, first + count):
            if meant[given.outcomes[row, 0]]["flags"] & DRAW:
                return True
    return False


@jit_lean
def judge(  # noqa: C901, PLR0912, PLR0913, PLR0917  one loop over all that there is
    given: Given, meant: Rows, skipped: Ints, asked: int, priced: Priced, verdict: Verdict
) -> int:
    """Judge an answer that is cut; return how many prices it has, or `ODD` or `FULL`.

    Args:
        given: The answer, cut.
        meant: Dtype `MEANT`, a row a piece.
        skipped: Of each event, whether it is not taken over; its outcomes are counted.
        asked: 1 if prices are American, 0 if decimal, -1 if they show it themselves.
        priced: What is known; what is new joins it.
        verdict: Filled. Its rows may be as many as outcomes; the counts begin at nothing.
    """
    if _misshapen(given, meant):
        return ODD
    american = asked == 1 if asked >= 0 else _is_american(given, meant)
    priced.used[1] += 1
    n = 0
    for row in range(given.found[1]):
        book_row, first, count = given.markets[row, 0], given.markets[row, 3], given.markets[row, 4]
        event = given.books[book_row, 0]
        verdict.held[event] += count
        if skipped[event]:
            continue
        book = meant[given.books[book_row, 1]]
        if book["flags"] & INVALID:
            verdict.dropped[_NAMELESS] += count
            continue
        at = given.markets[row, 2] if given.markets[row, 2] != -1 else given.books[book_row, 2]
        if at < -1:
            said = meant[-2 - at]
            at = said["at"]
            verdict.dropped[_TIMELESS] += said["flags"] & INVALID != 0
        elif at == -1:
            at = UNKNOWN
        flags = meant[given.markets[row, 1]]["flags"]
        if not flags & SUPPORTED:
            verdict.dropped[_UNSUPPORTED] += count
            continue
        if not _mirrors(given, meant, flags, first, count):
            verdict.dropped[_UNMIRRORED] += count
            continue
        drawn = _drawn(given, meant, flags, first, count)
        by = (np.int64(book["first"]) << 1) | (flags & LAY != 0)
        for number in range(first, first + count):
            outcome, price = meant[given.outcomes[number, 0]], given.outcomes[number, 1]
            why = outcome["why"]
            if not why:
                why = _why(meant, price, american)
            if why:
                verdict.dropped[why - 1] += 1
                continue
            what = np.int64(outcome["second"] if drawn else outcome["first"])
            place = _place((what << 32) | by, priced)
            if place < 0:
                return FULL
            if priced.seen[place] == priced.used[1]:
                verdict.dropped[_DUPLICATE] += 1
                continue
            priced.seen[place] = priced.used[1]
            verdict.what[n], verdict.by[n], verdict.at[n] = what, by, at
            verdict.odds[n] = meant[price]["american"] if american else meant[price]["decimal"]
            n += 1
    return n
