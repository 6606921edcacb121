"""Probes: some prices of a simulated world, looked for in the history as they change."""

import asyncio
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg

from benchmarks.loopback_prices import Offer
from benchmarks.loopback_wire import as_american, book_name
from domain.markets import Market, MarketKind
from domain.sports import SPORTS
from store.odds import market_id

_COUNT, _TICK_S = 600, 0.25
_LINKED = "select home, away, source, canonical_id, reversed from event_links"
_TOLD = """
select market_id, outcomes, books, odds from quotes
where market_id = any(%s) and seen_at > now() - interval '90 seconds'
"""


@dataclass(slots=True)
class _Probe:
    """A price, and what is known of it: how many of its changes have been seen to arrive."""

    offer: Offer
    market: str
    outcome: str
    arrived: list[float] = field(default_factory=list[float])


@dataclass
class Probes:
    """Home prices of some offers, by the market that they are stored under."""

    url: str
    offers: list[_Probe]

    @classmethod
    async def chosen(cls, offers: Sequence[Offer], url: str) -> "Probes":
        """Return probes of offers that the worker has linked to events of ours by now."""
        async with await psycopg.AsyncConnection.connect(url) as connection:
            rows = await (await connection.execute(_LINKED)).fetchall()
        linked: dict[str, tuple[Any, ...]] = {row[0]: row for row in rows}
        print(f"{len(rows)} links to {len({row[3] for row in rows})} events")
        chance, found = Random(17), list[_Probe]()
        for offer in chance.sample(offers, min(len(offers), 2 * _COUNT)):
            row = linked.get(offer.game.home)
            if row is not None and len(found) < _COUNT:
                offer.told = []
                found.append(_Probe(offer, _market(offer, row[3]), "away" if row[4] else "home"))
        return cls(url, found)

    async def look(self) -> None:
        """Look for every change in the history, for ever."""
        by_market: dict[str, list[_Probe]] = {}
        for probe in self.offers:
            by_market.setdefault(probe.market, []).append(probe)
        connection = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        async with connection:
            while True:
                began_s = time.time()
                cursor = await connection.execute(_TOLD, (list(by_market),))
                for market, *lists in await cursor.fetchall():
                    told = {(o, b, v and round(v, 9)) for o, b, v in zip(*lists, strict=True)}
                    for probe in by_market[market]:
                        _note(probe, told, time.time())
                await asyncio.sleep(max(0.0, began_s + _TICK_S - time.time()))

    def ages(self, since_s: float, until_s: float) -> list[float]:
        """Return how long each change took to arrive, or how old one is that did not."""
        return [
            (probe.arrived[n] if n < len(probe.arrived) else until_s) - at_s
            for probe in self.offers
            for n, (at_s, _) in enumerate(probe.offer.told or ())
            if since_s <= at_s < until_s
        ]

    @staticmethod
    def late(ages: Sequence[float]) -> Counter[str]:
        """Return how many were late by more than some bounds."""
        bounds = (10, 15, 20, 30, 60)
        return Counter(f"<= {[*bounds, 'more'][bisect_right(bounds, age)]}" for age in ages)


def _market(offer: Offer, canonical_id: str) -> str:
    sport = SPORTS[offer.game.sport]
    return market_id(
        Market(
            event_id=canonical_id,
            kind=MarketKind.WINNER,
            period=sport.period,
            ways=offer.game.ways,
        )
    )


def _note(probe: _Probe, told: set[tuple[str, str, float | None]], now_s: float) -> None:
    """Note that a change has arrived, and with it all before it."""
    changes, book = probe.offer.told or [], book_name(probe.offer.book)
    for n in range(len(changes) - 1, len(probe.arrived) - 1, -1):
        if any((probe.outcome, book, odds) in told for odds in _written(changes[n][1])):
            probe.arrived.extend([now_s] * (n + 1 - len(probe.arrived)))
            return


def _written(odds: float) -> tuple[float, float]:
    """Return odds as they are told, decimal or American."""
    return round(odds, 9), round(as_american(odds), 9)
