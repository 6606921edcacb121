"""Smarkets: an exchange whose events, markets, contracts and quotes come in four answers.

Follows docs.smarkets.com (v3, read without a key): a price is a probability in hundredths of a
percent, so that odds are 10000 / price; a quantity is in ten-thousandths of the currency, and of
the whole pot: what a backer may stake of it is its price's share. Offers can be backed, bids laid.
Its answers do not say when a price last changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from domain.markets import MarketKind, Side
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.kept import Kept
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.titles import FIELD, begun, sides_of
from feeds.vocabulary import Bet, words

BOOK = "smarkets"
_URL = "https://api.smarkets.com/v3"
_EVENTS = 50
_MARKETS = 100
_WHOLE = 10_000
_WORDS = words("smarkets")
# Kinds whose market type means goals, and so football only.
_GOALS = frozenset({MarketKind.TOTAL, MarketKind.HANDICAP, MarketKind.CORRECT_SCORE})
_SIDES = {"offers": Side.BACK, "bids": Side.LAY}


class _Venue(msgspec.Struct):
    name: str = ""


class _Event(msgspec.Struct):
    id: str
    name: str
    type: str = ""
    state: str = ""
    start_datetime: Any = None
    full_slug: str = ""
    venue: _Venue | None = None


class _Type(msgspec.Struct):
    name: str
    param: Any = None


class _Market(msgspec.Struct):
    id: str
    event_id: str
    market_type: _Type
    state: str = ""


class _Contract(msgspec.Struct):
    id: str
    market_id: str
    name: str
    contract_type: _Type | None = None
    state_or_outcome: str = ""


class _Level(msgspec.Struct):
    price: Any = None
    quantity: Any = None


class _Quotes(msgspec.Struct):
    bids: list[_Level] = []
    offers: list[_Level] = []


class _Asked(NamedTuple):
    """What of an answer leads to the next: ids, how many a request, and where to ask."""

    field: str
    size: int
    path: str
    suffix: str


_NEXT = {
    "events": _Asked("id", _EVENTS, "events", "markets"),
    "markets": _Asked("id", _MARKETS, "markets", "contracts"),
    "contracts": _Asked("market_id", _MARKETS, "markets", "quotes"),
}


class Smarkets(Feed):
    """Winners, goals and races: the best offer and bid of every contract."""

    manifest = Manifest(
        name="smarkets",
        title="Smarkets",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.smarkets.com"}),
        min_interval_s=60.0,
        terms="https://smarkets.com",
    )

    def __init__(self) -> None:
        self._events = Kept[_Event]()
        self._markets = Kept[_Market]()
        self._contracts = Kept[_Contract]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request for the coming events of each sport; `follow` asks for the rest."""
        return [
            Request(
                source="smarkets",
                scope=theirs,
                url=f"{_URL}/events/",
                params={"state": "upcoming", "type": theirs, "limit": str(_EVENTS)},
            )
            for theirs, ours in sorted(_WORDS.sports.items())
            if ours in sports
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return what an answer leads to: events to markets, to contracts, to quotes."""
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        for name, asked in _NEXT.items():
            if name in answer:
                rows = [said.fields(row).get(asked.field) for row in said.listed(answer[name])]
                ids = dict.fromkeys(
                    row for row in rows if isinstance(row, str) and row.isascii() and row.isalnum()
                )
                further = _next_page(payload.request.scope, answer) if ids else []
                return [*_asking(payload.request.scope, list(ids), asked), *further]
        return ()

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; those before the quotes are remembered."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        tally = sheet.tally
        if "events" in answer:
            for event in said.structs(answer["events"], _Event, tally, Reason.EVENT_MALFORMED):
                self._events.put(event.id, event)
        elif "markets" in answer:
            for market in said.structs(answer["markets"], _Market, tally, Reason.MARKET_MALFORMED):
                self._markets.put(market.id, market)
        elif "contracts" in answer:
            rows = said.structs(answer["contracts"], _Contract, tally, Reason.MARKET_MALFORMED)
            for contract in rows:
                self._contracts.put(contract.id, contract)
        else:
            self._read_quotes(sheet, answer)
            yield sheet.reading(complete=True)
            return
        yield sheet.reading(complete=False)

    def _read_quotes(self, sheet: Sheet, answer: Mapping[str, Any]) -> None:
        """Take over the quotes of contracts, by their ids.

        Raises:
            FeedDrifted: Nothing in the answer is a contract's quotes.
        """
        books = {
            key: book for key, book in answer.items() if {"bids", "offers"} & {*said.fields(book)}
        }
        if not books:
            raise FeedDrifted("the answer holds no quotes of contracts")
        for contract_id, raw in books.items():
            for quotes in said.structs([raw], _Quotes, sheet.tally, Reason.PRICE_MALFORMED):
                try:
                    self._read_contract(sheet, contract_id, quotes)
                except NoPrice as e:
                    sheet.reject(e.reason, bool(quotes.bids) + bool(quotes.offers))

    def _read_contract(self, sheet: Sheet, contract_id: str, quotes: _Quotes) -> None:
        contract = self._contracts.get(contract_id)
        market = self._markets.get(contract.market_id) if contract else None
        event = self._events.get(market.event_id) if market else None
        if contract is None or market is None or event is None:
            raise NoPrice(Reason.EVENT_UNKNOWN)
        bet = _WORDS.bet(market.market_type.name)
        if market.state != "open":
            raise NoPrice(_why_shut(market.state))
        card = _card(sheet, event, bet)
        if bet.kind in _GOALS and card.sport.name != "soccer":
            raise NoPrice(Reason.MARKET_UNSUPPORTED)
        for side, levels in ((Side.BACK, quotes.offers), (Side.LAY, quotes.bids)):
            if levels:
                _take(card, bet, market, contract, side, levels[0])


def _next_page(scope: str, answer: Mapping[str, Any]) -> list[Request]:
    """Return the page of events after one that is not empty; the last one points on, too."""
    told = said.fields(answer.get("pagination")).get("next_page")
    if "events" not in answer or not isinstance(told, str) or not told.isascii():
        return []
    params = dict(parse_qsl(told.partition("?")[2]))
    sport = scope.partition("/")[0]
    after = params.get("pagination_last_id")
    if not after:
        return []
    return [
        Request(
            source="smarkets", scope=f"{sport}/after/{after}", url=f"{_URL}/events/", params=params
        )
    ]


def _asking(scope: str, ids: Sequence[str], asked: _Asked) -> list[Request]:
    sport = scope.partition("/")[0]
    batches = [ids[start : start + asked.size] for start in range(0, len(ids), asked.size)]
    return [
        Request(
            source="smarkets",
            scope=f"{sport}/{asked.suffix}/{batch[0]}",
            url=f"{_URL}/{asked.path}/{','.join(batch)}/{asked.suffix}/",
        )
        for batch in batches
    ]


def _why_shut(state: str) -> Reason:
    return Reason.MARKET_SUSPENDED if state in {"halted", "suspended"} else Reason.MARKET_CLOSED


def _card(sheet: Sheet, event: _Event, bet: Bet) -> Card:
    sport = _WORDS.sport(event.type)
    if bet.kind is MarketKind.OUTRIGHT:
        course = event.venue.name if event.venue else ""
        sides = (f"{course} {event.name}", FIELD)
    else:
        sides = sides_of(event.name)
    if sides is None:
        raise NoPrice(Reason.EVENT_MALFORMED)
    starts_at = begun(
        sheet.at(event.start_datetime), sheet.payload.as_of, in_play=event.state == "live"
    )
    return sheet.card(event.id, sport, _league(event), *sides, starts_at)


def _league(event: _Event) -> str | None:
    """Return the part of the slug that names the competition: /sport/<sport>/<league>/..."""
    parts = event.full_slug.strip("/").split("/")
    return parts[2] if len(parts) > 3 else None


def _take(  # noqa: PLR0913, PLR0917  what a price is
    card: Card, bet: Bet, market: _Market, contract: _Contract, side: Side, best: _Level
) -> None:
    try:
        price, quantity = said.number(best.price), said.number(best.quantity)
        odds = said.share(price / _WHOLE)
    except NoPrice as e:
        card.tally.reject(e.reason)
        return
    typed = contract.contract_type.name if contract.contract_type else ""
    named = bet.kind in {MarketKind.OUTRIGHT, MarketKind.HANDICAP, MarketKind.CORRECT_SCORE}
    card.add(
        Price(
            bet=bet,
            label=_bare(bet, contract.name) if named else typed or contract.name,
            odds=odds,
            book=BOOK,
            line=market.market_type.param,
            own_line=False,
            side=side,
            max_stake=said.limit(quantity / _WHOLE * price / _WHOLE),
        )
    )


def _bare(bet: Bet, name: str) -> str:
    return name.rpartition(" ")[0] if bet.kind is MarketKind.HANDICAP else name
