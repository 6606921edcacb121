"""Bets drawn at random and kept twice: as exact fractions, and as the engine takes them."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from engine.bets import Bets
from tests.engine.oracle.exact_game import exact_payoff

HALF = Fraction(1, 2)
WON, HALF_WON, GIVEN_BACK, HALF_LOST, LOST = (1, 0), (HALF, 0), (0, 0), (0, HALF), (0, 1)
ENDINGS = (WON, LOST, WON, LOST, HALF_WON, GIVEN_BACK, HALF_LOST)


class ExactBets(NamedTuple):
    win: list[list[Fraction]]
    lose: list[list[Fraction]]
    net: list[Fraction]

    @property
    def payoff(self):
        return exact_payoff(self.win, self.lose, self.net)

    @property
    def floats(self):
        return Bets(*(np.array(part, dtype=float) for part in self))

    def priced(self, bet, net):
        return self._replace(net=[net if j == bet else b for j, b in enumerate(self.net)])

    def asking(self, least):
        lose = [[n * (1 + least) for n in row] for row in self.lose]
        return self._replace(lose=lose, net=[b - least for b in self.net])


def a_back(endings, odds, commission=Fraction(0)):
    """The column of a back: (win, lose) by state, and its net odds."""
    return endings, (odds - 1) * (1 - commission)


def a_lay(endings, odds, commission=Fraction(0)):
    """The column of a lay: what the backer wins it loses; its unit is the liability."""
    return [(lose, win) for win, lose in endings], (1 - commission) / (odds - 1)


def together(*columns):
    """Bets of these columns."""
    cells = list(zip(*(endings for endings, _ in columns), strict=True))
    win = [[Fraction(p) for p, _ in row] for row in cells]
    lose = [[Fraction(n) for _, n in row] for row in cells]
    return ExactBets(win, lose, [Fraction(net) for _, net in columns])


prices = st.builds(Fraction, st.integers(1_010, 9_000), st.just(1_000))
commissions = st.sampled_from([Fraction(0), Fraction(0), Fraction(2, 100), Fraction(5, 100)])


@st.composite
def some_bets(draw, most_states=4, most_bets=5):
    states = draw(st.integers(2, most_states))
    endings = st.lists(st.sampled_from(ENDINGS), min_size=states, max_size=states)
    kinds = st.sampled_from([a_back, a_back, a_lay])
    column = st.builds(lambda kind, *bet: kind(*bet), kinds, endings, prices, commissions)
    return together(*draw(st.lists(column, min_size=1, max_size=most_bets)))
