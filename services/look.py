"""A look at all prices before the start: what stands where, who said it, and how it compares."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np

from domain.markets import Side
from engine.anomaly import Usual, innovation, robust_z, usual_of
from engine.looks import Look
from engine.peers import apart_from, implied_logits
from services.held import HeldMarket, Scope
from services.holdings import Holdings

MIN_OTHERS = 3
_MOST_WAYS = 4
_WHO_BITS = 20


class Who(NamedTuple):
    """A book, as a source quotes it."""

    source: str
    book: str


@dataclass(slots=True)
class _Cells:
    """Prices as columns, a list each; `usual` and `counts` are a market's.

    `instants` has what each scope's clock says now.
    """

    whos: dict[Who, int]
    row: list[int] = field(default_factory=list[int])
    store_row: list[int] = field(default_factory=list[int])
    column: list[int] = field(default_factory=list[int])
    who: list[int] = field(default_factory=list[int])
    at_s: list[float] = field(default_factory=list[float])
    changed_s: list[float] = field(default_factory=list[float])
    usual: list[Usual] = field(default_factory=list[Usual])
    counts: list[int] = field(default_factory=list[int])
    instants: dict[Scope, float] = field(default_factory=dict[Scope, float])
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def take(self, holdings: Holdings, held: HeldMarket, now: datetime) -> None:
        """Add the back prices of a market whose event has not begun."""
        event = holdings.event(held)
        if event.starts_at is None or held.scope.instant(now) >= event.starts_at:
            return
        first, serial = next(iter(held.rows.values())), held.serial * _MOST_WAYS
        before = len(self.row)
        for (outcome, side, book), (quote, scope) in held.prices.items():
            if side is Side.LAY:
                continue
            at_s = self.instants.get(scope)
            if at_s is None:
                at_s = self.instants[scope] = scope.instant(now).timestamp()
            who = self._who(scope.source, book)
            row, changed_at = held.rows[outcome], quote.changed_at
            self.row.append(serial + row - first)
            self.store_row.append(row)
            self.column.append(holdings.column(book))
            self.who.append(who)
            self.at_s.append(at_s)
            self.changed_s.append(np.nan if changed_at is None else changed_at.timestamp())
        self.usual.append(usual_of(event.sport))
        self.counts.append(len(self.row) - before)

    def _who(self, source: str, book: str) -> int:
        """Return the number of a source and book, without making what names them but once."""
        who = self._numbers.get((source, book))
        if who is None:
            who = self.whos.setdefault(Who(source, book), len(self.whos))
            self._numbers[source, book] = who
        return who


def look(holdings: Holdings, now: datetime, whos: dict[Who, int]) -> Look | None:
    """Return how all back prices stand before the start, None if there are none.

    Args:
        holdings: All prices.
        now: Our clock.
        whos: The number of every source and book so far; new ones are added.
    """
    cells = _Cells(whos)
    for held in holdings.markets:
        cells.take(holdings, held, now)
    if not cells.row:
        return None
    row, place, column, who = (
        np.array(each, np.int64) for each in (cells.row, cells.store_row, cells.column, cells.who)
    )
    at_s = np.array(cells.at_s)
    said = implied_logits(holdings.store.price[:, : len(holdings.groups)])
    group = np.array(holdings.groups, np.int64)
    own = said[place, column]
    apart = apart_from(own, said[place], column, group, MIN_OTHERS)
    z, leap, _ = np.repeat(np.array(cells.usual), cells.counts, axis=0).T
    before = holdings.past.at(place, column)
    return Look(
        price=row << _WHO_BITS | who,
        row=row,
        who=who,
        logit=own,
        middle=own - apart.distance,
        best=holdings.store.best_book[place] == column,
        odd=(robust_z(apart) > z) | (innovation(apart, before) > leap),
        age_s=at_s - np.array(cells.changed_s),
        at_s=at_s,
    )
