"""Answers to read in tests: the hand-written recordings, and payloads around any bytes."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from domain.quotes import Reading
from feeds.base import UNDATED, Feed, Payload, Request

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"
AT = datetime(2026, 7, 21, 12, 1, tzinfo=UTC)


def payload_of(body: bytes | str | object, **params: str) -> Payload:
    """Return the payload of bytes, of text, or of anything that can be JSON."""
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes):
        body = msgspec.json.encode(body)
    request = Request(source="sample", scope="all", url="https://sample.invalid", params=params)
    return Payload(request=request, body=body, as_of=AT, arrived_at=AT)


def read(feed: Feed, body: bytes | str | object, **params: str) -> Reading:
    """Return the only reading of an answer."""
    (reading,) = feed.read(payload_of(body, **params))
    return reading


def recording(name: str) -> bytes:
    """Return a hand-written recording, e.g. `kalshi/markets.json`."""
    return (RECORDINGS / name).read_bytes()


def prices(reading: Reading) -> Counter[tuple[str, str, float | None, str, str, float]]:
    """Return each quote as (book, kind, line, outcome, side, odds), rounded for comparison."""
    return Counter(
        (
            q.book,
            q.market.kind.value,
            q.market.line,
            q.outcome.value,
            q.side.value,
            round(q.odds, 6),
        )
        for q in reading.quotes
    )


__all__ = ["AT", "RECORDINGS", "UNDATED", "payload_of", "prices", "read", "recording"]
