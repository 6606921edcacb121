"""Kalshi: game contracts of a public exchange, read without a key.

Follows docs.kalshi.com: `/markets` with the best prices of each contract, and the `orderbook_fp` of
one, which holds bids alone: who bids for no at 55 cents sells yes at 45.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, NamedTuple, cast

import msgspec

from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.names import NameKind
from domain.quotes import Quote, Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request, Tally, event_id
from feeds.kept import Kept
from feeds.prices import NoPrice, from_decimal
from feeds.reasons import Reason, Unknown
from feeds.text import plain

BOOK = "kalshi"
TAKER_FEE = Decimal("0.07")
_URL = "https://api.elections.kalshi.com/trade-api/v2/markets"
_CENT = Decimal("0.01")
_TRADING = frozenset({"active", "open"})


class _Series(NamedTuple):
    sport: str
    league: str


SERIES = {
    "KXMLBGAME": _Series("baseball", "mlb"),
    "KXNBAGAME": _Series("basketball", "nba"),
    "KXNFLGAME": _Series("american_football", "nfl"),
    "KXNHLGAME": _Series("ice_hockey", "nhl"),
    "KXWNBAGAME": _Series("basketball", "wnba"),
}


class _Contract(msgspec.Struct):
    """One contract: it pays a dollar if the side it names wins."""

    ticker: str
    event_ticker: str
    yes_sub_title: str
    status: str = ""
    yes_ask_dollars: Any = None
    no_ask_dollars: Any = None
    yes_ask_size_fp: Any = None
    yes_bid_size_fp: Any = None


class Kalshi(Feed):
    """Whether a side wins its game, yes or no; overtime counts.

    Each contract is an event of its own whose home side is the one that it names: that is what
    the exchange settles, tie or not. Prices include the taker's fee of a single contract. When a
    price last changed, and when the game starts, its answers do not say.
    """

    manifest = Manifest(
        name="kalshi",
        title="Kalshi",
        basis=Basis.RECORDED,
        sports=frozenset(series.sport for series in SERIES.values()),
        markets=frozenset({"yes_no"}),
        hosts=frozenset({"api.elections.kalshi.com"}),
        min_interval_s=10.0,
        terms="https://kalshi.com/terms-of-service",
    )

    def __init__(self) -> None:
        self._known = Kept[Event]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a series of games of `sports`."""
        return [
            Request(
                source="kalshi",
                scope=ticker,
                url=_URL,
                params={"series_ticker": ticker, "status": "open", "limit": "1000"},
            )
            for ticker, series in SERIES.items()
            if series.sport in sports
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a page, complete if no page follows, or of a contract's book."""
        tally = Tally()
        page = said.fields(said.decoded(payload.body))
        if "orderbook_fp" in page:
            self._read_book(said.fields(page["orderbook_fp"]), page.get("ticker"), tally)
            yield tally.reading(payload, origin=self.manifest.origin, complete=False)
            return
        contracts, complete = _contracts(page, tally)
        sides = dict[str, list[str]]()
        for contract in contracts:
            sides.setdefault(contract.event_ticker, []).append(contract.yes_sub_title)
        seen = set[str]()
        for contract in contracts:
            event = _event(payload.request.source, contract, sides[contract.event_ticker])
            if isinstance(event, Event) and event.id in seen:
                tally.reject(Reason.DUPLICATE, 2)
            elif isinstance(event, Event):
                seen.add(event.id)
                tally.events.append(event)
                self._known.put(contract.ticker, event)
                _read_prices(contract, event, tally)
            else:
                tally.reject(event, 2)
        yield tally.reading(payload, origin=self.manifest.origin, complete=complete)

    def _read_book(self, book: dict[str, Any], ticker: object, tally: Tally) -> None:
        """Take over the best price of each side of a contract that a page has named."""
        event = self._known.get(ticker) if isinstance(ticker, str) else None
        offers = {
            Outcome.YES: _best_bid(book.get("no_dollars"), tally),
            Outcome.NO: _best_bid(book.get("yes_dollars"), tally),
        }
        if event is None:
            tally.reject(Reason.EVENT_UNKNOWN, sum(1 for bid in offers.values() if bid))
            return
        tally.events.append(event)
        market = _market(event)
        for outcome, bid in offers.items():
            if bid:
                _offer(market, outcome, str(1 - bid[0]), str(bid[1]), tally)


def _best_bid(levels: Any, tally: Tally) -> tuple[Decimal, Decimal] | None:
    """Return the highest bid of a side and its size; they stand in rising order."""
    bids = list[tuple[Decimal, Decimal]]()
    for level in said.listed(levels):
        try:
            price, size = said.listed(level)
            bids.append((_decimal(price), _decimal(size)))
        except NoPrice as e:
            tally.reject(e.reason)
        except ValueError:
            tally.reject(Reason.PRICE_MALFORMED)
    return max(bids, default=None)


def _contracts(page: dict[str, Any], tally: Tally) -> tuple[list[_Contract], bool]:
    rows = page.get("markets")
    if rows is None and isinstance(page.get("events"), list):
        rows = [raw for event in page["events"] for raw in _nested(event)]
    rows = said.needed(rows, "markets")
    contracts = said.structs(rows, _Contract, tally, Reason.MARKET_MALFORMED)
    return contracts, not page.get("cursor")


def _nested(event: Any) -> list[Any]:
    markets = cast("dict[str, Any]", event).get("markets") if isinstance(event, dict) else None
    return cast("list[Any]", markets) if isinstance(markets, list) else [event]


def _event(source: str, contract: _Contract, sides: list[str]) -> Event | Reason | Unknown:
    ticker = contract.event_ticker.partition("-")[0]
    series = SERIES.get(ticker)
    if series is None:
        return Unknown(Reason.UNKNOWN_SPORT, NameKind.LEAGUE, ticker)
    others = [side for side in sides if side != contract.yes_sub_title]
    home, source_id = plain(contract.yes_sub_title), plain(contract.ticker)
    away = plain(others[0]) if len(sides) == 2 and others else "any other"
    if home is None or away is None or source_id is None or home == away:
        return Reason.EVENT_MALFORMED
    return Event(
        id=event_id(source, source_id),
        source_id=source_id,
        sport=series.sport,
        league=series.league,
        home=home,
        away=away,
    )


def _read_prices(contract: _Contract, event: Event, tally: Tally) -> None:
    if contract.status not in _TRADING:
        tally.reject(Reason.MARKET_CLOSED, 2)
        return
    # Who sells NO at 60 cents is who bids 40 for YES: the size of the one is that of the other.
    offers: Mapping[Outcome, tuple[Any, Any]] = {
        Outcome.YES: (contract.yes_ask_dollars, contract.yes_ask_size_fp),
        Outcome.NO: (contract.no_ask_dollars, contract.yes_bid_size_fp),
    }
    market = _market(event)
    for outcome, (ask, size) in offers.items():
        _offer(market, outcome, ask, size, tally)


def _market(event: Event) -> Market:
    return Market(event_id=event.id, kind=MarketKind.YES_NO, period=Period.FULL_TIME_INCL_OVERTIME)


def _offer(market: Market, outcome: Outcome, ask: Any, size: Any, tally: Tally) -> None:
    try:
        cost = _cost(ask)
        quote = Quote(
            book=BOOK,
            market=market,
            outcome=outcome,
            odds=from_decimal(float(1 / cost)),
            changed_at=None,
            max_stake=_most(size, cost),
        )
    except NoPrice as e:
        tally.reject(e.reason)
    else:
        tally.quotes.append(quote)


def _cost(ask: Any) -> Decimal:
    """Return what a contract costs in dollars, its fee rounded up to a cent.

    Prices of 0 and 1 stand for an empty book.
    """
    price = _decimal(ask)
    if not 0 < price < 1:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    return price + (TAKER_FEE * price * (1 - price)).quantize(_CENT, ROUND_CEILING)


def _most(size: Any, cost: Decimal) -> float | None:
    """Return how many dollars the best offer takes, or None if its size is not told."""
    if size is None:
        return None
    contracts = _decimal(size)
    if contracts <= 0:
        raise NoPrice(Reason.MARKET_CLOSED)
    return float(contracts * cost)


def _decimal(said: Any) -> Decimal:
    try:
        number = Decimal(said) if isinstance(said, str) and len(said) < 40 else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or number.adjusted() > 12:
        raise NoPrice(Reason.NOT_A_NUMBER)
    return number
