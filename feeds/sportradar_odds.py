"""Sportradar Odds Comparison v2: many books' prices of an event, and the event itself.

Shape: the vendor's integration guides and FAQ. Market ids are those of the Unified Odds Feed. A
book or an outcome that is `removed` is suspended; the "consensus" is calculated and no book, so it
is left out. When a price changed, the answer does not say.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from domain.errors import FeedDrifted
from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import UNTOLD, words

_BASE = "https://api.sportradar.com/oddscomparison-prematch"
_WORDS = words("betradar_uof")
_MARKET = "sr:market:"
_LISTS = ("sport_schedule_sport_event_markets", "competition_sport_event_markets")


class SportradarOdds(Feed):
    """Results, handicaps and totals before the match, of the books that a key is given."""

    manifest = Manifest(
        name="sportradar_odds",
        title="Sportradar Odds Comparison",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.sportradar.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"x-api-key": "{key}"},
        terms="https://developer.sportradar.com",
    )

    def __init__(self, *, access: str = "trial") -> None:
        self._base = f"{_BASE}/{quote(access)}/v2/en"

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport for its competitions."""
        ids = [known for sport in sorted(set(sports)) for known in _WORDS.theirs(sport)]
        return [
            self._ask(f"competitions:{known}", "sports", known, "competitions") for known in ids
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return what leads from competitions to schedules, and on to each event's markets."""
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        competitions = [
            said.fields(one).get("id") for one in said.listed(answer.get("competitions"))
        ]
        scheduled = [said.fields(one) for one in said.listed(answer.get("schedules"))]
        events = [said.fields(one.get("sport_event")).get("id") for one in scheduled]
        return [
            self._ask(f"schedule:{known}", "competitions", known, "schedules")
            for known in competitions
            if isinstance(known, str)
        ] + [
            self._ask(f"odds:{known}", "sport_events", known, "sport_event_markets")
            for known in events
            if isinstance(known, str)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; one without markets says nothing."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        if not answer:
            raise FeedDrifted("the answer is no object")
        many = next((answer[name] for name in _LISTS if name in answer), None)
        events = said.needed(many, "events") if many is not None else [answer]
        for event in map(said.fields, events):
            if "markets" in event:
                _read_event(sheet, event)
        yield sheet.reading(complete=True)

    def _ask(self, scope: str, what: str, known: str, feed: str) -> Request:
        url = f"{self._base}/{what}/{quote(known)}/{feed}.json"
        return Request(source="sportradar_odds", scope=scope, url=url)


def _read_event(sheet: Sheet, raw: dict[str, Any]) -> None:
    event = said.fields(raw.get("sport_event"))
    markets = [said.fields(market) for market in said.listed(raw.get("markets"))]
    competitors = map(said.fields, said.listed(event.get("competitors")))
    sides = {str(one.get("qualifier")): one.get("name") for one in competitors}
    context = said.fields(event.get("sport_event_context"))
    sport = UNTOLD
    try:
        if context:
            sport = _WORDS.sport(said.fields(context.get("sport")).get("id"))
        league = said.fields(context.get("competition")).get("name")
        at = sheet.at(event.get("start_time"))
        card = sheet.card(event.get("id"), sport, league, sides.get("home"), sides.get("away"), at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        _read_market(sheet, card, market)


def _read_market(sheet: Sheet, card: Card, market: dict[str, Any]) -> None:
    books = [said.fields(book) for book in said.listed(market.get("books"))]
    try:
        bet = _WORDS.bet(str(market.get("id")).removeprefix(_MARKET))
    except NoPrice as e:
        sheet.reject(e.reason, max(1, sum(len(said.listed(b.get("outcomes"))) for b in books)))
        return
    for book in books:
        name = said.book(str(book.get("name")))
        outcomes = [said.fields(outcome) for outcome in said.listed(book.get("outcomes"))]
        if name == "consensus":
            continue
        try:
            own_line = bet.kind is not MarketKind.HANDICAP or _own_lines(outcomes)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(outcomes)))
            continue
        for outcome in outcomes:
            if book.get("removed") is True or outcome.get("removed") is True:
                sheet.reject(Reason.MARKET_SUSPENDED)
                continue
            line = outcome.get("handicap" if bet.kind is MarketKind.HANDICAP else "total")
            label, odds = str(outcome.get("type")), outcome.get("odds_decimal")
            card.add(
                Price(bet=bet, label=label, odds=odds, book=name, line=line, own_line=own_line)
            )


def _own_lines(outcomes: list[dict[str, Any]]) -> bool:
    """Say whether each side's handicap is its own: the guides do not, but the two together do.

    Raises:
        NoPrice: One of them is missing, or they are not of one line.
    """
    lines = [said.line(outcome.get("handicap")) for outcome in outcomes]
    if len(lines) != 2 or abs(lines[0]) != abs(lines[1]):
        raise NoPrice(Reason.SIDES_DO_NOT_MIRROR)
    return lines[0] == -lines[1]
