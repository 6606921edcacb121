"""OpticOdds v3: fixtures of a sport, then each one's prices; changes as server-sent events.

Shape: the vendor's reference as third-party code quotes it, and its streaming guide. Polled answers
hold only what is open. In the stream `odds` bring new prices and `locked-odds` take them away; a
stream's reading is therefore everything that stands in the fixtures it changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

import msgspec

from domain.errors import FeedDrifted
from domain.quotes import PriceKey, Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request, Wire
from feeds.boards import Boards, standing
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason
from feeds.vocabulary import UNTOLD, words

_BASE = "https://api.opticodds.com/api/v3"
_WORDS = words("optic_odds")
_LOCKED = "locked-odds"
_STREAMED = ("odds", _LOCKED)
# A server-sent event that its server did not name; others ("connected", "ping") price nothing.
_UNNAMED = ("", "message")


class _Odd(msgspec.Struct):
    """One price; in a stream with the fixture that it is of."""

    sportsbook: str
    market_id: str
    price: Any = None
    selection: Any = None
    selection_line: Any = None
    points: Any = None
    timestamp: Any = None
    limits: Any = None
    player_id: Any = None
    fixture_id: Any = None


class OpticOdds(Feed):
    """Moneyline, spread and total of the chosen books, with limits where a book states them."""

    manifest: ClassVar[Manifest] = Manifest(
        name="optic_odds",
        title="OpticOdds",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.opticodds.com"}),
        min_interval_s=15.0,
        needs_credential=True,
        credential_headers={"X-Api-Key": "{key}"},
        terms="https://opticodds.com",
        quota=Quota(per_s=2500 / 15),
    )

    def __init__(
        self, *, books: Sequence[str] = ("Pinnacle", "bet365"), fixtures: Fixtures | None = None
    ) -> None:
        self.fixtures = Fixtures() if fixtures is None else fixtures
        self._books = tuple(books)[:5]  # a question takes no more

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport for its fixtures; `follow` asks for their prices."""
        url = f"{_BASE}/fixtures/active"
        return [
            Request(source="optic_odds", scope=f"fixtures:{s}", url=url, params={"sport": s})
            for sport in sorted(set(sports))
            for s in _WORDS.theirs(sport)
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return one question a fixture for the prices of the chosen books."""
        if not payload.request.scope.startswith("fixtures:"):
            return ()
        try:
            listed = said.listed(said.fields(said.decoded(payload.body)).get("data"))
        except FeedDrifted:
            return ()
        ids = [known for raw in listed if (known := said.name(said.fields(raw).get("id")))]
        books = [("sportsbook", book) for book in self._books]
        return [
            Request(
                source="optic_odds",
                scope=f"odds:{known}",
                url=f"{_BASE}/fixtures/odds?{urlencode([('fixture_id', known), *books])}",
            )
            for known in ids
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        for fixture in map(said.fields, said.needed(answer.get("data"), "fixtures")):
            self.learn(sheet, fixture)
            odds = said.listed(fixture.get("odds"))
            for odd in said.structs(odds, _Odd, sheet.tally, Reason.PRICE_MALFORMED):
                self.take(sheet, odd, fixture.get("id"))
        yield sheet.reading(complete=answer.get("has_more") is not True)

    def learn(self, sheet: Sheet, raw: dict[str, Any]) -> None:
        """Keep the names of a fixture; one of a sport we do not know is counted."""
        known = said.name(raw.get("id"))
        try:
            sport = _WORDS.sport(said.fields(raw.get("sport")).get("id"))
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(said.listed(raw.get("odds")))))
            return
        if known is not None:
            league = said.fields(raw.get("league")).get("name")
            home, away = raw.get("home_team_display"), raw.get("away_team_display")
            at = sheet.at(raw.get("start_date"))
            self.fixtures.put(known, Fixture(sport, league, home, away, at))

    def take(self, sheet: Sheet, odd: _Odd, fixture: object) -> None:
        """Take over a price of a fixture, or count why not."""
        try:
            card, price = self.meant(sheet, odd, fixture)
        except NoPrice as e:
            sheet.reject(e.reason)
            return
        card.add(price)

    def meant(self, sheet: Sheet, odd: _Odd, fixture: object) -> tuple[Card, Price]:
        """Return the card and the price that an odd stands for; raise `NoPrice` if it is none."""
        bet = _WORDS.bet(odd.market_id)
        if odd.player_id is not None:
            raise NoPrice(Reason.MARKET_UNSUPPORTED)
        card = self.fixtures.card(sheet, said.name(fixture) or "", UNTOLD)
        return card, Price(
            bet=bet,
            label=str(odd.selection_line or odd.selection),
            odds=odd.price,
            book=said.book(odd.sportsbook),
            line=odd.points,
            style=Style.AMERICAN,
            changed_at=sheet.at(odd.timestamp),
            max_stake=said.limit(said.fields(odd.limits).get("max")),
        )


class OpticOddsStream(OpticOdds):
    """The same as it changes; `fixtures`, shared with the polled feed, name the events."""

    manifest: ClassVar[Manifest] = replace(
        OpticOdds.manifest,
        name="optic_odds_stream",
        title="OpticOdds (stream)",
        min_interval_s=1.0,
        wire=Wire.SSE,
        quota=Quota(per_s=250 / 15),
    )

    def __init__(
        self, *, books: Sequence[str] = ("Pinnacle", "bet365"), fixtures: Fixtures | None = None
    ) -> None:
        super().__init__(books=books, fixtures=fixtures)
        self._boards = Boards()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one stream a sport, connected anew: what stood before may have changed unheard."""
        self._boards.forget()
        books = urlencode([("sportsbook", book) for book in self._books])
        return [
            Request(
                source="optic_odds_stream",
                scope=f"stream:{known}",
                url=f"{_BASE}/stream/odds/{quote(known)}?{books}",
            )
            for sport in sorted(set(sports))
            for known in _WORDS.theirs(sport)
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:  # noqa: ARG002  a stream leads nowhere
        """Return nothing."""
        return ()

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield a reading a fixture that a message changes; fixtures themselves are learnt."""
        if payload.kind not in {*_UNNAMED, *_STREAMED}:
            return
        answer = said.fields(said.decoded(payload.body))
        kind = answer.get("type") if payload.kind in _UNNAMED else payload.kind
        if kind not in _STREAMED:
            if isinstance(answer.get("data"), list):
                yield from super().read(payload)
            return
        sheet = Sheet(payload)
        rows = said.needed(answer.get("data"), "prices")
        locked = set[PriceKey]()
        for odd in said.structs(rows, _Odd, sheet.tally, Reason.PRICE_MALFORMED):
            if kind == _LOCKED:
                self._lock(sheet, odd, locked)
            else:
                self.take(sheet, odd, odd.fixture_id)
        yield from standing(sheet, self._boards, locked)

    def _lock(self, sheet: Sheet, odd: _Odd, locked: set[PriceKey]) -> None:
        sheet.reject(Reason.MARKET_SUSPENDED)
        try:
            card, price = self.meant(sheet, odd, odd.fixture_id)
            market, outcome = card.place(price)
        except NoPrice:
            return
        if price.book is not None:
            locked.add((market, outcome, price.side, price.book))
