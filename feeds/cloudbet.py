"""Cloudbet: a bookmaker's own feed, a competition with all its prices an answer.

Follows github.com/cloudbet/docs (api-responses.md, feed.proto): a selection's price counts while it
is SELECTION_ENABLED in an event that is TRADING; `handicap` is the home side's on both selections.
`lastModified` of a submarket is read where it is there, as in the vendor's own client.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from domain.markets import MarketKind, Side
from domain.names import NameKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.titles import begun
from feeds.vocabulary import Bet, words

BOOK = "cloudbet"
_URL = "https://sports-api.cloudbet.com/pub/v2/odds"
_WORDS = words("cloudbet")
_TRADING = frozenset({"TRADING", "TRADING_LIVE"})
_SUSPENDED = frozenset({"POST_TRADING", "INTERRUPTED"})
_LINES = {
    MarketKind.HANDICAP: "handicap",
    MarketKind.TOTAL: "total",
    MarketKind.TEAM_TOTAL: "total",
}


class _Named(msgspec.Struct):
    name: str
    key: str = ""


class _Selection(msgspec.Struct, rename="camel"):
    outcome: str
    params: str = ""
    price: Any = None
    max_stake: Any = None
    status: str = ""
    side: str = "BACK"


class _Submarket(msgspec.Struct, rename="camel"):
    selections: list[Any] = []
    last_modified: Any = None


class _Market(msgspec.Struct):
    submarkets: dict[str, Any] = {}


class _Event(msgspec.Struct, rename="camel"):
    id: int
    status: str = ""
    home: _Named | None = None
    away: _Named | None = None
    markets: dict[str, Any] | None = None
    sport: _Named | None = None
    competition: _Named | None = None
    cutoff_time: Any = None
    start_time: Any = None


class _Question(NamedTuple):
    """A submarket: what it asks, and when its prices last changed."""

    bet: Bet
    subject: str | None
    changed_at: datetime | None


class Cloudbet(Feed):
    """Winners, handicaps and totals of many sports; the book's own limits where it states them."""

    manifest = Manifest(
        name="cloudbet",
        title="Cloudbet",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"sports-api.cloudbet.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"X-API-Key": "{key}"},
        terms="https://www.cloudbet.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request for the competitions of each sport; `follow` asks for their events."""
        return [
            Request(source="cloudbet", scope=key, url=f"{_URL}/sports/{key}")
            for key, ours in sorted(_WORDS.sports.items())
            if ours in sports
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return a request for each competition that has events."""
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        found = [
            said.fields(competition)
            for category in said.listed(answer.get("categories"))
            for competition in said.listed(said.fields(category).get("competitions"))
        ]
        keys = [one.get("key") for one in found if one.get("eventCount")]
        return [
            Request(source="cloudbet", scope=key, url=f"{_URL}/competitions/{key}")
            for key in dict.fromkeys(keys)
            if isinstance(key, str) and key.isascii() and key.replace("-", "").isalnum()
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a competition, of an event, or of a list without prices."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        if "categories" in answer:
            yield sheet.reading(complete=False)
            return
        whole = "events" in answer
        rows = said.needed(answer["events"] if whole else _alone(answer), "events")
        above = _sport_and_league(answer) if whole else (None, None)
        for event in said.structs(rows, _Event, sheet.tally, Reason.EVENT_MALFORMED):
            _read_event(sheet, event, *above)
        yield sheet.reading(complete=whole)


def _alone(answer: Mapping[str, Any]) -> list[Any] | None:
    return [answer] if "markets" in answer else None


def _sport_and_league(answer: Mapping[str, Any]) -> tuple[Any, Any]:
    return said.fields(answer.get("sport")).get("key"), answer.get("key")


def _read_event(sheet: Sheet, event: _Event, sport: Any, league: Any) -> None:
    try:
        said_sport = event.sport.key if sport is None and event.sport else sport
        said_league = event.competition.key if league is None and event.competition else league
        told = event.cutoff_time if event.start_time is None else event.start_time
        live = event.status == "TRADING_LIVE"
        starts_at = begun(sheet.at(told), sheet.payload.as_of, in_play=live)
        home = event.home.name if event.home else None
        away = event.away.name if event.away else None
        card = sheet.card(event.id, _WORDS.sport(said_sport), said_league, home, away, starts_at)
    except NoPrice as e:
        sheet.reject(e.reason, _size(event))
        return
    if event.status not in _TRADING:
        shut = Reason.MARKET_SUSPENDED if event.status in _SUSPENDED else Reason.MARKET_CLOSED
        sheet.reject(shut, _size(event))
        return
    for key, raw in (event.markets or {}).items():
        for market in said.structs([raw], _Market, sheet.tally, Reason.MARKET_MALFORMED):
            for name, part in market.submarkets.items():
                _read_submarket(sheet, card, key, name, part)


def _size(event: _Event) -> int:
    count = 0
    for market in (event.markets or {}).values():
        for part in said.fields(said.fields(market).get("submarkets")).values():
            count += len(said.listed(said.fields(part).get("selections")))
    return count or 1


def _read_submarket(sheet: Sheet, card: Card, key: str, name: str, raw: Any) -> None:
    tally = sheet.tally
    for part in said.structs([raw], _Submarket, tally, Reason.MARKET_MALFORMED):
        selections = said.structs(part.selections, _Selection, tally, Reason.PRICE_MALFORMED)
        try:
            bet = _WORDS.bet(key)
            asked = _asked(bet, name, sheet.at(part.last_modified))
        except NoPrice as e:
            sheet.reject(e.reason, len(selections))
            continue
        for selection in selections:
            try:
                card.add(_price(asked, selection))
            except NoPrice as e:
                sheet.reject(e.reason)


def _asked(bet: Bet, name: str, changed_at: datetime | None) -> _Question:
    parts = parse_qsl(name, keep_blank_values=True)
    periods = " ".join(sorted(value for field, value in parts if field == "period"))
    others = {field: value for field, value in parts if field != "period"}
    team = others.pop("team", None)
    period = _WORDS.periods.get(periods)
    needs_team = bet.kind is MarketKind.TEAM_TOTAL
    if period is None:
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.PERIOD, periods))
    if others or (team in {"home", "away"}) != needs_team:
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    return _Question(msgspec.structs.replace(bet, period=period), team, changed_at)


def _price(asked: _Question, selection: _Selection) -> Price:
    if selection.status != "SELECTION_ENABLED":
        raise NoPrice(Reason.MARKET_SUSPENDED)
    if selection.side not in {"BACK", "LAY"}:
        raise NoPrice(Reason.PRICE_MALFORMED)
    params = dict(parse_qsl(selection.params, keep_blank_values=True))
    params.pop("team", None)
    line = params.pop(_LINES[asked.bet.kind], None) if asked.bet.kind in _LINES else None
    if params:
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    return Price(
        bet=asked.bet,
        label=_WORDS.outcomes.get(selection.outcome, selection.outcome),
        odds=selection.price,
        book=BOOK,
        line=line,
        own_line=False,
        subject=asked.subject,
        side=Side.BACK if selection.side == "BACK" else Side.LAY,
        changed_at=asked.changed_at,
        max_stake=said.limit(selection.max_stake),
    )
