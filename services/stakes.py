"""Stakes: an opportunity in whole amounts of money, and what that leaves of its promise."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

import msgspec

from domain.errors import Refused
from domain.markets import Outcome, Side
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from services.proof import Settled, endings_of

MOST_TRIED = 5_000
_FINEST = 1_000_000


class StakeLeg(msgspec.Struct, frozen=True, kw_only=True):
    """One bet to place: the stake to type, the cash it risks, and what comes back if it wins.

    `at_risk_minor` is the stake of a back bet and the liability of a lay; `return_minor` includes
    it, after commission, and is rounded down.
    """

    leg: Leg
    stake_minor: int
    at_risk_minor: int
    return_minor: int


class StakePlan(msgspec.Struct, frozen=True, kw_only=True):
    """The stakes that make the worst ending best, of all that do not risk more than the total.

    `profits_minor` has one figure an ending: the market's outcomes, or the results about its line
    that settle differently. `locked` says that no ending loses and every one that a leg decides
    alone wins; `note` says in a sentence why it is not so.
    """

    currency: str
    legs: list[StakeLeg]
    at_risk_minor: int
    profits_minor: list[int]
    locked: bool
    note: str

    @property
    def worst_profit_minor(self) -> int:
        """The least that an ending brings."""
        return min(self.profits_minor)

    @property
    def best_profit_minor(self) -> int:
        """The most that an ending brings."""
        return max(self.profits_minor)


class _Bet(NamedTuple):
    """A leg in exact figures: `risk` and `win` are what a stake of 1 puts up and may gain."""

    leg: Leg
    risk: Fraction
    win: Fraction
    most_minor: int | None

    @property
    def net(self) -> Fraction:
        return 1 + self.win / self.risk

    def at_risk(self, stake: int) -> int:
        return ceil(stake * self.risk)

    def returned(self, stake: int) -> int:
        return self.at_risk(stake) + floor(stake * self.win)

    def fewest(self, target: int, step: int) -> int:
        """Return the smallest stake on the step that returns `target` or more."""
        steps = max(1, floor(Fraction(target) / (self.risk + self.win) / step))
        while self.returned(steps * step) < target:
            steps += 1
        return steps * step


def plan(opportunity: Opportunity, total: Money, *, step_minor: int = 1) -> StakePlan:
    """Return the stakes for a total of cash at risk, each a multiple of `step_minor`.

    The search is exact: the best stakes return some target at least cost, and every target that a
    leg can return exactly is tried from the highest down, until what is left could not do better.
    It stops after `MOST_TRIED` targets: enough unless the return is so thin that some thousand
    steps earn less than rounding to one of them costs.

    Raises:
        Refused: The total is not above 0, the step is not, or the total does not hold one step of
            each leg.
    """
    if total.minor <= 0 or step_minor <= 0:
        raise Refused("the total and the step must be above zero")
    bets = [_bet(leg, total) for leg in opportunity.legs]
    stakes = _best_stakes(bets, total.minor, step_minor)
    if stakes is None:
        raise Refused("the total is too small for one step of each stake")
    return _plan(bets, stakes, total)


def _bet(leg: Leg, total: Money) -> _Bet:
    odds, kept = _exact(leg.odds), 1 - _exact(leg.commission)
    most = None if leg.max_stake is None else Money.of(str(leg.max_stake), total.currency).minor
    if leg.side is Side.LAY:
        return _Bet(leg, odds - 1, kept, most)
    return _Bet(leg, Fraction(1), (odds - 1) * kept, most)


def _exact(figure: float) -> Fraction:
    """Return the fraction that a float stands for: 2.3 and 21/11, not their nearest doubles."""
    return Fraction(figure).limit_denominator(_FINEST)


def _best_stakes(bets: Sequence[_Bet], total: int, step: int) -> list[int] | None:
    cost = sum((1 / bet.net for bet in bets), Fraction(0))
    best: tuple[int, list[int]] | None = None
    for tried, target in enumerate(_targets(bets, total, cost, step)):
        if tried >= MOST_TRIED or (best is not None and target * (1 - cost) <= best[0]):
            break
        stakes = [bet.fewest(target, step) for bet in bets]
        spent = sum(bet.at_risk(stake) for bet, stake in zip(bets, stakes, strict=True))
        if spent > total or not _within_limits(bets, stakes):
            continue
        profit = min(bet.returned(stake) for bet, stake in zip(bets, stakes, strict=True)) - spent
        if best is None or profit > best[0]:
            best = (profit, stakes)
    return None if best is None else best[1]


def _targets(bets: Sequence[_Bet], total: int, cost: Fraction, step: int) -> Iterator[int]:
    """Yield, falling, what single legs can return with a stake on the step, up to the most."""
    limits = [bet.returned(bet.most_minor) for bet in bets if bet.most_minor is not None]
    most = min([floor(total / cost), *limits])
    next_down = [_stake_below(bet, most, step) for bet in bets]
    while any(stake > 0 for stake in next_down):
        returns = [
            bet.returned(stake) if stake > 0 else -1
            for bet, stake in zip(bets, next_down, strict=True)
        ]
        target = max(returns)
        yield target
        next_down = [
            stake - step if returned == target else stake
            for stake, returned in zip(next_down, returns, strict=True)
        ]


def _stake_below(bet: _Bet, most: int, step: int) -> int:
    """Return the largest stake on the step that returns `most` or less; 0 if there is none."""
    steps = floor(Fraction(most) / (bet.risk + bet.win) / step) + 1
    while steps and bet.returned(steps * step) > most:
        steps -= 1
    return steps * step


def _within_limits(bets: Sequence[_Bet], stakes: Sequence[int]) -> bool:
    return all(
        bet.most_minor is None or stake <= bet.most_minor
        for bet, stake in zip(bets, stakes, strict=True)
    )


def _plan(bets: Sequence[_Bet], stakes: Sequence[int], total: Money) -> StakePlan:
    legs = [
        StakeLeg(
            leg=bet.leg,
            stake_minor=stake,
            at_risk_minor=bet.at_risk(stake),
            return_minor=bet.returned(stake),
        )
        for bet, stake in zip(bets, stakes, strict=True)
    ]
    endings = endings_of(bets[0].leg.market)
    profits = [_profit(legs, ending) for ending in endings]
    decided = [
        profit
        for profit, ending in zip(profits, endings, strict=True)
        if any(settled.won for settled in ending.values())
    ]
    locked = min(profits) >= 0 and min(decided) > 0
    return StakePlan(
        currency=total.currency,
        legs=legs,
        at_risk_minor=sum(leg.at_risk_minor for leg in legs),
        profits_minor=profits,
        locked=locked,
        note="" if locked else "Rounded to whole stakes, the profit is gone; try a larger total.",
    )


def _profit(legs: Sequence[StakeLeg], ending: dict[Outcome, Settled]) -> int:
    return sum(_came_back(leg, ending[leg.leg.outcome]) - leg.at_risk_minor for leg in legs)


def _came_back(leg: StakeLeg, settled: Settled) -> int:
    """Return what a settled bet pays, rounded down: a part each won, lost and given back."""
    won, lost = settled if leg.leg.side is Side.BACK else settled[::-1]
    gain = leg.return_minor - leg.at_risk_minor
    return floor(leg.at_risk_minor * (1 - Fraction(lost)) + gain * Fraction(won))
