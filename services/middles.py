"""Middles: two bets on different lines of one event, of which both may win, or both may lose."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from domain.markets import Market, MarketKind
from domain.opportunities import GateCode, Kind, Middle, Opportunity, Refusal
from engine.gates import (
    Fault,
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    leg_refusals,
    one_house_refusals,
    sound,
)
from engine.landing import Ladder as Told
from engine.landing import ladder, mean
from engine.margin import Floats, fair_chances
from engine.middles import Ladder, Spans, break_even, reach, spans
from engine.quotes import Ints
from engine.sheet import Marks
from kit.ids import stable
from services.bars import ENTER, STAY, Bar
from services.endings import settle_together
from services.value_bets import METHOD
from services.verdict import Pick, Quoted, brands, changed_ms, chosen, opportunity, refused

LINED: Final = frozenset(
    {MarketKind.HANDICAP, MarketKind.TOTAL, MarketKind.TEAM_TOTAL, MarketKind.PLAYER_TOTAL}
)
_MOST_A_FAMILY = 3
_HOUSES_A_LINE = 2
_ALIKE = 1e-9
_NO_PRICE = 1e-3
_ABOUT_FAIR = 1.03
_NEIGHBOUR = 0.5


def family(market: Market) -> tuple[str, ...] | None:
    """Return what markets have in common that ask the same at different lines; None: no line."""
    if market.kind not in LINED or market.ways != 2:
        return None
    return market.kind, market.period, market.statistic, market.subject or ""


def threshold(market: Market) -> float:
    """Return the result at which a line turns: a total, or what the home side wins by.

    A handicap on the home side is an over of the home margin at the opposite line.
    """
    line = market.line or 0.0
    return 0.0 - line if market.kind is MarketKind.HANDICAP else line


def may_pay(lines: Floats, over: Floats, under: Floats) -> Marks:
    """Return which lines to look at closer: those of pairs that cost little, and their neighbours.

    A Polish pair is expected to return the mean of what its two bets are, so that both lines must
    cost little at their best prices, too. A line half a point away from one of a pair may tell how
    likely that one is to be hit.

    Args:
        lines: Thresholds, shape (lines,).
        over: The best odds above each, after commission; 1 or less where there are none.
        under: The same below it.

    Examples:
        >>> goals = np.array([2.5, 3.0, 3.5, 4.5, 6.5])
        >>> over, under = np.array([1.98, 1.9, 2.05, 3, 9]), np.array([1.7, 1.8, 1.83, 1.3, 1.1])
        >>> may_pay(goals, over, under).tolist()
        [True, True, True, False, False]
    """
    overs, unders = (1.0 / np.where(odds > 1.0, odds, _NO_PRICE) for odds in (over, under))
    cost, gap = overs[:, np.newaxis] + unders, lines - lines[:, np.newaxis]
    fair = overs + unders <= _ABOUT_FAIR
    low_cost = np.where(gap > 0.0, cost <= 1.0 / (1.0 - STAY.most_cost_at_all), cost <= 1.0)
    cheap = low_cost & ((gap > 0.0) | ((gap < 0.0) & fair & fair[:, np.newaxis]))
    paired = lines[cheap.any(axis=0) | cheap.any(axis=1)]
    near: Marks = np.abs(lines[:, np.newaxis] - paired) <= _NEIGHBOUR
    return np.logical_or.reduce(near, axis=1)


def middles(rungs: Sequence[Quoted], gates: Gates, shown: Collection[str]) -> Iterator[Opportunity]:
    """Yield the best pairs of bets on different lines of one question, refused or not.

    Args:
        rungs: The market at each of its lines, two or more.
        gates: What speaks against prices.
        shown: The keys of what stays by the lower bar.
    """
    found = [faults(gates, quoted.sheet) for quoted in rungs]
    allowed = [sound(q.sheet, each) for q, each in zip(rungs, found, strict=True)]
    judge = _Judge(rungs, gates, shown, found, _ladders(rungs, allowed))
    every = [quoted.sheet.quoted for quoted in rungs]
    if any(bool((one != other).any()) for one, other in zip(every, allowed, strict=True)):
        yield from (one for one in judge.best(every) if not one.accepted)
    yield from judge.best(allowed)


@dataclass(frozen=True, slots=True)
class _Judge:
    """One look at a family of lines."""

    rungs: Sequence[Quoted]
    gates: Gates
    shown: Collection[str]
    found: Sequence[Sequence[Fault]]
    told: Sequence[Told]

    def best(self, allowed: Sequence[Marks]) -> list[Opportunity]:
        """Return the most promising pairs of allowed prices, one a pair of lines."""
        overs, unders = ([*_offers(self.rungs, allowed, row)] for row in (0, 1))
        if not overs or not unders:
            return []
        over, under = (Ladder(*_lines_and_odds(picks)) for picks in (overs, unders))
        lines = np.array([threshold(quoted.market) for quoted in self.rungs])
        results = reach(lines)
        every = _worth(spans(over, under, results), overs, unders)
        chance, expected, houses = self._weighed(every, results)
        order = np.argsort(-np.where(houses > 0, expected, every.outside), kind="stable")
        order = order[_may_reach(every, expected, houses)[order]]
        best: dict[str, Opportunity] = {}
        for place in order:
            if len(best) == _MOST_A_FAMILY:
                break
            pair = overs[int(every.over[place])], unders[int(every.under[place])]
            if (key := _key(pair)) in best:
                continue
            weighed = (float(chance[place]), float(expected[place]), int(houses[place]))
            middle = _middle(every, int(place), results, weighed)
            bar = STAY if key in self.shown else ENTER
            if _reaches(middle, bar) and _is_settled(pair):
                best[key] = self._told(key, pair, float(every.over_share[place]), middle, bar)
        return list(best.values())

    def _weighed(self, every: Spans, results: Floats) -> tuple[Floats, Floats, Ints]:
        """Return, of each pair, the median chance of landing, of the mean, and of how many."""
        pairs = len(every.gap)
        if not self.told or not pairs:
            return np.full(pairs, np.nan), np.full(pairs, np.nan), np.zeros(pairs, np.int64)
        lands = np.abs(every.pays - every.outside) > _ALIKE
        both = np.concatenate([lands.astype(np.float64), every.pays], axis=1)
        said = np.stack([mean(told, results, both) for told in self.told])
        known = ~np.isnan(said[:, pairs:])
        houses = known.sum(axis=0)
        enough = houses >= ENTER.least_ladders
        middle = np.full(2 * pairs, np.nan)
        asked = np.concatenate([enough, enough])
        middle[asked] = np.nanmedian(said[:, asked], axis=0)
        return middle[:pairs], middle[pairs:], np.where(enough, houses, 0)

    def _told(
        self, key: str, pair: tuple[Pick, Pick], share: float, middle: Middle, bar: Bar
    ) -> Opportunity:
        picks = [pair[0]._replace(share=share), pair[1]._replace(share=1.0 - share)]
        found = opportunity(key, picks, 0.0)
        told = msgspec.structs.replace(
            found, roi=found.proof.worst_roi, kind=Kind.MIDDLE, middle=middle
        )
        by_rung = {id(q): each for q, each in zip(self.rungs, self.found, strict=True)}
        sheet = picks[0].quoted.sheet
        refusals = [
            *event_refusals(self.gates, sheet),
            *leg_refusals(chosen(picks, [by_rung[id(pick.quoted)] for pick in picks])),
            *gap_refusals(self.gates, self.gates.limits(sheet), changed_ms(picks)),
            *one_house_refusals(self.gates, *brands(picks)),
            *_too_good(middle, bar),
        ]
        return refused(told, refusals)


def _ladders(rungs: Sequence[Quoted], allowed: Sequence[Marks]) -> list[Told]:
    """Return what each house thinks of the result by its own prices of several lines."""
    said: defaultdict[int, dict[float, float]] = defaultdict(dict)
    for quoted, marks in zip(rungs, allowed, strict=True):
        columns = np.flatnonzero(marks.all(axis=0))
        if not len(columns):
            continue
        over = fair_chances(quoted.sheet.price[:, columns].T, METHOD)[:, 0]
        for column, chance in zip(columns, over.tolist(), strict=True):
            house = Pick(quoted, 0, int(column), 0.0).group
            said[house].setdefault(threshold(quoted.market), chance)
    told = [
        ladder(np.array(list(by_line)), np.array(list(by_line.values())))
        for by_line in said.values()
        if len(by_line) > 1
    ]
    return [one for one in told if one is not None]


def _offers(rungs: Sequence[Quoted], allowed: Sequence[Marks], row: int) -> Iterator[Pick]:
    """Yield the best allowed price of a side at each line, and the best of another house."""
    for quoted, marks in zip(rungs, allowed, strict=True):
        price = np.where(marks[row], quoted.sheet.price[row], 0.0)
        houses: set[int] = set()
        for column in np.argsort(-price, kind="stable"):
            pick = Pick(quoted, row, int(column), 0.0)
            if price[column] <= 1.0 or len(houses) == _HOUSES_A_LINE:
                break
            if pick.group not in houses:
                houses.add(pick.group)
                yield pick


def _lines_and_odds(picks: Sequence[Pick]) -> tuple[Floats, Floats]:
    lines = [threshold(pick.quoted.market) for pick in picks]
    odds = [float(pick.quoted.sheet.price[pick.row, pick.column]) for pick in picks]
    return np.array(lines), np.array(odds)


def _worth(every: Spans, overs: Sequence[Pick], unders: Sequence[Pick]) -> Spans:
    """Return the pairs on two lines, at two houses, that do not cost too much where they miss."""
    over, under = (np.array([pick.group for pick in picks], np.int64) for picks in (overs, unders))
    apart = over[every.over] != under[every.under]
    least = np.where(every.gap > 0.0, -STAY.most_cost_at_all, 0.0)
    return every.only(np.flatnonzero(apart & (every.gap != 0.0) & (every.outside > least)))


def _middle(every: Spans, place: int, results: Floats, weighed: tuple[float, float, int]) -> Middle:
    pays, outside = every.pays[:, place], float(every.outside[place])
    inside = np.flatnonzero(np.abs(pays - outside) > _ALIKE)
    polish = bool(every.gap[place] < 0.0)
    hit = float(pays[inside].min() if polish else pays[inside].max())
    needed = float(break_even(np.array([outside]), np.array([hit]))[0])
    is_even = float(np.ptp(pays[inside])) <= _ALIKE
    chance, expected, houses = weighed
    return Middle(
        low=float(results[inside[0]]),
        high=float(results[inside[-1]]),
        polish=polish,
        outside=outside,
        hit_roi=hit,
        needed=needed if is_even and not np.isnan(needed) else None,
        chance=chance if houses else None,
        expected=expected if houses else None,
        books=houses,
    )


def _may_reach(every: Spans, expected: Floats, houses: Ints) -> Marks:
    """Return which pairs are worth showing by the lower bar."""
    unknown = (every.gap > 0.0) & (every.outside >= -STAY.most_cost)
    return np.where(houses > 0, expected >= STAY.least_expected, unknown)


def _reaches(middle: Middle, bar: Bar) -> bool:
    """Whether a middle is worth showing; a Polish one only where its chance is known."""
    if middle.outside < -bar.most_cost_at_all:
        return False
    if middle.expected is not None:
        return middle.expected >= bar.least_expected
    return not middle.polish and middle.outside >= -bar.most_cost


def _is_settled(pair: tuple[Pick, Pick]) -> bool:
    bets = [(pick.quoted.market, *pick.bet) for pick in pair]
    return settle_together(bets, pair[0].quoted.event.sport)


def _too_good(middle: Middle, bar: Bar) -> list[Refusal]:
    if middle.expected is None or middle.expected <= bar.most_ev:
        return []
    detail = f"is expected to return {middle.expected:.1%}; at most {bar.most_ev:.0%}"
    return [Refusal(code=GateCode.WAY_OUT, detail=detail)]


def _key(pair: tuple[Pick, Pick]) -> str:
    over, under = (pick.quoted.market for pick in pair)
    asked = (over.kind, over.period, over.statistic, over.subject)
    return stable(over.event_id, *asked, over.line, under.line, "middle")
