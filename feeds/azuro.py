"""Azuro: odds of liquidity pools on a public chain, read without a key.

Follows @azuro-org/toolkit 6 (`market-manager/games-by-filters`, then `conditions-by-game-ids`) and,
for recordings of them, the data feed's subgraph (`data.games[].conditions[]` with `currentOdds`).
An outcome is a number that the vendor's dictionaries explain; those of "modern" conditions, which
have none, are counted as unsupported. Odds hold for small stakes and fall with larger ones: how
large a stake may be, and when a price last changed, the answers do not say.
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from domain.names import NameKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.kept import Kept
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.titles import begun
from feeds.vocabulary import Bet, Words

BOOK = "azuro"
_URL = "https://api.onchainfeed.org/api/v1/public/market-manager"
_ENVIRONMENT = "PolygonUSDT"
_PAGE = 100
_GAMES = 50
_OPEN = frozenset({"Active", "Created"})


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A market of the dictionaries: in which sports, what it asks, and its outcomes' numbers."""

    sports: list[str]
    bet: Bet
    outcomes: dict[str, str]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sports: dict[str, str]
    questions: list[_Question]


class _Meant(NamedTuple):
    """What an outcome's number means, and in which sports."""

    sports: Sequence[str]
    bet: Bet
    label: str
    subject: str | None
    line: float | None


class _Named(msgspec.Struct, rename="camel"):
    name: str = ""
    slug: str = ""
    sport_id: str | int | None = None


class _Participant(msgspec.Struct):
    name: str


class _Game(msgspec.Struct, rename="camel"):
    game_id: str
    starts_at: Any = None
    state: str = ""
    sport: _Named | None = None
    league: _Named | None = None
    participants: list[_Participant] = []
    conditions: list[Any] = []


class _Outcome(msgspec.Struct, rename="camel"):
    outcome_id: str
    odds: Any = None
    current_odds: Any = None
    hidden: bool | None = None


class _Condition(msgspec.Struct, rename="camel"):
    condition_id: str
    state: str = ""
    hidden: bool | None = None
    game: _Game | None = None
    outcomes: list[_Outcome] = []


def _table() -> _Table:
    text = (Path(__file__).parent / "azuro.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Table)


def _meanings(table: _Table) -> dict[str, _Meant]:
    meant = dict[str, _Meant]()
    for question in table.questions:
        for word, numbers in question.outcomes.items():
            label, _, subject = word.partition("_")
            for number in numbers.split():
                name, _, line = number.partition(":")
                at = float(line) if line else None
                meant[name] = _Meant(question.sports, question.bet, label, subject or None, at)
    return meant


_TABLE = _table()
_WORDS = Words(sports=_TABLE.sports)
_MEANINGS = _meanings(_TABLE)


class Azuro(Feed):
    """Winners, handicaps and totals of the pools' games."""

    manifest = Manifest(
        name="azuro",
        title="Azuro",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=frozenset(question.bet.kind.value for question in _TABLE.questions),
        hosts=frozenset({"api.onchainfeed.org"}),
        min_interval_s=15.0,
        terms="https://azuro.org",
    )

    def __init__(self) -> None:
        self._games = Kept[_Game]()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the first page of each sport's games; `follow` turns pages and asks for prices."""
        asked = [number for number, ours in _WORDS.sports.items() if ours in sports]
        return [_page(number, 1) for number in sorted(asked)]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the next page of games, and the conditions of the games on this one."""
        try:
            answer = said.fields(said.decoded(payload.body))
        except FeedDrifted:
            return ()
        rows = [said.fields(row).get("gameId") for row in said.listed(answer.get("games"))]
        games = [row for row in rows if isinstance(row, str) and row.isascii()]
        number, _, page = payload.request.scope.partition("/")
        asked = [
            Request(
                source="azuro",
                scope=f"{number}/{page}/{start}",
                url=f"{_URL}/conditions-by-game-ids",
                body=msgspec.json.encode(
                    {"gameIds": games[start : start + _GAMES], "environment": _ENVIRONMENT}
                ),
            )
            for start in range(0, len(games), _GAMES)
        ]
        pages = answer.get("totalPages")
        if isinstance(pages, int) and page.isdecimal() and int(page) < min(pages, 1000):
            asked.append(_page(number, int(page) + 1))
        return asked

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer; games are remembered for the conditions to come."""
        sheet = Sheet(payload)
        answer = said.fields(said.decoded(payload.body))
        answer = said.fields(answer.get("data")) or answer
        whole = "conditions" in answer
        if whole:
            rows = said.needed(answer["conditions"], "conditions")
            for condition in _conditions(sheet, rows):
                known = self._games.get(condition.game.game_id) if condition.game else None
                _read_condition(sheet, known, condition)
        else:
            rows = said.needed(answer.get("games"), "games")
            for game in said.structs(rows, _Game, sheet.tally, Reason.EVENT_MALFORMED):
                self._games.put(game.game_id, game)
                for condition in _conditions(sheet, game.conditions):
                    _read_condition(sheet, game, condition)
        yield sheet.reading(complete=whole)


def _page(number: str, page: int) -> Request:
    return Request(
        source="azuro",
        scope=f"{number}/{page}",
        url=f"{_URL}/games-by-filters",
        params={
            "environment": _ENVIRONMENT,
            "gameState": "Prematch",
            "sportId": number,
            "orderBy": "startsAt",
            "orderDirection": "asc",
            "page": str(page),
            "perPage": str(_PAGE),
        },
    )


def _conditions(sheet: Sheet, rows: Sequence[Any]) -> list[_Condition]:
    return said.structs(rows, _Condition, sheet.tally, Reason.MARKET_MALFORMED)


def _read_condition(sheet: Sheet, game: _Game | None, condition: _Condition) -> None:
    try:
        _require_open(condition)
        card = _card(sheet, game)
    except NoPrice as e:
        sheet.reject(e.reason, len(condition.outcomes) or 1)
        return
    for outcome in condition.outcomes:
        try:
            card.add(_price(card, outcome))
        except NoPrice as e:
            sheet.reject(e.reason)


def _require_open(condition: _Condition) -> None:
    if condition.state not in _OPEN or condition.hidden:
        stopped = condition.state in {"Stopped", "Paused"}
        raise NoPrice(Reason.MARKET_SUSPENDED if stopped else Reason.MARKET_CLOSED)


def _card(sheet: Sheet, game: _Game | None) -> Card:
    if game is None:
        raise NoPrice(Reason.EVENT_UNKNOWN)
    if len(game.participants) != 2:
        raise NoPrice(Reason.EVENT_MALFORMED)
    sport = _WORDS.sport(game.sport.sport_id if game.sport else None)
    home, away = (participant.name for participant in game.participants)
    starts_at = begun(sheet.at(game.starts_at), sheet.payload.as_of, in_play=game.state == "Live")
    league = game.league.slug or game.league.name if game.league else None
    return sheet.card(game.game_id, sport, league, home, away, starts_at)


def _price(card: Card, outcome: _Outcome) -> Price:
    meant = _MEANINGS.get(outcome.outcome_id)
    if meant is None or card.sport.name not in meant.sports:
        told = outcome.outcome_id
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.OUTCOME, told))
    if outcome.hidden:
        raise NoPrice(Reason.MARKET_SUSPENDED)
    return Price(
        bet=meant.bet,
        label=meant.label,
        odds=outcome.current_odds if outcome.odds is None else outcome.odds,
        book=BOOK,
        line=meant.line,
        own_line=False,
        subject=meant.subject,
    )
