"""Joint verdicts: bets in several markets of an event that guarantee a profit together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from domain.markets import Period, Side, Statistic
from domain.opportunities import GateCode, Opportunity, Refusal
from engine.bets import Bets, Floats
from engine.game import MOST
from engine.gates import (
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    gap_s,
    leg_refusals,
    one_book_refusals,
    one_house_refusals,
    roi_refusals,
    sound,
)
from engine.quotes import UNKNOWN_MS
from engine.sheet import Marks, best_columns
from engine.tiers import guarantee
from kit.ids import stable
from services.slates import Slate
from services.verdict import Pick, Quoted, brands, changed_ms, chosen, opportunity, refused

_LEAST_SHARE = 1e-5
_WHOLE = frozenset({Period.FULL_TIME, Period.FULL_TIME_INCL_OVERTIME})


@dataclass(frozen=True, slots=True)
class Spread:
    """A slate whose best prices cross, with the prices of its bets.

    `place` says where each bet of the slate is quoted: which of `quoted`, and its row there; None
    for one that nobody offers now.
    """

    slate: Slate
    quoted: Sequence[Quoted]
    place: Sequence[tuple[int, int] | None]

    @property
    def key(self) -> str:
        """Name the bet: one for all markets that settle together, whichever it rests on."""
        markets = [market for market, _, _ in self.slate.bets]
        periods = {market.period for market in markets}
        statistics = {market.statistic for market in markets}
        part = "whole" if periods & _WHOLE else min(periods)
        statistic = Statistic.SCORE if Statistic.SCORE in statistics else min(statistics)
        return stable(markets[0].event_id, part, statistic, "across markets", "arbitrage")


def judged_jointly(spread: Spread, gates: Gates, min_roi: float) -> Iterator[Opportunity]:
    """Yield what the best prices of all guarantee, refused or not, then what is left of it.

    What a single market shows by its backs, or by the two sides of an outcome, is left out:
    `services.verdict` finds it there.

    Raises:
        Broken: No solver can prove what the prices guarantee.
    """
    judge = _Judge(spread, gates, min_roi)
    beyond_mending = event_refusals(gates, spread.quoted[0].sheet)
    naive = judge.best([quoted.sheet.quoted for quoted in spread.quoted])
    if naive is not None:
        refusals = beyond_mending + judge.refusals(naive)
        if not naive.alone:
            yield refused(opportunity(spread.key, naive.picks, naive.roi), refusals)
        if not refusals:
            return
    if not beyond_mending and (mended := judge.mended()) is not None:
        yield opportunity(spread.key, mended.picks, mended.roi)


@dataclass(frozen=True, slots=True)
class _Found:
    """Picks that return at least `roi` of the cash that settles, however the event ends."""

    picks: Sequence[Pick]
    roi: float

    @property
    def alone(self) -> bool:
        """Whether one market shows it: backs of its outcomes, or a back and a lay of one."""
        if len({pick.quoted.market for pick in self.picks}) > 1:
            return False
        outcomes, sides = zip(*(pick.bet for pick in self.picks), strict=True)
        return Side.LAY not in sides or len(set(outcomes)) == 1


class _Judge:
    """One look at a spread."""

    def __init__(self, spread: Spread, gates: Gates, min_roi: float) -> None:
        self._spread, self._gates, self._min_roi = spread, gates, min_roi
        self._faults = {id(quoted): faults(gates, quoted.sheet) for quoted in spread.quoted}

    def best(self, allowed: Sequence[Marks]) -> _Found | None:
        """Return the best guarantee of the allowed prices, one table a sheet; None: no profit."""
        offers = self._offers(allowed)
        if not offers:
            return None
        shapes = np.array(list(offers), np.int64)
        net = np.array([offered for offered, _ in offers.values()])
        slate = self._spread.slate
        bets = Bets(slate.win[:, shapes], slate.lose[:, shapes], net)
        stakes, roi = _guaranteed(bets)
        staked = zip(offers.values(), stakes.tolist(), strict=True)
        picks = [pick._replace(share=share) for (_, pick), share in staked if share > 0.0]
        return _Found(picks, roi) if roi > 0.0 else None

    def refusals(self, found: _Found) -> list[Refusal]:
        """Return what speaks against picks, but for what speaks against the whole event."""
        gates, picks = self._gates, found.picks
        legs = chosen(picks, [self._faults[id(pick.quoted)] for pick in picks])
        return [
            *roi_refusals(gates, found.roi, self._min_roi),
            *leg_refusals(legs),
            *gap_refusals(gates, gates.limits(picks[0].quoted.sheet), changed_ms(picks)),
            *one_book_refusals(gates, [pick.book for pick in picks]),
            *one_house_refusals(gates, *brands(picks)),
        ]

    def mended(self) -> _Found | None:
        """Return the best guarantee of the prices without fault that passes every gate."""
        allowed = [sound(q.sheet, self._faults[id(q)]) for q in self._spread.quoted]
        found = self._together(allowed)
        if found is not None and self._in_one_house(found):
            found = self._without_a_brand(allowed, {pick.book for pick in found.picks})
        if found is None or found.alone or self.refusals(found):
            return None
        return found

    def _together(self, allowed: Sequence[Marks]) -> _Found | None:
        """Return the best guarantee of prices that changed close together, if that is asked for."""
        found = self.best(allowed)
        if found is None or GateCode.LEGS_APART in self._gates.opened:
            return found
        most_s = self._gates.limits(self._spread.quoted[0].sheet).max_gap_s
        apart = gap_s(changed_ms(found.picks)) > most_s
        return self._within(allowed, most_s) if apart else found

    def _in_one_house(self, found: _Found) -> bool:
        return bool(one_house_refusals(self._gates, *brands(found.picks)))

    def _without_a_brand(self, allowed: Sequence[Marks], house: set[str]) -> _Found | None:
        """Return the best guarantee that leaves out one of the brands, whichever costs least."""
        every = [
            found
            for brand in sorted(house)
            if (found := self._together(self._but(allowed, brand))) is not None
            and not self.refusals(found)
        ]
        return max(every, key=lambda found: found.roi, default=None)

    def _but(self, allowed: Sequence[Marks], brand: str) -> list[Marks]:
        sheets = zip(self._spread.quoted, allowed, strict=True)
        return [marks & np.array([book != brand for book in q.books]) for q, marks in sheets]

    def _within(self, allowed: Sequence[Marks], most_s: float) -> _Found | None:
        """Return the best guarantee of prices of which no two changed more than `most_s` apart."""
        times = [quoted.sheet.changed_ms for quoted in self._spread.quoted]
        opened = np.unique(np.concatenate([t[a] for t, a in zip(times, allowed, strict=True)]))
        windows = [
            [a & ((t == UNKNOWN_MS) | ((t >= start) & (t <= start + most_s * 1e3)))
             for t, a in zip(times, allowed, strict=True)]
            for start in opened[opened != UNKNOWN_MS]
        ]  # fmt: skip
        every = [found for window in windows if (found := self.best(window)) is not None]
        return max(every, key=lambda found: found.roi, default=None)

    def _offers(self, allowed: Sequence[Marks]) -> dict[int, tuple[float, Pick]]:
        """Return the best allowed price of each shape: its net odds, and where it is quoted."""
        offers: dict[int, tuple[float, Pick]] = {}
        best = [best_columns(q.sheet, a) for q, a in zip(self._spread.quoted, allowed, strict=True)]
        shapes = self._spread.slate.shape_of.tolist()
        for shape, place in zip(shapes, self._spread.place, strict=True):
            if place is None:
                continue
            at, row = place
            columns, prices = best[at]
            net = min(float(prices[row]) - 1.0, MOST)
            pick = Pick(self._spread.quoted[at], row, int(columns[row]), 0.0)
            if net > (offers[shape][0] if shape in offers else 0.0):
                offers[shape] = (net, pick)
        return offers


def _guaranteed(bets: Bets) -> tuple[Floats, float]:
    """Return the stakes with the best guarantee, none too small to be placed, and what it is.

    A trace of a stake serves only to win something where all others are given back.
    """
    found = guarantee(bets)
    if found is None:
        return np.zeros(len(bets.net)), 0.0
    placed = found.stakes >= _LEAST_SHARE
    if placed.sum() == (found.stakes > 0.0).sum():
        return found.stakes, found.roi
    again = guarantee(Bets(bets.win[:, placed], bets.lose[:, placed], bets.net[placed]))
    if again is None:
        return np.zeros(len(bets.net)), 0.0
    stakes = np.zeros(len(bets.net))
    stakes[placed] = again.stakes
    return stakes, again.roi
