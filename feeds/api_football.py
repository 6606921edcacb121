"""API-Football v3: fixtures to come, then each fixture's prices at every book before the match.

Shape: the vendor's documentation as quoted by third-party code. Errors come with a status of 200,
in `errors`. A total's line stands in its label ("Over 2.5").
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from domain.errors import FeedDrifted
from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import words

_BASE = "https://v3.football.api-sports.io"
_WORDS = words("api_football")
_SOCCER = _WORDS.sport("football")
_LINED = re.compile(r"(over|under) (\d{1,3}(?:\.\d{1,2})?)", re.IGNORECASE | re.ASCII)
_WITH_LINE = frozenset({MarketKind.TOTAL, MarketKind.TEAM_TOTAL})


class ApiFootball(Feed):
    """Football's main markets by half, goals and corners; correct scores and double chances."""

    manifest = Manifest(
        name="api_football",
        title="API-Football",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"v3.football.api-sports.io"}),
        min_interval_s=900.0,
        needs_credential=True,
        credential_headers={"x-apisports-key": "{key}"},
        terms="https://www.api-football.com/terms",
        quota=Quota(credits=100, period_s=86_400.0, left_header="x-ratelimit-requests-remaining"),
    )

    def __init__(self, *, fixtures: int = 20) -> None:
        self._next = fixtures
        self._fixtures = Fixtures()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the question for the next fixtures; `follow` asks for their prices."""
        if "soccer" not in sports:
            return []
        params = {"next": str(self._next)}
        return [_request("fixtures", "/fixtures", params)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return one question a fixture for its prices."""
        if payload.request.scope != "fixtures":
            return ()
        try:
            results = said.listed(said.fields(said.decoded(payload.body)).get("response"))
        except FeedDrifted:
            return ()
        fixtures = (said.fields(said.fields(result).get("fixture")) for result in results)
        ids = [known for fixture in fixtures if (known := said.name(fixture.get("id")))]
        return [_request(f"odds:{known}", "/odds", {"fixture": known}) for known in ids]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; of fixtures, one that says nothing yet.

        Raises:
            FeedDrifted: The answer reports errors, or is of another shape.
        """
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        if answer.get("errors"):
            raise FeedDrifted("the answer reports errors instead of what was asked for")
        for result in map(said.fields, said.needed(answer.get("response"), "results")):
            if "teams" in result:
                self._learn(sheet, result)
            else:
                self._read_odds(sheet, result)
        paging = said.fields(answer.get("paging"))
        yield sheet.reading(complete=paging.get("total", 1) == 1)

    def _learn(self, sheet: Sheet, result: dict[str, Any]) -> None:
        fixture, teams = said.fields(result.get("fixture")), said.fields(result["teams"])
        known = said.name(fixture.get("id"))
        if known is None:
            sheet.reject(Reason.EVENT_MALFORMED)
            return
        league = said.fields(result.get("league")).get("name")
        home, away = (said.fields(teams.get(side)).get("name") for side in ("home", "away"))
        starts_at = sheet.at(fixture.get("timestamp"))
        self._fixtures.put(known, Fixture(_SOCCER, league, home, away, starts_at))

    def _read_odds(self, sheet: Sheet, result: dict[str, Any]) -> None:
        known = said.name(said.fields(result.get("fixture")).get("id")) or ""
        books = [said.fields(book) for book in said.listed(result.get("bookmakers"))]
        try:
            card = self._fixtures.card(sheet, known, _SOCCER)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(books)))
            return
        # `update` is when the vendor last wrote the fixture's prices, not when one changed.
        for book in books:
            name = said.book(str(book.get("name")))
            for bet in map(said.fields, said.listed(book.get("bets"))):
                _read_bet(sheet, card, name, bet)


def _read_bet(sheet: Sheet, card: Card, book: str | None, raw: dict[str, Any]) -> None:
    values = [said.fields(value) for value in said.listed(raw.get("values"))]
    try:
        bet = _WORDS.bet(raw.get("name"))
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(values)))
        return
    for value in values:
        label, line = str(value.get("value")), None
        if bet.kind in _WITH_LINE and (lined := _LINED.fullmatch(label)):
            label, line = lined[1], lined[2]
        card.add(Price(bet=bet, label=label, odds=value.get("odd"), book=book, line=line))


def _request(scope: str, path: str, params: dict[str, str]) -> Request:
    return Request(source="api_football", scope=scope, url=_BASE + path, params=params)
