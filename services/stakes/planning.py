"""Planning: the whole stakes of an opportunity's legs, and the proof of what they bring."""

from collections.abc import Sequence

import numpy as np

from domain.errors import Refused
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from engine.settlement.kinds import StateKind
from engine.stakes.bet import MOST_MINOR
from engine.stakes.certificate import Certificate, certificate
from engine.stakes.goal import Goal, Want, decided
from engine.stakes.plan import plan as placed
from engine.stakes.settle import nets, put_up
from engine.stakes.slip import Slip
from engine.stakes.sweep import sweep
from services.endings import Settlement, settlement
from services.stakes.planned import EndingKind, PlannedEnding, Share, StakeLeg, StakePlan
from services.stakes.slips import break_even, divides, slip_of

_GONE = "Rounded to whole stakes, the profit is gone; try a larger total."
_NONE = "No whole stakes keep the profit at this total; try a larger total or a finer step."

_KINDS = {
    StateKind.CORE: EndingKind.CORE,
    StateKind.RULE: EndingKind.RULE,
    StateKind.VOID: EndingKind.VOID,
}


def plan(opportunity: Opportunity, total: Money, *, step_minor: int = 1) -> StakePlan:
    """Return the stakes for a total of cash at risk, each a multiple of `step_minor`.

    Where exactly one leg wins, be it in parts, the stakes return the same as near as the step
    allows, whichever it is, and no others on the step guarantee more (`engine.stakes.sweep`). Legs
    that can win together are staked by `engine.stakes.plan`; where no stakes on the step keep the
    profit, nothing is staked. A quarter line is staked in even minor units, since books settle it
    as two halves.

    Raises:
        Refused: The total is not above 0 or too large to prove, the step is not above 0, the total
            or a limit does not hold one step of each leg, or nobody knows how a leg is settled.
        Broken: A solver failed.
    """
    if not (0 < total.minor <= MOST_MINOR and 0 < step_minor <= MOST_MINOR):
        raise Refused("the total and the step must be above zero, and not beyond all books")
    legs, settled = opportunity.legs, _settled(opportunity)
    win, lose = settled.win[: settled.binding], settled.lose[: settled.binding]
    goal = Goal(total_minor=total.minor)
    if divides(win, lose):
        alone = np.eye(len(legs))
        slip, note = slip_of(legs, alone, 1 - alone, total.currency, step_minor), _GONE
        stakes = _swept(slip, goal)
    else:
        slip, note = slip_of(legs, win, lose, total.currency, step_minor), _NONE
        stakes = placed(slip, goal).stakes_minor
    return _plan(legs, settled, stakes, total.currency, note)


def unplaced(opportunity: Opportunity, currency: str) -> StakePlan:
    """Return the plan that stakes nothing: the endings, and how each settles the legs.

    Raises:
        Refused: Nobody knows how a leg is settled.
    """
    stakes = [0] * len(opportunity.legs)
    return _plan(opportunity.legs, _settled(opportunity), stakes, currency, _NONE)


def _settled(opportunity: Opportunity) -> Settlement:
    try:
        return settlement(opportunity.legs, opportunity.event.sport)
    except ValueError as e:
        raise Refused(f"it is not known how these legs are settled: {e}") from e


def _swept(slip: Slip, goal: Goal) -> tuple[int, ...]:
    swept = sweep(slip, goal)
    if swept is None:
        raise Refused("the total is too small for one step of each stake")
    return swept.stakes


def _plan(
    legs: Sequence[Leg], settled: Settlement, stakes: Sequence[int], currency: str, note: str
) -> StakePlan:
    slip = slip_of(legs, settled.win, settled.lose, currency, 1)
    proof = certificate(slip, stakes, Goal(wants=_wants(slip, settled)))
    each = zip(legs, stakes, break_even(legs, settled), strict=True)
    return StakePlan(
        currency=currency,
        legs=[_stake_leg(slip, bet, *one) for bet, one in enumerate(each)],
        at_risk_minor=proof.at_risk_minor,
        endings=_endings(settled, proof),
        locked=proof.locked,
        note="" if proof.locked else note,
    )


def _wants(slip: Slip, settled: Settlement) -> tuple[Want, ...]:
    """Return what is promised: a profit where play decides a leg, and nothing where rules do."""
    wanted = np.where(decided(slip), Want.PROFIT, Want.EVEN)
    wanted[settled.binding :] = Want.OPEN
    return tuple(Want(want) for want in wanted.tolist())


def _endings(settled: Settlement, proof: Certificate) -> list[PlannedEnding]:
    return [
        PlannedEnding(
            state=str(ending),
            scores=ending.scores,
            note=ending.note,
            kind=_KINDS[StateKind(kind)],
            legs=tuple(Share(*shares) for shares in zip(won, lost, strict=True)),
            profit_minor=profit,
        )
        for ending, kind, won, lost, profit in zip(
            settled.endings,
            settled.kind.tolist(),
            settled.win.tolist(),
            settled.lose.tolist(),
            proof.profits_minor,
            strict=True,
        )
    ]


def _stake_leg(slip: Slip, bet: int, leg: Leg, stake: int, worst: float | None) -> StakeLeg:
    at_risk = put_up(slip.terms[bet], stake)
    won = int(nets(slip, bet, stake).max())
    return StakeLeg(
        leg=leg,
        stake_minor=stake,
        at_risk_minor=at_risk,
        return_minor=at_risk + won,
        break_even=worst,
    )
