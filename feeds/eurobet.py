"""Eurobet's event details, as Ladbrokes in Belgium serves them, from recordings.

Shape: a recording of 2021. Prices and lines are hundredths, starts milliseconds.
"""

from typing import Any

from domain.markets import MarketKind
from feeds import said
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "ladbrokes_be"
_WORDS = words("eurobet")
_HUNDREDTHS = 100


class Eurobet(RecordedFeed):
    """Full-time result, goals, and both teams to score."""

    manifest = of_recordings("eurobet", "Eurobet", _WORDS.kinds, "https://www.ladbrokes.be")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        result = said.fields(said.fields(answer).get("result"))
        for day in map(said.fields, said.needed(result.get("dataGroupList"), "days")):
            for item in map(said.fields, said.listed(day.get("itemList"))):
                _read_item(sheet, item)


def _read_item(sheet: Sheet, item: dict[str, Any]) -> None:
    event, bets = said.fields(item.get("eventInfo")), said.listed(item.get("betGroupList"))
    groups = [
        said.fields(group)
        for bet in bets
        for group in said.listed(said.fields(bet).get("oddGroupList"))
    ]
    home, away = (said.fields(event.get(k)).get("description") for k in ("teamHome", "teamAway"))
    known = f"{event.get('programCode')}-{event.get('eventCode')}"
    try:
        sport, at = _WORDS.sport(event.get("disciplineCode")), sheet.at(event.get("eventData"))
        card = sheet.card(known, sport, event.get("meetingDescription"), home, away, at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(groups)))
        return
    for group in groups:
        _read_group(sheet, card, group)


def _read_group(sheet: Sheet, card: Card, group: dict[str, Any]) -> None:
    prices = [said.fields(price) for price in said.listed(group.get("oddList"))]
    try:
        bet = _WORDS.bet(group.get("betId"))
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(prices)))
        return
    for price in prices:
        told = [*said.listed(price.get("additionalInfo")), None]
        try:
            odds = said.number(price.get("oddValue")) / _HUNDREDTHS
            numbered = bet.kind is MarketKind.TOTAL
            line = said.number(told[0]) / _HUNDREDTHS if numbered else None
        except NoPrice as e:
            sheet.reject(e.reason)
            continue
        card.add(Price(bet=bet, label=str(price.get("boxTitle")), odds=odds, book=BOOK, line=line))
