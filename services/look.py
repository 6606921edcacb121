"""A look at all prices before the start: what stands where, who said it, and how it compares."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import numpy as np

from domain.markets import Side
from engine.anomaly import Usual, innovation, robust_z, usual_of
from engine.looks import Look
from engine.peers import apart_from, implied_logits
from services.held import HeldMarket
from services.holdings import Holdings

MIN_OTHERS = 3
_MOST_WAYS = 4
_WHO_BITS = 20


class Who(NamedTuple):
    """A book, as a source quotes it."""

    source: str
    book: str


class _Cell(NamedTuple):
    row: int
    store_row: int
    column: int
    who: int
    age_s: float
    at_s: float
    usual: Usual


def look(holdings: Holdings, now: datetime, whos: dict[Who, int]) -> Look | None:
    """Return how all back prices stand before the start, None if there are none.

    Args:
        holdings: All prices.
        now: Our clock.
        whos: The number of every source and book so far; new ones are added.
    """
    cells = [cell for held in holdings.markets for cell in _cells(holdings, held, now, whos)]
    if not cells:
        return None
    rows, places, columns, who, age_s, at_s, usual = zip(*cells, strict=True)
    row, place, column = (np.array(each, np.int64) for each in (rows, places, columns))
    said = implied_logits(holdings.store.price[:, : len(holdings.groups)])
    group = np.array(holdings.groups, np.int64)
    own = said[place, column]
    apart = apart_from(own, said[place], column, group, MIN_OTHERS)
    z, leap, _ = np.array(usual).T
    before = holdings.past.at(place, column)
    return Look(
        price=row << _WHO_BITS | np.array(who, np.int64),
        row=row,
        who=np.array(who, np.int64),
        logit=own,
        middle=own - apart.distance,
        best=holdings.store.best_book[place] == column,
        odd=(robust_z(apart) > z) | (innovation(apart, before) > leap),
        age_s=np.array(age_s),
        at_s=np.array(at_s),
    )


def _cells(
    holdings: Holdings, held: HeldMarket, now: datetime, whos: dict[Who, int]
) -> Iterator[_Cell]:
    event, outcomes = holdings.event(held), held.market.outcomes
    if event.starts_at is None or held.scope.instant(now) >= event.starts_at:
        return
    first, usual = holdings.store.first_row(held.number), usual_of(event.sport)
    for (outcome, side, book), (quote, scope) in held.prices.items():
        if side is Side.LAY:
            continue
        instant, place = scope.instant(now), outcomes.index(outcome)
        changed_at = quote.changed_at
        yield _Cell(
            row=held.serial * _MOST_WAYS + place,
            store_row=first + place,
            column=holdings.column(book),
            who=whos.setdefault(Who(scope.source, book), len(whos)),
            age_s=np.nan if changed_at is None else (instant - changed_at).total_seconds(),
            at_s=instant.timestamp(),
            usual=usual,
        )
