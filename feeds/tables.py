"""CSV answers: rows by column name, whatever the encoding, and the odd rows counted."""

import csv
import io
from collections.abc import Iterator, Sequence

from feeds.base import FeedDrifted, Tally
from feeds.reasons import Reason


def rows(body: bytes, needed: Sequence[str], tally: Tally) -> Iterator[dict[str, str]]:
    """Yield the rows of a table with a header; cells that a short row lacks are empty.

    UTF-8 with or without a byte order mark, else Latin-1. Blank rows do not count.

    Raises:
        FeedDrifted: A needed column is missing.
    """
    table = csv.reader(io.StringIO(_text(body), newline=""))
    header = [name.strip() for name in _next(table, tally) or []]
    if missing := [name for name in needed if name not in header]:
        raise FeedDrifted(f"the table has no column {', '.join(missing)}")
    while (cells := _next(table, tally)) is not None:
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield {name: cell.strip() for name, cell in zip(header, padded, strict=False)}


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _next(table: Iterator[list[str]], tally: Tally) -> list[str] | None:
    while True:
        try:
            return next(table, None)
        except csv.Error:
            tally.reject(Reason.ROW_MALFORMED)
