"""football-data.co.uk: a division's season in one CSV file, opening and closing prices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.quotes import Quote, Reading
from feeds.base import UNDATED, Basis, Feed, Manifest, Payload, Request, Tally, event_id
from feeds.prices import NoPrice, line_in_text, price_in_text
from feeds.reasons import Reason
from feeds.tables import rows
from feeds.text import plain

# Market averages and maxima (`Avg`, `Max`) stand beside the books in the same columns; they are no
# books. `P` is Pinnacle in two-way columns, and `PS` in three-way ones.
BOOKS = {
    "B365": "bet365",
    "BW": "bwin",
    "IW": "interwetten",
    "PS": "pinnacle",
    "P": "pinnacle",
    "WH": "williamhill",
    "VC": "betvictor",
    "BV": "betvictor",
    "BF": "betfair",
    "1XB": "1xbet",
    "BFD": "betfred",
    "BMGM": "betmgm",
    "CL": "coral",
    "LB": "ladbrokes",
    "BFE": "betfair_ex",
}
COMMISSIONS = {"BFE": 0.05}
LEAGUES = {
    "B1": "belgium_pro_league",
    "D1": "germany_bundesliga",
    "D2": "germany_bundesliga_2",
    "E0": "england_premier_league",
    "E1": "england_championship",
    "E2": "england_league_one",
    "E3": "england_league_two",
    "EC": "england_national_league",
    "F1": "france_ligue_1",
    "F2": "france_ligue_2",
    "G1": "greece_super_league",
    "I1": "italy_serie_a",
    "I2": "italy_serie_b",
    "N1": "netherlands_eredivisie",
    "P1": "portugal_primeira_liga",
    "SC0": "scotland_premiership",
    "SC1": "scotland_championship",
    "SC2": "scotland_league_one",
    "SC3": "scotland_league_two",
    "SP1": "spain_la_liga",
    "SP2": "spain_segunda_division",
    "T1": "turkey_super_lig",
}
OPENING = "opening"
_MOMENTS = {OPENING: "", "closing": "C"}
_WINNER_BOOKS = tuple(code for code in BOOKS if code != "P")
_TWO_WAY_BOOKS = ("B365", "P", "BFE")
_WINNER = {"H": Outcome.HOME, "D": Outcome.DRAW, "A": Outcome.AWAY}
_TOTAL = {">2.5": Outcome.OVER, "<2.5": Outcome.UNDER}
_HANDICAP = {"AHH": Outcome.HOME, "AHA": Outcome.AWAY}
_DATES = ("%d/%m/%Y", "%d/%m/%y")

_Row = Mapping[str, str]


class FootballData(Feed):
    """Winner, over/under 2.5 and Asian handicap of past matches; nothing says when they changed."""

    manifest = Manifest(
        name="football_data",
        title="football-data.co.uk",
        basis=Basis.RECORDED,
        sports=frozenset({"soccer"}),
        markets=frozenset({"winner", "handicap", "total"}),
        terms="https://www.football-data.co.uk/disclaimer.php",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return nothing to ask, whatever the `sports`: a person downloads its past seasons."""
        del sports
        return []

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield one reading of the opening prices and one of the closing prices.

        An undated file is taken to be of its first kick-off, when no match was in play yet.
        """
        matches, tally = dict[str, tuple[Event, _Row]](), Tally()
        for row in rows(payload.body, ("Div", "Date", "HomeTeam", "AwayTeam"), tally):
            event = _event(payload.request.source, row)
            if isinstance(event, Reason):
                tally.reject(event)
            elif event.id in matches:
                tally.reject(Reason.DUPLICATE)
            else:
                matches[event.id] = (event, row)
        as_of = payload.as_of
        if as_of == UNDATED:
            starts = (event.starts_at for event, _ in matches.values() if event.starts_at)
            as_of = min(starts, default=UNDATED)
        for scope, mark in _MOMENTS.items():
            for event, row in matches.values():
                tally.events.append(event)
                _read_match(event, row, mark, tally)
            request = replace(payload.request, scope=scope)
            dated = replace(payload, request=request, as_of=as_of)
            yield tally.reading(dated, origin=self.manifest.origin, complete=True)
            tally = Tally()


def _event(source: str, row: _Row) -> Event | Reason:
    home, away, division = plain(row["HomeTeam"]), plain(row["AwayTeam"]), plain(row["Div"])
    if home is None or away is None or division is None or home == away:
        return Reason.EVENT_MALFORMED
    day = _date(row["Date"])
    if day is None:
        return Reason.TIME_INVALID
    source_id = f"{division}:{day:%Y-%m-%d}:{home}:{away}"
    return Event(
        id=event_id(source, source_id),
        source_id=source_id,
        sport="soccer",
        league=LEAGUES.get(division, division.lower()),
        home=home,
        away=away,
        starts_at=_starts_at(day, row.get("Time", "")),
    )


def _read_match(event: Event, row: _Row, mark: str, tally: Tally) -> None:
    winner = Market(event_id=event.id, kind=MarketKind.WINNER, period=Period.FULL_TIME, ways=3)
    for code in _WINNER_BOOKS:
        _read_book(code, _cells(row, code + mark, _WINNER), winner, tally)
    total = Market(event_id=event.id, kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=2.5)
    handicap = _handicap(event, row.get(f"AH{mark}h", ""))
    for code in _TWO_WAY_BOOKS:
        _read_book(code, _cells(row, code + mark, _TOTAL), total, tally)
        _read_book(code, _cells(row, code + mark, _HANDICAP), handicap, tally)


def _cells(row: _Row, column: str, endings: Mapping[str, Outcome]) -> dict[Outcome, str]:
    return {outcome: row.get(column + ending, "") for ending, outcome in endings.items()}


def _handicap(event: Event, cell: str) -> Market | str:
    try:
        at_line = line_in_text(cell)
    except NoPrice as e:
        return e.reason
    return Market(
        event_id=event.id, kind=MarketKind.HANDICAP, period=Period.FULL_TIME, line=at_line
    )


def _read_book(code: str, cells: Mapping[Outcome, str], market: Market | str, tally: Tally) -> None:
    """Take a book's prices of one market, all or none: part of them is a slip of the table."""
    offered = sum(1 for cell in cells.values() if cell)
    if not offered:
        return
    if isinstance(market, str):  # why the line cannot be read
        tally.reject(market, offered)
        return
    try:
        odds = {outcome: price_in_text(cell) for outcome, cell in cells.items()}
    except NoPrice as e:
        tally.reject(e.reason, offered)
        return
    for outcome, decimal in odds.items():
        quote = Quote(
            book=BOOKS[code],
            market=market,
            outcome=outcome,
            odds=decimal,
            changed_at=None,
            commission=COMMISSIONS.get(code, 0.0),
        )
        tally.quotes.append(quote)


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _starts_at(day: date, clock: str) -> datetime | None:
    """Return the kick-off in UTC of a London clock, or None if the table has no time for it."""
    try:
        local = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    summer = _last_sunday(day.year, 3) <= local < _last_sunday(day.year, 10)
    return local - timedelta(hours=summer)


def _last_sunday(year: int, month: int) -> datetime:
    """Return when British clocks change: 01:00 UTC of a last Sunday, by law since 1998.

    Computed, so that kick-offs do not hang on a time zone database being installed.
    """
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)
