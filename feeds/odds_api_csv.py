"""The Odds API's answers as people keep them in CSV files: a row an outcome, or a row a book."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from domain.quotes import Reading
from feeds import odds_api_shape as shape
from feeds.base import Basis, Feed, Manifest, Payload, Request, Tally
from feeds.prices import Style
from feeds.reasons import Reason
from feeds.sports import BY_NAME
from feeds.tables import rows
from feeds.the_odds_api import read_events

_Row = Mapping[str, str]

_MARKETS = frozenset({"winner", "handicap", "total"})
_TERMS = "https://the-odds-api.com/terms-and-conditions.html"
_KEYS = {
    "MLB": "baseball_mlb",
    "NBA": "basketball_nba",
    "NFL": "americanfootball_nfl",
    "NHL": "icehockey_nhl",
    "WNBA": "basketball_wnba",
}


class OddsApiRows(Feed):
    """One row an outcome, decimal prices; `sport_key` names the sport, which the table does not."""

    manifest = Manifest(
        name="odds_api_rows",
        title="The Odds API (CSV, a row an outcome)",
        basis=Basis.RECORDED,
        sports=frozenset(BY_NAME),
        markets=_MARKETS,
        terms=_TERMS,
    )

    def __init__(self, *, sport_key: str = "aussierules_afl") -> None:
        self._sport_key = sport_key

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return nothing to ask, whatever the `sports`: the tables are recordings only."""
        del sports
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield one reading a snapshot."""
        tally = Tally()
        needed = ("event_id", "home_team", "away_team", "bookmaker", "market", "outcome_name")
        table = list(rows(payload.body, (*needed, "price", "point", "snapshot_utc"), tally))
        for moment, some in groupby(table, key=itemgetter("snapshot_utc")):
            events = self._events(some)
            read_events(payload.request.source, events, Style.DECIMAL, tally)
            dated = _dated(payload, moment[:15], "%Y%m%d_%H%M%S", tally)
            yield tally.reading(dated, origin=self.manifest.origin, complete=True)
            tally = Tally()

    def _events(self, some: Iterator[_Row]) -> list[shape.Event]:
        events = dict[str, shape.Event]()
        for row in some:
            event = events.setdefault(
                row["event_id"], _event(row["event_id"], self._sport_key, row)
            )
            market = _market(_book(event, row), row["market"], row.get("last_update"))
            market.outcomes.append(
                shape.Outcome(row["outcome_name"], _number(row["price"]), _number(row["point"]))
            )
        return list(events.values())


class OddsApiWide(Feed):
    """One row a book and game, American prices; a day's file, dated by its day alone."""

    manifest = Manifest(
        name="odds_api_wide",
        title="The Odds API (CSV, a row a book)",
        basis=Basis.RECORDED,
        sports=frozenset(BY_NAME),
        markets=_MARKETS,
        terms=_TERMS,
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return nothing to ask, whatever the `sports`: the tables are recordings only."""
        del sports
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield one reading a day; nothing says when a price last changed."""
        tally = Tally()
        needed = ("date", "sport", "game_id", "home_team", "away_team", "bookmaker")
        table = list(rows(payload.body, needed, tally))
        for day, some in groupby(table, key=itemgetter("date")):
            events = dict[str, shape.Event]()
            for row in some:
                key = _KEYS.get(row["sport"], row["sport"])
                event = events.setdefault(row["game_id"], _event(row["game_id"], key, row))
                _book(event, row).markets.extend(_wide_markets(row))
            read_events(payload.request.source, events.values(), Style.AMERICAN, tally)
            dated = _dated(payload, day, "%Y-%m-%d", tally)
            yield tally.reading(dated, origin=self.manifest.origin, complete=True)
            tally = Tally()


def _event(source_id: str, sport_key: str, row: _Row) -> shape.Event:
    return shape.Event(
        id=source_id,
        sport_key=sport_key,
        home_team=row["home_team"],
        away_team=row["away_team"],
        commence_time=row.get("commence_time") or None,
    )


def _book(event: shape.Event, row: _Row) -> shape.Bookmaker:
    for book in event.bookmakers:
        if book.key == row["bookmaker"]:
            return book
    event.bookmakers.append(shape.Bookmaker(row["bookmaker"]))
    return event.bookmakers[-1]


def _market(book: shape.Bookmaker, key: str, last_update: str | None) -> shape.Market:
    for market in book.markets:
        if market.key == key and market.last_update == (last_update or None):
            return market
    book.markets.append(shape.Market(key, last_update=last_update or None))
    return book.markets[-1]


def _wide_markets(row: _Row) -> Iterator[shape.Market]:
    """Yield the markets that a row has any price of."""
    home, away = row["home_team"], row["away_team"]
    columns = {
        "h2h": ((home, "ml_home", ""), (away, "ml_away", "")),
        "spreads": (
            (home, "spread_home_odds", "spread_home"),
            (away, "spread_away_odds", "spread_away"),
        ),
        "totals": (
            ("Over", "total_over_odds", "total_line"),
            ("Under", "total_under_odds", "total_line"),
        ),
    }
    for key, sides in columns.items():
        outcomes = [
            shape.Outcome(name, _number(row[price]), _number(row.get(point, "")))
            for name, price, point in sides
            if row.get(price)
        ]
        if outcomes:
            yield shape.Market(key, outcomes)


def _number(cell: str) -> float | str | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def _dated(payload: Payload, text: str, form: str, tally: Tally) -> Payload:
    try:
        return replace(payload, as_of=datetime.strptime(text, form).replace(tzinfo=UTC))
    except ValueError:
        tally.reject(Reason.TIME_INVALID)
        return payload
