"""Columns: the most that can be earned for certain when every quote takes only so much money.

With limits the same bet at several books is several columns, thousands an event. They are added to
the programme only when its prices say that they pay: column generation (Dantzig and Wolfe,
Decomposition principle for linear programs, 1960).
"""

from typing import NamedTuple

import numpy as np

from domain.errors import Broken
from engine.bets import Floats
from engine.game import MOST
from engine.linear import minimum
from engine.simplex import Ints

_PAYS = 1e-9
_PROVEN = 1e-6
_ROUNDS = 100


class Quotes(NamedTuple):
    """One entry a quote: which shape it is, its net odds, and the most cash it may put at risk."""

    shape: Ints
    net: Floats
    cap: Floats


class Floor(NamedTuple):
    """What each state must keep: `share` of the profit that is maximised, less `loss` in money.

    A state that must earn the whole profit has (1, 0); one where all legs are given back (0, 0);
    one where up to 5 may be lost (0, 5); one that is left out of account (0, infinity).
    """

    share: Floats
    loss: Floats


class Plan(NamedTuple):
    """Money on each quote, what it earns for certain, and the most that anything could.

    `measure` has one price a state: what the profit would rise by if that state asked one unit of
    money less. `rounds` is how many programmes it took, `columns` how many quotes they saw.
    """

    profit: float
    bound: float
    money: Floats
    measure: Floats
    rounds: int
    columns: int


def most_profit(
    win: Floats, lose: Floats, quotes: Quotes, budget: float, floor: Floor | None = None
) -> Plan:
    """Return the stakes with the highest certain profit within limits and budget.

    Maximise t over 0 <= x <= cap with sum(x) <= budget and A x >= share t - loss, A = b P - N.

    Args:
        win: Shape (states, shapes): share of the cash at risk that wins.
        lose: Likewise what loses.
        quotes: Shape (quotes,) each; in units of money.
        budget: Most cash at risk in all.
        floor: What each state must keep; None: the whole profit everywhere.

    Raises:
        ValueError: A number is out of its range, shapes do not fit, or no state has a share.
        Broken: A solver fails, or the plan is not proven within a millionth of the budget.

    Examples:
        >>> win = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> net, cap = np.array([1.2, 1.1, 1.1]), np.array([30.0, 70.0, 500.0])
        >>> quotes = Quotes(np.array([0, 0, 1]), net, cap)
        >>> plan = most_profit(win, win[::-1], quotes, 1000.0)
        >>> plan.money.round(2).tolist(), round(plan.profit, 2)
        ([30.0, 70.0, 101.43], 11.57)
    """
    states = len(win)
    kept = Floor(np.ones(states), np.zeros(states)) if floor is None else floor
    _check(win, lose, quotes, budget, kept)
    counted = np.isfinite(kept.loss)
    master = _Master(
        win[counted],
        lose[counted],
        quotes._replace(cap=np.minimum(quotes.cap / budget, 1.0)),
        Floor(kept.share[counted], kept.loss[counted] / budget),
    )
    plan = _grown(master)
    measure = np.zeros(states)
    measure[counted] = plan.measure
    gap = plan.bound - plan.profit
    if not gap <= _PROVEN:
        raise Broken(f"a plan misses its bound by {gap:g} of the budget")
    return plan._replace(
        profit=plan.profit * budget,
        bound=plan.bound * budget,
        money=plan.money * budget,
        measure=measure,
    )


class _Master(NamedTuple):
    """The whole programme in units of the budget, of which only some columns are ever built."""

    win: Floats
    lose: Floats
    quotes: Quotes
    floor: Floor

    def solved(self, columns: Ints) -> tuple[Floats, Floats, float]:
        """Return the stakes on some quotes, the prices of the states and that of the budget."""
        shape, net, cap = self.quotes
        shape, net, cap = shape[columns], net[columns], cap[columns]
        states, width = len(self.win), len(columns)
        rows = np.zeros((states + 1, width + 1))
        rows[:-1, :-1] = net * self.win[:, shape] - self.lose[:, shape]
        rows[:-1, -1], rows[-1, :-1] = -self.floor.share, -1.0
        cost = np.append(np.zeros(width), -1.0)
        found = minimum(cost, rows, np.append(-self.floor.loss, -1.0), np.append(cap, self.top))
        return found.at[:-1], found.prices[:-1], float(found.prices[-1])

    @property
    def top(self) -> float:
        """What a unit of money cannot earn more than, whatever happens."""
        return float(self.quotes.net.max())

    def gains(self, measure: Floats, price: float) -> Floats:
        """Return what a unit on each quote earns under the prices, less that of the budget."""
        wins, loses = measure @ self.win, measure @ self.lose
        shape, net, _ = self.quotes
        return net * wins[shape] - loses[shape] - price

    def bound(self, measure: Floats, price: float) -> float:
        """Return what no stakes on any quotes earn more than: weak duality over all columns."""
        paid = self.quotes.cap @ np.maximum(self.gains(measure, price), 0.0)
        short = max(1.0 - float(measure @ self.floor.share), 0.0)
        return float(measure @ self.floor.loss) + price + float(paid) + self.top * short

    def profit(self, money: Floats) -> float:
        """Return what the stakes keep where the profit is asked for."""
        shape, net, _ = self.quotes
        used = np.flatnonzero(money)
        payoff = net[used] * self.win[:, shape[used]] - self.lose[:, shape[used]]
        kept = payoff @ money[used] + self.floor.loss
        asked = self.floor.share > 0.0
        return float((kept[asked] / self.floor.share[asked]).min())


def _grown(master: _Master) -> Plan:
    """Add the quotes that pay until none does."""
    quotes = master.quotes
    columns = _best_of_shapes(quotes)
    for round_ in range(1, _ROUNDS):
        stakes, measure, price = master.solved(columns)
        paying = np.flatnonzero((master.gains(measure, price) > _PAYS) & (quotes.cap > 0.0))
        new = np.setdiff1d(paying, columns)
        if not len(new):
            money = np.zeros(len(quotes.net))
            money[columns] = stakes
            bound = master.bound(measure, price)
            return Plan(master.profit(money), bound, money, measure, round_, len(columns))
        columns = np.append(columns, new)
    raise Broken(f"quotes still pay after {_ROUNDS} programmes")


def _best_of_shapes(quotes: Quotes) -> Ints:
    """Return the quote with the highest net odds of each shape, among those that take money."""
    open_ = np.flatnonzero(quotes.cap > 0.0)
    order = open_[np.lexsort((-quotes.net[open_], quotes.shape[open_]))]
    return order[np.unique(quotes.shape[order], return_index=True)[1]]


def _check(win: Floats, lose: Floats, quotes: Quotes, budget: float, floor: Floor) -> None:
    shape, net, cap = quotes
    if win.ndim != 2 or win.shape != lose.shape or not win.size:
        raise ValueError("win and lose must be of one shape, states by shapes")
    if not (len(shape) and shape.shape == net.shape == cap.shape):
        raise ValueError("there must be quotes, each with a shape, net odds and a cap")
    if int(shape.min()) < 0 or int(shape.max()) >= len(win[0]):
        raise ValueError("a quote is of no shape that there is")
    if not (float(net.min()) > 0.0 and float(net.max()) <= MOST):
        raise ValueError(f"net odds must be numbers above 0, and at most {MOST:g}")
    if not (float(cap.min()) >= 0.0 and 0.0 < budget < np.inf):
        raise ValueError("caps must be 0 or more, and the budget a number above 0")
    share, loss = floor
    if not (len(share) == len(loss) == len(win) and bool((loss >= 0.0).all())):
        raise ValueError("every state needs a share, and a loss of 0 or more")
    if not (bool(((share >= 0.0) & (share <= 1.0)).all()) and bool(share[np.isfinite(loss)].any())):
        raise ValueError("shares must be in [0, 1], and one state at least must earn")
