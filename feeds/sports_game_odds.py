"""SportsGameOdds v2: whole events with every market of every book, players included.

Shape: the vendor's Python SDK 1.3 (generated from its OpenAPI description) and its documentation of
oddIDs. Numbers are text, prices American. Alternative lines are not read: their shape is not
documented.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from domain.errors import FeedDrifted
from domain.names import NameKind
from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Request
from feeds.card import Card, Price, Sheet
from feeds.prices import NoPrice, Style
from feeds.reasons import Reason, Unknown
from feeds.vocabulary import Bet, words

_URL = "https://api.sportsgameodds.com/v2/events"
_WORDS = words("sports_game_odds")
_WHOLE = "game"
_SCORE = "points"


class _Odd(msgspec.Struct, rename={"stat": "statID", "of": "statEntityID", "by": "byBookmaker"}):
    """One selection of an event, with each book's price."""

    stat: str
    of: str
    period: str = msgspec.field(name="periodID")
    type: str = msgspec.field(name="betTypeID")
    side: str = msgspec.field(name="sideID")
    by: dict[str, Any] = {}


class SportsGameOdds(Feed):
    """Winner, spread, total, team and player totals, odd or even, double chance; by period."""

    manifest = Manifest(
        name="sports_game_odds",
        title="SportsGameOdds",
        basis=Basis.DOCUMENTED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.sportsgameodds.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"x-api-key": "{key}"},
        terms="https://sportsgameodds.com",
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a sport; `follow` asks for the pages after the first."""
        return [
            self._request(known.upper(), {"sportID": known.upper(), "oddsAvailable": "true"})
            for sport in sorted(set(sports))
            for known in _WORDS.theirs(sport)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of a page; it is complete if it is the only one."""
        sheet, answer = Sheet(payload), said.fields(said.decoded(payload.body))
        for event in said.needed(answer.get("data"), "events"):
            _read_event(sheet, said.fields(event))
        alone = not answer.get("nextCursor") and "cursor" not in payload.request.params
        yield sheet.reading(complete=alone)

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the question for the next page."""
        try:
            cursor = said.fields(said.decoded(payload.body)).get("nextCursor")
        except FeedDrifted:
            return ()
        if not isinstance(cursor, str) or not cursor:
            return ()
        return [self._request(payload.request.scope, {**payload.request.params, "cursor": cursor})]

    def _request(self, scope: str, params: Mapping[str, str]) -> Request:
        return Request(source="sports_game_odds", scope=scope, url=_URL, params=params)


def _read_event(sheet: Sheet, raw: dict[str, Any]) -> None:
    odds = said.fields(raw.get("odds"))
    try:
        card = sheet.card(
            raw.get("eventID"),
            _WORDS.sport(raw.get("sportID")),
            raw.get("leagueID"),
            _side(raw, "home"),
            _side(raw, "away"),
            sheet.at(said.fields(raw.get("status")).get("startsAt")),
        )
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(odds)))
        return
    players = said.fields(raw.get("players"))
    for odd in said.structs(list(odds.values()), _Odd, sheet.tally, Reason.MARKET_MALFORMED):
        _read_odd(sheet, card, odd, players)


def _side(raw: dict[str, Any], which: str) -> object:
    team = said.fields(said.fields(raw.get("teams")).get(which))
    return said.fields(team.get("names")).get("long")


def _read_odd(sheet: Sheet, card: Card, odd: _Odd, players: dict[str, Any]) -> None:
    try:
        bet, label = _meant(odd)
        subject = odd.of if odd.of in {"home", "away"} and bet.kind == "team_total" else None
        if bet.kind == "player_total":
            subject = said.name(said.fields(players.get(odd.of)).get("name"))
    except NoPrice as e:
        sheet.reject(e.reason, max(1, len(odd.by)))
        return
    for book, price in odd.by.items():
        told = said.fields(price)
        if told.get("available") is False:
            sheet.reject(Reason.MARKET_SUSPENDED)
            continue
        card.add(
            Price(
                bet=bet,
                label=label,
                odds=told.get("odds"),
                book=said.book(book),
                line=told.get("spread" if odd.type == "sp" else "overUnder"),
                subject=subject,
                style=Style.AMERICAN,
                changed_at=sheet.at(told.get("lastUpdatedAt")),
            )
        )


def _meant(odd: _Odd) -> tuple[Bet, str]:
    """Return the market and the label that the parts of an oddID stand for."""
    label, kind = odd.side, odd.type
    if kind == "ml3way" and label in _WORDS.outcomes:
        label, kind = _WORDS.outcomes[label], "chance"
    if kind == "ou" and odd.of != "all":
        of_a_side = odd.of in {"home", "away"} and odd.stat == _SCORE
        kind = "team-ou" if of_a_side else f"player-ou-{odd.stat}"
    elif odd.stat != _SCORE:
        told = f"{kind} of {odd.stat}"
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, told))
    bet = _WORDS.bet(kind)
    if odd.period == _WHOLE:
        return bet, label
    if odd.period not in _WORDS.periods:
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.PERIOD, odd.period))
    return msgspec.structs.replace(bet, period=_WORDS.periods[odd.period]), label
