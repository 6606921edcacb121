"""Proofs: what legs on one event return in every way that it can end."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from domain.opportunities import Ending, Leg, Proof
from engine.bets import Floats
from services.endings import Settlement, payoffs, settlement

_LOSES = -1e-9
_BROKEN_OFF = "broken off"
_LEVEL = "ends level"


def proof(legs: Sequence[Leg], sport: str) -> Proof:
    """Return the worst return of legs over all endings that bind, and what is left open.

    Endings are the states that settle the legs differently: a whole line may be hit and a quarter
    line won or lost by half. Left open are those that books settle by rules which may differ, as
    far as the legs lose there by the worst of them.
    """
    settled = settlement(legs, sport)
    profit = payoffs(settled, legs)
    return Proof(
        states=settled.binding,
        worst_roi=float(profit[: settled.binding].min()),
        unprotected=[*_by_rules(settled, profit), *_abandoned(legs)],
    )


def _by_rules(settled: Settlement, profit: Floats) -> Iterator[Ending]:
    """Yield the worst of each kind of ending that only rules settle.

    Play that is broken off is no worse than one book alone giving stakes back.
    """
    worst: defaultdict[str, float] = defaultdict(lambda: np.inf)
    for place in range(settled.binding, len(profit)):
        note = settled.endings[place].note or _LEVEL
        worst[note] = min(worst[note], float(profit[place]))
    for note, roi in worst.items():
        if roi < _LOSES and note != _BROKEN_OFF:
            yield Ending(state=note, worst_roi=roi)


def _abandoned(legs: Sequence[Leg]) -> Iterator[Ending]:
    """Yield the worst that one book's stakes given back can do: all other legs may lose."""
    by_book: defaultdict[str, float] = defaultdict(float)
    for leg in legs:
        by_book[leg.book] += leg.share
    if len(by_book) > 1:
        worst = min(by_book.values()) - 1.0
        yield Ending(state="abandoned at one book only", worst_roi=worst)
