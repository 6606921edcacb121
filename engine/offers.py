"""Offers: the best net odds of each row among all the slots where it may be quoted."""

from typing import NamedTuple

import numpy as np

from engine.bets import Floats
from engine.monitor_loops import Marks
from engine.simplex import Ints
from kit.jit import jit

_NOWHERE = -1


class Slots(NamedTuple):
    """Per slot its row and net odds; per row its first slot, its best, and whether that changed."""

    row_of: Ints
    first: Ints
    net: Floats
    best: Floats
    best_slot: Ints
    changed: Marks


@jit
def written(known: Slots, slots: Ints, net: Floats) -> Ints:
    """Write net odds and return the rows whose best changed on the way, ascending."""
    rows = np.empty(len(slots), np.int64)
    found = 0
    for place in range(len(slots)):
        slot, price = slots[place], net[place]
        row = known.row_of[slot]
        before = known.best[row]
        known.net[slot] = price
        if price > before:
            known.best[row], known.best_slot[row] = price, slot
        elif slot == known.best_slot[row]:
            start = known.first[row]
            competing = known.net[start : known.first[row + 1]]
            best = competing.argmax()
            known.best[row] = competing[best]
            known.best_slot[row] = start + best if competing[best] > 0.0 else _NOWHERE
        if known.best[row] != before and not known.changed[row]:
            known.changed[row] = True
            rows[found] = row
            found += 1
    changed = np.sort(rows[:found])
    known.changed[changed] = False
    return changed


class Offers:
    """Quotes by slot, and the best of each row kept up to date; one writer.

    A row is whatever competes for the same place, such as a shape of an event; its slots are the
    selections and books that offer it. `best` is 0 and `best_slot` -1 where nothing is offered.
    """

    def __init__(self, row_of: Ints) -> None:
        """Lay out the slots.

        Args:
            row_of: Shape (slots,), ascending: the row that each slot competes for.

        Raises:
            ValueError: It is not ascending from 0 or more.
        """
        if len(row_of) and (int(row_of[0]) < 0 or bool((np.diff(row_of) < 0).any())):
            raise ValueError("slots must be ordered by row, from 0")
        rows = int(row_of[-1]) + 1 if len(row_of) else 0
        self.best: Floats = np.zeros(rows)
        self.best_slot: Ints = np.full(rows, _NOWHERE, np.int64)
        self._known = Slots(
            row_of=np.ascontiguousarray(row_of, np.int64),
            first=np.searchsorted(row_of, np.arange(rows + 1)),
            net=np.zeros(len(row_of)),
            best=self.best,
            best_slot=self.best_slot,
            changed=np.zeros(rows, np.bool_),
        )

    def update(self, slots: Ints, net: Floats) -> Ints:
        """Write net odds (0 withdraws one) and return the rows whose best changed, ascending.

        Args:
            slots: Shape (updates,); the last of a repeated slot stands.
            net: Shape (updates,).

        Raises:
            ValueError: A number is NaN, infinite or negative, or there is no such slot; nothing is
                written.
        """
        if len(slots) != len(net):
            raise ValueError("slots and net odds must be as many")
        if not len(slots):
            return np.empty(0, np.int64)
        if not (int(slots.min()) >= 0 and int(slots.max()) < len(self._known.net)):
            raise ValueError("there is no such slot")
        if not (float(net.min()) >= 0.0 and float(net.max()) < np.inf):
            raise ValueError("net odds must be numbers of 0 or more")
        return written(self._known, slots, net)
