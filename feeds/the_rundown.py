"""TheRundown v2: a day's events of a sport with every book's lines, and changes by WebSocket.

Shape: the vendor's OpenAPI description and guides. A price of 0.0001 is off the board; a price that
has a `closed_at` is closed. `teams` begin with the away side. Quarters and tennis sets share ids,
so periods other than halves are not read, nor are player props, whose sides are not documented. In
the stream a message is one price of a participant whom only the polled answers name, so the stream
shares what they have told.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

import msgspec

from domain.errors import FeedDrifted
from domain.names import NameKind
from domain.quotes import PriceKey, Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request, Wire
from feeds.boards import Boards, standing
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason, Unknown
from feeds.vocabulary import UNTOLD, Bet, words

_BASE = "https://therundown.io/api/v2"
_WORDS = words("the_rundown")
_WHOLE = frozenset({0, 7})
_OFF_THE_BOARD = 0.0001
_MOST_SPOTS = 200_000


class _Line(msgspec.Struct):
    """One line of a participant, with each book's price."""

    value: Any = None
    prices: dict[str, Any] = {}


class _Participant(msgspec.Struct):
    """A side of a market, with its lines."""

    name: str
    type: str = ""
    id: Any = None
    lines: list[Any] = []


class Spot(NamedTuple):
    """Where in an event a participant of a market stands."""

    bet: Bet
    label: str


class Known:
    """What polled answers have told: who meets whom, and who the participants are."""

    def __init__(self) -> None:
        self.fixtures = Fixtures()
        self._spots: OrderedDict[tuple[str, int, str], Spot] = OrderedDict()

    def put(self, event: str, market: int, participant: str, spot: Spot) -> None:
        """Keep where a participant stands; the oldest are let go when there are too many."""
        self._spots[event, market, participant] = spot
        if len(self._spots) > _MOST_SPOTS:
            self._spots.popitem(last=False)

    def spot(self, event: str, market: int, participant: str) -> Spot | None:
        """Return where a participant stands, or None."""
        return self._spots.get((event, market, participant))


class TheRundown(Feed):
    """Moneyline, spread and total of North American books, whole games and halves."""

    manifest: ClassVar[Manifest] = Manifest(
        name="the_rundown",
        title="TheRundown",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"therundown.io"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"X-TheRundown-Key": "{key}"},
        terms="https://therundown.io/terms",
    )

    def __init__(self, *, known: Known | None = None) -> None:
        self.known = Known() if known is None else known

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the question for the days that have events; `follow` asks for those."""
        ids = _ids(sports)
        if not ids:
            return []
        params = {"sport_ids": ",".join(ids)}
        url = f"{_BASE}/sports/dates"
        return [Request(source="the_rundown", scope="dates", url=url, params=params)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return one question a sport and day for its events with prices."""
        if payload.request.scope != "dates":
            return ()
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        days = {
            (sport, str(date)[:10])
            for sport, told in answer.items()
            if sport in _WORDS.sports
            for date in said.listed(said.fields(told).get("dates"))
            if said.moment(date)
        }
        markets = {"market_ids": ",".join(_WORDS.markets)}
        return [
            Request(
                source="the_rundown",
                scope=f"{sport}:{day}",
                url=f"{_BASE}/sports/{sport}/events/{day}",
                params=markets,
            )
            for sport, day in sorted(days)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a day's events; of dates, one that says nothing."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        if "events" not in answer:
            if not all("dates" in said.fields(told) for told in answer.values()) or not answer:
                raise FeedDrifted("the answer holds neither events nor dates")
            yield sheet.reading(complete=False)
            return
        for event in map(said.fields, said.needed(answer["events"], "events")):
            self._read_event(sheet, event)
        yield sheet.reading(complete=True)

    def _read_event(self, sheet: Sheet, raw: dict[str, Any]) -> None:
        markets = [said.fields(market) for market in said.listed(raw.get("markets"))]
        teams = [said.fields(team) for team in said.listed(raw.get("teams"))]
        by_side = {bool(team.get("is_home")): team.get("name") for team in teams}
        if len(by_side) != 2 and len(teams) == 2:
            by_side = {False: teams[0].get("name"), True: teams[1].get("name")}
        league = _WORDS.leagues.get(str(raw.get("sport_id")))
        try:
            sport, at = _WORDS.sport(raw.get("sport_id")), sheet.at(raw.get("event_date"))
            home, away = by_side.get(True), by_side.get(False)
            card = sheet.card(raw.get("event_id"), sport, league, home, away, at)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(markets)))
            return
        self.known.fixtures.put(card.event.source_id, Fixture(sport, league, home, away, at))
        for market in markets:
            self._read_market(sheet, card, market)

    def _read_market(self, sheet: Sheet, card: Card, raw: dict[str, Any]) -> None:
        sides = said.structs(
            raw.get("participants"), _Participant, sheet.tally, Reason.MARKET_MALFORMED
        )
        for side in sides:
            lines = said.structs(side.lines, _Line, sheet.tally, Reason.PRICE_MALFORMED)
            try:
                spot = _spot(raw, side)
            except NoPrice as e:
                sheet.reject(e.reason, sum(len(line.prices) for line in lines))
                continue
            market, participant = raw.get("market_id"), said.name(side.id)
            if type(market) is int and participant is not None:
                self.known.put(card.event.source_id, market, participant, spot)
            for line in lines:
                for book, price in line.prices.items():
                    told = said.fields(price)
                    if _stands(told):
                        card.add(_price(sheet, spot, book, line.value, told))
                    else:
                        sheet.reject(Reason.MARKET_SUSPENDED)


class TheRundownStream(TheRundown):
    """The same as it changes; `known`, shared with the polled feed, names who is priced."""

    manifest: ClassVar[Manifest] = replace(
        TheRundown.manifest,
        name="the_rundown_stream",
        title="TheRundown (stream)",
        min_interval_s=1.0,
        wire=Wire.WEBSOCKET,
        credential_headers={},
        credential_param="key",
    )

    def __init__(self, *, known: Known | None = None) -> None:
        super().__init__(known=known)
        self._boards = Boards()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the one stream of `sports`, connected anew: unheard changes make all doubtful."""
        self._boards.forget()
        ids = _ids(sports)
        if not ids:
            return []
        params = {"sport_ids": ",".join(ids), "market_ids": ",".join(_WORDS.markets)}
        url = "wss://therundown.io/api/v2/ws/markets"
        return [Request(source="the_rundown_stream", scope="markets", url=url, params=params)]

    def follow(self, payload: Payload) -> Sequence[Request]:  # noqa: ARG002  a stream leads nowhere
        """Return nothing."""
        return ()

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield all that stands in the event of a changed price; polled events are learnt."""
        answer = said.fields(said.decoded(payload.body))
        kind = said.fields(answer.get("meta")).get("type")
        if kind is None:
            yield from super().read(payload)
            return
        if kind != "market_price":
            return
        sheet, told = Sheet(payload), said.fields(answer.get("data"))
        gone = set[PriceKey]()
        try:
            self._change(sheet, told, gone)
        except NoPrice as e:
            sheet.reject(e.reason)
        yield from standing(sheet, self._boards, gone)

    def _change(self, sheet: Sheet, told: dict[str, Any], gone: set[PriceKey]) -> None:
        event, market = said.name(told.get("event_id")) or "", told.get("market_id")
        participant = said.name(told.get("normalized_market_participant_id")) or ""
        spot = self.known.spot(event, market, participant) if type(market) is int else None
        if spot is None:
            raise NoPrice(Reason.EVENT_UNKNOWN)
        card = self.known.fixtures.card(sheet, event, UNTOLD)
        book = str(told.get("affiliate_id"))
        price = _price(sheet, spot, book, told.get("line"), told)
        market_of, outcome = card.place(price)
        gone.add((market_of, outcome, price.side, price.book or ""))
        if _stands(told):
            card.add(price)
        else:
            sheet.reject(Reason.MARKET_SUSPENDED)


def _ids(sports: Sequence[str]) -> list[str]:
    return [known for sport in sorted(set(sports)) for known in _WORDS.theirs(sport)]


def _spot(raw: Mapping[str, Any], side: _Participant) -> Spot:
    bet, period = _WORDS.bet(raw.get("market_id")), raw.get("period_id", 0)
    if type(period) is not int or (period not in _WHOLE and str(period) not in _WORDS.periods):
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.PERIOD, period))
    if period not in _WHOLE:
        bet = msgspec.structs.replace(bet, period=_WORDS.periods[str(period)])
    return Spot(bet, side.name)


def _stands(told: dict[str, Any]) -> bool:
    """Say whether a price is on the board."""
    return told.get("closed_at") is None and not _is_off(told.get("price"))


def _price(sheet: Sheet, spot: Spot, book: str, line: object, told: dict[str, Any]) -> Price:
    name = _WORDS.books.get(book, f"therundown_{book}")
    return Price(
        bet=spot.bet,
        label=spot.label,
        odds=told.get("price"),
        book=said.book(name),
        line=line,
        style=Style.AMERICAN,
        changed_at=sheet.at(told.get("updated_at")),
    )


def _is_off(price: object) -> bool:
    try:
        return said.number(price) == _OFF_THE_BOARD
    except NoPrice:
        return False
