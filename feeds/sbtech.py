"""SBTech's markets, from recordings: decimal prices as `trueOdds`, unrounded.

Shape: a recording of 2021, whose events list is empty: sides are known where a market names them.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason
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


class SbTech(Feed):
    """Full-time result and goals."""

    manifest = Manifest(
        name="sbtech",
        title="SBTech (recording)",
        basis=Basis.RECORDED,
        sports=frozenset(),
        markets=_WORDS.kinds,
        terms="https://www.draftkings.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:  # noqa: ARG002  nothing is asked
        """Return nothing."""
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a recorded answer."""
        sheet = Sheet(payload, recorded=True)
        answer = said.fields(said.decoded(payload.body))
        raw = said.needed(answer.get("markets"), "markets")
        for market in said.structs(raw, _Market, sheet.tally, Reason.MARKET_MALFORMED):
            try:
                _read_market(sheet, market)
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(market.selections)))
        yield sheet.reading(complete=True)


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
