"""Verdicts: a crossing of prices as the opportunities it holds, accepted or refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from domain.markets import Event, Market
from domain.opportunities import GateCode, Leg, Opportunity, Refusal
from domain.quotes import Origin, Quote
from engine.gates import (
    Fault,
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    leg_refusals,
    question_refusals,
    roi_refusals,
)
from engine.quotes import Ints
from engine.sheet import Sheet, best_legs, best_legs_within
from engine.surebet import surebets
from kit.ids import stable
from services.held import Bet, Place, Scope
from services.proof import proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A market whose best prices cross: row `i` of `sheet` is `bets[i]`, its columns `books`."""

    sheet: Sheet
    bets: Sequence[Bet]
    books: Sequence[str]
    prices: Mapping[Place, tuple[Quote, Scope]]
    market: Market
    event: Event
    as_of: datetime
    origin: Origin
    source: str

    @property
    def key(self) -> str:
        """Name the bet, whatever its prices; a market of three ways is not one of two."""
        market = self.market
        parts = [market.event_id, market.kind, market.period, market.line, "arbitrage"]
        if market.ways != 2:
            parts.append(f"{market.ways} ways")
        if self.sheet.opposed:
            parts.append(f"lay {self.bets[0][0]}")
        return stable(*parts)


def judged(crossing: Crossing, gates: Gates, min_roi: float) -> Iterator[Opportunity]:
    """Yield the crossing of the best prices of all, refused or not, then what is left of it.

    Where single legs or the gap between them are at fault, the best crossing without the faulty
    prices follows, if there is one that passes: a stale price must not hide a true arbitrage.
    """
    sheet = crossing.sheet
    naive = best_legs(sheet, sheet.quoted)
    if naive is None:
        return
    found = faults(gates, sheet)
    first = _opportunity(crossing, naive)
    beyond_mending = event_refusals(gates, sheet) + roi_refusals(gates, first.roi, min_roi)
    refusals = beyond_mending + _leg_refusals(crossing, gates, found, naive, first.legs)
    yield _refused(first, refusals)
    if refusals and not beyond_mending:
        yield from _mended(crossing, gates, found, min_roi)


def _leg_refusals(
    crossing: Crossing, gates: Gates, found: list[Fault], columns: Ints, legs: list[Leg]
) -> list[Refusal]:
    books = [crossing.books[int(column)] for column in columns]
    return [
        *leg_refusals(found, columns, books),
        *gap_refusals(gates, crossing.sheet, columns),
        *question_refusals(gates, legs),
    ]


def _mended(
    crossing: Crossing, gates: Gates, found: list[Fault], min_roi: float
) -> Iterator[Opportunity]:
    sheet = crossing.sheet
    allowed = sheet.quoted
    for fault in found:
        allowed &= ~fault.marks
    unbounded = GateCode.LEGS_APART in gates.opened
    legs = best_legs_within(sheet, allowed, np.inf if unbounded else gates.limits(sheet).max_gap_s)
    if legs is None:
        return
    opportunity = _opportunity(crossing, legs)
    if not roi_refusals(gates, opportunity.roi, min_roi):
        yield opportunity


def _opportunity(crossing: Crossing, columns: Ints) -> Opportunity:
    sheet = crossing.sheet
    found = surebets(sheet.price[np.arange(len(columns)), columns][np.newaxis, :])
    rows = zip(crossing.bets, columns, found.shares[0], strict=True)
    legs = [
        _leg(crossing, bet, crossing.books[int(column)], float(share))
        for bet, column, share in rows
    ]
    legs.sort(key=lambda leg: -leg.share)
    return Opportunity(
        key=crossing.key,
        event=crossing.event,
        market=crossing.market,
        as_of=crossing.as_of,
        in_play=sheet.in_play,
        roi=float(found.roi[0]),
        legs=legs,
        proof=proof(legs),
        origin=crossing.origin,
        source=crossing.source,
    )


def _leg(crossing: Crossing, bet: Bet, book: str, share: float) -> Leg:
    outcome, side = bet
    quote, _ = crossing.prices[(outcome, side, book)]
    changed_at = quote.changed_at
    age_s = None if changed_at is None else (crossing.as_of - changed_at).total_seconds()
    return Leg(
        book=book,
        market=quote.market,
        outcome=outcome,
        side=side,
        odds=quote.odds,
        commission=quote.commission,
        share=share,
        changed_at=changed_at,
        age_s=age_s,
        max_stake=quote.max_stake,
    )


def _refused(opportunity: Opportunity, refusals: list[Refusal]) -> Opportunity:
    return msgspec.structs.replace(opportunity, refusals=refusals) if refusals else opportunity
