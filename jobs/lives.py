"""The lives of opportunities: an arbitrage that persists is one, not one a look."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import msgspec

from domain.board import BoardRow, RefusedRow
from domain.markets import Market
from domain.opportunities import Opportunity
from jobs.requote import Cleared, Judged
from kit.ids import fresh

NO_LONGER_CROSSES = "no_longer_crosses"


@dataclass(slots=True)
class LifeChanges:
    """What happened since it was last taken: rows that are new or differ, and lives that ended.

    A life that began and ended meanwhile is in both. `begun` has each new life as it began.
    """

    rows: dict[str, BoardRow] = field(default_factory=dict[str, BoardRow])
    begun: list[BoardRow] = field(default_factory=list[BoardRow])
    ended: dict[str, str] = field(default_factory=dict[str, str])

    def __bool__(self) -> bool:
        """Whether anything happened."""
        return bool(self.rows or self.ended)


class Lives:
    """Every opportunity on the board, and every crossing that the gates hold back.

    Args:
        rows: Lives that an earlier process left open.
    """

    def __init__(self, rows: Sequence[BoardRow] = ()) -> None:
        self._rows = {row.opportunity.key: row for row in rows}
        self._refused: dict[str, RefusedRow] = {}
        self._changes = LifeChanges()

    @property
    def rows(self) -> list[BoardRow]:
        """The board, most profitable first."""
        return sorted(self._rows.values(), key=lambda row: (-row.opportunity.roi, row.id))

    @property
    def keys(self) -> Collection[str]:
        """The keys of what is on the board."""
        return self._rows.keys()

    @property
    def refused(self) -> list[RefusedRow]:
        """The near misses, most profitable first."""
        rows = self._refused.values()
        return sorted(rows, key=lambda row: (-row.opportunity.roi, row.opportunity.key))

    @property
    def refused_by(self) -> dict[str, int]:
        """How many near misses each gate holds back; one may be held back by several."""
        codes = (
            refusal.code for row in self._refused.values() for refusal in row.opportunity.refusals
        )
        return dict(Counter(codes).most_common())

    @property
    def have_changed(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._changes)

    @property
    def markets(self) -> set[Market]:
        """The markets that cross, accepted or not: what the passing of time may change."""
        rows = [*self._rows.values(), *self._refused.values()]
        return {row.opportunity.market for row in rows}

    @property
    def events(self) -> frozenset[str]:
        """The events of all of them, by id."""
        rows = [*self._rows.values(), *self._refused.values()]
        return frozenset(row.opportunity.event.id for row in rows)

    def judged(
        self,
        markets: Collection[Market],
        crossings: Sequence[Opportunity],
        now: datetime,
        *,
        heard_at: datetime,
        cleared: Mapping[str, Cleared] = MappingProxyType({}),
    ) -> None:
        """Take in a judgement made `now`: all that crosses in `markets`, and across their events.

        `heard_at` is when the prices that led to it reached us: a new life is counted from there,
        or from what `cleared` says of its key.
        """
        accepted = {each.key: each for each in crossings if each.accepted}
        refused = {each.key: each for each in crossings if not each.accepted}
        self._end_others(Judged(markets), accepted, refused)
        for key, opportunity in accepted.items():
            self._live_on(opportunity, now, cleared.get(key, Cleared(None, heard_at)))
        for key, opportunity in refused.items():
            self._refused[key] = RefusedRow(opportunity=opportunity, arrived_at=now)

    def take(self) -> LifeChanges:
        """Return what happened since the last call."""
        changes, self._changes = self._changes, LifeChanges()
        return changes

    def _end_others(
        self,
        judged: Judged,
        accepted: dict[str, Opportunity],
        refused: dict[str, Opportunity],
    ) -> None:
        for key, row in list(self._rows.items()):
            if row.opportunity in judged and key not in accepted:
                by = refused[key].refusals[0].code.value if key in refused else NO_LONGER_CROSSES
                del self._rows[key]
                self._changes.ended[row.id] = by
        for key, near_miss in list(self._refused.items()):
            if near_miss.opportunity in judged and key not in refused:
                del self._refused[key]

    def _live_on(self, opportunity: Opportunity, now: datetime, cleared: Cleared) -> None:
        row = self._rows.get(opportunity.key)
        if row is None:
            row = BoardRow(
                id=fresh(),
                opportunity=opportunity,
                arrived_at=now,
                first_seen_at=cleared.heard_at,
                best_roi=opportunity.roi,
                verified_at=cleared.verified_at,
            )
            self._changes.begun.append(row)
        elif same_prices(row.opportunity, opportunity):
            return
        else:
            row = msgspec.structs.replace(
                row,
                opportunity=opportunity,
                arrived_at=now,
                best_roi=max(row.best_roi, opportunity.roi),
                verified_at=cleared.verified_at,
            )
        self._rows[opportunity.key] = row
        self._changes.rows[row.id] = row


def same_prices(one: Opportunity, other: Opportunity) -> bool:
    """Whether nothing but the time of looking differs."""
    return one.in_play == other.in_play and _prices(one) == _prices(other)


def _prices(
    opportunity: Opportunity,
) -> list[tuple[str, Market, str, str, float, datetime | None]]:
    return [
        (leg.book, leg.market, leg.outcome, leg.side, leg.odds, leg.changed_at)
        for leg in opportunity.legs
    ]
