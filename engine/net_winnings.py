"""Commission on net winnings: exact stakes where an exchange charges a market as a whole.

An exchange that takes the share c of what a market pays a member net, takes nothing where its bets
lose together, and sets losers off against winners. Charging each bet alone is a safe lower bound;
this is the exact figure.
"""

from typing import NamedTuple

import numpy as np

from engine.bets import Floats
from engine.linear import minimum
from engine.simplex import Ints

NO_MARKET = -1
_LIFT = 2.0


class NetOfCommission(NamedTuple):
    """The best certain return of all cash at risk, what none can exceed, and the stakes."""

    value: float
    bound: float
    stakes: Floats


def best_net(gross: Floats, market: Ints, rates: Floats) -> NetOfCommission:
    """Return the stakes with the best certain return after commission on net winnings.

    Of a market's net winnings G in a state the member keeps min(G, (1 - c) G), which is concave in
    the stakes, so the commission k >= max(0, c G) enters a linear programme as a variable:
    maximise t over sum(x) = 1 and k >= 0 with k_gi >= c_g G_gi(x) and A_i x - sum over g of k_gi
    >= t. It is solved with 2 added to every payoff, so that staking all is always best.

    Args:
        gross: Shape (states, bets): payoff of a unit of cash at risk before commission.
        market: Shape (bets,): which market charges the bet, or -1: none does.
        rates: Shape (markets,): the commission of each, as a share.

    Raises:
        ValueError: Shapes do not fit, a payoff is below -1 or no number, or a rate is not in
            [0, 1).
        Broken: The solver fails.

    Examples:
        >>> lay_and_back = np.array([[1.2, -1.0], [-1.0, 1.0]])
        >>> round(best_net(lay_and_back, np.array([0, 0]), np.array([0.05])).value, 6)
        0.045238
    """
    _check(gross, market, rates)
    (states, bets), markets = gross.shape, len(rates)
    charged = states * markets
    rows = np.zeros((charged + states + 1, bets + charged + 1))
    for group, rate in enumerate(rates.tolist()):
        part = slice(group * states, (group + 1) * states)
        rows[part, :bets] = -rate * np.where(market == group, gross, 0.0)
    rows[:charged, bets : bets + charged] = np.eye(charged)
    rows[charged:-1, :bets] = gross + _LIFT
    rows[charged:-1, bets : bets + charged] = -np.tile(np.eye(states), markets)
    rows[charged:-1, -1] = -1.0
    rows[-1, :bets] = -1.0
    most = np.full(rows.shape[1], float(gross.max()) + _LIFT)
    most[:bets] = 1.0
    cost = np.append(np.zeros(bets + charged), -1.0)
    found = minimum(cost, rows, np.append(np.zeros(charged + states), -1.0), most)
    stakes = found.at[:bets] / found.at[:bets].sum()
    value = float(kept(gross, market, rates, stakes).min())
    return NetOfCommission(value, -found.bound - _LIFT, stakes)


def kept(gross: Floats, market: Ints, rates: Floats, stakes: Floats) -> Floats:
    """Return the profit of the stakes in each state after commission on net winnings."""
    profit = gross @ stakes
    for group, rate in enumerate(rates.tolist()):
        own = market == group
        profit -= rate * np.maximum(gross[:, own] @ stakes[own], 0.0)
    return profit


def _check(gross: Floats, market: Ints, rates: Floats) -> None:
    if gross.ndim != 2 or not gross.size or market.shape != gross.shape[1:]:
        raise ValueError("there must be bets and states, and a market for each bet")
    if not (float(gross.min()) >= -1.0 and float(gross.max()) < np.inf):
        raise ValueError("payoffs must be numbers of -1 or more")
    if int(market.min()) < NO_MARKET or int(market.max()) >= len(rates):
        raise ValueError("a bet is of no market that there is")
    if not bool(((rates >= 0.0) & (rates < 1.0)).all()):
        raise ValueError("a commission must be in [0, 1)")
