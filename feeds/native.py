"""Native quotes: our own format, one quote a line of JSON, for scripts and sources of one's own.

A line, with all there can be; what comes after `odds` may be left out, `line` and `league` too::

    {"seen_at": "2026-07-21T12:00:49Z",
     "event": {"source_id": "g1", "sport": "basketball", "league": "wnba", "home": "Gulls",
               "away": "Foxes", "starts_at": "2026-07-23T02:00:00Z"},
     "book": "somebook", "market": "handicap", "period": "full_time", "line": -1.5,
     "outcome": "home", "odds": 1.91,
     "ways": 2, "side": "back", "commission": 0.0, "changed_at": "2026-07-21T12:00:27Z",
     "max_stake": 250.0, "statistic": "score", "subject": null, "source": "my-script"}

Instants carry their zone. `line` is the home side's handicap, or the total; `docs/taxonomy.md`
lists markets, periods, statistics and what the `subject` of a market looks like. Fields that are
not known are refused rather than passed over: a misspelt `changed_at` would make old prices
timeless.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from domain.markets import (
    NUMBERED,
    Event,
    Market,
    MarketKind,
    Outcome,
    Period,
    Side,
    Statistic,
    flaw,
)
from domain.quotes import PriceKey, Quote, Reading
from domain.sports import SPORTS
from feeds.base import Basis, Feed, Manifest, Payload, Request, Tally, event_id
from feeds.prices import NoPrice, Style, price
from feeds.reasons import Reason
from feeds.text import plain, utc

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Share = Annotated[float, msgspec.Meta(ge=0, lt=1)]
_Amount = Annotated[float, msgspec.Meta(gt=0, le=1e12)]
_LineNumber = Annotated[float, msgspec.Meta(ge=-10_000, le=10_000)]

_AT_FIELD = re.compile(r"at `\$\.([\w.]{1,60})`$")
_NAMED_FIELD = re.compile(r"(missing required|unknown) field `(\w{1,40})`")


class _Event(msgspec.Struct, forbid_unknown_fields=True):
    source_id: str
    sport: str
    home: str
    away: str
    league: str = ""
    starts_at: _Instant | None = None


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    seen_at: _Instant
    event: _Event
    book: str
    market: MarketKind
    period: Period
    outcome: Outcome
    odds: Any
    line: _LineNumber | None = None
    ways: int = 2
    side: Side = Side.BACK
    commission: _Share = 0.0
    changed_at: _Instant | None = None
    max_stake: _Amount | None = None
    statistic: Statistic = Statistic.SCORE
    subject: str | None = None
    source: str | None = None


_LINE = msgspec.json.Decoder(_Line)


class Native(Feed):
    """Quotes in our own format; every reading is of some prices, so it withdraws none."""

    manifest = Manifest(
        name="native",
        title="Native quotes (JSON lines)",
        basis=Basis.DOCUMENTED,
        sports=frozenset(SPORTS),
        markets=frozenset(MarketKind),
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return nothing to ask, whatever the `sports`: the lines come from files."""
        del sports
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield a reading for each run of lines seen at one instant by one source.

        A line that is refused is counted by what is wrong and with which field.
        """
        tally = Tally()
        lines = [line for text in payload.body.splitlines() if (line := _line(text, tally))]
        for (seen_at, label), run in groupby(lines, key=attrgetter("seen_at", "source")):
            source = f"{payload.request.source}/{label}" if label else payload.request.source
            _take(source, run, tally)
            request = replace(payload.request, source=source)
            dated = replace(payload, request=request, as_of=seen_at)
            yield tally.reading(dated, origin=self.manifest.origin, complete=False)
            tally = Tally()
        if tally.rejected:
            yield tally.reading(payload, origin=self.manifest.origin, complete=False)


def _line(text: bytes, tally: Tally) -> _Line | None:
    try:
        line = _decoded(text)
        if (seen_at := utc(line.seen_at)) is None:
            raise _invalid("seen_at")
        label = None if line.source is None else _name(line.source, "source")
        return msgspec.structs.replace(line, seen_at=seen_at, source=label)
    except NoPrice as e:
        tally.reject(e.reason)
        return None


def _decoded(text: bytes) -> _Line:
    try:
        return _LINE.decode(text)
    except msgspec.ValidationError as e:
        raise NoPrice(_why(str(e))) from e
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as e:
        return _with_nan(text, e)


def _with_nan(text: bytes, cause: Exception) -> _Line:
    """Return a line in which a number is NaN or Infinity, which is no JSON but is often written."""
    try:
        return msgspec.convert(json.loads(text), _Line)
    except msgspec.ValidationError as e:
        raise NoPrice(_why(str(e))) from e
    except (ValueError, RecursionError):
        raise NoPrice(Reason.ROW_MALFORMED) from cause


def _why(message: str) -> str:
    """Return the reason, with the field that msgspec's message names."""
    if named := _NAMED_FIELD.search(message):
        return f"field_{named[1].split()[0]}:{named[2]}"
    at = _AT_FIELD.search(message)
    return f"{Reason.FIELD_INVALID}:{at[1]}" if at else Reason.ROW_MALFORMED


def _take(source: str, lines: Iterable[_Line], tally: Tally) -> None:
    events, seen = dict[str, Event](), set[PriceKey]()
    for line in lines:
        try:
            event = _event(line.event, source)
            quote = _quote(line, event.id)
        except NoPrice as e:
            tally.reject(e.reason)
            continue
        if quote.price in seen:
            tally.reject(Reason.DUPLICATE)
            continue
        events[event.id] = event
        seen.add(quote.price)
        tally.quotes.append(quote)
    tally.events.extend(events.values())


def _event(raw: _Event, source: str) -> Event:
    source_id, starts_at = _name(raw.source_id, "event.source_id"), raw.starts_at
    if starts_at is not None and (starts_at := utc(starts_at)) is None:
        raise _invalid("event.starts_at")
    home, away = _name(raw.home, "event.home"), _name(raw.away, "event.away")
    if home == away:
        raise _invalid("event.away")
    return Event(
        id=event_id(source, source_id),
        source_id=source_id,
        sport=_name(raw.sport, "event.sport"),
        league=plain(raw.league) or "",
        home=home,
        away=away,
        starts_at=starts_at,
    )


def _quote(line: _Line, event: str) -> Quote:
    changed_at = line.changed_at
    if changed_at is not None and (changed_at := utc(changed_at)) is None:
        raise _invalid("changed_at")
    market = _market(line, event)
    if line.outcome not in market.outcomes:
        raise NoPrice(Reason.UNKNOWN_OUTCOME)
    return Quote(
        book=_name(line.book, "book"),
        market=market,
        outcome=line.outcome,
        odds=price(line.odds, Style.DECIMAL),
        changed_at=changed_at,
        side=line.side,
        commission=line.commission,
        max_stake=line.max_stake,
    )


def _market(line: _Line, event: str) -> Market:
    if line.market in NUMBERED and line.line is None:
        raise NoPrice(Reason.LINE_MISSING)
    market = Market(
        event_id=event,
        kind=line.market,
        period=line.period,
        line=None if line.line is None else line.line + 0.0,
        ways=line.ways,
        statistic=line.statistic,
        subject=None if line.subject is None else _name(line.subject, "subject"),
    )
    if field := flaw(market):
        raise _invalid(field)
    return market


def _name(text: str, field: str) -> str:
    name = plain(text)
    if name is None:
        raise _invalid(field)
    return name


def _invalid(field: str) -> NoPrice:
    return NoPrice(f"{Reason.FIELD_INVALID}:{field}")
