"""Betfair Exchange Stream: order books kept from images and changes, a message a line.

Follows the Exchange Stream API of developer.betfair.com: `mcm` messages with SUB_IMAGE, then
changes; RESUB_DELTA after a connection is made again with the clocks of the last message. Runners
are numbers there: names come from catalogues, or from definitions of recordings that hold them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from domain.quotes import Reading
from feeds import said
from feeds.base import (
    UNDATED,
    Basis,
    Feed,
    FeedDrifted,
    KeyRefused,
    Manifest,
    Payload,
    Quota,
    Request,
    Tally,
    Wire,
)
from feeds.betfair import KEY_ERRORS, LOGIN_HOST, Catalogues, login, token
from feeds.betfair_book import Books, MarketBook, RunnerBook
from feeds.betfair_markets import (
    SPORT_IDS,
    WORDS,
    Listing,
    Offered,
    from_definition,
    priced,
    understood,
)
from feeds.betfair_shape import Catalogue, MarketChange, MarketDefinition, Message
from feeds.kept import Kept
from feeds.reasons import Reason

_URL = "https://stream-api.betfair.com"
_MESSAGE = msgspec.json.Decoder(Message)
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
# The status of a message whose prices are late, as documented.
_LATE = 503
_MOST_MARKETS = 200


class BetfairStream(Feed):
    """The best back and lay of every runner, as of each message that changes a market.

    A message that cannot be read may have changed anything: the books that it may be about are
    forgotten until their next image. While the exchange says that it is late, nothing stands.
    """

    manifest = Manifest(
        name="betfair_stream",
        title="Betfair Exchange Stream",
        basis=Basis.RECORDED,
        sports=WORDS.sport_names,
        markets=WORDS.kinds,
        hosts=frozenset({"stream-api.betfair.com", LOGIN_HOST}),
        min_interval_s=1.0,
        wire=Wire.LINES,
        needs_credential=True,
        credential_headers={"X-Application": "{app_key}", "X-Authentication": "{session}"},
        credential_in_body=frozenset({"username", "password"}),
        session_s=4 * 3600.0,
        quota=Quota(per_s=1.0),
        terms="https://developer.betfair.com",
    )

    def __init__(self, *, catalogues: Catalogues | None = None) -> None:
        self.catalogues = Kept[Catalogue]() if catalogues is None else catalogues
        self.books = Books()
        self._listings = dict[str, tuple[MarketDefinition, Catalogue | None, Listing]]()
        self._clocks = dict[str, str]()
        self._subscribed = dict[str, Sequence[str]]()
        self._late = False

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return one subscription: to the markets of the catalogues, else to those of `sports`.

        Once messages have come, it goes on behind the last of them, as long as it is the same.
        """
        asked = sorted(SPORT_IDS[sport] for sport in set(sports) & SPORT_IDS.keys())
        if not asked:
            return []
        wanted = self._wanted(asked)
        if wanted != self._subscribed:
            self._forget(None)
            self._subscribed = wanted
        messages = [
            {
                "op": "authentication",
                "id": 1,
                "appKey": "{{app_key}}",
                "session": "{{session}}",
            },
            {
                "op": "marketSubscription",
                "id": 2,
                **self._clocks,
                "heartbeatMs": 5000,
                "conflateMs": 0,
                "segmentationEnabled": False,
                "marketFilter": wanted,
                "marketDataFilter": {
                    "fields": ["EX_MARKET_DEF", "EX_BEST_OFFERS_DISP"],
                    "ladderLevels": 3,
                },
            },
        ]
        return [
            Request(
                source="betfair_stream",
                scope="all",
                url=_URL,
                messages=[msgspec.json.encode(message) for message in messages],
            )
        ]

    def _wanted(self, sports: Sequence[str]) -> dict[str, Sequence[str]]:
        """Return the filter of a subscription, which may hold 200 markets as documented."""
        if listed := self.catalogues.ids():
            return {"marketIds": sorted(listed[-_MOST_MARKETS:])}
        types = sorted(name.upper() for name in WORDS.markets)
        return {"eventTypeIds": sports, "marketTypes": types}

    def login(self) -> Request:
        """Return the question that opens a session."""
        return login("betfair_stream")

    def session(self, payload: Payload) -> str:
        """Return the token of an answered login; raise `KeyRefused` if it says no."""
        return token(payload)

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield a reading, whole in itself, of each market that a message changes.

        Raises:
            FeedDrifted: It is no message of the stream.
            KeyRefused: The stream does not take the session or the key.
        """
        tally = Tally()
        message = self._message(payload.body, tally)
        if message is None:
            yield tally.reading(payload, origin=self.manifest.origin, complete=False)
            return
        if message.op == "status" and message.status_code == "FAILURE":
            self._forget(None)
            raise _refusal(message)
        if message.op != "mcm":
            yield tally.reading(payload, origin=self.manifest.origin, complete=False)
            return
        self._clocks |= {
            name: clock
            for name, clock in (("initialClk", message.initial_clk), ("clk", message.clk))
            if clock
        }
        at = said.moment(message.pt) or payload.as_of
        yield from self._changed(message, replace(payload, as_of=at), tally)

    def _message(self, body: bytes, tally: Tally) -> Message | None:
        """Return a message with those of its changes that can be read, or None for a catalogue."""
        try:
            return _MESSAGE.decode(body)
        except _UNREADABLE:
            pass
        try:
            told = said.fields(said.decoded(body))
        except FeedDrifted:
            self._forget(None)
            raise
        if "op" in told:
            return self._salvaged(told, tally)
        if "marketId" not in told and "result" not in told:
            self._forget(None)
            raise FeedDrifted("the answer is no message of the stream")
        for one in said.listed(told.get("result", [told])):
            for catalogue in said.structs([one], Catalogue, tally, Reason.EVENT_MALFORMED):
                self.catalogues.put(catalogue.market_id, catalogue)
        return None

    def _salvaged(self, told: dict[str, Any], tally: Tally) -> Message:
        changes = list[MarketChange]()
        for raw in said.listed(told.get("mc")):
            made = said.structs([raw], MarketChange, tally, Reason.MARKET_MALFORMED)
            changes += made
            if not made:
                market_id = said.fields(raw).get("id")
                self._forget(market_id if isinstance(market_id, str) else None)
        try:
            return msgspec.convert({**told, "mc": changes}, Message)
        except (msgspec.ValidationError, UnicodeError) as e:
            self._forget(None)
            raise FeedDrifted("the answer is no message of the stream") from e

    def _forget(self, market_id: str | None) -> None:
        """Forget what may be wrong now, so that the next subscription asks for images of it."""
        self.books.forget(market_id)
        self._clocks.clear()

    def _changed(self, message: Message, dated: Payload, tally: Tally) -> Iterator[Reading]:
        at = None if dated.as_of == UNDATED else dated.as_of
        known = dict[str, MarketBook]()
        for change in message.mc or ():
            if said.name(change.id) != change.id:
                tally.reject(Reason.MARKET_MALFORMED)
            elif (book := self.books.apply(change, at)) is None:
                tally.reject(Reason.EVENT_UNKNOWN, _prices_in(change))
            else:
                known[change.id] = book
        was_late, self._late = self._late, message.status == _LATE
        if self._late or was_late:
            known = dict(self.books.markets)
        if tally.rejected or not known:
            yield tally.reading(dated, origin=self.manifest.origin, complete=False)
        for market_id, book in known.items():
            yield self._reading(market_id, book, dated)

    def _reading(self, market_id: str, book: MarketBook, dated: Payload) -> Reading:
        listing = self._listing(market_id, book.definition, dated)
        active = {(r.id, r.hc or 0.0) for r in book.definition.runners if r.status == "ACTIVE"}
        offered = {
            key: _offered(runner, active=key in active) for key, runner in book.runners.items()
        }
        prices = priced(listing, book.definition.status, offered, delayed=self._late)
        if book.definition.status == "CLOSED":
            self.books.forget(market_id)
            self._listings.pop(market_id, None)
        of_market = replace(dated, request=replace(dated.request, scope=market_id))
        return prices.reading(of_market, origin=self.manifest.origin, complete=True)

    def _listing(self, market_id: str, definition: MarketDefinition, dated: Payload) -> Listing:
        """Return what a market is; looked up anew when its definition or its names change."""
        catalogue = self.catalogues.get(market_id)
        kept = self._listings.get(market_id)
        if kept is None or kept[0] is not definition or kept[1] is not catalogue:
            listed = from_definition(market_id, definition, catalogue)
            listing = understood(listed, dated, in_play=definition.in_play)
            kept = self._listings[market_id] = (definition, catalogue, listing)
        return kept[2]


def _offered(runner: RunnerBook, *, active: bool) -> Offered:
    return Offered(
        active,
        runner.back.best(),
        runner.lay.best(),
        runner.back.changed_at,
        runner.lay.changed_at,
    )


def _prices_in(change: MarketChange) -> int:
    ladders = (
        ladder
        for runner in change.rc or ()
        for ladder in (runner.atb, runner.atl, runner.batb, runner.batl, runner.bdatb, runner.bdatl)
    )
    return sum(_filled(ladder) for ladder in ladders if ladder)


def _filled(ladder: Iterable[Sequence[float]]) -> int:
    return sum(1 for level in ladder if level[-1])


def _refusal(message: Message) -> FeedDrifted:
    if message.error_code in KEY_ERRORS:
        return KeyRefused(f"betfair_stream: {message.error_code}")
    return FeedDrifted(f"the stream refuses us: {message.error_code}")
