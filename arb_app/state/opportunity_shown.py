"""An opportunity as its page shows it: figures turned into text, and nothing decided."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from string import ascii_uppercase

import msgspec

from arb_app import format as as_text
from arb_app import words
from arb_app.reader import here
from arb_app.wire import returned
from arb_app.words import say
from domain.markets import Event, Market, MarketKind, Outcome, Side
from domain.money import Money
from domain.opportunities import Leg, Opportunity
from domain.plans import EVERYTHING, View
from domain.quotes import Origin
from services.board import Life
from services.stakes import StakeLeg, StakePlan, Wish


@dataclass(frozen=True)
class Head:
    """What the opportunity is, how it stands, and its life so far; instants are ISO 8601."""

    event: str = ""
    competition: str = ""
    market: str = ""
    origin: str = Origin.LIVE.value
    origin_text: str = ""
    starts_at: str = ""
    starts_in: str = ""
    in_play: bool = False
    roi: str = ""
    best_roi: str = ""
    first_seen: str = ""
    verified: str = ""
    lived: str = ""
    gone_at: str = ""
    gone_text: str = ""
    covered: str = ""
    history: str = ""


@dataclass(frozen=True)
class LegLine:
    """One leg with its stake; `letter` names it in the proof."""

    key: str = ""
    letter: str = ""
    bet: str = ""
    market: str = ""
    book: str = ""
    odds: str = ""
    worst_odds: str = ""
    age: str = ""
    judged: str = ""
    commission: str = ""
    share: str = ""
    stake: str = as_text.NONE
    returns: str = as_text.NONE
    aside: str = ""


@dataclass(frozen=True)
class Slip:
    """What the stakes come to; empty where no stakes fit the total."""

    cost: str = ""
    worst: str = ""
    best: str = ""
    roi: str = ""
    locked: bool = False
    told: str = ""
    held: str = ""


def head(life: Life, now: datetime, view: View = EVERYTHING) -> Head:
    """Return the top of the page."""
    row = life.row
    found = row.opportunity
    return Head(
        event=f"{found.event.home} v {found.event.away}",
        competition=_competition(found.event),
        market=market_of(found),
        origin=found.origin.value,
        origin_text="" if found.origin is Origin.LIVE else words.origin_text(found.origin),
        starts_at=_iso(found.event.starts_at),
        starts_in=_starts_in(found.event, found.as_of + (now - row.arrived_at)),
        in_play=found.in_play,
        roi=returned(found.roi, view),
        best_roi=returned(row.best_roi, view),
        first_seen=_iso(row.first_seen_at),
        verified=""
        if row.verified_at is None
        else say("opportunity.ago", age=as_text.age((now - row.verified_at).total_seconds())),
        lived=as_text.age(((life.gone_at or now) - row.first_seen_at).total_seconds()),
        gone_at=_iso(life.gone_at),
        gone_text=_gone_text(life),
        history=here(f"/history/{found.event.id}"),
        covered=say(
            "opportunity.proof.covered",
            states=found.proof.states,
            roi=returned(found.proof.worst_roi, view),
        ),
    )


def masked_legs(life: Life) -> list[LegLine]:
    """Return what the legs bet on, and dashes for what a plan hides."""
    found = life.row.opportunity
    return [
        LegLine(
            key=letter,
            letter=letter,
            bet=words.leg(leg, found.event),
            market=_asked(_own_view(leg), found.event),
            book=words.book(leg.book),
            odds=as_text.NONE,
            age=as_text.NONE,
            commission=as_text.NONE,
            share=as_text.NONE,
        )
        for letter, leg in zip(ascii_uppercase, found.legs, strict=False)
    ]


def legs(life: Life, plan: StakePlan | None, now: datetime) -> list[LegLine]:
    """Return the legs; their ages are of now while the opportunity lives, else as last judged."""
    row = life.row
    found = row.opportunity.legs
    ages = ages_s(life, now)
    aged = zip(ascii_uppercase, found, ages, strict=False)
    lines = [_leg(letter, leg, row.opportunity.event, age_s) for letter, leg, age_s in aged]
    if plan is None:
        return lines
    pairs = zip(lines, plan.legs, strict=True)
    lines = [replace(line, **_staked(of, plan)) for line, of in pairs]
    return [replace(line, worst_odds="") for line in lines] if life.gone_at else lines


def ages_s(life: Life, now: datetime) -> list[float | None]:
    """Return how old each leg's price is now, or was when the opportunity was last judged."""
    since_s = 0.0 if life.gone_at else (now - life.row.arrived_at).total_seconds()
    legs = life.row.opportunity.legs
    return [None if leg.age_s is None else leg.age_s + since_s for leg in legs]


def slip(
    plan: StakePlan | None, found: Opportunity | None = None, wish: Wish | None = None
) -> Slip:
    """Return the sums of the stakes, and what they promise where some legs share the profit."""
    if plan is None or not plan.at_risk_minor:
        return Slip()
    return Slip(
        cost=as_text.money(Money(plan.at_risk_minor, plan.currency)),
        worst=as_text.money(Money(plan.worst_profit_minor, plan.currency), signed=True),
        best=as_text.money(Money(plan.best_profit_minor, plan.currency), signed=True),
        roi=as_text.percent(plan.worst_profit_minor / plan.at_risk_minor),
        locked=plan.locked,
        told=_lock(plan, found, wish),
        held=_held(plan),
    )


def _lock(plan: StakePlan, found: Opportunity | None, wish: Wish | None) -> str:
    if not plan.locked:
        return say("stakes.lock.fixed" if wish and wish.fixed else "opportunity.lock.lost")
    if found and wish and not all(leg.shares for leg in wish.legs):
        pairs = zip(found.legs, wish.legs, strict=True)
        sharing = [words.leg(leg, found.event) for leg, said in pairs if said.shares]
        return say("stakes.lock.shared", bets=", ".join(sharing))
    return say("opportunity.lock.kept" if plan.worst_profit_minor else "opportunity.lock.even")


def _held(plan: StakePlan) -> str:
    if not plan.held_by:
        return ""
    books = dict.fromkeys(words.book(plan.legs[place].leg.book) for place in plan.held_by)
    cost = as_text.money(Money(plan.at_risk_minor, plan.currency))
    return say("stakes.held", books=", ".join(books), cost=cost)


def _competition(event: Event) -> str:
    names = (words.sport(event.sport), words.league(event.league))
    return " · ".join(name for name in names if name)


def market_of(found: Opportunity) -> str:
    """Return what the legs are about, be it in several markets; a period they share comes last."""
    markets, event = [leg.market for leg in found.legs], found.event
    if len({market.period for market in markets}) > 1:
        return " + ".join(dict.fromkeys(_asked(market, event) for market in markets))
    settles = words.period(markets[0].period)
    names = (words.market(market, event).removesuffix(f", {settles}") for market in markets)
    return f"{' + '.join(dict.fromkeys(names))}, {settles}"


def _asked(market: Market, event: Event) -> str:
    name, settles = words.market(market, event), words.period(market.period)
    return name if settles in name else f"{name}, {settles}"


def _own_view(leg: Leg) -> Market:
    """Return the leg's market with the handicap of its own side: a market's line is the home's."""
    market = leg.market
    turned = market.kind is MarketKind.HANDICAP and leg.outcome is Outcome.AWAY
    if not turned or market.line is None:
        return market
    return msgspec.structs.replace(market, line=-market.line)


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _starts_in(event: Event, now: datetime) -> str:
    if event.starts_at is None:
        return say("opportunity.start_unknown")
    ahead_s = (event.starts_at - now).total_seconds()
    key = "opportunity.ahead" if ahead_s > 0 else "opportunity.started"
    return say(key, age=as_text.age(abs(ahead_s)))


def _gone_text(life: Life) -> str:
    if life.gone_at is None:
        return ""
    return say("opportunity.gone.text", reason=words.gone(life.gone_reason or ""))


def _leg(letter: str, leg: Leg, event: Event, age_s: float | None) -> LegLine:
    ago = say("opportunity.ago", age=as_text.age(age_s))
    return LegLine(
        key=f"{letter}-{leg.book}-{leg.outcome}-{leg.side}",
        letter=letter,
        bet=words.leg(leg, event),
        market=_asked(_own_view(leg), event),
        book=words.book(leg.book),
        odds=as_text.odds(leg.odds),
        age=ago if age_s is not None else say("opportunity.age_unknown"),
        judged=say("opportunity.leg.judged", age=as_text.age(leg.age_s)),
        commission=_commission(leg),
        share=as_text.percent(leg.share, digits=1, signed=False),
    )


def _staked(of: StakeLeg, plan: StakePlan) -> dict[str, str]:
    limit = {"worst_odds": worst_odds(of)}
    if not plan.at_risk_minor:
        return limit
    asides: list[str] = []
    if of.at_risk_minor != of.stake_minor:
        at_risk = as_text.money(Money(of.at_risk_minor, of.currency))
        asides.append(say("opportunity.leg.at_risk", amount=at_risk))
    if of.leg.max_stake is not None:
        asides.append(say("opportunity.leg.max", amount=_most(of)))
    return limit | {
        "stake": as_text.money(Money(of.stake_minor, of.currency)),
        "commission": _commission(of.leg),
        "returns": as_text.money(Money(of.return_minor, of.currency)),
        "aside": ", ".join(asides),
    }


def _most(of: StakeLeg) -> str:
    return as_text.money(Money.of(str(of.leg.max_stake), of.currency))


def worst_odds(of: StakeLeg) -> str:
    """Return how far the odds may move, rounded to the side that still has a profit."""
    if of.break_even is None or not of.stake_minor:
        return ""
    laid = of.leg.side is Side.LAY
    scale = 1_000 if of.break_even < 10 else 100 if of.break_even < 100 else 10
    whole = (math.floor if laid else math.ceil)(of.break_even * scale)
    key = "opportunity.leg.good_up_to" if laid else "opportunity.leg.good_down_to"
    return say(key, odds=as_text.odds(whole / scale))


def _commission(leg: Leg) -> str:
    if not leg.commission:
        return say("opportunity.none")
    return as_text.percent(leg.commission, digits=1, signed=False)
