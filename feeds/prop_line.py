"""PropLine: The Odds API's answers from other books, with more about each price.

Shape: PyPI's propline 0.68, which documents what it adds. A market with a `team` is that team's
total and shares its key with the game's, so it is counted rather than taken for the game's; prices
of fantasy operators are multipliers of a whole entry, so those books are left out.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from domain.quotes import Reading
from feeds import said
from feeds.base import Basis, Feed, Manifest, Payload, Quota, Request, Tally
from feeds.prices import Style
from feeds.reasons import Reason
from feeds.sports import BY_NAME
from feeds.the_odds_api import TheOddsApi

_BASE = "https://api.prop-line.com/v1/sports"
_FANTASY = ("prizepicks", "underdog")
_KEYS = {
    "football_nfl": "americanfootball_nfl",
    "football_ncaaf": "americanfootball_ncaaf",
    "hockey_nhl": "icehockey_nhl",
    "mma_ufc": "mma_mixed_martial_arts",
}
_OURS = {ours: theirs for theirs, ours in _KEYS.items()}


class PropLine(Feed):
    """Game lines of North American books and exchanges, in The Odds API's shape."""

    manifest = Manifest(
        name="prop_line",
        title="PropLine",
        basis=Basis.DOCUMENTED,
        sports=frozenset(BY_NAME),
        markets=TheOddsApi.manifest.markets,
        hosts=frozenset({"api.prop-line.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"X-API-Key": "{key}"},
        terms="https://prop-line.com",
        quota=Quota(credits=1000, period_s=86_400.0),
    )

    def __init__(self) -> None:
        self._shape = TheOddsApi(style=Style.AMERICAN)

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request a league of the sports asked for."""
        keys = {key for sport in sports if sport in BY_NAME for key in BY_NAME[sport].keys}
        params = {"markets": "h2h,spreads,totals"}
        return [
            Request(
                source="prop_line",
                scope=key,
                url=f"{_BASE}/{_OURS.get(key, key)}/odds",
                params=params,
            )
            for key in sorted(keys)
        ]

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield the one reading of an answer: what it adds is judged, the rest is read alike."""
        answer, tally = said.decoded(payload.body), Tally()
        alone = said.fields(answer)
        events: list[Any] = [alone] if alone else said.needed(answer, "events")
        kept = [_kept(said.fields(event), tally) for event in events]
        like = replace(payload, body=json.dumps(kept).encode())
        for reading in self._shape.read(like):
            rejected = tally.rejected + Counter(reading.rejected)
            yield msgspec.structs.replace(reading, rejected=dict(rejected))


def _kept(event: dict[str, Any], tally: Tally) -> dict[str, Any]:
    """Return an event as The Odds API would write it; what it would not is counted."""
    key = event.get("sport_key")
    named = {**event, "sport_key": _KEYS.get(key, key) if isinstance(key, str) else key}
    if not isinstance(event.get("bookmakers"), list):
        return named
    books = list[Any]()
    for raw in said.listed(event["bookmakers"]):
        book = said.fields(raw)
        markets = said.listed(book.get("markets"))
        if event.get("is_outright") is True or book.get("key") in _FANTASY:
            tally.reject(Reason.MARKET_UNSUPPORTED, _prices(markets))
            continue
        of_teams = [m for m in markets if said.fields(m).get("team") is not None]
        tally.reject(Reason.MARKET_UNSUPPORTED, _prices(of_teams))
        games = [m for m in markets if said.fields(m).get("team") is None]
        books.append({**book, "markets": games} if book else raw)
    return {**named, "bookmakers": books}


def _prices(markets: list[Any]) -> int:
    return sum(len(said.listed(said.fields(market).get("outcomes"))) for market in markets)
