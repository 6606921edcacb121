"""Terms: on which books take bets: limits, steps, depth and currency, ready to be solved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.bets import Bets, Floats
from engine.fees import NO_FEES, Fees, Part, back, free_bet, lay
from engine.kernels import Ints

_ROUNDING = 1e-9


class Rate(NamedTuple):
    """Between what our currency will be worth for one of the book's, until all is settled."""

    low: float = 1.0
    high: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The least, most and step of a stake (for a lay the backer's), in the book's currency.

    Raises:
        ValueError: One is negative or no number, the least or the step infinite, or the least
            above the most.
    """

    least: float = 0.0
    most: float = np.inf
    step: float = 0.0

    def __post_init__(self) -> None:
        if not (0.0 <= self.least <= self.most and self.least < np.inf):
            raise ValueError("the least stake must be 0 or more, finite, and not above the most")
        if not 0.0 <= self.step < np.inf:
            raise ValueError("the step of a stake must be 0 or more, and finite")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a book takes bets.

    Raises:
        ValueError: The rate is not above 0, infinite or upside down.
    """

    fees: Fees = NO_FEES
    limits: Limits = field(default_factory=Limits)
    rate: Rate = field(default_factory=Rate)

    def __post_init__(self) -> None:
        if not 0.0 < self.rate.low <= self.rate.high < np.inf:
            raise ValueError("the exchange rate must be above 0, finite and not upside down")


class Offered(NamedTuple):
    """Bets in the normal form, in our currency, and what limits them.

    `unit[bet]` is how many units of the bet a stake of 1 in the book's currency is; `cash[bet]` is
    1 where a unit costs 1 of our cash and 0 where it is free. `size[bet]` limits the stake of a bet
    alone; `least[bet]`, `most[bet]` and `step[bet]` that of its order. Bets of one `order`, such as
    the levels that one stake walks down, are placed together.
    """

    bets: Bets
    unit: Floats
    cash: Floats
    size: Floats
    least: Floats
    most: Floats
    step: Floats
    order: Ints

    @property
    def cap(self) -> Floats:
        """The most units of each bet by its own size and its order's limit, on the step."""
        stake = np.minimum(self.size, self.most)
        stepped = (self.step > 0.0) & np.isfinite(stake)
        step = np.where(stepped, self.step, 1.0)
        steps = np.floor(np.where(stepped, stake, 0.0) / step + _ROUNDING)
        return np.where(stepped, np.minimum(steps * step, stake), stake) * self.unit

    def stakes(self, units: Floats) -> Floats:
        """Return the stakes in the books' currencies that so many units are."""
        return units / self.unit


class Shared(NamedTuple):
    """Limits over several bets: rows @ units <= most."""

    rows: Floats
    most: Floats


def backs(part: Part, odds: Floats, terms: Terms) -> Offered:
    """Return back bets, each an order of its own; see `fees.back` for what is refused."""
    unit = np.full(len(odds), (1.0 + terms.fees.added) * terms.rate.high)
    return _offered(back(part, odds, terms.fees), unit, terms)


def lays(part: Part, odds: Floats, terms: Terms) -> Offered:
    """Return lays, each an order of its own; see `fees.lay` for what is refused."""
    return _offered(lay(part, odds, terms.fees), (odds - 1.0) * terms.rate.high, terms)


def free_bets(part: Part, odds: Floats, terms: Terms, *, stake_returned: bool = False) -> Offered:
    """Return free bets, each an order of its own.

    Raises:
        ValueError: There is no most stake, or what `fees.free_bet` refuses.
    """
    if not terms.limits.most < np.inf:
        raise ValueError("what costs nothing must have a most stake")
    bets = free_bet(part, odds, terms.fees, stake_returned=stake_returned)
    offered = _offered(bets, np.full(len(odds), terms.rate.high), terms)
    return offered._replace(cash=np.zeros(len(odds)))


def ladder(part: Part, odds: Floats, sizes: Floats, terms: Terms, *, laid: bool = False) -> Offered:
    """Return the levels of one side of an order book: one order, whose stake walks them.

    A better level wins more and loses as much, so that whatever maximises a result fills the levels
    in their order by itself: the result is piecewise linear and concave in the stake.

    Args:
        part: How the selection is settled, shape (states,) each.
        odds: Decimal, shape (levels,).
        sizes: The backer's stake that each level takes, in the book's currency.
        terms: Of the whole order.
        laid: Whether these are prices to lay at.

    Raises:
        ValueError: A size is negative or no number, there is not one a level, or what `fees.back`
            or `fees.lay` refuse.
    """
    if sizes.shape != odds.shape or not bool((sizes >= 0.0).all()):
        raise ValueError("each level must have a size of 0 or more")
    column = Part(part.win[:, np.newaxis], part.lose[:, np.newaxis])
    offered = (lays if laid else backs)(column, odds, terms)
    return offered._replace(size=sizes, order=np.zeros(len(odds), np.int64))


def walk(odds: Floats, sizes: Floats, stake: float, *, laid: bool = False) -> Floats:
    """Return what of a stake each level takes, the best price first; the rest finds no taker.

    Examples:
        >>> walk(np.array([2.0, 2.1]), np.array([50.0, 10.0]), 25.0).tolist()
        [15.0, 10.0]
    """
    best_first = np.argsort(odds if laid else -odds, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(sizes[best_first])[:-1]])
    taken = np.empty(len(odds))
    taken[best_first] = np.clip(stake - before, 0.0, sizes[best_first])
    return taken


def joined(parts: Sequence[Offered]) -> Offered:
    """Return what all parts offer over the same states; their orders stay apart.

    Raises:
        ValueError: There is no part, or they differ in their states.
    """
    if len({len(part.bets.win) for part in parts}) != 1:
        raise ValueError("there must be offers, and all over the same states")
    orders = [int(part.order.max(initial=-1)) + 1 for part in parts]
    firsts = np.cumsum([0, *orders[:-1]])
    order = [part.order + first for part, first in zip(parts, firsts, strict=True)]
    wins, loses, nets = zip(*(part.bets for part in parts), strict=True)
    return Offered(
        bets=Bets(np.concatenate(wins, 1), np.concatenate(loses, 1), np.concatenate(nets)),
        unit=np.concatenate([part.unit for part in parts]),
        cash=np.concatenate([part.cash for part in parts]),
        size=np.concatenate([part.size for part in parts]),
        least=np.concatenate([part.least for part in parts]),
        most=np.concatenate([part.most for part in parts]),
        step=np.concatenate([part.step for part in parts]),
        order=np.concatenate(order),
    )


def shared_limits(offered: Offered, account: Ints, balance: Floats) -> Shared:
    """Return what limits several bets together: each order's most stake, each account's balance.

    Args:
        offered: The bets.
        account: Whose money each bet takes, shape (bets,); negative: nobody's limit.
        balance: What each account holds, in our currency at the high end of its rate.

    Raises:
        ValueError: A balance is negative or no number, or there is none for an account.
    """
    if not bool((balance >= 0.0).all()) or int(account.max(initial=-1)) >= len(balance):
        raise ValueError("every account must have a balance of 0 or more")
    limited, one_of = np.unique(offered.order, return_index=True)
    bounded = np.isfinite(offered.most[one_of])
    in_order = offered.order == limited[bounded, np.newaxis]
    in_account = account == np.arange(len(balance))[:, np.newaxis]
    rows = np.concatenate([in_order / offered.unit, in_account * offered.cash])
    return Shared(rows, np.concatenate([offered.most[one_of[bounded]], balance]))


def _offered(bets: Bets, unit: Floats, terms: Terms) -> Offered:
    """Convert bets of one unit a cash of 1 at the book; what is won is worth the low rate.

    A bet brings rate (b P - N) at whatever rate of the interval, which is at least
    low b P - high N = high (b low / high P - N).
    """
    low, high = terms.rate
    many, limits = len(bets.net), terms.limits
    return Offered(
        bets=bets._replace(net=bets.net * (low / high)),
        unit=unit,
        cash=np.ones(many),
        size=np.full(many, np.inf),
        least=np.full(many, limits.least),
        most=np.full(many, limits.most),
        step=np.full(many, limits.step),
        order=np.arange(many),
    )
