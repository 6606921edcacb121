"""The detector: absorbs readings, and judges every market and event whose best prices cross."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from domain.board import Compared
from domain.errors import Broken
from domain.looks import BookLook
from domain.markets import Market
from domain.opportunities import Leg, Opportunity
from domain.quotes import Quote, Reading
from domain.sources import SourceReliability
from engine.gates import DEFAULT_GATES, Gates
from engine.sheet import Sheet
from kit.clock import epoch_ms
from services.held import Bet, HeldMarket, Scope
from services.holdings import Changes, Holdings
from services.joint import Spread, judged_jointly
from services.ladders import Ladders
from services.prospects import Look, Piece, pieces
from services.reliability import Reliability
from services.slates import Slate, Slates
from services.verdict import Quoted, judged

__all__ = ["Changes", "Detector"]


class Detector:
    """Holds the latest price of everything that its sources quote; one writer.

    `gates` judge the crossings; one that returns less than `min_roi` is refused as well. `joint`
    says whether the markets of an event are looked at together, beside each alone.
    """

    def __init__(
        self, gates: Gates = DEFAULT_GATES, *, min_roi: float = 0.0, joint: bool = True
    ) -> None:
        self._gates = gates
        self._min_roi = min_roi
        self._joint = joint
        self._holdings = Holdings()
        self._slates = Slates(self._holdings)
        self._ladders = Ladders(self._holdings)
        self._reliability = Reliability()
        self._crossing: set[Market] = set()
        self._unproven = 0

    @property
    def crossing(self) -> set[Market]:
        """The markets that crossed when last judged, be they gone since or not."""
        return set(self._crossing)

    @property
    def unproven(self) -> int:
        """How often no solver could prove what an event's prices guarantee, or that it is nothing.

        Such an event has no joint verdict; it is neither an arbitrage nor none. The same where
        prices have no fair chance that could be found.
        """
        return self._unproven + self._slates.unproven

    @property
    def unsettled(self) -> int:
        """How many bets were left out of joint verdicts, since no question stands for them."""
        return self._slates.unsettled

    @property
    def compared(self) -> Compared:
        """How many events, markets and prices are held to be compared."""
        markets = [held for of in self._holdings.events for held in of.markets.values()]
        prices = sum(len(held.prices) for held in markets)
        events = {held.market.event_id for held in markets}
        return Compared(events=len(events), markets=len(markets), prices=prices)

    def absorb(self, reading: Reading) -> Changes:
        """Take in a reading; what is late, repeated or no price is counted and dropped.

        A complete reading withdraws the prices of its source and scope that it does not name.
        """
        return self._holdings.absorb(reading)

    def judge(self, markets: Collection[Market], now: datetime) -> list[Opportunity]:
        """Return every crossing among `markets` and of their events, the best first.

        Args:
            markets: What to look at; a market without prices does not cross. Their events are
                looked at whole.
            now: Our clock. Each market is judged at its last reading's instant plus the time
                since that reading arrived, and this is the `as_of` of its opportunities.

        Returns:
            The accepted and the refused ones.
        """
        self._ladders = Ladders(self._holdings)
        found = list(self._alone(markets, now))
        if self._joint:
            found += self._together(dict.fromkeys(market.event_id for market in markets), now)
        return sorted(found, key=lambda opportunity: (-opportunity.roi, opportunity.key))

    def pieces(self, event_id: str) -> list[Piece]:
        """Return the parts of an event in which there may be more than arbitrage; none if not held.

        It is cheap; to look at a piece is not.
        """
        return pieces(self._holdings, event_id)

    def prospects(
        self, some: Iterable[Piece], shown: Collection[str], now: datetime
    ) -> list[Opportunity]:
        """Return the middles, value bets and low holds of some pieces, accepted or refused.

        None of them is an arbitrage; `judge` finds those, whatever is found here.

        Args:
            some: Of any events; a market that is no longer held is left out.
            shown: The keys of what is shown already, which stays by a lower bar.
            now: Our clock, as for `judge`.
        """
        self._ladders = Ladders(self._holdings)
        look = Look(self._holdings, shown, partial(self._quoted, now=now))
        every: list[Opportunity] = []
        for piece in some:
            try:
                every += look.at(piece)
            except Broken:
                self._unproven += 1
        return every

    def reliability(self, now: datetime) -> list[SourceReliability]:
        """Look at all prices; return how far every source can be trusted, by all looks so far."""
        self._reliability.look(self._holdings, now)
        return self._reliability.of_all()

    def looks(self, now: datetime) -> list[BookLook]:
        """Look at all prices; return what was seen of every book so far, for others to add to."""
        self._reliability.look(self._holdings, now)
        return self._reliability.seen()

    def forget(self, source: str) -> None:
        """Forget all prices of a source, as when a recording is played again from its start."""
        self._holdings.forget(source)

    def forget_event(self, source: str, event_id: str) -> None:
        """Forget a source's prices of an event, as when a person says that it is another."""
        self._holdings.forget_event(source, event_id)

    def quotes(self, event_id: str) -> Iterator[Quote]:
        """Yield every price held of an event."""
        if (of := self._holdings.held_event(event_id)) is not None:
            for held in of.markets.values():
                yield from (quote for quote, _ in held.prices.values())

    def named_by(self, leg: Leg) -> Scope | None:
        """Return the scope that last named a leg's price, or None if nobody names one now."""
        held = self._holdings.of(leg.market)
        found = held.prices.get((leg.outcome, leg.side, leg.book)) if held else None
        return found[1] if found else None

    def retire(self, now: datetime) -> None:
        """Forget scopes that fell silent, and events long over; `crossing` keeps their markets."""
        self._holdings.retire(now)
        self._slates.forget_gone()

    def _alone(self, markets: Collection[Market], now: datetime) -> Iterator[Opportunity]:
        self._crossing.difference_update(markets)
        for held, number, bets in self._crossed(markets):
            self._crossing.add(held.market)
            yield from judged(self._quoted(held, number, bets, now), self._gates, self._min_roi)

    def _together(self, events: Collection[str], now: datetime) -> Iterator[Opportunity]:
        for slate in self._slates.crossing(events):
            try:
                yield from judged_jointly(self._spread(slate, now), self._gates, self._min_roi)
            except Broken:
                self._unproven += 1

    def _crossed(
        self, markets: Collection[Market]
    ) -> Iterator[tuple[HeldMarket, int, tuple[Bet, ...]]]:
        known = [held for market in markets if (held := self._holdings.of(market)) is not None]
        places = [(held, *place) for held in known for place in held.numbers()]
        numbers = np.array([number for _, number, _ in places], np.int64)
        sums = self._holdings.store.inverse_sum[numbers]
        return (places[place] for place in np.flatnonzero(sums < 1.0))

    def _spread(self, slate: Slate, now: datetime) -> Spread:
        quoted: list[Quoted] = []
        places: dict[tuple[Market, Bet], tuple[int, int]] = {}
        for market in dict.fromkeys(market for market, _, _ in slate.bets):
            if (held := self._holdings.of(market)) is None:
                continue
            for number, bets in held.numbers():
                one = self._quoted(held, number, bets, now)
                if one.books:
                    for row, bet in enumerate(bets):
                        places.setdefault((market, bet), (len(quoted), row))
                    quoted.append(one)
        return Spread(slate, quoted, [places.get((m, (o, side))) for m, o, side in slate.bets])

    def _quoted(self, held: HeldMarket, number: int, bets: Sequence[Bet], now: datetime) -> Quoted:
        holdings = self._holdings
        rows = holdings.store.rows_of(number)
        used = np.flatnonzero(holdings.store.price[rows].any(axis=0))
        event, as_of = holdings.event(held), held.scope.instant(now)
        return Quoted(
            sheet=Sheet(
                price=holdings.store.price[rows, used],
                changed_ms=holdings.store.changed_ms[rows, used],
                as_of_ms=epoch_ms(as_of),
                starts_ms=None if event.starts_at is None else epoch_ms(event.starts_at),
                opposed=bets[0][0] is bets[1][0],
                contradicted=self._ladders.contradicted(held, bets, used),
                group=np.array(holdings.groups, np.int64)[used],
                before=holdings.past.of(rows, used),
                wavering=holdings.wavering.of(rows, used),
                sport=event.sport,
            ),
            bets=bets,
            books=[holdings.books[column] for column in used],
            prices=held.prices,
            market=held.market,
            event=event,
            as_of=as_of,
            origin=held.scope.origin,
        )
