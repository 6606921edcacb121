"""Margins: how close an accepted opportunity came to being refused, gate by gate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.opportunities import GateCode, Opportunity
from engine.gates import DEFAULT_GATES, Gates

CLOSE: Final = 0.8
"""From which share of the way to a refusal on a gate nearly refused."""


@dataclass(frozen=True, slots=True)
class Margin:
    """One gate's figure beside its limit, and how much of the way to a refusal that is, 0 to 1.

    In seconds, but `RULES_UNKNOWN`: its figure is the worst usual return, a share of the stake.
    That of `WAY_OUT` is in logits of the implied chance, from the median of `others` other books.
    `book` is the one that the figure is of, "" where it is of no single one.
    """

    code: GateCode
    figure: float
    limit: float
    used: float
    book: str = ""
    others: int = 0

    @property
    def close(self) -> bool:
        """Whether the figure is within a fifth of its limit."""
        return self.used >= CLOSE


class Apart(NamedTuple):
    """How far a leg's price stands from the median of some other books, in logits."""

    distance: float
    others: int


def margins(
    found: Opportunity, gates: Gates = DEFAULT_GATES, apart: Sequence[Apart | None] = ()
) -> list[Margin]:
    """Return how close each gate was to refusing an opportunity, the closest first.

    Ages and gaps as they were when the opportunity was last judged.

    Args:
        found: The opportunity.
        gates: What it was judged by.
        apart: How far each leg stands from the other books, None where too few are known; these
            are not kept with the opportunity.
    """
    limits = gates.in_play if found.in_play else gates.pre_match
    told = [
        *_ages(found, limits.max_age_s, gates.max_ahead_s),
        *_gap(found, limits.max_gap_s),
        *_way_out(found, limits.max_distance, apart),
        _least(found),
    ]
    judged = (margin for margin in told if margin.code not in gates.opened)
    return sorted(judged, key=lambda margin: -margin.used)


def _ages(found: Opportunity, most_s: float, ahead_s: float) -> Iterator[Margin]:
    for leg in found.legs:
        if leg.age_s is None:
            continue
        yield Margin(
            GateCode.LEG_TOO_OLD, max(0.0, leg.age_s), most_s, _share(leg.age_s, most_s), leg.book
        )
        if leg.age_s < 0:
            share = _share(-leg.age_s, ahead_s)
            yield Margin(GateCode.LEG_FROM_FUTURE, -leg.age_s, ahead_s, share, leg.book)


def _way_out(found: Opportunity, most: float, apart: Sequence[Apart | None]) -> Iterator[Margin]:
    for leg, each in zip(found.legs, apart, strict=False):
        if each is not None:
            size = abs(each.distance)
            share = _share(size, most)
            yield Margin(GateCode.WAY_OUT, size, most, share, leg.book, each.others)


def _gap(found: Opportunity, most_s: float) -> list[Margin]:
    changed = [leg.changed_at for leg in found.legs if leg.changed_at is not None]
    if len(changed) < 2:
        return []
    apart_s = (max(changed) - min(changed)).total_seconds()
    return [Margin(GateCode.LEGS_APART, apart_s, most_s, _share(apart_s, most_s))]


def _least(found: Opportunity) -> Margin:
    """Return what is left of the return in the worst usual ending, of what the prices promise."""
    worst = found.proof.worst_roi
    used = 1.0 - max(0.0, worst) / found.roi if found.roi > 0 else 1.0
    return Margin(GateCode.RULES_UNKNOWN, worst, 0.0, min(1.0, max(0.0, used)))


def _share(figure: float, most: float) -> float:
    return min(1.0, max(0.0, figure / most)) if most > 0 else 1.0
