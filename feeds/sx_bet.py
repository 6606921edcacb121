"""SX Bet: a public exchange's markets of two outcomes, and the orders that makers leave in them.

Follows the SX Bet API documentation (markets, orders), read without a key. `percentageOdds` is the
maker's probability times 10^20; who takes the order bets on the other outcome at what is left of
1, and may stake (size - filled) * 10^20 / percentageOdds - (size - filled). A winner market that
is void when level (`NO_GAME_OR_EVEN`) is a draw no bet.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.kept import Kept
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import Bet, words

BOOK = "sx_bet"
_URL = "https://api.sx.bet"
_PAGE = 50
_ONE = 10**20
_WORDS = words("sx_bet")
_VOID_IF_LEVEL = "NO_GAME_OR_EVEN"
_UNCLEAR = frozenset({("tennis", 2), ("tennis", 3), ("tennis", 835)})
# What a unit of each token is worth: those of the documentation's references, dollars all.
_UNITS = {
    "0x6629ce1cf35cc1329ebb4f63202f3f197b3f050b": 10**6,
    "0xe2aa35c2039bd0ff196a6ef99523cc0d3972ae3e": 10**6,
}
_USDC = "0x6629Ce1Cf35Cc1329ebB4F63202F3f197b3F050B"


class _Market(msgspec.Struct, rename="camel"):
    market_hash: str
    outcome_one_name: str
    outcome_two_name: str
    team_one_name: str
    team_two_name: str
    type: int
    sport_id: int
    sport_x_event_id: str = msgspec.field(name="sportXeventId", default="")
    status: str = ""
    outcome_void_name: str = ""
    game_time: Any = None
    line: Any = None
    home_team_first: bool = True
    league_label: str = ""


class _Order(msgspec.Struct, rename="camel"):
    market_hash: str
    total_bet_size: str
    percentage_odds: str
    is_maker_betting_outcome_one: bool
    fill_amount: str = "0"
    base_token: str = ""
    created_at: Any = None


class _Offer(NamedTuple):
    """What an order lets others bet: decimal odds, their stake, and since when."""

    odds: float
    stake: float
    since: datetime | None


class SxBet(Feed):
    """Winners, handicaps and totals: the best order on each outcome that can be taken."""

    manifest = Manifest(
        name="sx_bet",
        title="SX Bet",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds | {MarketKind.DRAW_NO_BET},
        hosts=frozenset({"api.sx.bet"}),
        min_interval_s=10.0,
        terms="https://sx.bet",
    )

    def __init__(self) -> None:
        self._markets = Kept[_Market]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the first page of each sport's markets; `follow` turns pages and asks orders."""
        asked = [number for number, ours in _WORDS.sports.items() if ours in sports]
        return [_page(number, "") for number in sorted(asked)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the next page of markets, and the orders in the markets of this one."""
        try:
            data = said.fields(said.fields(said.decoded(payload.body)).get("data"))
        except FeedDrifted:
            return ()
        rows = [said.fields(row).get("marketHash") for row in said.listed(data.get("markets"))]
        hashes = [row for row in rows if isinstance(row, str) and row.isascii() and row.isalnum()]
        number, _, key = payload.request.scope.partition("/")
        asked = list[Request]()
        if hashes:
            params = {"marketHashes": ",".join(hashes), "baseToken": _USDC}
            scope = f"{number}/orders/{hashes[0]}"
            asked.append(Request(source="sx_bet", scope=scope, url=f"{_URL}/orders", params=params))
        following = data.get("nextKey")
        if (
            isinstance(following, str)
            and following.isalnum()
            and following.isascii()
            and following != key
        ):
            asked.append(_page(number, following))
        return asked

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; markets are remembered for the orders to come."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        if data := said.fields(answer.get("data")):
            rows = said.needed(data.get("markets"), "markets")
            for market in said.structs(rows, _Market, sheet.tally, Reason.MARKET_MALFORMED):
                self._markets.put(market.market_hash, market)
            yield sheet.reading(complete=False)
            return
        rows = said.needed(answer.get("data"), "orders")
        orders = dict[tuple[str, bool], list[_Order]]()
        for order in said.structs(rows, _Order, sheet.tally, Reason.PRICE_MALFORMED):
            taken = (order.market_hash, not order.is_maker_betting_outcome_one)
            orders.setdefault(taken, []).append(order)
        for (market_hash, one), some in orders.items():
            self._read_side(sheet, market_hash, some, one=one)
        yield sheet.reading(complete=True)

    def _read_side(
        self, sheet: Sheet, market_hash: str, orders: Sequence[_Order], *, one: bool
    ) -> None:
        """Take over the best of the orders that let others bet on one outcome."""
        offers = list[_Offer]()
        for order in orders:
            try:
                offers.append(_offer(sheet, order))
            except NoPrice as e:
                sheet.reject(e.reason)
        if not offers:
            return
        best = max(offers, key=lambda offer: (offer.odds, offer.stake))
        try:
            market = self._market(market_hash)
            card = _card(sheet, market)
            card.add(_price(market, best, one=one))
        except NoPrice as e:
            sheet.reject(e.reason, len(offers))

    def _market(self, market_hash: str) -> _Market:
        if (market := self._markets.get(market_hash)) is None:
            raise NoPrice(Reason.EVENT_UNKNOWN)
        if market.status != "ACTIVE":
            raise NoPrice(Reason.MARKET_CLOSED)
        return market


def _page(number: str, key: str) -> Request:
    params = {"sportIds": number, "pageSize": str(_PAGE)}
    if key:
        params["paginationKey"] = key
    return Request(
        source="sx_bet", scope=f"{number}/{key}", url=f"{_URL}/markets/active", params=params
    )


def _offer(sheet: Sheet, order: _Order) -> _Offer:
    unit = _UNITS.get(order.base_token.casefold())
    if unit is None:
        raise NoPrice(Reason.CURRENCY_UNSUPPORTED)
    maker, size, filled = map(
        _whole, (order.percentage_odds, order.total_bet_size, order.fill_amount)
    )
    if not 0 < maker < _ONE:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    left = size - filled
    if left <= 0:
        raise NoPrice(Reason.NOTHING_OFFERED)
    stake = (left * _ONE // maker - left) / unit
    return _Offer(_ONE / (_ONE - maker), stake, sheet.at(order.created_at))


def _whole(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 30:
        raise NoPrice(Reason.NOT_A_NUMBER)
    return int(text)


def _card(sheet: Sheet, market: _Market) -> Card:
    sport = _WORDS.sport(market.sport_id)
    teams = (market.team_one_name, market.team_two_name)
    home, away = teams if market.home_team_first else reversed(teams)
    starts_at = sheet.at(market.game_time)
    return sheet.card(market.sport_x_event_id, sport, market.league_label, home, away, starts_at)


def _price(market: _Market, offer: _Offer, *, one: bool) -> Price:
    bet = _bet(market)
    label = market.outcome_one_name if one else market.outcome_two_name
    line = market.line
    if bet.kind is MarketKind.TOTAL:
        label = label.partition(" ")[0]
    elif bet.kind is MarketKind.HANDICAP:
        label = market.team_one_name if one else market.team_two_name
        line = said.line(line) if one else 0.0 - said.line(line)
    return Price(
        bet=bet,
        label=label,
        odds=offer.odds,
        book=BOOK,
        line=line,
        changed_at=offer.since,
        max_stake=said.limit(offer.stake),
    )


def _bet(market: _Market) -> Bet:
    bet = _WORDS.bet(market.type)
    if (_WORDS.sport(market.sport_id).name, market.type) in _UNCLEAR:
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    if bet.kind is MarketKind.WINNER and market.outcome_void_name == _VOID_IF_LEVEL:
        return msgspec.structs.replace(bet, kind=MarketKind.DRAW_NO_BET)
    return bet
