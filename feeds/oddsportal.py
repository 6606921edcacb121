"""OddsPortal's match pages as OddsHarvester saves them: many European books' prices of a match.

Shape: recordings of 2025-26. Each record is the page at one moment, so each is a reading of its
own; when a price changed it does not say. A draw that includes overtime is none, so such a market
is not read.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from domain.markets import MarketKind, Period, Statistic
from domain.names import NameKind
from domain.quotes import Reading
from feeds import said
from feeds.base import UNDATED, Payload
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.recorded import RecordedFeed, of_recordings
from feeds.vocabulary import Bet, words

_WORDS = words("oddsportal")
_FIELD = re.compile(r"(over_under(?=_)|[a-z0-9_]+?)(?:_(games|sets))?((?:_\d+)+)?_market", re.ASCII)
_LINED = re.compile(r"Over/Under \+?(\d{1,3}(?:\.\d{1,2})?)", re.ASCII)
_LINK = re.compile(r"https://www\.oddsportal\.com/([a-z-]+)/", re.ASCII)
_STATISTICS = {"games": Statistic.GAMES, "sets": Statistic.SETS}


class OddsPortal(RecordedFeed):
    """Results by period, over and under, both to score and double chance."""

    manifest = of_recordings(
        "oddsportal", "OddsPortal", _WORDS.kinds, "https://www.oddsportal.com/terms/"
    )

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield a reading a record, as of when the page was saved."""
        for record in said.needed(said.decoded(payload.body), "matches"):
            sheet = Sheet(payload, recorded=True)
            self.take(sheet, record)
            saved_at = sheet.at(_zoned(said.fields(record).get("scraped_date")))
            undated = payload.as_of == UNDATED
            yield sheet.reading(complete=True, as_of=saved_at if undated else None)

    def take(self, sheet: Sheet, answer: Any) -> None:
        """Put a record's prices on its sheet."""
        _read_record(sheet, said.fields(answer))


def _zoned(value: object) -> object:
    """Return an instant that ends in UTC as ISO 8601 writes it."""
    if isinstance(value, str) and value.endswith(" UTC"):
        return value.removesuffix(" UTC").replace(" ", "T") + "+00:00"
    return value


def _read_record(sheet: Sheet, record: dict[str, Any]) -> None:
    markets = {name: rows for name, rows in record.items() if name.endswith("_market")}
    count = sum(len(said.listed(rows)) for rows in markets.values())
    link = record.get("match_link")
    at = _LINK.match(link) if isinstance(link, str) else None
    try:
        sport = _WORDS.sport(at[1] if at else None)
        league, home, away = (record.get(k) for k in ("league_name", "home_team", "away_team"))
        starts_at = sheet.at(_zoned(record.get("match_date")))
        card = sheet.card(link, sport, league, home, away, starts_at)
    except NoPrice as e:
        sheet.reject(e.reason, count)
        return
    for name, rows in markets.items():
        for row in map(said.fields, said.listed(rows)):
            _read_row(sheet, card, name, row)


def _read_row(sheet: Sheet, card: Card, name: str, row: dict[str, Any]) -> None:
    prices = {label: odds for label, odds in row.items() if label.casefold() in _WORDS.outcomes}
    try:
        bet, line = _meant(name, row)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(prices)))
        return
    book = said.book(str(row.get("bookmaker_name")))
    for label, odds in prices.items():
        ours = _WORDS.outcomes[label.casefold()]
        card.add(Price(bet=bet, label=ours, odds=odds, book=book, line=line))


def _meant(name: str, row: dict[str, Any]) -> tuple[Bet, str | None]:
    """Return the market and line of a row of the field `name`."""
    field = _FIELD.fullmatch(name)
    if field is None:
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, name))
    bet = _WORDS.bet(field[1])
    said_period = row.get("period")
    if said_period is not None:
        period = _WORDS.periods.get(str(said_period).casefold())
        if period is None:
            raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.PERIOD, said_period))
        if bet.ways == 3 and period is Period.FULL_TIME_INCL_OVERTIME:
            raise NoPrice(Reason.MARKET_UNSUPPORTED)
        # Baseball's and volleyball's "full time" is the whole game, however long.
        whole = period is Period.FULL_TIME and bet.ways == 2
        bet = bet if whole else msgspec.structs.replace(bet, period=period)
    if bet.kind is not MarketKind.TOTAL:
        return bet, None
    lined = _LINED.match(str(row.get("submarket_name")))
    if lined is None:
        raise NoPrice(Reason.LINE_MISSING)
    if field[2]:
        bet = msgspec.structs.replace(bet, statistic=_STATISTICS[field[2]])
    return bet, lined[1]
