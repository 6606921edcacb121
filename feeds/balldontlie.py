"""BALLDONTLIE's basketball odds, from recordings: a row a game and book, American prices.

Shape: recordings of 2026. A row names its game by number alone, and a row of player props its
player, so the former are prices of an unnamed event and the latter are counted and dropped.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.markets import MarketKind
from feeds import said
from feeds.card import Price, Sheet
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.sports import BY_NAME
from feeds.vocabulary import Bet

_SIDES = ("home", "away")
# Each market with the beginning of its fields, its outcomes, and the field of each one's line.
_MARKETS = (
    (MarketKind.WINNER, "moneyline", dict.fromkeys(_SIDES, "")),
    (MarketKind.HANDICAP, "spread", {side: f"spread_{side}_value" for side in _SIDES}),
    (MarketKind.TOTAL, "total", dict.fromkeys(("over", "under"), "total_value")),
)


class Balldontlie(RecordedFeed):
    """Winner, handicap and total of basketball games; overtime counts."""

    manifest = of_recordings(
        "balldontlie",
        "BALLDONTLIE",
        frozenset(kind.value for kind, _, _ in _MARKETS),
        "https://www.balldontlie.io",
    )

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        for row in map(said.fields, said.needed(said.fields(answer).get("data"), "rows")):
            if "prop_type" in row:
                said_twice = said.fields(row.get("market")).get("type") == "over_under"
                sheet.reject(Reason.SUBJECT_MISSING, 1 + said_twice)
            else:
                _read_row(sheet, row)


def _read_row(sheet: Sheet, row: Mapping[str, Any]) -> None:
    vendor, offered = row.get("vendor"), list(_offered(row))
    try:
        card = sheet.unnamed(row.get("game_id"), BY_NAME["basketball"])
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(offered)))
        return
    for kind, outcome, odds, line in offered:
        card.add(
            Price(
                bet=Bet(kind=kind),
                label=outcome,
                odds=odds,
                line=line,
                style=Style.AMERICAN,
                book=said.book(vendor) if isinstance(vendor, str) else None,
                changed_at=sheet.at(row.get("updated_at")),
            )
        )


def _offered(row: Mapping[str, Any]) -> Iterator[tuple[MarketKind, str, object, object]]:
    """Yield the prices of a row that are there: market, outcome, odds and line, unread."""
    for kind, name, outcomes in _MARKETS:
        for outcome, line in outcomes.items():
            odds = row.get(f"{name}_{outcome}_odds")
            if odds is not None:
                yield kind, outcome, odds, row.get(line)
