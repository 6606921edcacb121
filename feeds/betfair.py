"""Betfair Exchange over REST: what its markets are, and the best prices that stand in them.

Follows the Betting API (API-NG) of developer.betfair.com: `listMarketCatalogue` names events,
runners and commission, `listMarketBook` with EX_BEST_OFFERS brings the prices, at most 200 of
weight a request. Prices come without the time of their last change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from domain.quotes import Reading
from feeds import said
from feeds.base import (
    Basis,
    Feed,
    FeedDrifted,
    KeyRefused,
    Manifest,
    Payload,
    Quota,
    Request,
    Tally,
)
from feeds.betfair_markets import (
    SPORT_IDS,
    WORDS,
    Listing,
    Offered,
    from_catalogue,
    priced,
    understood,
)
from feeds.betfair_shape import Book, BookRunner, Catalogue, Level
from feeds.kept import Kept
from feeds.reasons import Reason

_URL = "https://api.betfair.com/exchange/betting/json-rpc/v1"
LOGIN_HOST = "identitysso.betfair.com"
_MOST_WEIGHT = 200
_BOOK_WEIGHT = 5
# What the exchange says of a session or a key that it does not take, as documented.
KEY_ERRORS = frozenset(
    {
        "INVALID_APP_KEY",
        "INVALID_SESSION_INFORMATION",
        "NO_APP_KEY",
        "NO_SESSION",
        "NOT_AUTHORIZED",
        "ACCESS_DENIED",
    }
)


# What each market is, as it was last listed. Shared with the stream, it gives names to markets
# that the stream knows by number only.
Catalogues = Kept[Catalogue]


class Betfair(Feed):
    """The best back and lay of every runner in the markets that we have words for."""

    manifest = Manifest(
        name="betfair",
        title="Betfair Exchange",
        basis=Basis.RECORDED,
        sports=WORDS.sport_names,
        markets=WORDS.kinds,
        hosts=frozenset({"api.betfair.com", LOGIN_HOST}),
        min_interval_s=5.0,
        needs_credential=True,
        credential_headers={"X-Application": "{app_key}", "X-Authentication": "{session}"},
        credential_in_body=frozenset({"username", "password"}),
        session_s=4 * 3600.0,
        quota=Quota(per_s=5.0, most_weight=_MOST_WEIGHT),
        terms="https://developer.betfair.com",
    )

    def __init__(self, *, catalogues: Catalogues | None = None) -> None:
        self.catalogues = Kept[Catalogue]() if catalogues is None else catalogues

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one request for the catalogue of each sport; `follow` asks for its prices."""
        return [
            _rpc(
                "listMarketCatalogue",
                f"catalogue/{sport}",
                {
                    "filter": {
                        "eventTypeIds": [SPORT_IDS[sport]],
                        "marketTypeCodes": sorted(name.upper() for name in WORDS.markets),
                    },
                    "marketProjection": [
                        "COMPETITION",
                        "EVENT",
                        "EVENT_TYPE",
                        "MARKET_START_TIME",
                        "MARKET_DESCRIPTION",
                        "RUNNER_DESCRIPTION",
                    ],
                    "sort": "FIRST_TO_START",
                    "maxResults": _MOST_WEIGHT,
                },
                weight=_MOST_WEIGHT,
            )
            for sport in sorted(set(sports) & SPORT_IDS.keys())
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the requests for the prices of the markets that a catalogue lists."""
        try:
            listed, _ = _told(payload.body, Tally())
        except FeedDrifted:
            return ()
        ids = [catalogue.market_id for catalogue in listed]
        most = _MOST_WEIGHT // _BOOK_WEIGHT
        batches = [ids[start : start + most] for start in range(0, len(ids), most)]
        return [
            _rpc(
                "listMarketBook",
                f"{payload.request.scope}/{number}",
                {"marketIds": batch, "priceProjection": {"priceData": ["EX_BEST_OFFERS"]}},
                weight=_BOOK_WEIGHT * len(batch),
            )
            for number, batch in enumerate(batches)
        ]

    def login(self) -> Request:
        """Return the question that opens a session."""
        return login("betfair")

    def session(self, payload: Payload) -> str:
        """Return the token of an answered login; raise `KeyRefused` if it says no."""
        return token(payload)

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield a reading a market, whole in itself; a catalogue is remembered for later ones."""
        tally = Tally()
        listed, books = _told(payload.body, tally)
        for catalogue in listed:
            self.catalogues.put(catalogue.market_id, catalogue)
        if listed or tally.rejected or not books:
            yield tally.reading(payload, origin=self.manifest.origin, complete=False)
        for book in books:
            listing = self._listing(book, payload)
            offered = {(r.selection_id, r.handicap or 0.0): _offered(r) for r in book.runners}
            prices = priced(listing, book.status, offered, delayed=book.is_market_data_delayed)
            request = replace(payload.request, scope=book.market_id)
            of_market = replace(payload, request=request)
            yield prices.reading(of_market, origin=self.manifest.origin, complete=True)

    def _listing(self, book: Book, payload: Payload) -> Listing:
        if (known := self.catalogues.get(book.market_id)) is None:
            return Reason.EVENT_UNKNOWN
        if (listed := from_catalogue(known, book.number_of_winners)) is None:
            return Reason.EVENT_UNKNOWN
        return understood(listed, payload, in_play=book.inplay)


def login(source: str) -> Request:
    """Return the question that opens a session, for the API as for the stream."""
    return Request(
        source=source,
        scope="login",
        url=f"https://{LOGIN_HOST}/api/login",
        headers={"Accept": "application/json"},
        body=b"username={{username}}&password={{password}}",
        content_type="application/x-www-form-urlencoded",
    )


def token(payload: Payload) -> str:
    """Return the token of an answered login; raise `KeyRefused` if it says no."""
    told = said.fields(said.decoded(payload.body))
    found = told.get("token")
    if told.get("status") != "SUCCESS" or not isinstance(found, str) or not found:
        raise KeyRefused(f"{payload.request.source}: its answer opens no session")
    return found


def _rpc(method: str, scope: str, params: dict[str, Any], *, weight: float) -> Request:
    call = {"jsonrpc": "2.0", "method": f"SportsAPING/v1.0/{method}", "params": params, "id": 1}
    return Request(
        source="betfair", scope=scope, url=_URL, body=msgspec.json.encode(call), weight=weight
    )


def _told(body: bytes, tally: Tally) -> tuple[list[Catalogue], list[Book]]:
    """Return the catalogues and books of an answer; both come as lists of markets.

    Raises:
        FeedDrifted: It is neither, or says what went wrong instead.
        KeyRefused: The exchange does not take the session or the key.
    """
    answer = said.decoded(body)
    if told := said.fields(answer):
        if "error" in told or "faultcode" in told:
            raise _refusal(told)
        answer = told.get("result", [told] if "marketId" in told else None)
    markets = [said.fields(one) for one in said.needed(answer, "markets")]
    named = [one for one in markets if "marketName" in one]
    others = [one for one in markets if "marketName" not in one]
    listed = said.structs(named, Catalogue, tally, Reason.EVENT_MALFORMED)
    books = said.structs(others, Book, tally, Reason.MARKET_MALFORMED)
    kept = [market for market in listed if market.market_id.isascii()]
    sound = [book for book in books if said.name(book.market_id) == book.market_id]
    tally.reject(Reason.EVENT_MALFORMED, len(listed) - len(kept))
    tally.reject(Reason.MARKET_MALFORMED, len(books) - len(sound))
    return kept, sound


def _refusal(told: dict[str, Any]) -> Exception:
    text = repr(told)
    if code := next((code for code in sorted(KEY_ERRORS) if code in text), None):
        return KeyRefused(f"betfair: {code}")
    return FeedDrifted("the answer is an error instead of markets")


def _offered(runner: BookRunner) -> Offered:
    exchange = runner.ex
    return Offered(
        active=runner.status == "ACTIVE",
        back=_first(exchange.available_to_back) if exchange else None,
        lay=_first(exchange.available_to_lay) if exchange else None,
    )


def _first(levels: Sequence[Level]) -> tuple[object, object] | None:
    return (levels[0].price, levels[0].size) if levels else None
