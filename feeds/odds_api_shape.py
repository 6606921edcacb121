"""The documented shape of The Odds API's answers, and what can be saved of a damaged one."""

import json
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec

from feeds.base import FeedDrifted, Tally
from feeds.reasons import Reason


class Outcome(msgspec.Struct, gc=False):
    """One price, unread: anything may stand where the vendor documents a number."""

    name: str
    price: Any = None
    point: Any = None
    description: Any = None


class Market(msgspec.Struct):
    """One book's prices of one market."""

    key: str
    outcomes: list[Outcome] = []
    last_update: Any = None


class Bookmaker(msgspec.Struct):
    """One book's markets of one event."""

    key: str
    markets: list[Market] = []
    last_update: Any = None


class Head(msgspec.Struct):
    """What an event is; a tournament to win has no two sides."""

    id: str
    sport_key: str
    home_team: str | None = None
    away_team: str | None = None
    sport_title: Any = None
    commence_time: Any = None


class Event(Head):
    """One event with every book's prices."""

    bookmakers: list[Bookmaker] = []


class Sealed(Head):
    """One event with the bytes of its books: JSON, but nothing more is known of them."""

    bookmakers: msgspec.Raw = msgspec.Raw(b"[]")


_Shape = TypeVar("_Shape", bound=Head)


class Answer(NamedTuple, Generic[_Shape]):
    """The events of one answer: whether they are all there are, and when it says it was given."""

    events: list[_Shape]
    given_at: str | None = None
    complete: bool = True


class _Dated(msgspec.Struct, Generic[_Shape]):
    """A line of a recording (`response`), or an historical answer (`data`)."""

    fetched_at: str | None = None
    timestamp: str | None = None
    response: list[_Shape] | None = None
    data: list[_Shape] | None = None


# What msgspec raises for bytes that are not the JSON of a type; not even UTF-8 is one of them.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
# What it raises for parsed JSON that is not of a type; a lone surrogate is of none.
_MISSHAPEN = (msgspec.ValidationError, UnicodeEncodeError)

_Part = TypeVar("_Part", Event, Bookmaker, Market, Outcome)
_EVENTS = msgspec.json.Decoder(list[Event])
_DATED = msgspec.json.Decoder(_Dated[Event])
_SEALED = msgspec.json.Decoder(list[Sealed])
_DATED_SEALED = msgspec.json.Decoder(_Dated[Sealed])
_INSIDE: dict[type, tuple[str, type, Reason]] = {
    Event: ("bookmakers", Bookmaker, Reason.EVENT_MALFORMED),
    Bookmaker: ("markets", Market, Reason.BOOK_MALFORMED),
    Market: ("outcomes", Outcome, Reason.MARKET_MALFORMED),
}


def sealed(body: bytes) -> Answer[Sealed] | None:
    """Return the events of an answer with their books unread, or None if they must be salvaged."""
    try:
        if body.lstrip()[:1] == b"[":
            return Answer(_SEALED.decode(body))
        dated = _DATED_SEALED.decode(body)
    except _UNREADABLE:
        return None
    if (dated.response is None) == (dated.data is None):
        return None
    return Answer(dated.response or dated.data or [], dated.fetched_at or dated.timestamp)


def decode(body: bytes, tally: Tally) -> Answer[Event]:
    """Return the events of an answer; what is damaged is counted and the rest kept.

    Raises:
        FeedDrifted: It is not JSON, or holds no events where they are documented.
    """
    try:
        if body.lstrip()[:1] == b"[":
            return Answer(_EVENTS.decode(body))
        dated = _DATED.decode(body)
    except _UNREADABLE:
        return _salvage(body, tally)
    events = dated.response if dated.data is None else dated.data
    if events is None:
        return _salvage(body, tally)
    return Answer(events, dated.fetched_at or dated.timestamp)


def prices(events: list[Event]) -> Iterator[object]:
    """Yield every price of an answer, unread."""
    for event in events:
        for book in event.bookmakers:
            for market in book.markets:
                for outcome in market.outcomes:
                    yield outcome.price


def count(event: Event) -> int:
    """Return how many prices an event holds."""
    return sum(1 for _ in prices([event]))


def _salvage(body: bytes, tally: Tally) -> Answer[Event]:
    try:
        answer: Any = json.loads(body)  # unlike msgspec, takes NaN and Infinity for numbers
    except (ValueError, RecursionError) as e:
        raise FeedDrifted("the answer is not JSON") from e
    given_at, complete = None, True
    if isinstance(answer, dict):
        fields = cast("dict[str, Any]", answer)
        given_at = fields.get("fetched_at") or fields.get("timestamp")
        answer = fields.get("response", fields.get("data", fields))
        if isinstance(answer, dict) and "bookmakers" in answer:
            answer, complete = [cast("Any", answer)], False
    if not isinstance(answer, list):
        raise FeedDrifted("the answer holds no list of events")
    parts = cast("list[Any]", answer)
    events = [event for part in parts if (event := _convert(part, Event, tally)) is not None]
    return Answer(events, given_at if isinstance(given_at, str) else None, complete)


def _convert(raw: Any, kind: type[_Part], tally: Tally) -> _Part | None:
    """Return the part, without those of its own parts that are damaged beyond reading."""
    try:
        return msgspec.convert(raw, kind)
    except _MISSHAPEN:
        pass
    if kind not in _INSIDE:
        tally.reject(Reason.PRICE_MALFORMED)
        return None
    field, child, reason = _INSIDE[kind]
    fields = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
    inside = fields.get(field)
    try:
        part = msgspec.convert({**fields, field: []}, kind)
    except _MISSHAPEN:
        tally.reject(reason, _prices_in(inside))
        return None
    if not isinstance(inside, list):
        tally.reject(reason)
        return part
    parts = cast("list[Any]", inside)
    kept = [made for one in parts if (made := _convert(one, child, tally)) is not None]
    setattr(part, field, kept)
    return part


def _prices_in(raw: Any) -> int:
    """Return how many prices a damaged part holds at least: one, for the part itself."""
    if isinstance(raw, dict):
        fields = cast("dict[str, Any]", raw)
        raw = fields.get("markets", fields.get("outcomes"))
        return _prices_in(raw) if raw is not None else 1
    return max(1, sum(map(_prices_in, cast("list[Any]", raw)))) if isinstance(raw, list) else 1
