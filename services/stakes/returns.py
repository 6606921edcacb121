"""Returns: what legs guarantee at best, before any stake is rounded."""

from collections.abc import Sequence

import numpy as np

from domain.opportunities import Leg
from engine.bets import Bets
from engine.tiers import guarantee
from services.endings import net_odds
from services.stakes.planning import settled_of
from services.stakes.slips import divides


def best_return(legs: Sequence[Leg], sport: str) -> float:
    """Return the best worst return of legs over all endings that play settles, a share of the cash.

    Where exactly one leg wins, be it in parts, 1 / sum(1 / r) - 1 with r what 1 of cash returns;
    else the value of the game of legs against endings (`engine.tiers`).

    Raises:
        Refused: Nobody knows how a leg is settled.
    """
    settled = settled_of(legs, sport)
    win, lose = settled.win[: settled.binding], settled.lose[: settled.binding]
    net = np.array([net_odds(leg) for leg in legs])
    if divides(win, lose):
        return float(1.0 / (1.0 / (1.0 + net)).sum() - 1.0)
    found = guarantee(Bets(win, lose, net))
    return 0.0 if found is None else float(found.roi)
