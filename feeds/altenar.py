"""Altenar's upcoming events, from recordings: markets and outcomes have Betradar's ids.

Shape: a recording of 2021. A market's `MarketTypeId` is Betradar's id with the line behind it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.vocabulary import words

BOOK = "altenar"
_WORDS = words("betradar_uof")
_ACTIVE = 1


class Altenar(Feed):
    """Results, double chance, handicaps and totals of football and others."""

    manifest = Manifest(
        name="altenar",
        title="Altenar (recording)",
        basis=Basis.RECORDED,
        sports=frozenset(),
        markets=_WORDS.kinds,
        terms="https://altenar.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:  # noqa: ARG002  nothing is asked
        """Return nothing."""
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a recorded answer."""
        sheet = Sheet(payload, recorded=True)
        result = said.fields(said.fields(said.decoded(payload.body)).get("Result"))
        for part in map(said.fields, said.needed(result.get("Items"), "items")):
            for event in map(said.fields, said.listed(part.get("Events"))):
                _read_event(sheet, event)
        yield sheet.reading(complete=True)


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
