"""Stakes: an opportunity in whole amounts of money, and what that leaves of its promise."""

from collections.abc import Sequence

import msgspec
import numpy as np

from domain.errors import Refused
from domain.markets import Side
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from engine.stakes.bet import MOST_MINOR, Bet, Book, back, exact, lay
from engine.stakes.certificate import certificate
from engine.stakes.goal import Goal
from engine.stakes.settle import nets, put_up
from engine.stakes.slip import Floats, Slip, slip
from engine.stakes.sweep import sweep
from services.proof import endings_of

_GONE = "Rounded to whole stakes, the profit is gone; try a larger total."


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


def plan(opportunity: Opportunity, total: Money, *, step_minor: int = 1) -> StakePlan:
    """Return the stakes for a total of cash at risk, each a multiple of `step_minor`.

    The stakes return the same as near as the step allows, whichever leg wins; no others on the
    step guarantee more (`engine.stakes.sweep`). A quarter line is staked in even minor units, since
    books settle it as two halves.

    Raises:
        Refused: The total is not above 0 or too large to prove, the step is not above 0, or the
            total or a limit does not hold one step of each leg.
    """
    if not (0 < total.minor <= MOST_MINOR and 0 < step_minor <= MOST_MINOR):
        raise Refused("the total and the step must be above zero, and not beyond all books")
    alone = np.eye(len(opportunity.legs))
    legs = _slip(opportunity.legs, alone, 1 - alone, total.currency, step_minor)
    goal = Goal(total_minor=total.minor)
    swept = sweep(legs, goal)
    if swept is None:
        raise Refused("the total is too small for one step of each stake")
    return _plan(opportunity.legs, legs, swept.stakes, total.currency)


def _slip(legs: Sequence[Leg], win: Floats, lose: Floats, currency: str, step_minor: int) -> Slip:
    bets = [_bet(leg, currency) for leg in legs]
    return slip(bets, win, lose, books=[Book(step_minor=step_minor)])


def _bet(leg: Leg, currency: str) -> Bet:
    most = MOST_MINOR
    if leg.max_stake is not None:
        most = min(most, Money.of(str(leg.max_stake), currency).minor)
    odds, commission_bp = exact(leg.odds), 10_000 * exact(leg.commission)
    kind = lay if leg.side is Side.LAY else back
    line = leg.market.line
    parts = 2 if line is not None and (line * 4) % 2 == 1 else 1
    return kind(odds, commission_bp=commission_bp, parts=parts, most_minor=most)


def _plan(legs: Sequence[Leg], alone: Slip, stakes: Sequence[int], currency: str) -> StakePlan:
    win, lose = _settled(legs)
    proof = certificate(_slip(legs, win, lose, currency, 1), stakes, Goal())
    return StakePlan(
        currency=currency,
        legs=[
            _stake_leg(alone, bet, leg, stake)
            for bet, (leg, stake) in enumerate(zip(legs, stakes, strict=True))
        ],
        at_risk_minor=proof.at_risk_minor,
        profits_minor=list(proof.profits_minor),
        locked=proof.locked,
        note="" if proof.locked else _GONE,
    )


def _stake_leg(alone: Slip, bet: int, leg: Leg, stake: int) -> StakeLeg:
    at_risk = put_up(alone.terms[bet], stake)
    won = int(nets(alone, bet, stake)[bet])
    return StakeLeg(leg=leg, stake_minor=stake, at_risk_minor=at_risk, return_minor=at_risk + won)


def _settled(legs: Sequence[Leg]) -> tuple[Floats, Floats]:
    """Return the shares that each leg wins and loses in every ending of the market."""
    endings = endings_of(legs[0].market)
    settled = [
        [
            ending[leg.outcome] if leg.side is Side.BACK else ending[leg.outcome][::-1]
            for leg in legs
        ]
        for ending in endings
    ]
    table = np.array(settled, np.float64)
    return table[:, :, 0], table[:, :, 1]
