"""SharpAPI: a row a price, pre-match and in play, all books in one list.

Shape: the vendor's published documentation (`odds`, `odds/delta`, `markets`). `last_seen_at` is
when it last looked, `odds_changed_at` when the book last changed the price: only the latter dates
a change. `is_active` false is a suspended price. Team totals and the half and quarter markets,
which do not say of whom or of what they are, are not read.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.errors import FeedDrifted
from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request
from feeds.card import Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import words

_URL = "https://api.sharpapi.io/api/v1/odds"
_WORDS = words("sharp_api")


class _Row(msgspec.Struct):
    """One price with what it is a price of."""

    sportsbook: str
    event_id: str
    sport: str
    home_team: str
    away_team: str
    market_type: str
    selection_type: str
    league: Any = None
    odds_decimal: Any = None
    line: Any = None
    event_start_time: Any = None
    odds_changed_at: Any = None
    is_active: Any = True
    player_name: Any = None
    max_bet: Any = None


class SharpApi(Feed):
    """Moneylines, spreads, totals and player props of up to 32 books."""

    manifest = Manifest(
        name="sharp_api",
        title="SharpAPI",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.sharpapi.io"}),
        min_interval_s=15.0,
        needs_credential=True,
        credential_headers={"X-API-Key": "{key}"},
        terms="https://sharpapi.io",
        quota=Quota(credits=12, period_s=60.0, left_header="x-ratelimit-remaining"),
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport for the first page; `follow` asks for the others."""
        return [
            Request(
                source="sharp_api",
                scope=known,
                url=_URL,
                params={"sport": known, "limit": "200"},
            )
            for sport in sorted(set(sports))
            for known in _WORDS.theirs(sport)
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the question for the next page."""
        try:
            pages = _pages(said.fields(said.decoded(payload.body)))
        except FeedDrifted:
            return ()
        cursor, asked = pages.get("next_cursor"), payload.request
        if pages.get("has_more") is not True or not isinstance(cursor, str) or not cursor:
            return ()
        params = {**asked.params, "cursor": cursor}
        return [Request(source=asked.source, scope=asked.scope, url=_URL, params=params)]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a page; it is complete if it is the only one.

        Raises:
            FeedDrifted: It reports an error, or holds no list of prices.
        """
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        rows = said.needed(answer.get("data"), "prices")
        for row in said.structs(rows, _Row, sheet.tally, Reason.PRICE_MALFORMED):
            try:
                _read(sheet, row)
            except NoPrice as e:
                sheet.reject(e.reason)
        more = _pages(answer).get("has_more") is True
        yield sheet.reading(complete=not more and "cursor" not in payload.request.params)


def _pages(answer: dict[str, Any]) -> dict[str, Any]:
    return said.fields(said.fields(answer.get("meta")).get("pagination"))


def _read(sheet: Sheet, row: _Row) -> None:
    bet, sport = _WORDS.bet(row.market_type), _WORDS.sport(row.sport)
    if row.is_active is False:
        raise NoPrice(Reason.MARKET_SUSPENDED)
    starts_at = sheet.at(row.event_start_time)
    card = sheet.card(row.event_id, sport, row.league, row.home_team, row.away_team, starts_at)
    player = said.name(row.player_name) if bet.kind is MarketKind.PLAYER_TOTAL else None
    card.add(
        Price(
            bet=bet,
            label=row.selection_type,
            odds=row.odds_decimal,
            book=said.book(row.sportsbook),
            line=row.line,
            subject=player,
            changed_at=sheet.at(row.odds_changed_at),
            max_stake=said.limit(row.max_bet),
        )
    )
