"""What an HTTP answer's headers and body say, within limits; knows nothing of the network."""

import zlib
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from feeds.base import Quota

_QUOTA = ("x-requests-remaining", "x-ratelimit-remaining", "x-tokens-remaining")
_TYPES = frozenset(
    {
        "",
        "application/json",
        "application/octet-stream",
        "application/soap+xml",
        "application/x-ndjson",
        "application/xml",
        "text/csv",
        "text/plain",
        "text/xml",
    }
)
_GZIP = 16 + zlib.MAX_WBITS

Headers = Mapping[str, str]


class Unreadable(ValueError):
    """The body is not what was asked for; the text says why."""


async def body(headers: Headers, pieces: AsyncIterator[bytes], most_bytes: int) -> bytes:
    """Return the decoded body; no more than `most_bytes` of it are ever held.

    Raises:
        Unreadable: It is too large, of another type than data, or badly compressed.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise Unreadable(f"it sent {kind} instead of data")
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip"}:
        raise Unreadable(f"it compressed its answer as {coding}, which was not asked for")
    inflate = zlib.decompressobj(_GZIP) if coding == "gzip" else None
    whole = bytearray()
    async for piece in pieces:
        try:
            room = most_bytes + 1 - len(whole)
            whole += inflate.decompress(piece, room) if inflate else piece
        except zlib.error as e:
            raise Unreadable("its compression is damaged") from e
        if len(whole) > most_bytes:
            raise Unreadable(f"its answer is larger than {most_bytes} bytes")
    if inflate and not inflate.eof:
        raise Unreadable("its compression is cut short")
    return bytes(whole)


def check_stream(headers: Headers) -> None:
    """Raise `Unreadable` unless an answer is a plain stream of events."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "text/event-stream":
        raise Unreadable(f"it sent {kind or 'something'} instead of a stream of events")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unreadable("it compressed its stream, which was not asked for")


class Spent(NamedTuple):
    """What a source says of our quota, in its own unit: what is left, and what an answer took."""

    left: float | None
    took: float | None


def quota(headers: Headers, known: Quota | None) -> Spent:
    """Return what the headers say, by the names that a vendor documents or many use."""
    named = (known.left_header,) if known and known.left_header else _QUOTA
    took = _amount(headers, known.cost_header) if known and known.cost_header else None
    left = (amount for name in named if (amount := _amount(headers, name)) is not None)
    return Spent(next(left, None), took)


def _amount(headers: Headers, name: str) -> float | None:
    try:
        amount = float(headers[name])
    except (KeyError, ValueError):
        return None
    return amount if 0 <= amount < 1e15 else None


def retry_after_s(headers: Headers, now: datetime) -> float | None:
    """Return how long a source asks us to wait: seconds, or until an HTTP date."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None


def validators(headers: Headers) -> dict[str, str]:
    """Return the headers by which the next request asks only for what has changed."""
    asked = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
    return {asked[name]: headers[name] for name in asked if name in headers}
