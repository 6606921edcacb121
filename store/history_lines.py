r"""Changes of prices as InfluxDB's line protocol: a line a price.

See <https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/>. It has no manner of
writing a line break, nor a backslash at the end of a name: they are replaced by a space and by "/".
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.quotes import PriceKey
from store.history_rows import Change, market_id

MEASUREMENT: Final = "quotes"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BREAKS: Final = re.compile(r"[\r\n]")
_SPECIAL: Final = re.compile(r"([,= ])")
_ENDING: Final = re.compile(r"\\+$")


def lines(change: Change) -> Iterator[str]:
    """Yield the line of each price: tags name it, fields are its odds, or that it was withdrawn."""
    at = (change.seen_at - _EPOCH) // _MICROSECOND * 1000
    for quote in change.changed:
        fields = f"odds={quote.odds!r},commission={quote.commission!r}"
        if quote.max_stake is not None:
            fields = f"{fields},max_stake={quote.max_stake!r}"
        yield f"{_series(change, quote.price)} {fields} {at}"
    for price in change.withdrawn:
        yield f"{_series(change, price)} withdrawn=true {at}"


def tag(text: str) -> str:
    r"""Return a tag's key or value, escaped.

    Examples:
        >>> print(tag("Bet, Win = 2"))
        Bet\,\ Win\ \=\ 2
    """
    plain = _ENDING.sub(lambda found: "/" * len(found[0]), _BREAKS.sub(" ", text))
    return _SPECIAL.sub(r"\\\1", plain)


def _series(change: Change, price: PriceKey) -> str:
    market, outcome, side, book = price
    tags = {
        "book": book,
        "event": market.event_id,
        "kind": market.kind.value,
        "market": market_id(market),
        "origin": change.origin.value,
        "outcome": outcome.value,
        "side": side.value,
        "source": change.source,
    }
    told = "".join(f",{key}={tag(value)}" for key, value in tags.items() if value)
    return f"{MEASUREMENT}{told}"
