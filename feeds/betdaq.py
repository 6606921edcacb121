"""Betdaq: an exchange that answers in SOAP: its tree of events, and the prices of markets.

Follows the Betdaq API's WSDL (v2.0, ReadOnlyService) as the client betdaq_retail 0.3 reads it:
`ListTopLevelEvents` names the sports, `GetEventSubTreeWithSelections` the markets, `GetPrices` what
can be backed (ForSidePrices) and laid (AgainstSidePrices). Prices come without the time of their
last change.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import msgspec

from domain.markets import MarketKind, Side
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, KeyRefused, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.kept import Kept
from feeds.markup import children, parsed
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.titles import FIELD, begun, sides_of
from feeds.vocabulary import Bet, words

BOOK = "betdaq"
_URL = "https://api.betdaq.com/v2.0/ReadOnlyService.asmx"
_SPACE = "http://www.GlobalBettingExchange.com/ExternalAPI/"
_MARKETS = 50
_WORDS = words("betdaq")
_ACTIVE, _SUSPENDED = "2", "3"
_SIDES = {"ForSidePrices": Side.BACK, "AgainstSidePrices": Side.LAY}
_LINE = re.compile(r"([+-]?\d+(?:\.\d+)?)\)?$", re.ASCII)
_NUMBERED = frozenset({MarketKind.TOTAL, MarketKind.HANDICAP})
_ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>'
    f'<ExternalApiHeader xmlns="{_SPACE}" version="2" languageCode="en" '
    'username="{{username}}" password="{{password}}"/></soap:Header><soap:Body>%s</soap:Body>'
    "</soap:Envelope>"
)


class _Event(NamedTuple):
    """Where a market stands in the tree: the sport at its top, and its own event."""

    sport: str
    league: str
    id: str
    name: str


class Betdaq(Feed):
    """Winners, goals and races: the best back and lay of every selection."""

    manifest = Manifest(
        name="betdaq",
        title="Betdaq",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.betdaq.com"}),
        min_interval_s=30.0,
        needs_credential=True,
        credential_in_body=frozenset({"username", "password"}),
        terms="https://www.betdaq.com",
    )

    def __init__(self) -> None:
        self._events = Kept[_Event]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the request for the sports there are; `follow` asks for those of `sports`."""
        asked = sorted(name for name, ours in _WORDS.sports.items() if ours in sports)
        if not asked:
            return []
        body = '<ListTopLevelEvents xmlns="%s"><listTopLevelEventsRequest/></ListTopLevelEvents>'
        return [_call("ListTopLevelEvents", "/".join(asked), body % _SPACE)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return what an answer leads to: sports to their trees, trees to prices."""
        try:
            result = _result(payload.body)
        except FeedDrifted:
            return ()
        scope = payload.request.scope
        if result.tag == "ListTopLevelEventsResult":
            wanted = scope.split("/")
            found = {e.get("Name", "").casefold(): e.get("Id", "") for e in result}
            ids = {name: found[name] for name in wanted if _is_number(found.get(name, ""))}
            return [_tree(name, number) for name, number in ids.items()]
        if result.tag != "GetEventSubTreeWithSelectionsResult":
            return ()
        ids = [market.get("Id", "") for market in result.iter("Markets") if _is_known(market)]
        return [
            _prices(f"{scope}/{start}", ids[start : start + _MARKETS])
            for start in range(0, len(ids), _MARKETS)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; the tree is remembered for the prices to come."""
        sheet = Sheet(payload)
        result = _result(payload.body)
        for sport in result:
            if sport.tag == "EventClassifiers":
                self._remember(sport, sport.get("Name", ""), [])
        markets = list(children(result, "MarketPrices"))
        for market in markets:
            self._read_market(sheet, market)
        yield sheet.reading(complete=result.tag == "GetPricesResult")

    def _remember(self, at: Element, sport: str, above: Sequence[str]) -> None:
        """Keep which event each market of a tree belongs to, by the market's id."""
        event = _Event(sport, above[-1] if above else "", at.get("Id", ""), at.get("Name", ""))
        for inside in at:
            if inside.tag == "Markets":
                self._events.put(inside.get("Id", ""), event)
            elif inside.tag == "EventClassifiers":
                self._remember(inside, sport, [*above, at.get("Name", "")])

    def _read_market(self, sheet: Sheet, market: Element) -> None:
        count = sum(1 for selection in market for price in selection if price.tag in _SIDES)
        try:
            bet = _WORDS.bet(market.get("Type"))
            _require_open(market)
            card = _card(sheet, self._events.get(market.get("Id", "")), market, bet)
        except NoPrice as e:
            sheet.reject(e.reason, count)
            return
        selections = list(children(market, "Selections"))
        if bet.kind is MarketKind.WINNER and not bet.ways:
            bet = msgspec.structs.replace(bet, ways=3 if len(selections) == 3 else 2)
        for selection in selections:
            _read_selection(card, bet, selection)


def _call(method: str, scope: str, body: str) -> Request:
    return Request(
        source="betdaq",
        scope=scope,
        url=_URL,
        headers={"SOAPAction": f"{_SPACE}{method}"},
        body=(_ENVELOPE % body).encode(),
        content_type="text/xml; charset=utf-8",
    )


def _tree(sport: str, number: str) -> Request:
    method = "GetEventSubTreeWithSelections"
    body = (
        f'<{method} xmlns="{_SPACE}"><getEventSubTreeWithSelectionsRequest WantPlayMarkets="false">'
        f"<EventClassifierIds>{number}</EventClassifierIds>"
        f"</getEventSubTreeWithSelectionsRequest></{method}>"
    )
    return _call(method, sport, body)


def _prices(scope: str, markets: Sequence[str]) -> Request:
    ids = "".join(f"<MarketIds>{number}</MarketIds>" for number in markets)
    body = (
        f'<GetPrices xmlns="{_SPACE}"><getPricesRequest ThresholdAmount="0" '
        'NumberForPricesRequired="1" NumberAgainstPricesRequired="1" '
        'WantMarketMatchedAmount="false" WantSelectionsMatchedAmounts="false" '
        f'WantSelectionMatchedDetails="false">{ids}</getPricesRequest></GetPrices>'
    )
    return _call("GetPrices", scope, body)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _is_known(market: Element) -> bool:
    return market.get("Type", "") in _WORDS.markets and _is_number(market.get("Id", ""))


def _result(body: bytes) -> Element:
    """Return what an envelope holds, the element whose name ends in Result.

    Raises:
        FeedDrifted: It holds none, or says that the question was wrong.
        KeyRefused: It says that the account is not to be let in.
    """
    root = parsed(body)
    found = next((e for part in children(root, "Body") for e in part.iter() if _is_result(e)), None)
    if found is None:
        raise FeedDrifted("the answer holds no result")
    status = next(children(found, "ReturnStatus"), None)
    if status is not None and status.get("Code") != "0":
        told = status.get("Description", "")[:100]
        if "username" in told.casefold() or "password" in told.casefold():
            raise KeyRefused("betdaq: it does not take our name or password")
        raise FeedDrifted("the answer says that the question was wrong")
    return found


def _is_result(element: Element) -> bool:
    return str(element.tag).endswith("Result")


def _require_open(market: Element) -> None:
    status = market.get("Status")
    if status == _SUSPENDED:
        raise NoPrice(Reason.MARKET_SUSPENDED)
    if status != _ACTIVE or market.get("IsPlayMarket") == "true":
        raise NoPrice(Reason.MARKET_CLOSED)


def _card(sheet: Sheet, event: _Event | None, market: Element, bet: Bet) -> Card:
    if event is None:
        raise NoPrice(Reason.EVENT_UNKNOWN)
    sport = _WORDS.sport(event.sport)
    sides = (event.name, FIELD) if bet.kind is MarketKind.OUTRIGHT else sides_of(event.name)
    if sides is None:
        raise NoPrice(Reason.EVENT_MALFORMED)
    live = market.get("IsCurrentlyInRunning") == "true"
    starts_at = begun(sheet.at(market.get("StartTime")), sheet.payload.as_of, in_play=live)
    return sheet.card(event.id, sport, event.league, *sides, starts_at)


def _read_selection(card: Card, bet: Bet, selection: Element) -> None:
    best = _best(selection)
    status = selection.get("Status")
    if status != _ACTIVE:
        shut = Reason.MARKET_SUSPENDED if status == _SUSPENDED else Reason.SELECTION_CLOSED
        card.tally.reject(shut, len(best))
        return
    label, line = _label(bet, selection.get("Name", ""))
    for side, level in best.items():
        card.add(
            Price(
                bet=bet,
                label=label,
                odds=level.get("Price"),
                book=BOOK,
                line=line,
                side=side,
                max_stake=said.limit(level.get("Stake")),
            )
        )


def _best(selection: Element) -> Mapping[Side, Element]:
    best = dict[Side, Element]()
    for level in selection:
        if (side := _SIDES.get(str(level.tag))) is not None:
            best.setdefault(side, level)
    return best


def _label(bet: Bet, name: str) -> tuple[str, str | None]:
    """Return what a selection is called, and the line at the end of its name."""
    if bet.kind not in _NUMBERED:
        return name, None
    found = _LINE.search(name)
    bare = name[: found.start()].rstrip(" (") if found else name
    return bare.partition(" ")[0] if bet.kind is MarketKind.TOTAL else bare, found and found[1]
