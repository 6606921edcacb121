"""Sportmonks v3 football: pre-match prices, a row each, with their market, book and fixture.

Shape: the vendor's documentation (pre-match odds, with the includes market, bookmaker and fixture).
`fractional` is the decimal price written as a fraction there, so it is never read.
`latest_bookmaker_update` is UTC without saying so.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.errors import FeedDrifted
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.titles import sides_of
from feeds.vocabulary import words

_URL = "https://api.sportmonks.com/v3/football/odds/pre-match"
_WORDS = words("sportmonks")
_SOCCER = _WORDS.sport("football")


class _Odd(msgspec.Struct):
    """One price with what it is a price of."""

    fixture_id: int
    label: str
    market: dict[str, Any]
    bookmaker: dict[str, Any]
    fixture: dict[str, Any]
    value: Any = None
    dp3: Any = None
    total: Any = None
    stopped: Any = None
    latest_bookmaker_update: Any = None


class Sportmonks(Feed):
    """Full-time and half-time results, goals, both to score, scores, double chance, corners."""

    manifest = Manifest(
        name="sportmonks",
        title="Sportmonks",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.sportmonks.com"}),
        min_interval_s=10.0,
        needs_credential=True,
        credential_param="api_token",
        terms="https://www.sportmonks.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the question for the first page of all prices."""
        if "soccer" not in sports:
            return []
        params = {"include": "market;bookmaker;fixture", "per_page": "50"}
        return [Request(source="sportmonks", scope="pre-match", url=_URL, params=params)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the question for the next page."""
        try:
            pages = said.fields(said.fields(said.decoded(payload.body)).get("pagination"))
        except FeedDrifted:
            return ()
        page = pages.get("current_page")
        if pages.get("has_more") is not True or type(page) is not int:
            return ()
        asked = payload.request
        params = {**asked.params, "page": str(page + 1)}
        return [Request(source=asked.source, scope=asked.scope, url=_URL, params=params)]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a page; it is complete if it is the only one."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        rows = said.needed(answer.get("data"), "prices")
        for odd in said.structs(rows, _Odd, sheet.tally, Reason.PRICE_MALFORMED):
            try:
                _read(sheet, odd)
            except NoPrice as e:
                sheet.reject(e.reason)
        more = said.fields(answer.get("pagination")).get("has_more") is True
        yield sheet.reading(complete=not more and "page" not in payload.request.params)


def _read(sheet: Sheet, odd: _Odd) -> None:
    bet = _WORDS.bet(odd.market.get("developer_name"))
    if odd.stopped is not False:
        raise NoPrice(Reason.MARKET_SUSPENDED)
    sides = sides_of(str(odd.fixture.get("name")))
    if sides is None:
        raise NoPrice(Reason.EVENT_MALFORMED)
    starts_at = sheet.at(odd.fixture.get("starting_at"), utc=True)
    league = odd.fixture.get("league_id")
    home, away = sides
    card = sheet.card(odd.fixture_id, _SOCCER, league, home, away, starts_at)
    card.add(
        Price(
            bet=bet,
            label=odd.label,
            odds=odd.value if odd.dp3 is None else odd.dp3,
            book=said.book(str(odd.bookmaker.get("name"))),
            line=odd.total,
            changed_at=sheet.at(odd.latest_bookmaker_update, utc=True),
        )
    )
