"""What to do, in order: which leg to place first, for how much, down to which odds, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from string import ascii_uppercase

from arb_app import format as as_text
from arb_app import words
from arb_app.state.opportunity_shown import ages_s, worst_odds
from arb_app.words import say
from domain.money import Money
from domain.opportunities import Opportunity
from services.board import Life
from services.stakes import StakeLeg, StakePlan, Turn, Why, turns


@dataclass(frozen=True)
class StepLine:
    """One leg to place: what to type at which book, the odds to insist on, and why it is now."""

    key: str = ""
    number: str = ""
    letter: str = ""
    bet: str = ""
    book: str = ""
    stake: str = ""
    aside: str = ""
    odds: str = ""
    worst_odds: str = ""
    why: str = ""


def steps(
    life: Life, plan: StakePlan | None, now: datetime, lags_s: Sequence[float | None] = ()
) -> list[StepLine]:
    """Return the legs in the order to place them; none where nothing is to be placed any more.

    Args:
        life: The opportunity.
        plan: Its stakes.
        now: Our clock.
        lags_s: How many seconds after the others each leg's book usually moves, where known.
    """
    if plan is None or not plan.at_risk_minor or life.gone_at:
        return []
    found, ages = life.row.opportunity, ages_s(life, now)
    known = list(lags_s) if len(lags_s) == len(ages) else []
    order = turns(plan, ages, known)
    return [
        _step(number, turn, found, plan, why)
        for number, (turn, why) in enumerate(
            zip(order, _reasons(order, plan, ages, known), strict=True), 1
        )
    ]


def _step(number: int, turn: Turn, found: Opportunity, plan: StakePlan, why: str) -> StepLine:
    of = plan.legs[turn.leg]
    at_risk = ""
    if of.at_risk_minor != of.stake_minor:
        amount = as_text.money(Money(of.at_risk_minor, of.currency))
        at_risk = say("opportunity.leg.at_risk", amount=amount)
    return StepLine(
        key=f"{turn.leg}",
        number=str(number),
        letter=ascii_uppercase[turn.leg % len(ascii_uppercase)],
        bet=words.leg(of.leg, found.event),
        book=words.book(of.leg.book),
        stake=as_text.money(Money(of.stake_minor, of.currency)),
        aside=at_risk,
        odds=as_text.odds(of.leg.odds),
        worst_odds=worst_odds(of),
        why=why,
    )


def _reasons(
    order: Sequence[Turn],
    plan: StakePlan,
    ages: Sequence[float | None],
    lags_s: Sequence[float | None],
) -> Iterator[str]:
    """Yield why each leg is placed at its turn, with the figures that speak for it."""
    free = not any(turn.reasons for turn in order)
    for turn in order:
        of, age_s = plan.legs[turn.leg], ages[turn.leg]
        age = as_text.age(age_s)
        told = {
            Why.MOVING: say("steps.moving", age=age),
            Why.LOW_LIMIT: say("steps.low_limit", share=_of_limit(of)),
        }
        if Why.LAGGING in turn.reasons:
            lag = as_text.age(lags_s[turn.leg])
            told[Why.LAGGING] = say("steps.lagging", book=words.book(of.leg.book), lag=lag)
        if turn.reasons:
            yield " ".join(told[reason] for reason in turn.reasons)
        elif free and turn is order[0]:
            yield say("steps.any")
        else:
            yield say("steps.unknown") if age_s is None else say("steps.stands", age=age)


def _of_limit(of: StakeLeg) -> str:
    limit = Money.of(str(of.leg.max_stake or 0), of.currency).minor
    return as_text.percent(of.stake_minor / max(1, limit), digits=0, signed=False)
