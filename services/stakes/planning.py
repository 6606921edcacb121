"""Planning: the whole stakes of an opportunity's legs, and the proof of what they bring."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import msgspec
import numpy as np

from domain.errors import Refused
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from engine.settlement.kinds import StateKind
from engine.stakes.bet import MOST_MINOR
from engine.stakes.certificate import Certificate, certificate
from engine.stakes.goal import Goal, Want, decided, fits_balances, won_by
from engine.stakes.plan import plan as placed
from engine.stakes.settle import nets, put_up
from engine.stakes.slip import Slip, Terms
from engine.stakes.sweep import sweep
from services.endings import Settlement, settlement
from services.stakes.planned import EndingKind, PlannedEnding, Share, StakeLeg, StakePlan
from services.stakes.slips import break_even, divides, slip_as
from services.stakes.wanted import LegWish, Wish

_GONE = "Rounded to whole stakes, the profit is gone; try a larger total."
_FIXED = "No stakes of the other legs keep the profit beside the fixed one."
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
    steps = (LegWish(step_minor=step_minor),) * len(opportunity.legs)
    return plan_as(opportunity, Wish(currency=total.currency, total_minor=total.minor, legs=steps))


def plan_as(opportunity: Opportunity, wish: Wish) -> StakePlan:
    """Return the stakes as `plan` does, on the terms of a wish.

    A fixed stake stands as it is, on its step or not, and the others make the worst ending as good
    as it can be: no profit may be left, and `locked` says so. Where some legs alone share the
    profit, every ending that none of these wins brings nothing, or a little more by rounding.

    Raises:
        Refused: A fixed stake is not there, or beyond its limit or balance, and as `plan` does.
        Broken: A solver failed.
    """
    legs, settled = (
        wish.applied(opportunity.legs),
        settled_of(opportunity.legs, opportunity.event.sport),
    )
    win, lose = settled.win[: settled.binding], settled.lose[: settled.binding]
    alone, note = divides(win, lose), _GONE
    if alone:
        win = np.eye(len(legs))
        lose = 1 - win
    slip = slip_as(legs, win, lose, wish)
    if wish.fixed is None and _all_share(wish) and alone:
        stakes = _swept(slip, Goal(total_minor=wish.total_minor))
    else:
        note = _NONE if wish.fixed is None else _FIXED
        stakes = _placed(slip, wish)
    made = proven(legs, settled, stakes, wish, note)
    return msgspec.structs.replace(made, held_by=_held_by(slip, made, wish))


def unplaced(opportunity: Opportunity, currency: str) -> StakePlan:
    """Return the plan that stakes nothing: the endings, and how each settles the legs.

    Raises:
        Refused: Nobody knows how a leg is settled.
    """
    stakes = [0] * len(opportunity.legs)
    wish = Wish(currency=currency, total_minor=MOST_MINOR)
    return proven(
        opportunity.legs, settled_of(opportunity.legs, opportunity.event.sport), stakes, wish, _NONE
    )


def settled_of(legs: Sequence[Leg], sport: str) -> Settlement:
    """Return how legs are settled; raise `Refused` where nobody knows it of one."""
    try:
        return settlement(legs, sport)
    except ValueError as e:
        raise Refused(f"it is not known how these legs are settled: {e}") from e


def _swept(slip: Slip, goal: Goal) -> tuple[int, ...]:
    swept = sweep(slip, goal)
    if swept is None:
        raise Refused("the total is too small for one step of each stake")
    return swept.stakes


def _placed(slip: Slip, wish: Wish) -> tuple[int, ...]:
    fixed = dict([wish.fixed] if wish.fixed else [])
    for bet, stake in fixed.items():
        if not 0 <= bet < len(slip.bets):
            raise Refused("the leg whose stake is fixed is not there")
        if stake > slip.most(bet) and stake - slip.most(bet) >= slip.step(bet):
            raise Refused("the fixed stake is above the limit or the balance")
    wants = None if _all_share(wish) else _shared(slip, wish)
    try:
        goal = Goal(total_minor=wish.total_minor, fixed=fixed, wants=wants)
        return placed(slip, goal).stakes_minor
    except ValueError as e:
        raise Refused(str(e)) from e


def _all_share(wish: Wish) -> bool:
    return all(leg.shares for leg in wish.legs)


def _shared(slip: Slip, wish: Wish) -> tuple[Want, ...]:
    return won_by(slip, [bet for bet, leg in enumerate(wish.legs) if leg.shares])


def _held_by(slip: Slip, made: StakePlan, wish: Wish) -> tuple[int, ...]:
    """Return which bets are at their limit or balance, where one step more of each would fit."""
    bets = range(len(slip.bets))
    room = sum((slip.unit_cost(bet) * slip.step(bet) for bet in bets), Fraction(0))
    if wish.fixed is None:
        full = made.at_risk_minor + room >= (wish.total_minor or 0)
    else:
        full = made.locked
    if full or not made.at_risk_minor:
        return ()
    free = [bet for bet in bets if wish.fixed is None or bet != wish.fixed[0]]
    stakes = dict(enumerate(leg.stake_minor for leg in made.legs))
    return tuple(bet for bet in free if _is_full(slip, bet, stakes))


def _is_full(slip: Slip, bet: int, stakes: dict[int, int]) -> bool:
    more = {**stakes, bet: stakes[bet] + slip.step(bet)}
    return more[bet] > slip.most(bet) or not fits_balances(slip, more)


def proven(
    legs: Sequence[Leg], settled: Settlement, stakes: Sequence[int], wish: Wish, note: str
) -> StakePlan:
    """Return stakes as a plan, with the proof in integers of what they bring; `note`: if no lock.

    Args:
        legs: With what was wished already applied.
        settled: How they are settled.
        stakes: One a leg, in minor units of its book's currency; 0: not placed.
        wish: The currencies, and which legs share the profit.
        note: What is said of stakes that lock no profit.
    """
    slip = slip_as(legs, settled.win, settled.lose, wish)
    proof = certificate(slip, stakes, Goal(wants=_wants(slip, settled, wish)))
    return StakePlan(
        currency=wish.currency,
        legs=_stake_legs(slip, legs, stakes, settled, wish),
        at_risk_minor=proof.at_risk_minor,
        endings=_endings(settled, proof),
        locked=proof.locked,
        note="" if proof.locked else note,
    )


def _wants(slip: Slip, settled: Settlement, wish: Wish) -> tuple[Want, ...]:
    """Return what is promised: a profit where play decides a leg, and nothing where rules do.

    Where some legs alone share the profit, one where such a leg wins.
    """
    if _all_share(wish):
        wanted = np.where(decided(slip), Want.PROFIT, Want.EVEN)
    else:
        wanted = np.array(_shared(slip, wish))
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


def _stake_legs(
    slip: Slip, legs: Sequence[Leg], stakes: Sequence[int], settled: Settlement, wish: Wish
) -> list[StakeLeg]:
    at_par = replace(slip, terms=tuple(_unconverted(terms) for terms in slip.terms))
    worst = break_even(legs, settled)
    at_risk = [put_up(terms, stake) for terms, stake in zip(slip.terms, stakes, strict=True)]
    return [
        StakeLeg(
            leg=leg,
            stake_minor=stakes[bet],
            at_risk_minor=at_risk[bet],
            return_minor=at_risk[bet] + int(nets(at_par, bet, stakes[bet]).max()),
            currency=wish.currency_at(leg),
            break_even=worst[bet],
        )
        for bet, leg in enumerate(legs)
    ]


def _unconverted(terms: Terms) -> Terms:
    return terms._replace(low=(1, 1), high=(1, 1))
