"""OddsJam's odds and futures, from recordings: a row a price, American, the line in its name.

Shape: recorded answers of 2021 and the client that they test. `checked_date` is when it looked,
`changed_date` when the price changed.
"""

import re
from typing import Any

import msgspec

from domain.markets import MarketKind
from feeds import said
from feeds.card import Price, Sheet
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.titles import FIELD
from feeds.vocabulary import words

_WORDS = words("oddsjam")
_LINED = re.compile(r"(.{1,190}?) ([+-]?\d{1,4}(?:\.\d{1,2})?)", re.ASCII)
_NUMBERED = frozenset({MarketKind.HANDICAP, MarketKind.TOTAL})


class _Row(msgspec.Struct):
    """One price of a game, or of a future."""

    sports_book: dict[str, Any]
    name: str
    price: Any = None
    game: dict[str, Any] | None = None
    future: dict[str, Any] | None = None
    market_name: Any = None
    changed_date: Any = None


class OddsJam(RecordedFeed):
    """Moneylines, spreads, totals and winners of divisions and cups."""

    manifest = of_recordings("oddsjam", "OddsJam", _WORDS.kinds, "https://oddsjam.com")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        rows = said.needed(answer, "prices")
        for row in said.structs(rows, _Row, sheet.tally, Reason.PRICE_MALFORMED):
            try:
                _read(sheet, row)
            except NoPrice as e:
                sheet.reject(e.reason)


def _read(sheet: Sheet, row: _Row) -> None:
    event = row.game or row.future or {}
    bet = _WORDS.bet(row.market_name if row.game else "future")
    sport, at = _WORDS.sport(event.get("sport")), sheet.at(event.get("start_date"))
    home = event.get("home_team") if row.game else event.get("name")
    away = event.get("away_team") if row.game else FIELD
    known = event.get("id") if row.game else f"future {event.get('id')}"
    card = sheet.card(known, sport, event.get("league"), home, away, at)
    label, line = row.name, None
    if bet.kind in _NUMBERED and (lined := _LINED.fullmatch(row.name)):
        label, line = lined[1], lined[2]
    card.add(
        Price(
            bet=bet,
            label=label,
            odds=row.price,
            book=said.book(str(row.sports_book.get("name"))),
            line=line,
            style=Style.AMERICAN,
            changed_at=sheet.at(row.changed_date),
        )
    )
