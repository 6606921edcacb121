"""OddsJam's odds and futures, from recordings: a row a price, American, the line in its name.

Shape: recorded answers of 2021 and the client that they test. `checked_date` is when it looked,
`changed_date` when the price changed.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Price, Sheet
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason
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


class OddsJam(Feed):
    """Moneylines, spreads, totals and winners of divisions and cups."""

    manifest = Manifest(
        name="oddsjam",
        title="OddsJam (recording)",
        basis=Basis.RECORDED,
        sports=frozenset(),
        markets=_WORDS.kinds,
        terms="https://oddsjam.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:  # noqa: ARG002  nothing is asked
        """Return nothing."""
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a recorded answer."""
        sheet = Sheet(payload, recorded=True)
        rows = said.needed(said.decoded(payload.body), "prices")
        for row in said.structs(rows, _Row, sheet.tally, Reason.PRICE_MALFORMED):
            try:
                _read(sheet, row)
            except NoPrice as e:
                sheet.reject(e.reason)
        yield sheet.reading(complete=True)


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
