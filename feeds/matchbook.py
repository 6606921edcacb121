"""Matchbook: an exchange's events with their books, a page a request.

Follows developers.matchbook.com and the client matchbook_sdk 0.1: `GET /edge/rest/events` with
`include-prices`, decimal odds in back-lay mode, the best price of a side first; sessions from
`POST /bpapi/rest/security/session`.
Its answers do not say when a price last changed. A total is one of the game only by its name.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.markets import MarketKind, Side
from domain.names import NameKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, KeyRefused, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.titles import begun, sides_of
from feeds.vocabulary import Bet, words

BOOK = "matchbook"
_HOST = "api.matchbook.com"
_PAGE = 100
_WORDS = words("matchbook")
_SIDES = {"back": Side.BACK, "win": Side.BACK, "lay": Side.LAY, "lose": Side.LAY}


class _Price(msgspec.Struct, rename="kebab"):
    side: str
    available_amount: Any = None
    odds: Any = None
    decimal_odds: Any = None


class _Runner(msgspec.Struct, rename="kebab"):
    name: str
    status: str = ""
    withdrawn: bool = False
    handicap: Any = None
    prices: list[_Price] = []


class _Market(msgspec.Struct, rename="kebab"):
    name: str
    market_type: str = ""
    status: str = ""
    handicap: Any = None
    runners: list[_Runner] = []


class _Tag(msgspec.Struct, rename="kebab"):
    type: str = ""
    name: str = ""
    url_name: str = ""


class _Event(msgspec.Struct, rename="kebab"):
    id: int | str
    name: str
    start: Any = None
    status: str = ""
    in_running_flag: bool = False
    meta_tags: list[_Tag] = []
    markets: list[Any] = []


class Matchbook(Feed):
    """Winners, handicaps and totals: the best back and lay of every runner."""

    manifest = Manifest(
        name="matchbook",
        title="Matchbook",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({_HOST}),
        min_interval_s=10.0,
        needs_credential=True,
        credential_headers={"session-token": "{session}"},
        credential_in_body=frozenset({"username", "password"}),
        session_s=5 * 3600.0,
        terms="https://www.matchbook.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the first page of each sport; `follow` turns to the next."""
        asked = [tag for tag, ours in _WORDS.sports.items() if ours in sports]
        return [_page(tag, 0) for tag in sorted(asked)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the page after a full one."""
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        tag, _, start = payload.request.scope.partition("/")
        full = len(said.listed(answer.get("events"))) == _PAGE
        return [_page(tag, int(start) + _PAGE)] if full and start.isdecimal() else ()

    def login(self) -> Request:
        """Return the question that opens a session."""
        return Request(
            source="matchbook",
            scope="login",
            url=f"https://{_HOST}/bpapi/rest/security/session",
            body=b'{"username":"{{username}}","password":"{{password}}"}',
        )

    def session(self, payload: Payload) -> str:
        """Return the token of an answered login; raise `KeyRefused` if it says no."""
        token = said.fields(said.decoded(payload.body)).get("session-token")
        if not isinstance(token, str) or not token:
            raise KeyRefused("matchbook: its answer opens no session")
        return token

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a page, which is all there is of its scope."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        listed = said.needed(answer.get("events"), "events")
        for event in said.structs(listed, _Event, sheet.tally, Reason.EVENT_MALFORMED):
            markets = said.structs(event.markets, _Market, sheet.tally, Reason.MARKET_MALFORMED)
            try:
                card = _card(sheet, event)
            except NoPrice as e:
                sheet.reject(e.reason, sum(map(_size, markets)) or 1)
                continue
            for market in markets:
                _read_market(card, event, market)
        yield sheet.reading(complete=True)


def _page(tag: str, start: int) -> Request:
    return Request(
        source="matchbook",
        scope=f"{tag}/{start}",
        url=f"https://{_HOST}/edge/rest/events",
        params={
            "tag-url-names": tag,
            "states": "open",
            "include-prices": "true",
            "price-depth": "1",
            "price-mode": "expanded",
            "odds-type": "DECIMAL",
            "exchange-type": "back-lay",
            "offset": str(start),
            "per-page": str(_PAGE),
        },
    )


def _card(sheet: Sheet, event: _Event) -> Card:
    tags = {tag.type: tag for tag in event.meta_tags}
    sport = _WORDS.sport(tags["SPORT"].url_name if "SPORT" in tags else None)
    sides = sides_of(event.name)
    if sides is None:
        raise NoPrice(Reason.EVENT_MALFORMED)
    league = tags["COMPETITION"].name if "COMPETITION" in tags else None
    starts_at = begun(sheet.at(event.start), sheet.payload.as_of, in_play=event.in_running_flag)
    return sheet.card(event.id, sport, league, *sides, starts_at)


def _size(market: _Market) -> int:
    return sum(len(runner.prices) for runner in market.runners)


def _read_market(card: Card, event: _Event, market: _Market) -> None:
    flaw = None
    told = f"{market.market_type} {market.name}"
    bet = _WORDS.markets.get(told.casefold())
    if "suspended" in {event.status, market.status}:
        flaw = Reason.MARKET_SUSPENDED
    elif market.status != "open":
        flaw = Reason.MARKET_CLOSED
    elif bet is None:
        flaw = Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, told)
    if flaw or bet is None:
        card.tally.reject(flaw or Reason.MARKET_UNSUPPORTED, _size(market))
        return
    for runner in market.runners:
        _read_runner(card, bet, market, runner)


def _read_runner(card: Card, bet: Bet, market: _Market, runner: _Runner) -> None:
    if runner.status != "open" or runner.withdrawn:
        card.tally.reject(Reason.SELECTION_CLOSED, len(runner.prices))
        return
    best = dict[Side, _Price]()
    for price in runner.prices:
        side = _SIDES.get(price.side)
        if side is None:
            card.tally.reject(Reason.PRICE_MALFORMED)
        else:
            best.setdefault(side, price)
    for side, price in best.items():
        card.add(
            Price(
                bet=bet,
                label=_label(bet, runner.name),
                odds=price.odds if price.decimal_odds is None else price.decimal_odds,
                book=BOOK,
                line=market.handicap if runner.handicap is None else runner.handicap,
                side=side,
                max_stake=said.limit(price.available_amount),
            )
        )


def _label(bet: Bet, name: str) -> str:
    """Return a runner's name without its line; the draw's names the match in brackets."""
    if bet.kind is MarketKind.TOTAL:
        return name.partition(" ")[0]
    if bet.kind is MarketKind.HANDICAP:
        return name.rpartition(" ")[0]
    return "draw" if name.casefold().startswith("draw (") else name
