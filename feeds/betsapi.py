"""BetsAPI: events of a sport, then one event's prices at one book, or at all books in a summary.

Shape: recorded answers of 2017-19 and the documentation beside them. A list of prices is a history,
newest first: only the newest is a price. `odds_update` is when a price was last checked, `add_time`
when it appeared, so a change is dated by the latter. Odds that BetsAPI passes on from Bet365,
SBOBET and bwin as they write them are read by `feeds.betsapi_books`; in-play data of 1xBet and
Bet365, which are codes without a key, and of Betfair, which has a feed of its own, are counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from domain.errors import FeedDrifted
from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import betsapi_books, said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request
from feeds.betsapi_books import WORDS
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import UNTOLD

_BASE = "https://api.betsapi.com"
_LABELS = {
    "home_od": "home",
    "draw_od": "draw",
    "away_od": "away",
    "over_od": "over",
    "under_od": "under",
}
_TURNED = {"home": "away", "away": "home"}


class BetsApi(Feed):
    """Winner, Asian handicap and goal line with corners and first half; basketball's main lines."""

    manifest = Manifest(
        name="betsapi",
        title="BetsAPI",
        basis=Basis.RECORDED,
        sports=WORDS.sport_names,
        markets=WORDS.kinds,
        hosts=frozenset({"api.betsapi.com"}),
        min_interval_s=10.0,
        needs_credential=True,
        credential_param="token",
        terms="https://betsapi.com/terms",
        quota=Quota(credits=3600, period_s=3600.0, left_header="x-ratelimit-remaining"),
    )

    def __init__(self) -> None:
        self._fixtures = Fixtures()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport for its next events; `follow` asks for their prices."""
        return [
            Request(
                source="betsapi",
                scope=f"events:{known}",
                url=f"{_BASE}/v1/events/upcoming",
                params={"sport_id": known},
            )
            for sport in sorted(set(sports))
            for known in WORDS.theirs(sport)
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return one question an event for its prices at every book."""
        if not payload.request.scope.startswith("events:"):
            return ()
        try:
            events = said.listed(said.fields(said.decoded(payload.body)).get("results"))
        except FeedDrifted:
            return ()
        ids = [known for event in events if (known := said.name(said.fields(event).get("id")))]
        url = f"{_BASE}/v2/event/odds/summary"
        return [
            Request(source="betsapi", scope=f"odds:{known}", url=url, params={"event_id": known})
            for known in ids
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; a list of events says nothing yet."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        results: Any = answer.get("results")
        told_of = said.fields(results)
        if not isinstance(results, dict | list):
            raise FeedDrifted("the answer holds no results")
        if isinstance(results, list):
            self._read_list(sheet, said.listed(answer["results"]))
        elif "odds" in told_of:
            asked = payload.request.params.get("source", "bet365")
            self._read_book(sheet, asked, told_of, said.fields(told_of["odds"]))
        else:
            for book, told in told_of.items():
                odds = said.fields(said.fields(told).get("odds"))
                self._read_book(sheet, book, said.fields(told), said.fields(odds.get("end")))
        yield sheet.reading(complete=True)

    def _read_list(self, sheet: Sheet, results: list[Any]) -> None:
        for result in results:
            raw = said.fields(result)
            if not betsapi_books.read(sheet, raw, result):
                self._learn(sheet, raw)

    def _learn(self, sheet: Sheet, raw: dict[str, Any]) -> None:
        known = said.name(raw.get("id"))
        try:
            sport = WORDS.sport(raw.get("sport_id"))
        except NoPrice:
            return
        if known is None:
            sheet.reject(Reason.EVENT_MALFORMED)
            return
        league, home, away = (
            said.fields(raw.get(k)).get("name") for k in ("league", "home", "away")
        )
        self._fixtures.put(known, Fixture(sport, league, home, away, sheet.at(raw.get("time"))))

    def _read_book(
        self, sheet: Sheet, book: str, told: dict[str, Any], odds: dict[str, Any]
    ) -> None:
        stats = said.fields(told.get("stats")) or told
        turned = str(stats.get("matching_dir")) == "-1"
        asked = sheet.payload.request
        event = asked.params.get("event_id", asked.source)
        for market, prices in odds.items():
            row = said.fields(said.listed(prices)[0] if said.listed(prices) else prices)
            if not row:
                continue
            try:
                card = self._fixtures.card(sheet, event, UNTOLD)
                _read_row(sheet, card, book, market, row, turned=turned)
            except NoPrice as e:
                sheet.reject(e.reason, sum(label in row for label in _LABELS))


def _read_row(  # noqa: PLR0913  a row, and what stands around it
    sheet: Sheet, card: Card, book: str, market: str, row: dict[str, Any], *, turned: bool
) -> None:
    bet = WORDS.bet(market)
    if not betsapi_books.from_the_start(bet, row.get("ss")):
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    changed_at = sheet.at(row.get("add_time"))
    for field, label in _LABELS.items():
        if field not in row:
            continue
        price = Price(
            bet=bet,
            label=label,
            odds=row[field],
            book=said.book(book),
            line=row.get("handicap"),
            own_line=False,
            changed_at=changed_at,
        )
        card.add(_turn(price) if turned else price)


def _turn(price: Price) -> Price:
    """Return the price of a book that names the sides the other way round."""
    label = _TURNED.get(price.label, price.label)
    if price.bet.kind is not MarketKind.HANDICAP:
        return replace(price, label=label)
    try:
        return replace(price, label=label, line=0.0 - said.line(price.line))
    except NoPrice:
        return replace(price, label=label)
