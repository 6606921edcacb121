"""Margins: how close an accepted opportunity came to being refused, gate by gate."""

from dataclasses import dataclass

from domain.opportunities import GateCode, Opportunity
from engine.gates import DEFAULT_GATES, Gates


@dataclass(frozen=True, slots=True)
class Margin:
    """One gate's figure beside its limit, and how much of the way to a refusal that is, 0 to 1.

    In seconds, but `RULES_UNKNOWN`: its figure is the worst usual return, a share of the stake.
    `book` is the one that the figure is of, "" where it is of no single one.
    """

    code: GateCode
    figure: float
    limit: float
    used: float
    book: str = ""


def margins(found: Opportunity, gates: Gates = DEFAULT_GATES) -> list[Margin]:
    """Return how close each gate was that legs alone can tell of, the closest first.

    Ages and gaps as they were when the opportunity was last judged. How far a price stood from
    those of the other books is not among them: the other books' prices are not kept with it.
    """
    limits = gates.in_play if found.in_play else gates.pre_match
    told = [
        *_ages(found, limits.max_age_s, gates.max_ahead_s),
        *_gap(found, limits.max_gap_s),
        _least(found),
    ]
    judged = (margin for margin in told if margin.code not in gates.opened)
    return sorted(judged, key=lambda margin: -margin.used)


def _ages(found: Opportunity, most_s: float, ahead_s: float) -> list[Margin]:
    aged = [(leg.age_s, leg.book) for leg in found.legs if leg.age_s is not None]
    if not aged:
        return []
    (oldest, old), (newest, new) = max(aged), min(aged)
    margins = [Margin(GateCode.LEG_TOO_OLD, max(0.0, oldest), most_s, _share(oldest, most_s), old)]
    if newest < 0:
        ahead = Margin(GateCode.LEG_FROM_FUTURE, -newest, ahead_s, _share(-newest, ahead_s), new)
        margins.append(ahead)
    return margins


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
