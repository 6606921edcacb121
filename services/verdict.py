"""Verdicts: a crossing of prices as the opportunities it holds, accepted or refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
import numpy as np

from domain.markets import Event, Market, Statistic
from domain.opportunities import GateCode, Leg, Opportunity, Refusal
from domain.quotes import Origin, Quote
from engine.gates import (
    Chosen,
    Fault,
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    leg_refusals,
    one_house_refusals,
    question_refusals,
    roi_refusals,
    rule_refusals,
    sound,
)
from engine.quality import if_void
from engine.quotes import Ints
from engine.sheet import Marks, Sheet, best_legs, best_legs_within, cost
from engine.surebet import surebets
from kit.ids import stable
from services.endings import by_leg, settlement
from services.held import Bet, Place, Scope
from services.proof import proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A market, or the two sides of an outcome, at one instant.

    Row `i` of `sheet` is `bets[i]`, its columns are `books`.
    """

    sheet: Sheet
    bets: Sequence[Bet]
    books: Sequence[str]
    prices: Mapping[Place, tuple[Quote, Scope]]
    market: Market
    event: Event
    as_of: datetime
    origin: Origin

    @property
    def key(self) -> str:
        """Name the bet, whatever its prices; a market of three ways is not one of two."""
        market = self.market
        parts = [market.event_id, market.kind, market.period, market.line, "arbitrage"]
        if market.ways != 2:
            parts.append(f"{market.ways} ways")
        if self.sheet.opposed:
            parts.append(f"lay {self.bets[0][0]}")
        if market.statistic is not Statistic.SCORE or market.subject is not None:
            parts.append(f"{market.statistic} {market.subject}")
        return stable(*parts)


class Pick(NamedTuple):
    """One price of a sheet, and the share of the cash that it gets."""

    quoted: Quoted
    row: int
    column: int
    share: float

    @property
    def bet(self) -> Bet:
        """The outcome, and whether it is backed or laid."""
        return self.quoted.bets[self.row]

    @property
    def leg(self) -> Leg:
        """The pick as a leg."""
        outcome, side = self.bet
        quote, scope = self.quoted.prices[outcome, side, self.book]
        changed_at = quote.changed_at
        age_s = None if changed_at is None else (self.quoted.as_of - changed_at).total_seconds()
        return Leg(
            book=self.book,
            market=quote.market,
            outcome=outcome,
            side=side,
            odds=quote.odds,
            commission=quote.commission,
            share=self.share,
            changed_at=changed_at,
            age_s=age_s,
            max_stake=quote.max_stake,
            source=scope.source,
        )

    @property
    def book(self) -> str:
        """The name of its book."""
        return self.quoted.books[self.column]

    @property
    def group(self) -> int:
        """The group of its book."""
        group = self.quoted.sheet.group
        return self.column if group is None else int(group[self.column])

    @property
    def changed_ms(self) -> int:
        """When its price changed."""
        return int(self.quoted.sheet.changed_ms[self.row, self.column])


def judged(quoted: Quoted, gates: Gates, min_roi: float) -> Iterator[Opportunity]:
    """Yield the crossing of the best prices of all, refused or not, then what is left of it.

    Where single legs, the gap between them or their one house are at fault, the best crossing
    without these follows, if there is one that passes: a stale price must not hide a true one.
    """
    sheet = quoted.sheet
    naive = best_legs(sheet, sheet.quoted)
    if naive is None:
        return
    found = faults(gates, sheet)
    picks, roi = shared_out(quoted, naive)
    first = opportunity(quoted.key, picks, roi)
    beyond_mending = (
        event_refusals(gates, sheet)
        + roi_refusals(gates, roi, min_roi)
        + rule_refusals(gates, first.proof.worst_roi)
    )
    at_fault = [
        *leg_refusals(chosen(picks, [found] * len(picks))),
        *gap_refusals(gates, gates.limits(sheet), changed_ms(picks)),
        *one_house_refusals(gates, *brands(picks)),
        *question_refusals(gates, first.legs),
    ]
    yield refused(first, beyond_mending + at_fault)
    if at_fault and not beyond_mending:
        yield from _mended(quoted, gates, found, min_roi)


def opportunity(key: str, picks: Sequence[Pick], roi: float) -> Opportunity:
    """Return the opportunity that picks amount to, the largest leg first."""
    legs = [pick.leg for pick in picks]
    order = sorted(range(len(legs)), key=lambda place: -legs[place].share)
    legs = [legs[place] for place in order]
    first = picks[order[0]].quoted
    return Opportunity(
        key=key,
        event=first.event,
        market=first.market,
        as_of=max(pick.quoted.as_of for pick in picks),
        in_play=any(pick.quoted.sheet.in_play for pick in picks),
        roi=roi,
        legs=legs,
        proof=proof(legs, first.event.sport),
        origin=first.origin,
        source=" + ".join(sorted({leg.source for leg in legs})),
    )


def refused(found: Opportunity, refusals: list[Refusal]) -> Opportunity:
    """Return the opportunity with what speaks against it."""
    return msgspec.structs.replace(found, refusals=refusals) if refusals else found


def chosen(picks: Sequence[Pick], found: Sequence[Sequence[Fault]]) -> list[Chosen]:
    """Return the picks as gates judge them, each with the faults of its sheet."""
    legs = [pick.leg for pick in picks]
    settled = settlement(legs, picks[0].quoted.event.sport)
    void = if_void(by_leg(settled, legs)[: settled.binding], np.ones(len(legs)))
    return [
        Chosen(each, pick.row, pick.column, pick.book, float(worst))
        for pick, each, worst in zip(picks, found, void, strict=True)
    ]


def changed_ms(picks: Sequence[Pick]) -> Ints:
    """Return when the price of each pick changed."""
    return np.array([pick.changed_ms for pick in picks], np.int64)


def brands(picks: Sequence[Pick]) -> tuple[list[str], list[int]]:
    """Return the book of each pick, and its group."""
    return [pick.book for pick in picks], [pick.group for pick in picks]


def _mended(
    quoted: Quoted, gates: Gates, found: Sequence[Fault], min_roi: float
) -> Iterator[Opportunity]:
    legs = _best_passing(quoted, gates, sound(quoted.sheet, found))
    if legs is None:
        return
    picks, roi = shared_out(quoted, legs)
    if not roi_refusals(gates, roi, min_roi):
        yield opportunity(quoted.key, picks, roi)


def _best_passing(quoted: Quoted, gates: Gates, allowed: Marks) -> Ints | None:
    """Return the cheapest legs that changed close together and are not all at one house.

    Exact: of legs at two houses some row is elsewhere, so each row in turn is kept off the house.
    """
    sheet, unbounded = quoted.sheet, GateCode.LEGS_APART in gates.opened
    gap_s = np.inf if unbounded else gates.limits(sheet).max_gap_s
    legs = best_legs_within(sheet, allowed, gap_s)
    if legs is None or sheet.group is None:
        return legs
    groups = sheet.group[legs]
    if not one_house_refusals(gates, [quoted.books[int(leg)] for leg in legs], groups.tolist()):
        return legs
    house = sheet.group == groups[0]
    elsewhere = [
        found
        for row in np.eye(len(legs), dtype=np.bool_)
        if (found := _best_passing(quoted, gates, allowed & ~np.outer(row, house))) is not None
    ]
    return min(elsewhere, key=lambda found: cost(sheet, found), default=None)


def shared_out(quoted: Quoted, columns: Ints) -> tuple[list[Pick], float]:
    """Return one column of each row with the shares that return the same, and what they return."""
    rows = np.arange(len(columns))
    found = surebets(quoted.sheet.price[rows, columns][np.newaxis, :])
    shares = found.shares[0]
    picks = [Pick(quoted, int(r), int(columns[r]), float(shares[r])) for r in rows]
    return picks, float(found.roi[0])
