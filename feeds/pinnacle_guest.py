"""Pinnacle's guest answers, from recordings alone: the site's own web API is never asked.

Shape: a recording of 2021. Matches are numbers there, so their events go unnamed, and periods other
than the whole match, which mean something else in each sport, are not read.
"""

from typing import Any

import msgspec

from feeds import said
from feeds.card import Price, Sheet
from feeds.outcomes import is_draw
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import UNTOLD, words

BOOK = "pinnacle"
_WORDS = words("pinnacle_guest")


class _Market(msgspec.Struct):
    """One market with its prices, unread."""

    match: int = msgspec.field(name="matchupId")
    type: str
    period: int
    prices: list[Any]
    status: str = "open"
    side: str | None = None
    limits: Any = None


class PinnacleGuest(RecordedFeed):
    """Moneyline, spread, total and team total of whole matches."""

    manifest = of_recordings(
        "pinnacle_guest", "Pinnacle, as a guest", _WORDS.kinds, "https://www.pinnacle.com"
    )

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put an answer's prices on its sheet."""
        markets = said.needed(answer, "markets")
        for market in said.structs(markets, _Market, sheet.tally, Reason.MARKET_MALFORMED):
            try:
                _read_market(sheet, market)
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(market.prices)))


def _read_market(sheet: Sheet, market: _Market) -> None:
    bet = _WORDS.bet(market.type)
    if market.period:
        raise NoPrice(Reason.MARKET_UNSUPPORTED)
    if market.status != "open":
        raise NoPrice(Reason.MARKET_SUSPENDED)
    card = sheet.unnamed(market.match, UNTOLD)
    prices = [said.fields(price) for price in market.prices]
    if any(is_draw(price.get("designation")) for price in prices):
        bet = msgspec.structs.replace(bet, ways=3)
    limits = map(said.fields, said.listed(market.limits))
    most = [limit.get("amount") for limit in limits if limit.get("type") == "maxRiskStake"]
    for price in prices:
        card.add(
            Price(
                bet=bet,
                label=str(price.get("designation")),
                odds=price.get("price"),
                book=BOOK,
                line=price.get("points"),
                subject=market.side if bet.kind == "team_total" else None,
                style=Style.AMERICAN,
                max_stake=said.limit(most[0]) if most else None,
            )
        )
