"""Kambi's bet offers, from recordings: prices and lines are thousandths.

Shape: a recording of 2021, which holds offers without the events that they are of, so sides are
known only where an offer names its participants.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.markets import MarketKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
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


class Kambi(Feed):
    """Full-time result, goals and Asian handicap."""

    manifest = Manifest(
        name="kambi",
        title="Kambi (recording)",
        basis=Basis.RECORDED,
        sports=frozenset(),
        markets=_WORDS.kinds,
        terms="https://www.kambi.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:  # noqa: ARG002  nothing is asked
        """Return nothing."""
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a recorded answer."""
        sheet = Sheet(payload, recorded=True)
        answer = said.fields(said.decoded(payload.body))
        raw = said.needed(answer.get("betOffers"), "bet offers")
        offers = said.structs(raw, _Offer, sheet.tally, Reason.MARKET_MALFORMED)
        sides = _sides(offers)
        for offer in offers:
            try:
                _read_offer(sheet, offer, sides.get(offer.event))
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(offer.outcomes)))
        yield sheet.reading(complete=True)


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
