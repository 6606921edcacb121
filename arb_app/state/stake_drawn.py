"""The stake form as it is drawn: what its amount is, and what would do better."""

from collections.abc import Sequence
from string import ascii_uppercase

from arb_app import format as as_text
from arb_app.state.stake_form import Form, currency_at
from arb_app.words import say
from domain.money import Money
from domain.opportunities import Leg
from services.stakes import StakePlan


def amount(form: Form, legs: Sequence[Leg], names: Sequence[str], currency: str) -> dict[str, str]:
    """Return the label and the unit of the amount: a total, or one leg's stake."""
    place = ascii_uppercase.find(form.fixed) if form.fixed else -1
    if 0 <= place < len(legs):
        unit = currency_at(form, legs[place].book, currency)
        label = say("stakes.fixed.label", letter=form.fixed, name=names[place])
        return {"amount_label": label, "amount_unit": unit}
    return {"amount_label": say("opportunity.total"), "amount_unit": currency}


def suggestion(form: Form, nearest: StakePlan | None) -> dict[str, str]:
    """Return in a sentence which amount would lock a profit, and that amount as it is typed."""
    if nearest is None:
        return {"suggestion": "", "_suggested": ""}
    place = ascii_uppercase.find(form.fixed) if form.fixed else -1
    worst = as_text.money(Money(nearest.worst_profit_minor, nearest.currency), signed=True)
    if 0 <= place < len(nearest.legs):
        leg = nearest.legs[place]
        offered = Money(leg.stake_minor, leg.currency)
        told = say("stakes.nearest.fixed", amount=as_text.money(offered), worst=worst)
    else:
        offered = Money(nearest.at_risk_minor, nearest.currency)
        told = say("stakes.nearest.total", amount=as_text.money(offered), worst=worst)
    return {"suggestion": told, "_suggested": f"{offered.amount:f}"}


def stakes_of(plan: StakePlan | None) -> dict[str, str]:
    """Return what is staked on each leg by its letter, and in all by "", as it is typed."""
    if plan is None or not plan.at_risk_minor:
        return {}
    legs = zip(ascii_uppercase, plan.legs, strict=False)
    each = {
        letter: f"{Money(leg.stake_minor, leg.currency).amount:f}"
        for letter, leg in legs
        if leg.stake_minor
    }
    return {"": f"{Money(plan.at_risk_minor, plan.currency).amount:f}", **each}
