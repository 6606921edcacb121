"""BetsAPI's passed-on answers of single books: Bet365 before the match, SBOBET and bwin in play."""

import re
from collections.abc import Iterator
from typing import Any

from domain.markets import MarketKind
from domain.names import NameKind
from feeds import said
from feeds.card import Price, Sheet
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.sports import BY_NAME
from feeds.vocabulary import Bet, words

WORDS = words("betsapi")
_SOCCER = BY_NAME["soccer"]
_PAGES = ("main", "asian_lines", "goals", "half", "schedule")
_OVER_UNDER = ("over", "under")
_SHIRTS = {2: ("home", "away"), 3: ("home", "draw", "away")}
_LINED = re.compile(r"(Over|Under) (\d{1,3}(?:,\d)?)", re.ASCII)
_LEVEL = re.compile(r"0\s*[-:]\s*0")


def read(sheet: Sheet, raw: dict[str, Any], whole: Any) -> bool:
    """Read a result if it is of a single book, and say whether it was."""
    if any(isinstance(raw.get(page), dict) for page in _PAGES) and "FI" in raw:
        _read_bet365(sheet, raw)
    elif "Markets" in raw and "HomeTeam" in raw:
        _read_bwin(sheet, raw)
    elif "period-total" in raw or ("markets" in raw and "start_dt" in raw):
        _read_sbobet(sheet, raw)
    elif "Value" in raw:
        groups = said.listed(said.fields(raw["Value"]).get("GE"))
        sheet.reject(Reason.MARKET_UNSUPPORTED, sum(_count(group) for group in groups))
    elif "markets" in raw:
        sheet.reject(Reason.MARKET_UNSUPPORTED, len(said.listed(raw["markets"])))
    elif parts := [said.fields(part) for part in said.listed(whole)]:
        sheet.reject(Reason.MARKET_UNSUPPORTED, sum(part.get("type") == "PA" for part in parts))
    else:
        return "HomeTeam" in raw
    return True


def from_the_start(bet: Bet, score: object) -> bool:
    """Say whether a price counts from the start: in play a handicap begins at the score of then."""
    if bet.kind is not MarketKind.HANDICAP or score is None:
        return True
    return _LEVEL.fullmatch(str(score).strip()) is not None


def _count(group: object) -> int:
    columns = said.listed(said.fields(group).get("E"))
    return sum(len(said.listed(column)) for column in columns)


def _read_bet365(sheet: Sheet, raw: dict[str, Any]) -> None:
    pages = [said.fields(raw.get(page)) for page in _PAGES]
    told: dict[str, list[dict[str, Any]]] = {}
    for page in pages:
        for market, rows in said.fields(page.get("sp")).items():
            # The same market stands on several pages; the first is as good as the others.
            told.setdefault(market, [said.fields(row) for row in said.listed(rows)])
    home, away = _teams(told.get("draw_no_bet", []))
    known = raw.get("event_id", raw.get("FI"))
    for market, rows in told.items():
        try:
            bet = WORDS.bet(market)
            if home is None or away is None:
                card = sheet.unnamed(known, _SOCCER)
            else:
                card = sheet.card(known, _SOCCER, None, home, away, None)
        except NoPrice as e:
            sheet.reject(e.reason, len(rows))
            continue
        for price in _bet365_prices(bet, rows):
            card.add(price)


def _teams(draw_no_bet: list[dict[str, Any]]) -> tuple[object, object]:
    """Return the sides, which only the markets that name them tell."""
    names = [row.get("opp", row.get("name")) for row in draw_no_bet]
    return (names[0], names[1]) if len(names) == 2 else (None, None)


def _bet365_prices(bet: Bet, rows: list[dict[str, Any]]) -> Iterator[Price]:
    for row in rows:
        header = str(row.get("header", "")).strip()
        label = str(row.get("opp", row.get("name", "")))
        line: object = row.get("goals", row.get("opp", row.get("name")))
        if bet.kind is MarketKind.CORRECT_SCORE and header == "Away":
            label = "-".join(reversed(label.split("-")))  # written from the winner's side
        elif header and bet.kind is not MarketKind.CORRECT_SCORE:
            label = header
        yield Price(
            bet=bet,
            label=label,
            odds=row.get("odds"),
            book="bet365",
            line=line if header else None,
        )


def _read_sbobet(sheet: Sheet, raw: dict[str, Any]) -> None:
    league, home, away = (said.fields(raw.get(k)).get("name") for k in ("league", "home", "away"))
    markets = [said.fields(market) for market in said.listed(raw.get("markets"))]
    try:
        at = sheet.at(raw.get("time"))
        card = sheet.card(raw.get("id"), _SOCCER, league, home, away, at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        odds = said.listed(market.get("odds"))
        try:
            bet = WORDS.bet(market.get("display"))
            score = f"{raw.get('home_score')}-{raw.get('away_score')}"
            said.require(from_the_start(bet, score), Reason.MARKET_UNSUPPORTED)
            labels = _OVER_UNDER if bet.kind is MarketKind.TOTAL else _SHIRTS.get(len(odds), ())
            said.require(len(labels) == len(odds), Reason.MARKET_MALFORMED)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(odds)))
            continue
        for label, price in zip(labels, odds, strict=True):
            line = market.get("handicap") if bet.kind is not MarketKind.WINNER else None
            card.add(
                Price(bet=bet, label=label, odds=price, book="sbobet", line=line, own_line=False)
            )


def _read_bwin(sheet: Sheet, raw: dict[str, Any]) -> None:
    markets = [said.fields(market) for market in said.listed(raw.get("Markets"))]
    if str(raw.get("SportId")) not in WORDS.outcomes:
        unknown = Unknown(Reason.UNKNOWN_SPORT, NameKind.SPORT, raw.get("SportId"))
        sheet.reject(unknown, max(1, len(markets)))
        return
    try:
        at = sheet.at(raw.get("Date"))
        home, away = raw.get("HomeTeam"), raw.get("AwayTeam")
        card = sheet.card(raw.get("Id"), _SOCCER, raw.get("LeagueName"), home, away, at)
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(markets)))
        return
    for market in markets:
        results = [said.fields(result) for result in said.listed(market.get("Results"))]
        try:
            bet = WORDS.bet(market.get("Name"))
            said.require(market.get("Visible") is True, Reason.MARKET_SUSPENDED)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, len(results)))
            continue
        for result in results:
            if result.get("Visible") is not True:
                sheet.reject(Reason.SELECTION_CLOSED)
                continue
            label, line = str(result.get("Name")), None
            if lined := _LINED.fullmatch(label):
                label, line = lined[1], lined[2].replace(",", ".")
            odds = result.get("Odds")
            card.add(Price(bet=bet, label=label, odds=odds, book="bwin", line=line))
