"""A day of history as a Parquet file: every change of a price, with its market and its event."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from arro3.core import Array, DataType, Field, RecordBatch, RecordBatchReader, Schema
from arro3.io import write_parquet

from domain.errors import Refused, Unavailable
from store.db import CONNECT_TIMEOUT_S, address
from store.history import EACH, IN_DAY, bounds

ROWS_AT_ONCE: Final = 50_000

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_TEXT, _FLOAT = DataType.string(), DataType.float64()
_INSTANT = DataType.timestamp("us", tz="UTC")
_OPTIONAL: Final = frozenset(
    {"odds", "max_stake", "changed_at", "line", "ways", "subject", "starts_at"}
    | {"event_id", "kind", "period", "statistic", "sport", "league", "home", "away"}
)
_TYPES: Final = {
    "seen_at": _INSTANT,
    "market_id": _TEXT,
    "source": _TEXT,
    "origin": _TEXT,
    "outcome": _TEXT,
    "side": _TEXT,
    "book": _TEXT,
    "odds": _FLOAT,
    "commission": _FLOAT,
    "max_stake": _FLOAT,
    "changed_at": _INSTANT,
    "event_id": _TEXT,
    "kind": _TEXT,
    "period": _TEXT,
    "line": _FLOAT,
    "ways": DataType.int64(),
    "statistic": _TEXT,
    "subject": _TEXT,
    "sport": _TEXT,
    "league": _TEXT,
    "home": _TEXT,
    "away": _TEXT,
    "starts_at": _INSTANT,
}
SCHEMA: Final = Schema(
    [Field(name, kind, nullable=name in _OPTIONAL) for name, kind in _TYPES.items()]
)
# psycopg's own manner of naming parameters; those of a market or event forgotten since are NULL.
_DAY: Final = (
    (
        f"select e.*, {', '.join(name for name in list(_TYPES)[11:])}"  # noqa: S608  of constants alone
        f" from ({EACH} {IN_DAY}) e left join markets m on m.id = e.market_id"
        " left join (select id, sport, league, home, away, starts_at from events) v"
        " on v.id = m.event_id"
    )
    .replace(":since", "%(since)s")
    .replace(":until", "%(until)s")
)


def export_day(url: str, day: date, file: Path) -> int:
    """Write a day of UTC to a Parquet file, compressed with zstd; return how many prices.

    At most `ROWS_AT_ONCE` rows are held at a time beside what Parquet holds of a row group. The
    file appears under its name once it is whole. Blocks: call it in a thread.

    Raises:
        Refused: The URL is not one of PostgreSQL, or the file cannot be written.
        Unavailable: The server cannot be reached, or the connection was lost.
    """
    part = file.with_name(f"{file.name}.part")
    count = 0

    def counted(rows: Iterator[Sequence[tuple[Any, ...]]]) -> Iterator[RecordBatch]:
        nonlocal count
        for some in rows:
            count += len(some)
            yield _batch(some)

    try:
        with psycopg.connect(_address(url), connect_timeout=CONNECT_TIMEOUT_S) as connection:
            reader = RecordBatchReader.from_batches(SCHEMA, counted(_rows(connection, day)))
            write_parquet(reader, part, compression="zstd(3)", max_row_group_size=1_000_000)
        part.replace(file)
    except psycopg.OperationalError as e:
        raise Unavailable(f"PostgreSQL: {type(e).__name__} during the export") from e
    except OSError as e:
        raise Refused(f"{file} cannot be written: {e.strerror}") from e
    finally:
        part.unlink(missing_ok=True)
    return count


def _rows(
    connection: "psycopg.Connection[tuple[Any, ...]]", day: date
) -> Iterator[Sequence[tuple[Any, ...]]]:
    with connection.cursor("day", binary=True) as cursor:
        cursor.execute(_DAY.encode(), bounds(day))
        while some := cursor.fetchmany(ROWS_AT_ONCE):
            yield some


def _batch(rows: Sequence[tuple[Any, ...]]) -> RecordBatch:
    columns = zip(*rows, strict=True)
    arrays = [_array(c, kind) for c, kind in zip(columns, _TYPES.values(), strict=True)]
    return RecordBatch(arrays, schema=SCHEMA)


def _array(values: Sequence[Any], kind: DataType) -> Array:
    if kind is not _INSTANT:
        return Array(values, kind)
    micros = [None if at is None else (at - _EPOCH) // _MICROSECOND for at in values]
    return Array(micros, DataType.int64()).cast(_INSTANT)


def _address(url: str) -> str:
    return address(url).set(drivername="postgresql").render_as_string(hide_password=False)
