"""Odds-API.io v3: events by sport, then ten events' prices of chosen books in one answer.

Shape: the vendor's Python SDK 1.1 and its published model of odds. Lines in tennis are not read:
whether they count sets or games, the answers do not say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from domain.errors import FeedDrifted
from domain.markets import MarketKind, Side
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import Bet, words

_BASE = "https://api.odds-api.io/v3"
_WORDS = words("odds_api_io")
_MOST_EVENTS = 10
_SIDES = ("home", "draw", "away")
_LABELS = {
    MarketKind.WINNER: _SIDES,
    MarketKind.HANDICAP: ("home", "away"),
    MarketKind.TOTAL: ("over", "under"),
    MarketKind.DOUBLE_CHANCE: ("1X", "12", "X2"),
}
_LAY = {"layHome": "home", "layDraw": "draw", "layAway": "away"}
_SETTLED = ("settled", "cancelled")


class OddsApiIo(Feed):
    """Winner, handicap, total and double chance of up to 30 books, pre-match and in play."""

    manifest = Manifest(
        name="odds_api_io",
        title="Odds-API.io",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.odds-api.io"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_param="apiKey",
        terms="https://odds-api.io",
        quota=Quota(credits=100, period_s=3600.0, left_header="x-ratelimit-remaining"),
    )

    def __init__(self, *, bookmakers: str = "bet365,singbet") -> None:
        self._bookmakers = bookmakers

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport for its events; `follow` asks for their prices."""
        return [
            self._request(f"events:{slug}", "/events", sport=slug)
            for sport in sorted(set(sports))
            for slug in _WORDS.theirs(sport)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; a list of events without prices says nothing yet."""
        sheet, answer = Sheet(payload), said.decoded(payload.body)
        events = [answer] if "bookmakers" in said.fields(answer) else answer
        for event in said.needed(events, "events"):
            _read_event(sheet, said.fields(event))
        yield sheet.reading(complete=True)

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the questions for the prices of listed events, ten in each."""
        if not payload.request.scope.startswith("events:"):
            return ()
        try:
            listed = map(said.fields, said.listed(said.decoded(payload.body)))
        except FeedDrifted:
            return ()
        open_ones = (event for event in listed if event.get("status") not in _SETTLED)
        ids = [known for event in open_ones if (known := said.name(event.get("id")))]
        tens = [",".join(ids[n : n + _MOST_EVENTS]) for n in range(0, len(ids), _MOST_EVENTS)]
        return [
            self._request(f"odds:{ten}", "/odds/multi", eventIds=ten, bookmakers=self._bookmakers)
            for ten in tens
        ]

    def _request(self, scope: str, path: str, **params: str) -> Request:
        return Request(source="odds_api_io", scope=scope, url=_BASE + path, params=params)


def _read_event(sheet: Sheet, raw: dict[str, Any]) -> None:
    books = said.fields(raw.get("bookmakers"))
    count = sum(len(said.listed(markets)) for markets in books.values())
    if not books and "id" in raw:
        return
    try:
        card = sheet.card(
            raw.get("id"),
            _WORDS.sport(said.fields(raw.get("sport")).get("slug")),
            said.fields(raw.get("league")).get("name"),
            raw.get("home"),
            raw.get("away"),
            sheet.at(raw.get("date")),
        )
    except NoPrice as e:
        sheet.reject(e.reason, max(1, count))
        return
    for book, markets in books.items():
        for market in said.listed(markets):
            _read_market(sheet, card, said.book(book), said.fields(market))


def _read_market(sheet: Sheet, card: Card, book: str | None, raw: dict[str, Any]) -> None:
    rows = [said.fields(row) for row in said.listed(raw.get("odds"))]
    try:
        bet = _WORDS.bet(raw.get("name"))
        clear = card.event.sport != "tennis" or bet.kind is MarketKind.WINNER
        said.require(clear, Reason.MARKET_UNSUPPORTED)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(rows)))
        return
    changed_at = sheet.at(raw.get("updatedAt"))
    for row in rows:
        drawn = bet.kind is MarketKind.WINNER and row.get("draw") is not None
        told = msgspec.structs.replace(bet, ways=3) if drawn else bet
        _read_row(sheet, card, row, _price(told, book, row, changed_at))


def _price(bet: Bet, book: str | None, row: dict[str, Any], changed_at: Any) -> Price:
    return Price(
        bet=bet,
        label="",
        odds=None,
        book=book,
        line=row.get("hdp"),
        own_line=False,
        changed_at=changed_at,
    )


def _read_row(sheet: Sheet, card: Card, row: dict[str, Any], like: Price) -> None:
    labels = [label for label in _LABELS[like.bet.kind] if row.get(label) is not None]
    for label in labels:
        card.add(replace(like, label=label, odds=row[label]))
    if like.bet.kind is MarketKind.WINNER:
        for lay, label in _LAY.items():
            if row.get(lay) is not None:
                card.add(replace(like, label=label, odds=row[lay], side=Side.LAY))
    if not labels:
        sheet.reject(Reason.UNKNOWN_OUTCOME)
