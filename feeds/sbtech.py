"""SBTech's markets, from recordings: decimal prices as `trueOdds`, unrounded.

Shape: a recording of 2021, whose events list is empty: sides are known where a market names them.
"""

from typing import Any

import msgspec

from feeds import said
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import words

BOOK = "sbtech"
_WORDS = words("sbtech")
_LABELS = {"Tie": "draw"}


class _Market(msgspec.Struct, rename="camel"):
    """One market with its selections."""

    selections: list[Any]
    event_id: str
    sport_id: str
    market_type: dict[str, Any]
    start_date: Any = None
    is_suspended: Any = None


class SbTech(RecordedFeed):
    """Full-time result and goals."""

    manifest = of_recordings("sbtech", "SBTech", _WORDS.kinds, "https://www.draftkings.com")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        raw = said.needed(said.fields(answer).get("markets"), "markets")
        for market in said.structs(raw, _Market, sheet.tally, Reason.MARKET_MALFORMED):
            try:
                _read_market(sheet, market)
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(market.selections)))


def _read_market(sheet: Sheet, market: _Market) -> None:
    bet = _WORDS.bet(market.market_type.get("id"))
    if market.is_suspended is not False:
        raise NoPrice(Reason.MARKET_SUSPENDED)
    selections = [said.fields(selection) for selection in market.selections]
    card = _card(sheet, market, selections)
    for selection in selections:
        if selection.get("status") != "Active" or selection.get("isDisabled") is True:
            sheet.reject(Reason.SELECTION_CLOSED)
            continue
        kind = str(selection.get("outcomeType"))
        card.add(
            Price(
                bet=bet,
                label=_LABELS.get(kind, kind),
                odds=selection.get("trueOdds"),
                book=BOOK,
                line=selection.get("points"),
            )
        )


def _card(sheet: Sheet, market: _Market, selections: list[dict[str, Any]]) -> Card:
    sport = _WORDS.sport(market.sport_id)
    named = {str(one.get("outcomeType")): one.get("name") for one in selections}
    if "Home" not in named or "Away" not in named:
        return sheet.unnamed(market.event_id, sport)
    at = sheet.at(market.start_date)
    return sheet.card(market.event_id, sport, None, named["Home"], named["Away"], at)
