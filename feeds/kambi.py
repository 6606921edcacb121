"""Kambi's bet offers, from recordings: prices and lines are thousandths.

Shape: a recording of 2021, which holds offers without the events that they are of, so sides are
known only where an offer names its participants.
"""

from typing import Any

import msgspec

from domain.markets import MarketKind
from feeds import said
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import UNTOLD, words

BOOK = "kambi"
_WORDS = words("kambi")
_THOUSANDTHS = 1000
_SIDES = {"OT_ONE": "home", "OT_CROSS": "draw", "OT_TWO": "away"}
_LABELS = _SIDES | {"OT_OVER": "over", "OT_UNDER": "under", "OT_YES": "yes", "OT_NO": "no"}


class _Offer(msgspec.Struct):
    """One market of an event."""

    event: int = msgspec.field(name="eventId")
    criterion: dict[str, Any]
    type: dict[str, Any] = msgspec.field(name="betOfferType")
    outcomes: list[Any]


class Kambi(RecordedFeed):
    """Full-time result, goals and Asian handicap."""

    manifest = of_recordings("kambi", "Kambi", _WORDS.kinds, "https://www.kambi.com")

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        raw = said.needed(said.fields(answer).get("betOffers"), "bet offers")
        offers = said.structs(raw, _Offer, sheet.tally, Reason.MARKET_MALFORMED)
        sides = _sides(offers)
        for offer in offers:
            try:
                _read_offer(sheet, offer, sides.get(offer.event))
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(offer.outcomes)))


def _sides(offers: list[_Offer]) -> dict[int, tuple[object, object]]:
    """Return the participants of each event, by the offers that name both."""
    found = dict[int, tuple[object, object]]()
    for offer in offers:
        named = {
            outcome.get("type"): outcome.get("participant")
            for outcome in map(said.fields, offer.outcomes)
            if isinstance(outcome.get("type"), str)
        }
        if named.get("OT_ONE") and named.get("OT_TWO"):
            found.setdefault(offer.event, (named["OT_ONE"], named["OT_TWO"]))
    return found


def _read_offer(sheet: Sheet, offer: _Offer, sides: tuple[object, object] | None) -> None:
    counted = offer.criterion.get("occurrenceType"), offer.criterion.get("lifetime")
    bet = _WORDS.bet("/".join(map(str, (offer.type.get("englishName"), *counted))))
    card = _card(sheet, offer, sides)
    for outcome in map(said.fields, offer.outcomes):
        try:
            said.require(outcome.get("status") == "OPEN", Reason.MARKET_SUSPENDED)
            told = outcome.get("line")
            line = None if told is None else said.number(told) / _THOUSANDTHS
            odds = said.number(outcome.get("odds")) / _THOUSANDTHS
        except NoPrice as e:
            sheet.reject(e.reason)
            continue
        card.add(
            Price(
                bet=bet,
                label=_LABELS.get(str(outcome.get("type")), ""),
                odds=odds,
                book=BOOK,
                line=line if bet.kind is not MarketKind.WINNER else None,
                changed_at=sheet.at(outcome.get("changedDate")),
            )
        )


def _card(sheet: Sheet, offer: _Offer, sides: tuple[object, object] | None) -> Card:
    if sides is None:
        return sheet.unnamed(offer.event, UNTOLD)
    return sheet.card(offer.event, UNTOLD, None, *sides, None)
