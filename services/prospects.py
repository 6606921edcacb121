"""Prospects: what an event offers beside arbitrage, looked for where best prices cost little."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from domain.markets import Market, Side
from domain.opportunities import Opportunity
from services.bars import ENTER, Prospecting
from services.held import Bet, HeldEvent, HeldMarket
from services.holdings import Holdings
from services.middles import family, may_pay, middles, threshold
from services.value_bets import low_hold, value_bets
from services.verdict import Quoted


class _Quotes(Protocol):
    def __call__(self, held: HeldMarket, number: int, bets: Sequence[Bet]) -> Quoted:
        """Return a market as it is quoted now."""
        ...


class Piece(NamedTuple):
    """A part of an event that is looked at in one go: markets each alone, or lines in `pairs`."""

    pairs: bool
    markets: tuple[Market, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at prices; `shown` has the keys that stay by a lower bar."""

    holdings: Holdings
    shown: Collection[str]
    quotes: _Quotes
    gates: Prospecting = field(default_factory=Prospecting)

    def at(self, piece: Piece) -> Iterator[Opportunity]:
        """Yield what a piece of an event holds, accepted or refused."""
        held = [one for market in piece.markets if (one := self.holdings.of(market)) is not None]
        if not piece.pairs:
            for quoted in map(self._quoted, held):
                yield from value_bets(quoted, self.gates.alone, self.shown)
                yield from low_hold(quoted, self.gates.together, self.shown)
        elif len(held) > 1:
            yield from middles([*map(self._quoted, held)], self.gates.together, self.shown)

    def _quoted(self, held: HeldMarket) -> Quoted:
        bets = tuple((outcome, Side.BACK) for outcome in held.market.outcomes)
        return self.quotes(held, held.number, bets)


def pieces(holdings: Holdings, event_id: str) -> list[Piece]:
    """Return the pieces of an event to look at: what its best prices do not rule out."""
    of = holdings.held_event(event_id)
    if of is None:
        return []
    families = _families(of)
    alone = (_cheap(holdings, rungs) for rungs in families)
    together = (_that_may_pay(holdings, rungs) for rungs in families)
    return [
        *(Piece(pairs=False, markets=found) for found in alone if found),
        *(Piece(pairs=True, markets=found) for found in together if len(found) > 1),
    ]


def _families(of: HeldEvent) -> list[list[HeldMarket]]:
    """Return the markets of an event, those together that ask the same at several lines."""
    by_family: defaultdict[tuple[str, ...], list[HeldMarket]] = defaultdict(list)
    for held in of.markets.values():
        by_family[family(held.market) or ()].append(held)
    return list(by_family.values())


def _cheap(holdings: Holdings, some: Sequence[HeldMarket]) -> tuple[Market, ...]:
    """Return the markets whose best prices give back about what is staked."""
    sums = holdings.store.inverse_sum[[held.number for held in some]]
    least, most = ENTER.payout
    cheap = np.flatnonzero((sums >= 1.0 / most) & (sums <= 1.0 / least))
    return tuple(some[int(place)].market for place in cheap)


def _that_may_pay(holdings: Holdings, rungs: Sequence[HeldMarket]) -> tuple[Market, ...]:
    """Return the lines of which two may pay together, with their neighbours.

    What is no multiple of a quarter is no line that anybody settles.
    """
    if family(rungs[0].market) is None:
        return ()
    rungs = [held for held in rungs if (threshold(held.market) * 4.0).is_integer()]
    if len(rungs) < 2:
        return ()
    store = holdings.store
    first = np.array([store.first_row(held.number) for held in rungs], np.int64)
    lines = np.array([threshold(held.market) for held in rungs])
    asked = may_pay(lines, store.best[first], store.best[first + 1])
    return tuple(rungs[int(place)].market for place in np.flatnonzero(asked))
