"""Feeds and vendors for tests: one event whose odds are the numbers of a JSON list."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from domain.markets import Event, Market, MarketKind, Outcome, Period
from domain.quotes import Origin, Quote
from feeds.base import Basis, Feed, FeedDrifted, Manifest, Request, Tally, event_id
from feeds.transport import Limits, Transport
from kit.clock import ManualClock

NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)
# Enough for a busy machine; QUICK is for those that are to be too slow.
PATIENT = Limits(most_bytes=100_000, most_message_bytes=10_000, tries=2, first_wait_s=0.0)
QUICK = replace(PATIENT, read_s=0.15, total_s=0.5, silence_s=1.0, ping_s=0.2)
MANIFEST = Manifest(
    name="vendor", title="A vendor", basis=Basis.DOCUMENTED, sports=frozenset({"tennis"}),
    markets=frozenset({"total"}), hosts=frozenset({"127.0.0.1"}), min_interval_s=60.0,
)  # fmt: skip


class Numbers(Feed):
    """Asks each of `urls` by its scope and reads numbers: 1 + n are the odds of a line."""

    def __init__(self, urls, starts=None, leads=None, costs=None, **given):
        self.manifest = replace(MANIFEST, **given)
        self.urls, self.starts, self.leads = urls, starts or {}, leads or {}
        self.costs, self.messages = costs or {}, ()

    def plan(self, sports):
        return [self._request(scope) for scope in self.urls]

    def _request(self, scope):
        return Request(
            source=self.manifest.name, scope=scope, url=self.urls[scope],
            cost=self.costs.get(scope, 1.0), messages=self.messages,
        )  # fmt: skip

    def read(self, payload):
        try:
            numbers = json.loads(payload.body)
        except ValueError as e:
            raise FeedDrifted("not JSON") from e
        if not isinstance(numbers, list):
            raise FeedDrifted("not a list")
        tally, scope = Tally(), payload.request.scope
        event = Event(
            id=event_id(self.manifest.name, scope), source_id=scope, sport="tennis", league="atp",
            home="A", away="B", starts_at=self.starts.get(scope),
        )  # fmt: skip
        tally.events.append(event)
        for line, number in enumerate(numbers):
            market = Market(
                event_id=event.id, kind=MarketKind.TOTAL, period=Period.FULL_TIME, line=line + 0.5
            )
            tally.quotes.append(
                Quote(book="b", market=market, outcome=Outcome.OVER, odds=1 + number,
                      changed_at=None)
            )  # fmt: skip
        yield tally.reading(payload, origin=Origin.LIVE, complete=True)

    def follow(self, payload):
        return [
            Request(source=self.manifest.name, scope=scope, url=url)
            for scope, url in self.leads.get(payload.request.scope, {}).items()
        ]


def a_transport(clock=None, credential=None, limits=PATIENT, **given):
    async def at_once(_):
        return None

    return Transport(
        credential=(credential or {}).get, clock=clock or ManualClock(NOON), limits=limits,
        sleep=at_once, allow_loopback=True, **given,
    )  # fmt: skip
