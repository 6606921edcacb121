"""The detector: absorbs readings, and judges every market whose best prices cross."""

from collections.abc import Collection, Iterator
from datetime import datetime

import numpy as np

from domain.markets import Market
from domain.opportunities import Opportunity
from domain.quotes import Reading
from engine.gates import DEFAULT_GATES, Gates
from engine.sheet import Sheet
from kit.clock import epoch_ms
from services.held import Bet, HeldMarket
from services.holdings import Changes, Holdings
from services.verdict import Crossing, judged

__all__ = ["Changes", "Detector"]


class Detector:
    """Holds the latest price of everything that its sources quote; one writer.

    `gates` judge the crossings; one that returns less than `min_roi` is refused as well.
    """

    def __init__(self, gates: Gates = DEFAULT_GATES, *, min_roi: float = 0.0) -> None:
        self._gates = gates
        self._min_roi = min_roi
        self._holdings = Holdings()
        self._crossing: set[Market] = set()

    @property
    def crossing(self) -> set[Market]:
        """The markets that crossed when last judged, be they gone since or not."""
        return set(self._crossing)

    def absorb(self, reading: Reading) -> Changes:
        """Take in a reading; what is late, repeated or no price is counted and dropped.

        A complete reading withdraws the prices of its source and scope that it does not name.
        """
        return self._holdings.absorb(reading)

    def judge(self, markets: Collection[Market], now: datetime) -> list[Opportunity]:
        """Return every crossing among `markets`, accepted or refused, the best first.

        Args:
            markets: What to look at; a market without prices does not cross.
            now: Our clock. Each market is judged at its last reading's instant plus the time
                since that reading arrived, and this is the `as_of` of its opportunities.
        """
        self._crossing.difference_update(markets)
        found: list[Opportunity] = []
        for held, number, bets in self._crossed(markets):
            self._crossing.add(held.market)
            crossing = self._sheet(held, number, bets, now)
            found += judged(crossing, self._gates, self._min_roi)
        return sorted(found, key=lambda opportunity: (-opportunity.roi, opportunity.key))

    def forget(self, source: str) -> None:
        """Forget all prices of a source, as when a recording is played again from its start."""
        self._holdings.forget(source)

    def retire(self, now: datetime) -> None:
        """Forget scopes that fell silent, and events long over; `crossing` keeps their markets."""
        self._holdings.retire(now)

    def _crossed(
        self, markets: Collection[Market]
    ) -> Iterator[tuple[HeldMarket, int, tuple[Bet, ...]]]:
        known = [held for market in markets if (held := self._holdings.of(market)) is not None]
        places = [(held, *place) for held in known for place in held.numbers()]
        numbers = np.array([number for _, number, _ in places], np.int64)
        sums = self._holdings.store.inverse_sum[numbers]
        return (places[place] for place in np.flatnonzero(sums < 1.0))

    def _sheet(
        self, held: HeldMarket, number: int, bets: tuple[Bet, ...], now: datetime
    ) -> Crossing:
        holdings = self._holdings
        rows = holdings.store.rows_of(number)
        used = np.flatnonzero(holdings.store.price[rows].any(axis=0))
        event, as_of = holdings.event(held), held.scope.instant(now)
        return Crossing(
            sheet=Sheet(
                price=holdings.store.price[rows, used],
                changed_ms=holdings.store.changed_ms[rows, used],
                as_of_ms=epoch_ms(as_of),
                starts_ms=None if event.starts_at is None else epoch_ms(event.starts_at),
                opposed=bets[0][0] is bets[1][0],
            ),
            bets=bets,
            books=[holdings.books[column] for column in used],
            prices=held.prices,
            market=held.market,
            event=event,
            as_of=as_of,
            origin=held.scope.origin,
            source=held.scope.source,
        )
