"""Break-even: the worst price of a bet that moved at which the position still cannot lose."""

from collections.abc import Mapping

import numpy as np

from engine.linear import minimum
from engine.stakes.bet import MOST_MINOR
from engine.stakes.ideal import brings
from engine.stakes.settle import together
from engine.stakes.slip import Floats, Slip

_NOISE = 1e-9


def break_even_net(slip: Slip, placed: Mapping[int, int], moved: int) -> float | None:
    """Return the least net odds of the moved bet that still leave no state with a loss.

    Net odds b are the gain on 1 of cash at risk after commission; `back_odds` and `lay_odds` turn
    them into prices. With the bet's cash x, other stakes y and what stands s, no state loses when
    s_i + A_i y + b x P_i - x N_i >= 0. Divided by x, that is linear in 1/x, y/x and b (the
    substitution of Charnes and Cooper, 1962), so the least b is a linear program's. Steps and
    roundings are left out.

    Args:
        slip: The bets; of the moved one the settlement, limit and currency count, not the odds.
        placed: Stakes in minor units, by bet. All others may be placed at their odds.
        moved: The bet whose odds are sought.

    Returns:
        None if no odds, however long, would do: something else is uncovered.

    Raises:
        ValueError: The moved bet was placed, is not there, or risks nothing.
        Broken: The solver failed.

    Examples:
        >>> from engine.stakes.bet import back
        >>> from engine.stakes.slip import slip
        >>> ends = np.eye(2)
        >>> tennis = slip([back(2.2), back(2.0)], ends, 1 - ends)
        >>> round(back_odds(break_even_net(tennis, {0: 10_000}, 1)), 4)
        1.8333
    """
    if moved in placed or not 0 <= moved < len(slip.bets) or not slip.bets[moved].risk:
        raise ValueError(f"bet {moved} is no open bet that risks anything")
    others = [bet for bet in range(len(slip.bets)) if bet not in placed and bet != moved]
    stands = together(slip, placed)
    scale = float(max(1, int(np.abs(stands).max())))
    rate, (won, lost) = slip.book(moved).rate, _shares(slip, moved)
    table = np.column_stack(
        [stands / scale, *(brings(slip, bet) for bet in others), won * float(rate.low)]
    )
    limits, bounds = _limits(slip, [moved, *others], scale)
    rows = np.vstack([table, limits])
    least = np.concatenate([lost * float(rate.high), bounds])
    if not _coverable(rows, least):
        return None
    cost = np.zeros(rows.shape[1])
    cost[-1] = 1.0
    return float(minimum(cost, rows, least).cost)


def back_odds(net: float, commission_bp: float = 0.0) -> float:
    """Return the decimal odds of a back bet with these net odds."""
    return 1 + net / (1 - commission_bp / 10_000)


def lay_odds(net: float, commission_bp: float = 0.0) -> float:
    """Return the decimal odds of a lay with these net odds: it breaks even at these or less."""
    return 1 + (1 - commission_bp / 10_000) / net


def _coverable(rows: Floats, least: Floats) -> bool:
    """Whether the rows that longer odds do not help can be met: by how little do they fail."""
    stuck = rows[:, -1] <= 0
    short = np.column_stack([rows[stuck, :-1], np.ones(int(stuck.sum()))])
    cost = np.zeros(short.shape[1])
    cost[-1] = 1.0
    return minimum(cost, short, least[stuck]).cost <= _NOISE


def _shares(slip: Slip, bet: int) -> tuple[Floats, Floats]:
    pairs = np.array([[float(won), float(lost)] for won, lost in slip.settled[bet]])
    won, lost = pairs[slip.which[:, bet]].T
    return won, lost


def _limits(slip: Slip, bets: list[int], scale: float) -> tuple[Floats, Floats]:
    """Return rows (1/x, other stakes by x, odds) that hold each bet within its limit."""
    most = np.array([slip.most(bet) for bet in bets], np.float64)
    cash = np.array([float(slip.bets[bets[0]].risk), *np.ones(len(bets) - 1)])
    rows = np.column_stack([most * cash / scale, -np.eye(len(bets))[:, 1:], np.zeros(len(bets))])
    limited = most <= MOST_MINOR // 2
    return rows[limited], np.eye(len(bets))[0][limited]
