"""Endings: how legs are settled in every way in which their event can end."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from domain.markets import Side
from domain.opportunities import Leg
from engine.bets import Bets, Floats, payoff
from engine.odds import back_net, lay_net
from engine.settlement.codes import Codes
from engine.settlement.kinds import StateKind
from engine.settlement.quoted import selection
from engine.settlement.selections import Ending
from engine.settlement.template import template_for
from services.held import Offer


class Settlement(NamedTuple):
    """Legs in the states that tell them apart: first those that bind, then those of rules.

    `win` and `lose` have shape (states, legs) and hold shares of each leg's cash at risk, those of
    a lay from the layer's side; the rest is given back. `kind` has one `StateKind` a state and
    `endings` one ending that stands for all of its state. In a rule state each leg is settled by
    the worst rule that its book may have.
    """

    win: Floats
    lose: Floats
    kind: Codes
    endings: tuple[Ending, ...]

    @property
    def binding(self) -> int:
        """How many states a promise is about: all but those that books settle by their rules."""
        return int((self.kind != StateKind.RULE).sum())


def settlement(legs: Sequence[Leg], sport: str) -> Settlement:
    """Return how legs of one event are settled in every way that it can end.

    Raises:
        ValueError: A leg's question is not known to be settled by anything, or the legs are of
            questions that do not hang together.
    """
    return _settled(tuple((leg.market, leg.outcome, leg.side) for leg in legs), sport)


def settle_together(bets: Sequence[Offer], sport: str) -> bool:
    """Return whether bets on one event are of questions that are known to be settled."""
    try:
        _settled(tuple(bets), sport)
    except ValueError:
        return False
    return True


def payoffs(settled: Settlement, legs: Sequence[Leg]) -> Floats:
    """Return the profit in each state as a share of the cash at risk in all legs."""
    return by_leg(settled, legs).sum(axis=1)


def by_leg(settled: Settlement, legs: Sequence[Leg]) -> Floats:
    """Return what each leg adds to the profit in each state, shape (states, legs)."""
    net = np.array([net_odds(leg) for leg in legs])
    shares = np.array([leg.share for leg in legs])
    return payoff(Bets(settled.win, settled.lose, net)) * shares


def net_odds(leg: Leg) -> float:
    """Return what a unit of a leg's cash at risk wins, after commission."""
    net = lay_net if leg.side is Side.LAY else back_net
    return net(leg.odds, leg.commission) - 1.0


@lru_cache(maxsize=512)
def _settled(bets: tuple[Offer, ...], sport: str) -> Settlement:
    try:
        selections = tuple(selection(*bet, sport) for bet in bets)
        core = template_for(selections, sport, rule_states=False)
        every = template_for(selections, sport)
    except ValueError:
        if len({market for market, _, _ in bets}) > 1:
            raise
        return _by_outcome(bets)
    parts = [(core, core.kind != StateKind.RULE), (every, every.kind == StateKind.RULE)]
    return Settlement(
        win=np.concatenate([of.win[which][:, of.shape_of] for of, which in parts]),
        lose=np.concatenate([of.lose[which][:, of.shape_of] for of, which in parts]),
        kind=np.concatenate([of.kind[which] for of, which in parts]),
        endings=tuple(
            of.representatives[int(place)] for of, which in parts for place in np.flatnonzero(which)
        ),
    )


def _by_outcome(bets: tuple[Offer, ...]) -> Settlement:
    """Return the states of one market of which nothing is known but that one outcome happens."""
    outcomes = bets[0][0].outcomes
    won = np.array([[outcome is one for _, one, _ in bets] for outcome in outcomes], np.float64)
    laid = np.array([side is Side.LAY for _, _, side in bets])
    kind = np.full(len(outcomes), StateKind.CORE, np.int8)
    endings = tuple(Ending(note=f"{outcome} wins") for outcome in outcomes)
    return Settlement(np.where(laid, 1 - won, won), np.where(laid, won, 1 - won), kind, endings)
