"""Meridian's days of events, from recordings: prices as text, the line with the market.

Shape: a recording of 2021. An event can stand in several hours of a day; it is taken once.
"""

from typing import Any

from feeds import said
from feeds.card import Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "meridian"
_WORDS = words("meridian")
_ACTIVE = "ACTIVE"


class Meridian(RecordedFeed):
    """Full-time result and goals."""

    manifest = of_recordings("meridian", "Meridian", _WORDS.kinds, "https://meridianbet.com")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        for hour in map(said.fields, said.needed(said.fields(answer).get("events"), "hours")):
            for event in map(said.fields, said.listed(hour.get("events"))):
                _read_event(sheet, event)


def _read_event(sheet: Sheet, event: dict[str, Any]) -> None:
    markets = [said.fields(market) for market in said.listed(event.get("market"))]
    sides = [said.fields(team).get("name") for team in said.listed(event.get("team"))]
    try:
        said.require(len(sides) == 2, Reason.EVENT_MALFORMED)
        sport, at = _WORDS.sport(event.get("sportId")), sheet.at(event.get("startTime"))
        home, away = sides
        card = sheet.card(event.get("id"), sport, event.get("leagueName"), home, away, at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        selections = [said.fields(one) for one in said.listed(market.get("selection"))]
        try:
            bet = _WORDS.bet(market.get("templateId"))
            states = [market.get("state"), event.get("state")]
            said.require(states == [_ACTIVE, _ACTIVE], Reason.MARKET_SUSPENDED)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(selections)))
            continue
        for one in selections:
            label = _WORDS.outcomes.get(str(one.get("name")).casefold(), "")
            odds = one.get("price") if one.get("state") == _ACTIVE else "susp"
            card.add(
                Price(bet=bet, label=label, odds=odds, book=BOOK, line=market.get("overUnder"))
            )
