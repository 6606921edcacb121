"""Altenar's upcoming events, from recordings: markets and outcomes have Betradar's ids.

Shape: a recording of 2021. A market's `MarketTypeId` is Betradar's id with the line behind it.
"""

from typing import Any

from feeds import said
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "altenar"
_WORDS = words("betradar_uof")
_ACTIVE = 1


class Altenar(RecordedFeed):
    """Results, double chance, handicaps and totals of football and others."""

    manifest = of_recordings("altenar", "Altenar", _WORDS.kinds, "https://altenar.com")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        result = said.fields(said.fields(answer).get("Result"))
        for part in map(said.fields, said.needed(result.get("Items"), "items")):
            for event in map(said.fields, said.listed(part.get("Events"))):
                _read_event(sheet, event)


def _read_event(sheet: Sheet, raw: dict[str, Any]) -> None:
    markets = [said.fields(market) for market in said.listed(raw.get("Items"))]
    sides = [said.fields(one).get("Name") for one in said.listed(raw.get("Competitors"))]
    try:
        said.require(len(sides) == 2, Reason.EVENT_MALFORMED)
        home, away = sides
        sport, at = _WORDS.sport(f"sr:sport:{raw.get('SportId')}"), sheet.at(raw.get("EventDate"))
        card = sheet.card(raw.get("Id"), sport, raw.get("ChampName"), home, away, at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        _read_market(sheet, card, market)


def _read_market(sheet: Sheet, card: Card, market: dict[str, Any]) -> None:
    outcomes = [said.fields(outcome) for outcome in said.listed(market.get("Items"))]
    known, _, line = str(market.get("MarketTypeId")).partition("_")
    try:
        bet = _WORDS.bet(known)
        said.require(market.get("Status") == _ACTIVE, Reason.MARKET_SUSPENDED)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(outcomes)))
        return
    for outcome in outcomes:
        if outcome.get("IsActive") is not True:
            sheet.reject(Reason.SELECTION_CLOSED)
            continue
        label = _WORDS.outcomes.get(str(outcome.get("SelectionTypeId")), "")
        card.add(
            Price(
                bet=bet,
                label=label,
                odds=outcome.get("Price"),
                book=BOOK,
                line=line or None,
                own_line=False,
            )
        )
