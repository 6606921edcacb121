"""Splits: unrounded stakes in exact fractions where each bet wins alone, by what shall be fixed."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Split(NamedTuple):
    """Cash at risk by bet, what the sharing bets bring, and what the others bring: nothing."""

    stakes: tuple[Fraction, ...]
    profit: Fraction

    @property
    def total(self) -> Fraction:
        """The cash at risk."""
        return sum(self.stakes, Fraction(0))


def split(
    returns: Sequence[Fraction],
    *,
    total: Fraction | None = None,
    fixed: tuple[int, Fraction] | None = None,
    sharing: Sequence[bool] | None = None,
) -> Split:
    """Return the stakes of bets of which exactly one wins: those that share bring the same.

    With total K, returns r and D the sum of 1/r over the sharing bets, a stake of
    (K + d t) / r brings t where d = 1 and nothing where d = 0; the stakes sum to K when
    t = K (1 - sum 1/r) / D. A fixed stake x of bet f gives K = x r_f / (1 + d_f t/K).

    Args:
        returns: What 1 of cash at risk returns when the bet wins, after commission: odds of a
            back bet, `engine.odds.lay_net` of a lay.
        total: The cash at risk of all bets; or
        fixed: a bet and its cash at risk, from which the total follows.
        sharing: Which bets share the profit, or the loss where prices do not cross; all without.

    Raises:
        ValueError: Returns are 1 or less, none shares, the amount is not above 0, or not exactly
            one of `total` and `fixed` is given, or the fixed bet is not there.

    Examples:
        >>> both = split([Fraction(21, 10), Fraction(21, 10)], total=Fraction(100))
        >>> both.stakes, both.profit
        ((Fraction(50, 1), Fraction(50, 1)), Fraction(5, 1))
        >>> split([Fraction(2), Fraction(3)], total=Fraction(60), sharing=[True, False])
        Split(stakes=(Fraction(40, 1), Fraction(20, 1)), profit=Fraction(20, 1))
    """
    shares = [True] * len(returns) if sharing is None else list(sharing)
    if len(shares) != len(returns) or not any(shares) or any(each <= 1 for each in returns):
        raise ValueError("every return must be above 1, and at least one bet must share the profit")
    if (total is None) == (fixed is None):
        raise ValueError("either the total or one stake is fixed")
    costs = [1 / each for each in returns]
    margin = 1 - sum(costs, Fraction(0))
    sharers = [cost for cost, shared in zip(costs, shares, strict=True) if shared]
    per_unit = margin / sum(sharers, Fraction(0))
    if fixed is not None:
        bet, stake = fixed
        if not 0 <= bet < len(returns):
            raise ValueError(f"no such bet to fix: {bet}")
        total = stake * returns[bet] / (1 + shares[bet] * per_unit)
    if total is None or total <= 0:
        raise ValueError(f"the amount must be above 0: {total}")
    each = zip(costs, shares, strict=True)
    stakes = tuple(total * (1 + shared * per_unit) * cost for cost, shared in each)
    return Split(stakes, total * per_unit)
