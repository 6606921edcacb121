"""Prospects: middles, value bets and low holds, looked for beside detection and kept in bounds."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec

from domain.board import BoardRow
from domain.opportunities import Kind, Opportunity
from jobs.lives import LifeChanges, same_prices
from kit.clock import Clock
from kit.ids import fresh
from services.detect import Detector
from services.prospects import Piece

MOST: Final = 100
MOST_KEPT: Final = 120
AGAIN_AFTER: Final = timedelta(seconds=2)
SLICE_EVERY_S: Final = 0.1
SLICE_S: Final = 0.005
NO_LONGER_HOLDS: Final = "no_longer_holds"
_ALIKE: Final = 0.0005


class Beside(NamedTuple):
    """What is on the board beside arbitrage, the best of each kind first, and what changed."""

    rows: Sequence[BoardRow]
    changes: LifeChanges


@dataclass(slots=True)
class _Open:
    """An event that is being looked at: the pieces that are left, and what the others held."""

    event_id: str
    pieces: list[Piece]
    found: list[Opportunity] = field(default_factory=list[Opportunity])


class Prospects:
    """A shard's rows of the other kinds. They are told, never stored, and no statistics count them.

    An event is looked at again when its prices have changed, and every two seconds while it has a
    row; piece by piece, for about `SLICE_S` at a time and no more often than every `SLICE_EVERY_S`,
    so that detection does not wait. Of each kind the best `MOST` are shown, shared out over the
    shards; one that is shown stays until it is well out of them.
    """

    def __init__(self, clock: Clock, *, shards: int = 1) -> None:
        self._clock = clock
        self._most, self._kept = (max(1, most // shards) for most in (MOST, MOST_KEPT))
        self._due: dict[str, None] = {}
        self._looked_at: dict[str, datetime] = {}
        self._found: dict[str, dict[str, Opportunity]] = {}
        self._refused: dict[str, Counter[tuple[Kind, str]]] = {}
        self._rows: dict[str, BoardRow] = {}
        self._ranked: list[BoardRow] = []
        self._changes = LifeChanges()
        self._open: _Open | None = None
        self._is_new = False
        self._sliced_at = float("-inf")

    @property
    def rows(self) -> list[BoardRow]:
        """What is on the board, the best of each kind first."""
        return self._ranked

    @property
    def refused_by(self) -> Mapping[tuple[Kind, str], int]:
        """How many each gate holds back now, by kind."""
        return sum(self._refused.values(), Counter[tuple[Kind, str]]())

    def hear(self, events: Iterable[str]) -> None:
        """Note that prices of these events have changed."""
        self._due.update(dict.fromkeys(events))

    def look(self, detector: Detector) -> None:
        """Look at some of the events that are due, those that have waited longest first."""
        began = self._clock.monotonic()
        if began - self._sliced_at < SLICE_EVERY_S:
            return
        self._sliced_at, now = began, self._clock.now()
        self._due.update(dict.fromkeys(self._found))
        while self._open or self._begin(detector, now):
            if self._open and self._open.pieces:
                piece = self._open.pieces.pop()
                self._open.found += detector.prospects((piece,), self._rows.keys(), now)
            if self._open and not self._open.pieces:
                self._take_in(self._open, now)
                self._open = None
            if self._clock.monotonic() - began >= SLICE_S:
                break
        if self._is_new:
            self._show(now)

    def clear(self) -> None:
        """Take every row off, and look at its event first when looking is wanted again."""
        if not (self._rows or self._found or self._refused or self._open):
            return
        again = [*self._found, *self._refused, *([self._open.event_id] if self._open else [])]
        self._due = dict.fromkeys([*again, *self._due])
        self._found, self._refused, self._open = {}, {}, None
        self._show(self._clock.now())

    def _begin(self, detector: Detector, now: datetime) -> bool:
        """Open the event that has waited longest and is due, if there is one."""
        event_id = next((each for each in self._due if self._is_due(each, now)), None)
        if event_id is None:
            return False
        del self._due[event_id]
        self._open = _Open(event_id, detector.pieces(event_id))
        return True

    def take(self) -> Beside:
        """Return what is shown, and what happened since the last call."""
        changes, self._changes = self._changes, LifeChanges()
        return Beside(self._ranked, changes)

    def _is_due(self, event_id: str, now: datetime) -> bool:
        looked_at = self._looked_at.get(event_id)
        return looked_at is None or now - looked_at >= AGAIN_AFTER

    def _take_in(self, looked: "_Open", now: datetime) -> None:
        event_id, found = looked.event_id, looked.found
        self._is_new = True
        accepted = {each.key: each for each in found if each.accepted}
        refused = {each.key: each for each in found if each.key not in accepted}
        codes = Counter(
            (one.kind, refusal.code.value) for one in refused.values() for refusal in one.refusals
        )
        self._found.pop(event_id, None)
        self._refused.pop(event_id, None)
        if accepted:
            self._found[event_id] = accepted
        if codes:
            self._refused[event_id] = codes
        self._looked_at[event_id] = now
        if len(self._looked_at) > len(self._due) + 10_000:
            self._forget(now)

    def _forget(self, now: datetime) -> None:
        at = self._looked_at.items()
        self._looked_at = {each: when for each, when in at if now - when < AGAIN_AFTER}

    def _show(self, now: datetime) -> None:
        self._is_new = False
        found = defaultdict[Kind, list[Opportunity]](list)
        for of in self._found.values():
            for one in of.values():
                found[one.kind].append(one)
        chosen = {one.key: one for of in found.values() for one in self._chosen(of)}
        for key in self._rows.keys() - chosen.keys():
            self._changes.ended[self._rows.pop(key).id] = NO_LONGER_HOLDS
        for key, one in chosen.items():
            row = self._rows.get(key)
            if row is None or not _alike(row.opportunity, one):
                self._rows[key] = row = _row(row, one, now)
                self._changes.rows[row.id] = row
        self._ranked = sorted(self._rows.values(), key=lambda row: _rank(row.opportunity))

    def _chosen(self, found: Sequence[Opportunity]) -> list[Opportunity]:
        """Return the best of a kind; what is shown already may be a little further down."""
        ranked = sorted(found, key=_rank)
        kept = [one for one in ranked[: self._kept] if one.key in self._rows]
        new = [one for one in ranked[: self._most] if one.key not in self._rows]
        return kept + new[: max(0, self._most - len(kept))]


def _row(row: BoardRow | None, one: Opportunity, now: datetime) -> BoardRow:
    if row is None:
        return BoardRow(
            id=fresh(), opportunity=one, arrived_at=now, first_seen_at=now, best_roi=one.roi
        )
    best = max(row.best_roi, one.roi)
    return msgspec.structs.replace(row, opportunity=one, arrived_at=now, best_roi=best)


def _rank(one: Opportunity) -> tuple[float, float, str]:
    """Rank by what is expected, where it is known, then by what is returned in any case."""
    expected = one.middle.expected if one.middle else None
    return (-one.roi if expected is None else -expected, -one.roi, one.key)


def _alike(one: Opportunity, other: Opportunity) -> bool:
    """Whether nothing that is shown differs by more than a flicker."""
    apart = max(abs(a - b) for a, b in zip(_figures(one), _figures(other), strict=True))
    return same_prices(one, other) and apart < _ALIKE


def _figures(one: Opportunity) -> tuple[float, ...]:
    middle, value = one.middle, one.value
    known = (middle.chance, middle.expected) if middle else (None, None)
    chances = tuple(-9.0 if figure is None else figure for figure in known)
    return one.roi, *chances, value.chance if value else 0.0
