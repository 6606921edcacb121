"""Changes of prices as the bytes that PostgreSQL copies: a row for each market of a reading."""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import accumulate, chain, groupby, islice, repeat
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from domain.markets import Market, Side, Statistic
from domain.quotes import Origin, PriceKey, Quote
from kit.ids import stable

COLUMNS: Final = (
    *("seen_at", "market_id", "source", "origin", "outcomes", "books", "odds"),
    *("changed_at", "sides", "commissions", "max_stakes"),
)
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"
ROWS_AT_ONCE: Final = 128

# Numbers of PostgreSQL's own types, which never change.
_VARCHAR, _FLOAT8, _TIMESTAMPTZ = 1043, 701, 1184
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NULL: Final = b"\xff\xff\xff\xff"
_float = struct.Struct("!id").pack
_instant = struct.Struct("!iq").pack
_begin = struct.Struct("!iiiiii").pack
_size = struct.Struct("!i").pack
_FIELDS: Final = struct.pack("!h", len(COLUMNS))

_Cuts = Sequence[tuple[int, int]]
_Fields = Iterable[bytes]
T = TypeVar("T")
K = TypeVar("K")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What one reading changed: prices that moved, and prices that its source withdrew."""

    source: str
    origin: Origin
    seen_at: datetime
    changed: Sequence[Quote] = ()
    withdrawn: Sequence[PriceKey] = ()


# As many as a worker meets in a day: about 60 MB, and a miss costs a hash.
@lru_cache(maxsize=131_072)
def market_id(market: Market) -> str:
    """Return our id of a market: the same for equal markets, however their line is written.

    What is usual is left out, so that a market keeps the id it had before there was anything else.
    """
    line = None if market.line is None else market.line + 0.0
    known: list[object] = [market.event_id, market.kind, market.period, line, market.ways]
    if market.statistic is not Statistic.SCORE or market.subject is not None:
        known.append(market.statistic)
    if market.subject is not None:
        known.append(market.subject)
    return stable("market", *known)


def blocks(changes: Iterable[Change]) -> Iterator[bytes]:
    """Yield the changes in PostgreSQL's binary COPY format, `ROWS_AT_ONCE` at a time.

    The order of the fields is that of `COLUMNS`. A market of which prices moved and others were
    withdrawn gets a row for each. Lists of which every entry is the usual one (backed, without
    commission, without a stated limit) are left out as NULL. The blocks are small so that the
    server takes in one while the next is made.

    See <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".
    """
    rows = chain((HEADER,), _every_row(changes), (TRAILER,))
    while block := b"".join(islice(rows, ROWS_AT_ONCE)):
        yield block


def _every_row(changes: Iterable[Change]) -> Iterator[bytes]:
    for change in changes:
        head = _FIELDS + _MOMENTS[change.seen_at]
        tail = _NAMES[change.source] + _NAMES[change.origin.value]
        moved = _by_market(attrgetter("market"), change.changed)
        gone = _by_market(itemgetter(0), change.withdrawn)
        for groups, lists in ((moved, _of_moved(moved)), (gone, _of_gone(gone))):
            yield from map(b"".join, zip(repeat(head), groups, repeat(tail), *lists, strict=False))


def _by_market(market_of: Callable[[T], Market], these: Iterable[T]) -> dict[bytes, list[T]]:
    """Return these by the written ids of their markets; neighbours are looked up together."""
    found: dict[bytes, list[T]] = {}
    for market, some in groupby(these, market_of):
        found.setdefault(_IDS[market], []).extend(some)
    return found


def _of_moved(groups: Mapping[bytes, list[Quote]]) -> Iterator[_Fields]:
    """Yield each list of every row, made for all rows at once: a row is a stretch of all quotes."""
    quotes, cuts = [*chain(*groups.values())], _cuts(groups)
    sides, commissions = [q.side for q in quotes], [q.commission for q in quotes]
    limits = [q.max_stake for q in quotes]
    yield _texts([q.outcome for q in quotes], cuts)
    yield _texts([q.book for q in quotes], cuts)
    yield _floats([q.odds for q in quotes], cuts)
    yield _instants([q.changed_at for q in quotes], cuts)
    yield _USUAL if sides.count(Side.BACK) == len(sides) else _texts(sides, cuts)
    yield _floats(commissions, cuts) if any(commissions) else _USUAL
    yield _USUAL if limits.count(None) == len(limits) else _limits(limits, cuts)


def _of_gone(groups: Mapping[bytes, list[PriceKey]]) -> Iterator[_Fields]:
    prices, cuts = [*chain(*groups.values())], _cuts(groups)
    sides, nothing = [price[2] for price in prices], [_NULL] * len(prices)
    yield _texts([price[1] for price in prices], cuts)
    yield _texts([price[3] for price in prices], cuts)
    yield _loose(_FLOAT8, nothing, cuts, holes=True)
    yield _loose(_TIMESTAMPTZ, nothing, cuts, holes=True)
    yield _USUAL if sides.count(Side.BACK) == len(sides) else _texts(sides, cuts)
    yield from (_USUAL, _USUAL)


def _cuts(groups: Mapping[bytes, list[Any]]) -> list[tuple[int, int]]:
    """Return where the stretch of each group starts and ends."""
    ends = [*accumulate(map(len, groups.values()))]
    return [*zip([0, *ends], ends, strict=False)]


def _texts(texts: Sequence[str], cuts: _Cuts) -> _Fields:
    every = tuple(texts)
    return [_LISTS[every[start:end]] for start, end in cuts]


def _floats(numbers: Sequence[float], cuts: _Cuts) -> _Fields:
    """Return lists of float8, written without a call for each number."""
    fields = np.empty(len(numbers), dtype=[("size", ">i4"), ("value", ">f8")])
    fields["size"], fields["value"] = 8, numbers
    return _full(_FLOAT8, fields.tobytes(), cuts)


def _limits(limits: Sequence[float | None], cuts: _Cuts) -> _Fields:
    written = [_NULL if limit is None else _float(8, limit) for limit in limits]
    return _loose(_FLOAT8, written, cuts, holes=True)


def _instants(instants: Sequence[datetime | None], cuts: _Cuts) -> _Fields:
    written = [*map(_MOMENTS.__getitem__, instants)]
    whole = b"".join(written)
    if len(whole) == 12 * len(written):
        return _full(_TIMESTAMPTZ, whole, cuts)
    return _loose(_TIMESTAMPTZ, written, cuts, holes=True)


def _loose(kind: int, entries: list[bytes], cuts: _Cuts, *, holes: bool = False) -> _Fields:
    """Return lists of entries of any size, some of which may be NULL where there are `holes`."""
    return [
        _listed(kind, b"".join(entries[start:end]), end - start, holes=holes) for start, end in cuts
    ]


def _listed(kind: int, entries: bytes, count: int, *, holes: bool = False) -> bytes:
    return _begin(20 + len(entries), 1, holes, kind, count, 1) + entries


def _full(kind: int, entries: bytes, cuts: _Cuts) -> _Fields:
    """Return lists of entries of eight bytes and their size, none of which is NULL."""
    begins = _BEGINS[kind]
    return [begins[end - start] + entries[12 * start : 12 * end] for start, end in cuts]


def _of_eight(kind: int) -> "_Kept[int]":
    return _Kept(lambda count: _begin(20 + 12 * count, 1, 0, kind, count, 1), 1_024)


class _Kept(dict[K, bytes]):
    """What was written of a value already, for so many of them at most."""

    def __init__(self, written: Callable[[K], bytes], most: int) -> None:
        super().__init__()
        self._written, self._most = written, most

    def __missing__(self, key: K) -> bytes:
        if len(self) >= self._most:
            self.clear()
        made = self[key] = self._written(key)
        return made


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _size(len(encoded)) + encoded


def _list(texts: tuple[str, ...]) -> bytes:
    return _listed(_VARCHAR, b"".join(map(_text, texts)), len(texts))


def _moment(at: datetime | None) -> bytes:
    if at is None:
        return _NULL
    since = at - _EPOCH
    return _instant(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


_NAMES: Final = _Kept(_text, 16_384)
_IDS: Final = _Kept[Market](lambda market: _text(market_id(market)), 131_072)
_LISTS: Final = _Kept(_list, 32_768)
_MOMENTS: Final = _Kept(_moment, 16_384)
_BEGINS: Final = {kind: _of_eight(kind) for kind in (_FLOAT8, _TIMESTAMPTZ)}
_USUAL: Final = repeat(_NULL)
