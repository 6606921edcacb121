"""The loop that cuts an answer of The Odds API into pieces, most of which it has seen before."""

from typing import NamedTuple

import numpy as np

from feeds.odds_api_bytes import (
    PRIME,
    Bytes,
    Ints,
    Longs,
    Rows,
    Words,
    after,
    after_string,
    clock,
    following,
    keep,
    mixed,
    same,
)
from kit.jit import jit_inline, jit_lean

CUT, ODD, FULL = 0, -1, -2
"""What became of an answer: cut, not of the documented shape, or of more pieces than fit."""
BOOK, MARKET, TIME, PRICE, OUTCOME = -1, -2, -3, -4, -5
"""What a piece is: of these, each but the last reads the same wherever it stands.

An outcome is two pieces beside its price. That before it is of an event and a market's key, two
numbers in one; that behind it is of the one before, `OUTCOME` less its number, and stands for both.
"""

PIECE = np.dtype([("hash", "u8"), ("of", "i8"), ("start", "i4"), ("length", "i4")], align=True)
"""Where the bytes of a piece are kept, and what it is."""
BLOCK = np.dtype(
    [
        *(("of", "i8"), ("book", "i4"), ("start", "i4"), ("length", "i4"), ("room", "i4")),
        *(("first", "i4"), ("count", "i4"), ("most", "i4")),
    ],
    align=True,
)
"""What a book said last of a market: where the bytes and pieces of all its outcomes are kept."""


class Kept(NamedTuple):
    """What is known from earlier answers.

    `slots` and `block_slots` are hash tables of 2**n numbers of pieces and blocks plus 1; `words`
    the bytes of both, each beginning a word; `said` the pieces of blocks. `used` counts pieces,
    words, blocks and pieces of blocks, and says last whether there were more than fit.
    """

    slots: Ints
    pieces: Rows
    words: Words
    block_slots: Ints
    blocks: Rows
    said: Ints
    used: Longs


class Given(NamedTuple):
    """An answer: its bytes, twice, with 16 more at their end, and the rows that it is cut into.

    `books` are rows of event, key, time; `markets` of book, key, time, first outcome, outcomes;
    `outcomes` of the outcome and its price. Keys, outcomes and prices are numbers of pieces, -1
    where nothing is said; times are in milliseconds, -1 or -2 less their piece. `spans` is room
    for where an outcome and its price begin and end; `found` counts the rows of the three, and says
    last whether anything is odd.
    """

    text: Bytes
    words: Words
    books: Longs
    markets: Longs
    outcomes: Ints
    spans: Ints
    found: Longs


_BOOKS, _MARKETS, _OUTCOMES, _ODD = range(4)
_PIECES, _WORDS, _BLOCKS, _SAID, _MORE = range(5)


def _spelt(name: bytes) -> Words:
    return np.frombuffer(name + bytes(-len(name) % 8), np.uint64)


_KEY, _UPDATED, _PRICE = _spelt(b'"key"'), _spelt(b'"last_update"'), _spelt(b'"price"')
_IN_BOOK, _IN_MARKET = _spelt(b'"markets"'), _spelt(b'"outcomes"')


@jit_inline
def _piece(words: Words, at: int, end: int, of: int, kept: Kept) -> int:
    """Return the number of a piece, a new one if it is not known; any if no more fit."""
    length, mask = end - at, np.uint64(len(kept.slots) - 1)
    wanted = mixed(words, at, length, of)
    slot = wanted & mask
    while kept.slots[slot]:
        number = kept.slots[slot] - 1
        known = kept.pieces[number]
        if (
            known["hash"] == wanted
            and known["of"] == of
            and known["length"] == length
            and same(words, at, kept.words, known["start"], length)
        ):
            return number
        slot = (slot + np.uint64(1)) & mask
    number, start, room = kept.used[_PIECES], kept.used[_WORDS], (length + 7) >> 3
    if number == len(kept.pieces) or start + room > len(kept.words):
        kept.used[_MORE] = 1
        return 0
    keep(words, at, kept.words, start, length)
    new = kept.pieces[number]
    new["hash"], new["of"], new["start"], new["length"] = wanted, of, start, length
    kept.used[_PIECES], kept.used[_WORDS] = number + 1, start + room
    kept.slots[slot] = number + 1
    return number


@jit_inline
def _time(given: Given, at: int, end: int, kept: Kept) -> int:
    """Return what is said of a time: milliseconds, -1 if it is null, or -2 less its piece."""
    if given.text[at] == 110:
        return -1
    if end - at == 22 and given.text[at] == 34:
        told = clock(given.text, at)
        if told >= 0:
            return told
    return -2 - _piece(given.words, at, end, TIME, kept)


@jit_inline
def _block(of: int, book: int, kept: Kept) -> int:
    """Return the number of what a book said last of a market, a new one if nothing; any if full."""
    mask = np.uint64(len(kept.block_slots) - 1)
    slot = ((np.uint64(of) * PRIME ^ np.uint64(book)) * PRIME >> np.uint64(20)) & mask
    while kept.block_slots[slot]:
        number = kept.block_slots[slot] - 1
        if kept.blocks[number]["of"] == of and kept.blocks[number]["book"] == book:
            return number
        slot = (slot + np.uint64(1)) & mask
    number = kept.used[_BLOCKS]
    if number == len(kept.blocks):
        kept.used[_MORE] = 1
        return 0
    new = kept.blocks[number]
    new["of"], new["book"], new["length"], new["room"], new["most"] = of, book, 0, 0, 0
    kept.used[_BLOCKS] = number + 1
    kept.block_slots[slot] = number + 1
    return number


@jit_inline
def _recall(given: Given, at: int, known: Rows, kept: Kept) -> int:
    """Take over what a book said last of a market; return where it ends, 0 if it says otherwise."""
    length, count, first = known["length"], known["count"], given.found[_OUTCOMES]
    if not length or first + count > len(given.outcomes):
        return 0
    if not same(given.words, at, kept.words, known["start"], length):
        return 0
    for n in range(count):
        given.outcomes[first + n, 0] = kept.said[known["first"] + n, 0]
        given.outcomes[first + n, 1] = kept.said[known["first"] + n, 1]
    given.found[_OUTCOMES] = first + count
    return at + length


@jit_inline
def _remember(given: Given, at: int, end: int, known: Rows, kept: Kept) -> None:
    """Keep what a book says of the market cut last in the place of what it said before."""
    said, length = given.markets[given.found[_MARKETS]], end - at
    first, count = said[3], said[4]
    if length > known["room"] << 3:
        known["start"], known["room"] = kept.used[_WORDS], (length + 23) >> 3
        kept.used[_WORDS] += known["room"]
    if count > known["most"]:
        known["first"], known["most"] = kept.used[_SAID], count
        kept.used[_SAID] += count
    if kept.used[_WORDS] > len(kept.words) or kept.used[_SAID] > len(kept.said):
        kept.used[_MORE] = 1
        return
    keep(given.words, at, kept.words, known["start"], length)
    for n in range(count):
        kept.said[known["first"] + n, 0] = given.outcomes[first + n, 0]
        kept.said[known["first"] + n, 1] = given.outcomes[first + n, 1]
    known["length"], known["count"] = length, count


@jit_inline
def _after_other(given: Given, at: int) -> int:
    """Return where a field ends whose name is none of ours; it is odd if it could be yet."""
    text, end, escaped = given.text, after_string(given.text, at), False
    for n in range(at, end):
        escaped |= text[n] == 92
    given.found[_ODD] |= escaped
    return after(text, following(text, end))


@jit_inline
def _headed(given: Given, at: int, row: Longs, of: int, kept: Kept) -> int:
    """Put the key or the time that begins here into its row; return where it ends, 0 if neither."""
    if same(given.words, at, _KEY, 0, 5):
        at = following(given.text, at + 5)
        end = after(given.text, at)
        given.found[_ODD] |= row[1] >= 0
        row[1] = _piece(given.words, at, end, of, kept)
        return end
    if same(given.words, at, _UPDATED, 0, 13):
        at = following(given.text, at + 13)
        end = after(given.text, at)
        row[2] = _time(given, at, end, kept)
        return end
    return 0


@jit_inline
def _is_row(given: Given, at: int, row: int, rows: Rows) -> bool:
    """Say whether an object begins here that has room for its row; anything else is odd."""
    fits = given.text[at] == 123 and row < len(rows)
    given.found[_ODD] |= not fits
    return fits


@jit_inline
def _outcome(given: Given, at: int) -> int:
    """Note where an outcome and its price begin and end; return where it ends."""
    row = given.found[_OUTCOMES]
    if not _is_row(given, at, row, given.outcomes):
        return after(given.text, at)
    text, span = given.text, given.spans[row]
    span[0], span[1] = at, -1
    at = following(text, at + 1)
    while text[at] != 125:
        if same(given.words, at, _PRICE, 0, 7):
            at = following(text, at + 7)
            end = after(text, at)
            given.found[_ODD] |= span[1] >= 0
            span[1], span[2] = at, end
        else:
            end = _after_other(given, at)
        at = following(text, end)
    span[3] = at + 1
    given.found[_OUTCOMES] = row + 1
    return at + 1


@jit_inline
def _join(given: Given, row: int, of: int, kept: Kept) -> None:
    """Cut an outcome into its pieces."""
    words, span = given.words, given.spans[row]
    if span[1] < 0:
        before = _piece(words, span[0], span[3], of, kept)
        given.outcomes[row, 0] = _piece(words, span[3], span[3], OUTCOME - before, kept)
        given.outcomes[row, 1] = -1
    else:
        before = _piece(words, span[0], span[1], of, kept)
        given.outcomes[row, 0] = _piece(words, span[2], span[3], OUTCOME - before, kept)
        given.outcomes[row, 1] = _piece(words, span[1], span[2], PRICE, kept)


@jit_inline
def _market(given: Given, at: int, context: int, book: int, kept: Kept) -> int:
    """Cut one market into a row; return where it ends.

    `book` is the piece of its book's key, or -1 if that comes later.
    """
    row, first = given.found[_MARKETS], given.found[_OUTCOMES]
    if not _is_row(given, at, row, given.markets):
        return after(given.text, at)
    text, said, block, began, ended = given.text, given.markets[row], -1, -1, -1
    said[1] = said[2] = -1
    at = following(text, at + 1)
    while text[at] != 125:
        end = _headed(given, at, said, MARKET, kept)
        if not end and same(given.words, at, _IN_MARKET, 0, 10):
            at = following(text, at + 10)
            given.found[_ODD] |= ended >= 0
            if said[1] >= 0 and book >= 0:
                block = _block((context << 32) | said[1], book, kept)
                end = _recall(given, at, kept.blocks[block], kept)
            if not end:
                began, end = at, _outcomes(given, at)
            ended = end
        elif not end:
            end = _after_other(given, at)
        at = following(text, end)
    given.found[_ODD] |= said[1] < 0
    said[3], said[4] = first, given.found[_OUTCOMES] - first
    if began >= 0 and not given.found[_ODD]:
        for n in range(first, given.found[_OUTCOMES]):
            _join(given, n, (context << 32) | said[1], kept)
        if block >= 0:
            _remember(given, began, ended, kept.blocks[block], kept)
    given.found[_MARKETS] = row + 1
    return at + 1


@jit_inline
def _outcomes(given: Given, at: int) -> int:
    """Note where the outcomes of a list begin and end; return where it ends."""
    text = given.text
    if text[at] != 91:
        given.found[_ODD] = 1
        return after(text, at)
    at = following(text, at + 1)
    while text[at] != 93:
        at = following(text, _outcome(given, at))
    return at + 1


@jit_inline
def _book(given: Given, at: int, event: int, context: int, kept: Kept) -> int:
    """Cut one book into a row, and its markets; return where it ends."""
    row, first = given.found[_BOOKS], given.found[_MARKETS]
    if not _is_row(given, at, row, given.books):
        return after(given.text, at)
    text, said, listed = given.text, given.books[row], False
    said[0], said[1], said[2] = event, -1, -1
    at = following(text, at + 1)
    while text[at] != 125:
        end = _headed(given, at, said, BOOK, kept)
        if not end and same(given.words, at, _IN_BOOK, 0, 9):
            at = following(text, at + 9)
            given.found[_ODD] |= listed
            listed, end = True, _markets(given, at, context, said[1], kept)
        elif not end:
            end = _after_other(given, at)
        at = following(text, end)
    given.found[_ODD] |= said[1] < 0
    for n in range(first, given.found[_MARKETS]):
        given.markets[n, 0] = row
    given.found[_BOOKS] = row + 1
    return at + 1


@jit_inline
def _markets(given: Given, at: int, context: int, book: int, kept: Kept) -> int:
    """Cut the markets of a list into rows; return where it ends."""
    text = given.text
    if text[at] != 91:
        given.found[_ODD] = 1
        return after(text, at)
    at = following(text, at + 1)
    while text[at] != 93:
        at = following(text, _market(given, at, context, book, kept))
    return at + 1


@jit_lean
def cut(given: Given, starts: Longs, contexts: Longs, kept: Kept) -> int:
    """Cut the books of every event into pieces and return `CUT`, `ODD` or `FULL`.

    Args:
        given: The answer; its rows are filled.
        starts: Where each event's list of books begins.
        contexts: The number of each event, the same in every answer, below 2**31.
        kept: What is known; what is new joins it.
    """
    text = given.text
    for event in range(len(starts)):
        at = starts[event]
        if text[at] != 91:
            return ODD
        at = following(text, at + 1)
        while text[at] != 93:
            at = following(text, _book(given, at, event, contexts[event], kept))
            if given.found[_ODD] or kept.used[_MORE]:
                return ODD if given.found[_ODD] else FULL
    return CUT
