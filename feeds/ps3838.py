"""PS3838 (Pinnacle): fixtures and odds of a sport in two answers, then only what has changed.

Shape: the models of PyPI's ps3838api 1.2 and Pinnacle's own FAQ and changelog. A delta names
changed periods with all that is offered in them; what it does not name stands. Each reading is
therefore the whole board of the sport, as the snapshot and the deltas since have told it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from domain.errors import FeedDrifted
from domain.markets import Statistic
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.sports import Sport
from feeds.vocabulary import words

BOOK = "pinnacle"
_BASE = "https://api.ps3838.com/v3"
_WORDS = words("ps3838")
_ONLINE = 1


class _Period(msgspec.Struct, rename="camel"):
    """One period's markets; anything may stand where a price belongs."""

    number: int
    status: int = 0
    cutoff: Any = None
    moneyline: Any = None
    spreads: Any = None
    totals: Any = None
    team_total: Any = None
    max_moneyline: Any = None
    max_spread: Any = None
    max_total: Any = None
    max_team_total: Any = None
    moneyline_updated_at: Any = None
    spread_updated_at: Any = None
    total_updated_at: Any = None
    team_total_updated_at: Any = None


_Board = dict[tuple[str, int], _Period]


class Ps3838(Feed):
    """Moneyline, spread, total and team total by period; corners and bookings too, with limits."""

    manifest = Manifest(
        name="ps3838",
        title="PS3838 (Pinnacle)",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.ps3838.com"}),
        min_interval_s=5.0,
        needs_credential=True,
        credential_headers={"Authorization": "Basic {username}:{password}"},
        terms="https://www.ps3838.com",
    )

    def __init__(self) -> None:
        self._fixtures = Fixtures()
        self._boards: dict[str, _Board] = {}

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return two requests a sport: its fixtures, then its odds."""
        ids = [known for sport in sorted(set(sports)) for known in _WORDS.theirs(sport)]
        asked = [(what, known) for known in ids for what in ("fixtures", "odds")]
        return [
            Request(
                source="ps3838",
                scope=f"{what}:{known}",
                url=f"{_BASE}/{what}",
                params={"sportId": known} | ({"oddsFormat": "DECIMAL"} if what == "odds" else {}),
            )
            for what, known in asked
        ]

    def resume(self, payload: Payload) -> Mapping[str, str]:
        """Return where the next delta begins."""
        try:
            last = said.fields(said.decoded(payload.body)).get("last")
        except FeedDrifted:
            return {}
        return {"since": str(last)} if type(last) is int and 0 < last < 10**15 else {}

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the whole board of a sport; of fixtures, a reading that says nothing yet."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        try:
            sport = _WORDS.sport(answer.get("sportId"))
        except NoPrice as e:
            raise FeedDrifted("the answer names no sport that we know") from e
        if "league" in answer:
            self._learn(sheet, sport, said.needed(answer["league"], "leagues"))
            yield sheet.reading(complete=False)
            return
        delta = "since" in payload.request.params
        board = self._board(sheet, str(answer["sportId"]), answer.get("leagues"), delta=delta)
        cards: dict[str, Card | None] = {}
        for (event, _), period in board.items():
            if event not in cards:
                cards[event] = self._card(sheet, event, sport)
            if (card := cards[event]) is None:
                sheet.reject(Reason.EVENT_UNKNOWN)
            elif period.status != _ONLINE or not _open(period, payload.as_of):
                sheet.reject(Reason.MARKET_CLOSED)
            else:
                self._read_period(sheet, card, event, str(answer["sportId"]), period)
        yield sheet.reading(complete=True)

    def _learn(self, sheet: Sheet, sport: Sport, leagues: list[Any]) -> None:
        for league in map(said.fields, leagues):
            for event in map(said.fields, said.listed(league.get("events"))):
                known, parent = said.name(event.get("id")), said.name(event.get("parentId"))
                if known is None:
                    sheet.reject(Reason.EVENT_MALFORMED)
                    continue
                unit = str(event.get("resultingUnit", "Regular")).casefold()
                more = (parent, unit)
                starts_at = sheet.at(event.get("starts"))
                sides = event.get("home"), event.get("away")
                fixture = Fixture(sport, league.get("name"), *sides, starts_at, more)
                self._fixtures.put(known, fixture)

    def _board(self, sheet: Sheet, sport: str, leagues: object, *, delta: bool) -> _Board:
        """Return the sport's board, with what the answer tells put in place."""
        told = said.needed(leagues, "leagues")
        board = self._boards.setdefault(sport, {})
        if not delta:
            board.clear()
        for league in map(said.fields, told):
            for event in map(said.fields, said.listed(league.get("events"))):
                known = said.name(event.get("id")) or ""
                periods = event.get("periods")
                for period in said.structs(periods, _Period, sheet.tally, Reason.MARKET_MALFORMED):
                    board[known, period.number] = period
        return board

    def _card(self, sheet: Sheet, event: str, sport: Sport) -> Card | None:
        """Return the card of the contest that a fixture is part of, or None."""
        fixture = self._fixtures.get(event)
        parent = fixture.more[0] if fixture else None
        known = parent if parent is not None and self._fixtures.get(parent) else event
        try:
            return self._fixtures.card(sheet, known, sport)
        except NoPrice:
            return None

    def _read_period(
        self, sheet: Sheet, card: Card, event: str, sport: str, period: _Period
    ) -> None:
        fixture = self._fixtures.get(event)
        unit = _WORDS.outcomes.get(fixture.more[1]) if fixture else "score"
        when = _WORDS.periods.get(f"{sport}.{period.number}")
        prices = list(_prices(sheet, period))
        counted = unit == "score" and card.event.sport in {"tennis", "volleyball"}
        for name, price in prices:
            unclear = counted and name != "moneyline"  # sets or games: the answer does not say
            if unit is None or (period.number and when is None) or unclear:
                sheet.reject(Reason.MARKET_UNSUPPORTED)
                continue
            drawn = name == "moneyline" and said.fields(period.moneyline).get("draw") is not None
            bet = msgspec.structs.replace(
                price.bet,
                statistic=Statistic(unit),
                period=when,
                ways=3 if drawn else price.bet.ways,
            )
            card.add(replace(price, bet=bet))


def _open(period: _Period, now: datetime) -> bool:
    """Say whether bets are still taken: until the cutoff, where one is told."""
    cutoff = said.moment_utc(period.cutoff)
    return cutoff is None or cutoff > now


def _prices(sheet: Sheet, period: _Period) -> Iterator[tuple[str, Price]]:
    """Yield the prices of a period with the names of their markets."""
    at = sheet.at(period.moneyline_updated_at, utc=True)
    row = said.fields(period.moneyline)
    yield from _row("moneyline", row, ("home", "draw", "away"), None, at, period.max_moneyline)
    at = sheet.at(period.spread_updated_at, utc=True)
    for row in map(said.fields, said.listed(period.spreads)):
        yield from _row("spread", row, ("home", "away"), "hdp", at, period.max_spread)
    at = sheet.at(period.total_updated_at, utc=True)
    for row in map(said.fields, said.listed(period.totals)):
        yield from _row("total", row, ("over", "under"), "points", at, period.max_total)
    at = sheet.at(period.team_total_updated_at, utc=True)
    for side in ("home", "away"):
        told = said.fields(period.team_total).get(side)
        for row in map(said.fields, said.listed(told) or [told]):
            for name, price in _row(
                "team_total", row, ("over", "under"), "points", at, period.max_team_total
            ):
                yield name, replace(price, subject=side)


def _row(  # noqa: PLR0913, PLR0917  what the rows of each market differ in
    name: str,
    row: dict[str, Any],
    labels: Sequence[str],
    line: str | None,
    changed_at: datetime | None,
    most: object,
) -> Iterator[tuple[str, Price]]:
    for label in labels:
        if row.get(label) is not None:
            yield (
                name,
                Price(
                    bet=_WORDS.bet(name),
                    label=label,
                    odds=row[label],
                    book=BOOK,
                    line=row.get(line) if line else None,
                    own_line=False,
                    changed_at=changed_at,
                    max_stake=said.limit(row.get("max", most)),
                ),
            )
