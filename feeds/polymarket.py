"""Polymarket: shares that pay a dollar; what they are of (Gamma), and their books (CLOB).

Follows docs.polymarket.com: Gamma's `/markets` (lists are JSON within JSON there), and `/book` or
`/books` of the CLOB, whose `asks` are what a share can be bought at and whose `timestamp` is when
the book last changed. A taker's fee of rate * (p * (1 - p)) ** exponent a share is part of the
price; where a market tells no fee, the dearest of sports is taken. Read without a key.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from domain.markets import MarketKind, Side
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.kept import Kept
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.titles import sides_of
from feeds.vocabulary import Bet, words

BOOK = "polymarket"
_GAMMA = "https://gamma-api.polymarket.com"
_CLOB = "https://clob.polymarket.com"
_PAGE = 100
_BOOKS = 100
_WORDS = words("polymarket")
_TYPES = ("moneyline", "spreads", "totals")
_DEAREST_FEE = 0.05


class _Team(msgspec.Struct):
    name: str
    ordering: str = ""


class _Event(msgspec.Struct):
    id: str
    slug: str = ""
    title: str = ""
    teams: list[_Team] = []
    markets: list[Any] = []


class _Fee(msgspec.Struct):
    rate: float
    exponent: float = 1.0


class _Market(msgspec.Struct, rename="camel"):
    id: str
    outcomes: str = "[]"
    shares: str = msgspec.field(name="clobTokenIds", default="[]")
    sports_market_type: str | None = None
    group_item_title: str | None = None
    game_start_time: Any = None
    line: Any = None
    active: bool = True
    closed: bool = False
    accepting_orders: bool | None = None
    best_bid: Any = None
    best_ask: Any = None
    fees_enabled: bool | None = None
    fee_schedule: _Fee | None = None
    events: list[Any] = []


class _Level(msgspec.Struct):
    price: Any = None
    size: Any = None


class _Book(msgspec.Struct):
    asset_id: str
    timestamp: Any = None
    asks: list[_Level] = []


class _Share(NamedTuple):
    """One outcome of a market: `place` is its number in the market's list."""

    event: _Event
    market: _Market
    label: str
    place: int


class Polymarket(Feed):
    """Winners, handicaps and totals of games: what the cheapest share of each outcome costs."""

    manifest = Manifest(
        name="polymarket",
        title="Polymarket",
        basis=Basis.RECORDED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"gamma-api.polymarket.com", "clob.polymarket.com"}),
        min_interval_s=15.0,
        terms="https://polymarket.com/tos",
    )

    def __init__(self) -> None:
        self._shares = Kept[_Share]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the first page of each type of market; Gamma does not tell sports apart."""
        return [_page(kind, 0) for kind in _TYPES] if set(sports) & _WORDS.sport_names else []

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the next page of markets, and the books of the shares on this one."""
        if not payload.request.url.startswith(_GAMMA):
            return ()
        try:
            rows = said.listed(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        tokens = [token for row in rows for token in _texts(said.fields(row).get("clobTokenIds"))]
        known = [token for token in tokens if token.isascii() and self._shares.get(token)]
        scope = payload.request.scope
        asked = [
            Request(
                source="polymarket",
                scope=f"{scope}/books/{start}",
                url=f"{_CLOB}/books",
                body=msgspec.json.encode([{"token_id": t} for t in known[start : start + _BOOKS]]),
            )
            for start in range(0, len(known), _BOOKS)
        ]
        kind, _, start = scope.partition("/")
        if len(rows) == _PAGE and start.isdecimal():
            asked.append(_page(kind, int(start) + _PAGE))
        return asked

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; markets are remembered for the books to come.

        A recording of markets, whose books may be missing, is read at its best asks and bids.
        """
        sheet = Sheet(payload)
        answer = said.decoded(payload.body)
        rows = [answer] if "asset_id" in said.fields(answer) else said.needed(answer, "markets")
        books = [row for row in rows if "asset_id" in said.fields(row)]
        others = [row for row in rows if "asset_id" not in said.fields(row)]
        for book in said.structs(books, _Book, sheet.tally, Reason.MARKET_MALFORMED):
            _read_book(sheet, self._shares.get(book.asset_id), book)
        for event, market in _markets(sheet, others):
            self._read_market(sheet, event, market)
        yield sheet.reading(complete=bool(books))

    def _read_market(self, sheet: Sheet, event: _Event, market: _Market) -> None:
        labels, tokens = _texts(market.outcomes), _texts(market.shares)
        shares = [_Share(event, market, label, n) for n, label in enumerate(labels)]
        flaw = _flaw(event, market, shares)
        if flaw:
            sheet.reject(flaw, len(shares) or 1)
            return
        for share, token in zip(shares, tokens, strict=False):
            self._shares.put(token, share)
        if sheet.payload.request.url.startswith("file:"):
            asks = (market.best_ask, _complement(market.best_bid))
            for share, ask in zip(shares, asks, strict=False):
                if ask is not None:
                    _take(sheet, share, ask, None, None)


def _page(kind: str, start: int) -> Request:
    return Request(
        source="polymarket",
        scope=f"{kind}/{start}",
        url=f"{_GAMMA}/markets",
        params={
            "sports_market_types": kind,
            "active": "true",
            "closed": "false",
            "limit": str(_PAGE),
            "offset": str(start),
        },
    )


def _markets(sheet: Sheet, rows: Sequence[Any]) -> Iterator[tuple[_Event, _Market]]:
    """Yield every market with its event: markets hold events, or events hold markets."""
    tally = sheet.tally
    for row in rows:
        inside = said.fields(row).get("markets")
        if inside is not None:
            for event in said.structs([row], _Event, tally, Reason.EVENT_MALFORMED):
                for market in said.structs(inside, _Market, tally, Reason.MARKET_MALFORMED):
                    yield event, market
            continue
        for market in said.structs([row], _Market, tally, Reason.MARKET_MALFORMED):
            events = said.structs(market.events[:1], _Event, tally, Reason.EVENT_MALFORMED)
            yield (events[0] if events else _Event(id="")), market


def _flaw(event: _Event, market: _Market, shares: Sequence[_Share]) -> str | None:
    """Return why a market cannot be bet on, or not be understood."""
    if market.closed or not market.active or market.accepting_orders is False:
        return Reason.MARKET_CLOSED
    try:
        _WORDS.bet(market.sports_market_type)
        _WORDS.sport(event.slug.partition("-")[0])
    except NoPrice as e:
        return e.reason
    return None if len(shares) == 2 else Reason.MARKET_MALFORMED


def _read_book(sheet: Sheet, share: _Share | None, book: _Book) -> None:
    if share is None:
        sheet.reject(Reason.EVENT_UNKNOWN, bool(book.asks))
        return
    asks = list[tuple[float, float]]()
    for level in book.asks:
        try:
            asks.append((said.number(level.price), said.number(level.size)))
        except NoPrice as e:
            sheet.reject(e.reason)
    if asks:
        price, size = min(asks)
        _take(sheet, share, price, size, sheet.at(book.timestamp))


def _take(
    sheet: Sheet, share: _Share, ask: object, size: float | None, changed_at: datetime | None
) -> None:
    try:
        cost = _cost(share.market, said.number(ask))
        card = _card(sheet, share)
        most = None if size is None else said.limit(size * cost)
        card.add(_price(share, card, cost, most, changed_at))
    except NoPrice as e:
        sheet.reject(e.reason)


def _cost(market: _Market, ask: float) -> float:
    """Return what a share costs with the taker's fee."""
    if not 0 < ask < 1:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    if market.fees_enabled is False:
        return ask
    fee = market.fee_schedule or _Fee(_DEAREST_FEE)
    if not (0 <= fee.rate <= 1 and 0 <= fee.exponent <= 10):
        raise NoPrice(Reason.NOT_A_NUMBER)
    return ask + fee.rate * (ask * (1 - ask)) ** fee.exponent


def _card(sheet: Sheet, share: _Share) -> Card:
    event, market = share.event, share.market
    league = event.slug.partition("-")[0]
    playing = {team.ordering: team.name for team in event.teams}
    sides = (playing["home"], playing["away"]) if {"home", "away"} <= playing.keys() else None
    if (sides := sides or sides_of(event.title)) is None:
        raise NoPrice(Reason.EVENT_MALFORMED)
    return sheet.card(event.id, _WORDS.sport(league), league, *sides, _starts_at(sheet, market))


def _starts_at(sheet: Sheet, market: _Market) -> datetime | None:
    """Return the start, which is written as "2026-09-27 20:25:00+00"."""
    told = market.game_start_time
    if isinstance(told, str) and told.endswith("+00"):
        told = f"{told}:00"
    return sheet.at(told)


def _price(
    share: _Share, card: Card, cost: float, most: float | None, changed_at: datetime | None
) -> Price:
    market, bet = share.market, _WORDS.bet(share.market.sports_market_type)
    odds, label, side, line = said.share(cost), share.label, Side.BACK, market.line
    if bet.kind is MarketKind.WINNER:
        label, side, bet = _winner(share, card, bet)
    elif bet.kind is MarketKind.HANDICAP and share.place == 1:
        line = 0.0 - said.line(line)
    if side is Side.LAY:
        # A share of "no" at c pays 1 - c: that of a lay at odds 1 / (1 - c), whose stake is 1 - c.
        odds = said.share(1 - cost)
        most = None if most is None else most / cost * (1 - cost)
    return Price(
        bet=bet,
        label=label,
        odds=odds,
        book=BOOK,
        line=line,
        side=side,
        changed_at=changed_at,
        max_stake=most,
        commission=0.0,
    )


def _winner(share: _Share, card: Card, bet: Bet) -> tuple[str, Side, Bet]:
    """Return the label of a winner's share: a side's name, or yes or no of one of three ways."""
    answer = share.label.casefold()
    if answer not in {"yes", "no"}:
        return share.label, Side.BACK, msgspec.structs.replace(bet, ways=2)
    of = share.market.group_item_title or ""
    label = "draw" if of.casefold().startswith("draw") else of
    if card.sport.ways != 3:
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    side = Side.BACK if answer == "yes" else Side.LAY
    return label, side, msgspec.structs.replace(bet, ways=3)


def _complement(bid: object) -> float | None:
    """Return what the other share costs: who bids for the one sells the other."""
    try:
        return 1 - said.number(bid)
    except NoPrice:
        return None


def _texts(written: object) -> list[str]:
    """Return a list of texts that is written as JSON within JSON."""
    if not isinstance(written, str):
        return []
    try:
        found: Any = json.loads(written)
    except (ValueError, RecursionError):
        return []
    return [text for text in said.listed(found) if isinstance(text, str)]
