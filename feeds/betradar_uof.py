"""Betradar Unified Odds Feed: XML messages of odds, bet stops and fixtures, one producer's prices.

Shape: recorded messages and the SDK go-uof-sdk that they come with. An odds change names some
markets with all their outcomes; markets that it does not name stand. So each reading is all that
stands of the event, which is its scope: a market that is suspended or a bet stop takes its prices
away. Fixtures come over HTTP, and name the events; messages come from a broker.

A new connection to the broker begins with empty boards. All that stands is then asked for over HTTP
("recovery": documented, not recorded), by the polled feed after its next answer on the events in
play, and comes as messages through the broker.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import ClassVar
from xml.etree.ElementTree import Element

from domain.markets import MarketKind, Side
from domain.names import NameKind
from domain.quotes import PriceKey, Reading
from feeds import said
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Payload, Request, Wire
from feeds.boards import Boards, standing
from feeds.card import Card, Price, Sheet
from feeds.fixtures import Fixture, Fixtures
from feeds.markup import children, parsed
from feeds.prices import NoPrice
from feeds.reasons import Reason, Unknown
from feeds.vocabulary import UNTOLD, Bet, words

BOOK = "betradar"
_WORDS = words("betradar_uof")
_ACTIVE = "1"
_API = "https://api.betradar.com/v1"
_BASE, _FILE, _PAGE = f"{_API}/sports/en/schedules", "schedule.xml", 1000
_LIVE, _RECOVERY = "live", "recovery:"
_PRODUCTS = ("pre", "liveodds")
# Four pictures of everything in two hours: "UOF - Access restrictions for odds recovery".
_BETWEEN_RECOVERIES = timedelta(hours=1)
# priority.prematch.live.message.sport.event.node: the prices, and the signs of life.
_KEYS = "*.*.*.odds_change.#,*.*.*.bet_stop.#,-.-.-.alive.#"
_LINES = {MarketKind.HANDICAP: "hcp", MarketKind.TOTAL: "total", MarketKind.TEAM_TOTAL: "total"}
_START = re.compile(
    rb"^(?:<\?xml[^>\n]{0,100}\?>)?\s{0,9}<(?:odds_change|bet_stop|fixtures_fixture|alive|bet_settlement)\b",
    re.MULTILINE,
)
_EVENTS = frozenset({"fixture", "sport_event"})
# Messages that change no price.
_SILENT = frozenset(
    {
        "alive",
        "bet_cancel",
        "bet_settlement",
        "fixture_change",
        "market_descriptions",
        "player_profile",
        "rollback_bet_cancel",
        "rollback_bet_settlement",
        "snapshot_complete",
    }
)


@dataclass(slots=True)
class Recovery:
    """Whether all that stands is to be asked for, because a connection to the broker is new."""

    due: bool = False
    asked_at: datetime | None = None

    def begins(self, now: datetime) -> bool:
        """Say whether to ask now, and take it as done; one too soon after another waits."""
        soon = self.asked_at is not None and now - self.asked_at < _BETWEEN_RECOVERIES
        if not self.due or soon:
            return False
        self.due, self.asked_at = False, now
        return True


class BetradarUof(Feed):
    """Results, handicaps, totals, double chance and draw no bet of one producer, as they change."""

    manifest: ClassVar[Manifest] = Manifest(
        name="betradar_uof",
        title="Betradar Unified Odds Feed",
        basis=Basis.RECORDED,
        sports=_WORDS.sport_names,
        markets=_WORDS.kinds,
        hosts=frozenset({"api.betradar.com"}),
        min_interval_s=60.0,
        needs_credential=True,
        credential_headers={"x-access-token": "{key}"},
        terms="https://www.betradar.com",
    )

    def __init__(
        self, *, fixtures: Fixtures | None = None, recovery: Recovery | None = None
    ) -> None:
        self.fixtures = Fixtures() if fixtures is None else fixtures
        self.recovery = Recovery() if recovery is None else recovery
        self._boards = Boards()

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the questions for the events to come and those in play, whatever their sport."""
        if not self.manifest.sports.intersection(sports):
            return []
        return [_page(0), Request(source="betradar_uof", scope=_LIVE, url=f"{_BASE}/live/{_FILE}")]

    def follow(self, payload: Payload) -> Sequence[Request]:
        """Return the next page of the events to come, if this one is full, or a recovery if due."""
        if payload.request.scope == _LIVE and self.recovery.begins(payload.arrived_at):
            return [_recovery(product) for product in _PRODUCTS]
        start = said.fields(payload.request.params).get("start", "")
        full = payload.body.count(b"<sport_event ") >= _PAGE
        return [_page(int(start) + _PAGE)] if full and start.isascii() and start.isdigit() else ()

    def read(self, payload: Payload) -> Iterator[Reading]:
        """Yield all that stands of the event that a message changes, or nothing.

        A recording may hold many messages, each from the beginning of a line.

        Raises:
            FeedDrifted: It is no XML, monstrous XML, or no message of the feed.
        """
        if payload.request.scope.startswith(_RECOVERY):
            return  # what it says is that messages will come
        starts = [found.start() for found in _START.finditer(payload.body)]
        if len(starts) < 2:
            yield from self._message(payload)
            return
        for start, end in pairwise([*starts, len(payload.body)]):
            try:
                yield from self._message(replace(payload, body=payload.body[start:end].strip()))
            except FeedDrifted:
                lost = Sheet(payload)
                lost.reject(Reason.ANSWER_MALFORMED)
                yield lost.reading(complete=False)

    def _message(self, payload: Payload) -> Iterator[Reading]:
        root, sheet = parsed(payload.body), Sheet(payload)
        if root.tag == "odds_change":
            gone = self._read_odds(sheet, root)
            yield from standing(sheet, self._boards, gone)
        elif root.tag == "bet_stop":
            yield from self._stop(sheet, root)
        elif root.tag in {"fixtures_fixture", "schedule"}:
            self._learn(sheet, root)
            yield sheet.reading(complete=False)
        elif root.tag not in _SILENT:
            raise FeedDrifted(f"the feed has no message {root.tag[:40]!r}")

    def _learn(self, sheet: Sheet, root: Element) -> None:
        for event in root:
            known = said.name(event.get("id"))
            if event.tag not in _EVENTS or known is None:
                continue
            tournament = next(children(event, "tournament"), Element("none"))
            sport = next(children(tournament, "sport"), Element("none"))
            sides = {
                c.get("qualifier"): c.get("name")
                for c in children(event, "competitors", "competitor")
            }
            at = sheet.at(event.get("start_time") or event.get("scheduled"))
            try:
                ours = _WORDS.sport(sport.get("id", ""))
            except NoPrice as e:
                sheet.reject(e.reason)
                continue
            league, home, away = tournament.get("name"), sides.get("home"), sides.get("away")
            self.fixtures.put(known, Fixture(ours, league, home, away, at))

    def _stop(self, sheet: Sheet, root: Element) -> Iterator[Reading]:
        """Yield an event without any price: until the next change nothing may be bet on it."""
        known = said.name(root.get("event_id")) or ""
        try:
            card = self.fixtures.card(sheet, known, UNTOLD)
        except NoPrice as e:
            sheet.reject(e.reason)
            yield sheet.reading(complete=False)
            return
        self._boards.clear(card.event.id)
        yield from standing(sheet, self._boards, ())

    def _read_odds(self, sheet: Sheet, root: Element) -> set[PriceKey]:
        """Take over a message's prices; return those that its markets no longer offer."""
        markets = list(children(root, "odds", "market"))
        known, at = said.name(root.get("event_id")) or "", sheet.at(root.get("timestamp"))
        gone = set[PriceKey]()
        try:
            card = self.fixtures.card(sheet, known, UNTOLD)
        except NoPrice as e:
            sheet.reject(e.reason, max(1, sum(map(len, markets))))
            return gone
        for market in markets:
            outcomes = list(children(market, "outcome"))
            try:
                bet, line = _meant(market)
            except NoPrice as e:
                sheet.reject(e.reason, max(1, len(outcomes)))
                continue
            gone |= _of_market(card, bet, line)
            active = market.get("status", _ACTIVE) == _ACTIVE
            for outcome in outcomes:
                if not active or outcome.get("active", "1") != "1":
                    sheet.reject(Reason.MARKET_SUSPENDED)
                    continue
                label = _WORDS.outcomes.get(outcome.get("id", ""), "")
                odds = outcome.get("odds")
                card.add(
                    Price(
                        bet=bet,
                        label=label,
                        odds=odds,
                        book=BOOK,
                        line=line,
                        own_line=False,
                        changed_at=at,
                    )
                )
        return gone


class BetradarUofStream(BetradarUof):
    """The broker's messages; `fixtures`, shared with the polled feed, name the events."""

    manifest: ClassVar[Manifest] = replace(
        BetradarUof.manifest,
        name="betradar_uof_stream",
        title="Betradar Unified Odds Feed (stream)",
        hosts=frozenset({"mq.betradar.com"}),
        min_interval_s=1.0,
        wire=Wire.AMQP,
        credential_headers={},
        credential_in_body=frozenset({"key", "bookmaker"}),
    )

    def plan(self, sports: Sequence[str]) -> list[Request]:
        """Return the one queue, connected anew: unheard changes make all doubtful."""
        self._boards.forget()
        if not self.manifest.sports.intersection(sports):
            return []
        self.recovery.due = True
        return [
            Request(
                source="betradar_uof_stream",
                scope="messages",
                url="amqps://mq.betradar.com/unifiedfeed/{{bookmaker}}",
                params={"exchange": "unifiedfeed", "keys": _KEYS},
            )
        ]

    def follow(self, payload: Payload) -> Sequence[Request]:  # noqa: ARG002  a stream leads nowhere
        """Return nothing."""
        return ()


def _page(start: int) -> Request:
    params = {"start": str(start), "limit": str(_PAGE)}
    url = f"{_BASE}/pre/{_FILE}"
    return Request(source="betradar_uof", scope=f"pre:{start}", url=url, params=params)


def _recovery(product: str) -> Request:
    """Return the question for all that stands of a product; a POST, whose body nobody reads."""
    url, scope = f"{_API}/{product}/recovery/initiate_request", f"{_RECOVERY}{product}"
    return Request(
        source="betradar_uof", scope=scope, url=url, body=b"\n", content_type="application/xml"
    )


def _meant(market: Element) -> tuple[Bet, str | None]:
    """Return the market and the line that an element stands for."""
    bet = _WORDS.bet(market.get("id", ""))
    pairs = (part.partition("=") for part in market.get("specifiers", "").split("|") if part)
    specifiers = {key: value for key, _, value in pairs}
    line = specifiers.pop(_LINES[bet.kind], None) if bet.kind in _LINES else None
    if specifiers:
        told = f"{market.get('id', '')} with {', '.join(sorted(specifiers))}"
        raise NoPrice(Unknown(Reason.MARKET_UNSUPPORTED, NameKind.MARKET, told))
    return bet, line


def _of_market(card: Card, bet: Bet, line: str | None) -> set[PriceKey]:
    """Return the keys of every price that a market can have."""
    keys = set[PriceKey]()
    for label in sorted(set(_WORDS.outcomes.values())):
        price = Price(bet=bet, label=label, odds=None, book=BOOK, line=line, own_line=False)
        try:
            market, outcome = card.place(price)
        except NoPrice:
            continue
        keys.add((market, outcome, Side.BACK, BOOK))
    return keys
