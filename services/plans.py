"""What a plan hides, taken out before anything is encoded or shown."""

from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from domain.board import BoardPatch, BoardRow, BoardSnapshot, Refusals, RefusedRow
from domain.markets import Outcome, Side
from domain.opportunities import Kind, Leg, Middle, Opportunity, Proof, Refusal, Value
from domain.plans import View
from store import boards
from store.opportunities import Life

HIDDEN = 0.0
"""Stands for odds and shares that a view hides; none of ours is ever so small."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORDER = {outcome: place for place, outcome in enumerate(Outcome)}


def snapshot(of: BoardSnapshot, view: View) -> BoardSnapshot:
    """Return a board as the view shows it; the best first, as far as the view tells returns."""
    return msgspec.structs.replace(of, rows=rows(of.rows, view))


def patch(of: BoardPatch, view: View, shown: Collection[str]) -> BoardPatch:
    """Return a change as the view shows it, to a reader who has the rows of the ids `shown`.

    A row that is played in another league from now on is gone for whoever does not see that one.
    """
    lost = (each.id for each in of.rows if not view.shows(each.opportunity.event.league))
    gone = [life_id for life_id in (*of.gone, *lost) if life_id in shown]
    return msgspec.structs.replace(of, rows=rows(of.rows, view), gone=gone)


def rows(of: list[BoardRow], view: View) -> list[BoardRow]:
    """Return those rows that the view shows, as it shows them."""
    shown = [row(each, view) for each in of if view.shows(each.opportunity.event.league)]
    if view.plan.roi_cap is None:
        return shown
    return boards.ranked(shown)


def row(of: BoardRow, view: View) -> BoardRow:
    """Return a row as the view shows it."""
    told = _opportunity(of.opportunity, view)
    return msgspec.structs.replace(of, opportunity=told, best_roi=told_best(of, view))


def told_best(of: BoardRow, view: View) -> float:
    """Return the best return of a life; where returns are capped, that of now."""
    return of.best_roi if view.plan.roi_cap is None else view.told(of.opportunity.roi)


def refusals(of: Refusals, view: View) -> Refusals:
    """Return the near misses as the view shows them; how many there are is no secret."""
    shown = [each for each in of.rows if view.shows(each.opportunity.event.league)]
    masked = [
        RefusedRow(opportunity=_opportunity(each.opportunity, view), arrived_at=each.arrived_at)
        for each in shown
    ]
    if view.plan.roi_cap is not None:
        masked.sort(key=lambda each: (-each.opportunity.roi, each.opportunity.key))
    return msgspec.structs.replace(of, rows=masked)


def life(of: Life, view: View, *, now: datetime) -> Life | None:
    """Return a life as the view shows it, or None if the view does not, or not yet.

    An end is told as late as a beginning.
    """
    if not view.shows(of.row.opportunity.event.league) or not is_due(of.row, view, now=now):
        return None
    shown = msgspec.structs.replace(of, row=row(of.row, view))
    if of.gone_at is None or not view.plan.delay_s or of.gone_at <= now - _late(view):
        return shown
    return Life(row=shown.row, last_seen_at=now)


def is_due(of: BoardRow, view: View, *, now: datetime) -> bool:
    """Return whether a row has been there for as long as the view is late."""
    return not view.plan.delay_s or of.first_seen_at <= now - _late(view)


def _late(view: View) -> timedelta:
    return timedelta(seconds=view.plan.delay_s)


def _opportunity(of: Opportunity, view: View) -> Opportunity:
    """Return an opportunity without what the view hides."""
    if not view.plan.mask_books:
        return of
    roi, legs = view.told(of.roi), _legs(of.legs)
    return msgspec.structs.replace(
        of,
        market=legs[0].market if legs else of.market,
        roi=roi,
        legs=legs,
        proof=Proof(states=of.proof.states, worst_roi=_worst(of, view), unprotected=[]),
        source="",
        refusals=[Refusal(code=each.code, detail="") for each in of.refusals],
        middle=of.middle and _middle(of.middle, view),
        value=of.value and _value(roi),
    )


def _worst(of: Opportunity, view: View) -> float:
    """Return the worst as far as told: of an arbitrage what it returns, others lose and say so."""
    return view.told(of.roi if of.kind is Kind.ARBITRAGE else of.proof.worst_roi)


def _middle(of: Middle, view: View) -> Middle:
    """Return where a middle lands, which its lines say, and what it pays there as far as told."""
    return Middle(
        low=of.low,
        high=of.high,
        polish=of.polish,
        outside=view.told(of.outside),
        hit_roi=view.told(of.hit_roi),
    )


def _value(told: float) -> Value:
    """Return a value bet's return as far as told, and nothing from which its price would follow."""
    return Value(
        chance=HIDDEN,
        fair_odds=HIDDEN,
        ev=told,
        by="",
        books=0,
        method="",
        kelly=HIDDEN,
    )


def _legs(legs: list[Leg]) -> list[Leg]:
    """Return what is bet on and nothing else; the order is that of markets and outcomes."""
    ordered = sorted(legs, key=_place)
    return [
        Leg(
            book=f"book_{letter}",
            market=leg.market,
            outcome=leg.outcome,
            side=leg.side,
            odds=HIDDEN,
            commission=0.0,
            share=HIDDEN,
            changed_at=None,
            age_s=None,
        )
        for letter, leg in zip(_named(len(ordered)), ordered, strict=True)
    ]


def _named(count: int) -> list[str]:
    """Return a name a leg: A, B ... Z, then A2, B2 and so on."""
    rounds = (n // len(_LETTERS) for n in range(count))
    return [_LETTERS[n % len(_LETTERS)] + (f"{r + 1}" if r else "") for n, r in enumerate(rounds)]


def _place(leg: Leg) -> tuple[str, str, float, str, int, bool]:
    market = leg.market
    return (
        market.kind,
        market.period,
        market.line or 0.0,
        market.subject or "",
        _ORDER[leg.outcome],
        leg.side is Side.LAY,
    )
