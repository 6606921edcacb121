"""An opportunity as its page shows it: figures turned into text, and nothing decided."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from string import ascii_uppercase

import msgspec

from arb_app import format as as_text
from arb_app import words
from arb_app.reader import here
from arb_app.wire import returned
from arb_app.words import say
from domain.board import RefusedRow
from domain.markets import Event, Market, MarketKind, Outcome, Side
from domain.money import Money
from domain.opportunities import GateCode, Leg, Opportunity, Refusal
from domain.plans import EVERYTHING, View
from domain.quotes import Origin
from services.board import Life
from services.margins import Margin, margins
from services.stakes import StakeLeg, StakePlan, Turn, turns


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
    turn: str = ""
    age: str = ""
    judged: str = ""
    commission: str = ""
    share: str = ""
    stake: str = as_text.NONE
    returns: str = as_text.NONE
    aside: str = ""


@dataclass(frozen=True)
class RefusalLine:
    """One gate's objection to a crossing."""

    key: str = ""
    market: str = ""
    roi: str = ""
    chip: str = ""
    text: str = ""
    detail: str = ""


@dataclass(frozen=True)
class MarginLine:
    """How close one gate was; `width` is that of its bar."""

    key: str = ""
    chip: str = ""
    figure: str = ""
    used: str = ""
    width: str = "0%"


@dataclass(frozen=True)
class Slip:
    """What the stakes come to; empty where no stakes fit the total."""

    cost: str = ""
    worst: str = ""
    best: str = ""
    locked: bool = False
    told: str = ""


def head(life: Life, now: datetime, view: View = EVERYTHING) -> Head:
    """Return the top of the page."""
    row = life.row
    found = row.opportunity
    return Head(
        event=f"{found.event.home} v {found.event.away}",
        competition=_competition(found.event),
        market=_market(found),
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
    since_s = 0.0 if life.gone_at else (now - row.arrived_at).total_seconds()
    found = row.opportunity.legs
    ages = [None if leg.age_s is None else leg.age_s + since_s for leg in found]
    aged = zip(ascii_uppercase, found, ages, strict=False)
    lines = [_leg(letter, leg, row.opportunity.event, age_s) for letter, leg, age_s in aged]
    if plan is None:
        return lines
    pairs = zip(lines, plan.legs, strict=True)
    lines = [replace(line, **_staked(of, plan)) for line, of in pairs]
    if life.gone_at:
        return [replace(line, worst_odds="") for line in lines]
    return _in_turn(lines, turns(plan, ages))


def margin_lines(found: Opportunity) -> list[MarginLine]:
    """Return how close each gate was to refusing an opportunity, the closest first."""
    return [_margin(margin) for margin in margins(found)]


def _margin(margin: Margin) -> MarginLine:
    chip = words.gate_chip(margin.code)
    if margin.book:
        chip = say("margin.of", chip=chip, book=words.book(margin.book))
    if margin.code is GateCode.RULES_UNKNOWN:
        figure = say("margin.return", figure=as_text.percent(margin.figure))
    else:
        figure = say("margin.seconds", figure=f"{margin.figure:.0f} s", limit=f"{margin.limit:g}")
    share = as_text.percent(margin.used, digits=0, signed=False)
    used = say("margin.used", share=share)
    return MarginLine(margin.code.value, chip, figure, used, f"{margin.used:.0%}")


def slip(plan: StakePlan | None) -> Slip:
    """Return the sums of the stakes."""
    if plan is None or not plan.at_risk_minor:
        return Slip()
    return Slip(
        cost=as_text.money(Money(plan.at_risk_minor, plan.currency)),
        worst=as_text.money(Money(plan.worst_profit_minor, plan.currency), signed=True),
        best=as_text.money(Money(plan.best_profit_minor, plan.currency), signed=True),
        locked=plan.locked,
        told=_lock(plan),
    )


def _lock(plan: StakePlan) -> str:
    if not plan.locked:
        return say("opportunity.lock.lost")
    return say("opportunity.lock.kept" if plan.worst_profit_minor else "opportunity.lock.even")


def own_refusals(life: Life, near: Sequence[RefusedRow]) -> list[RefusalLine]:
    """Return why the gates took it off the board, with figures if the prices still cross."""
    if life.gone_reason not in set(GateCode):
        return []
    key = life.row.opportunity.key
    if still := [row.opportunity for row in near if row.opportunity.key == key]:
        return list(_lines(still))
    last = Refusal(code=GateCode(life.gone_reason), detail="")
    return [_line(life.row.opportunity, last, 0)]


def near_misses(life: Life, near: Sequence[RefusedRow]) -> list[RefusalLine]:
    """Return what else of the same event crosses and is held back."""
    own = life.row.opportunity
    others = [
        row.opportunity
        for row in near
        if row.opportunity.event.id == own.event.id and row.opportunity.key != own.key
    ]
    return list(_lines(others))


def _competition(event: Event) -> str:
    names = (words.sport(event.sport), words.league(event.league))
    return " · ".join(name for name in names if name)


def _market(found: Opportunity) -> str:
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
    worst_odds = {"worst_odds": _worst_odds(of)}
    if not plan.at_risk_minor:
        return worst_odds
    asides: list[str] = []
    if of.at_risk_minor != of.stake_minor:
        at_risk = as_text.money(Money(of.at_risk_minor, plan.currency))
        asides.append(say("opportunity.leg.at_risk", amount=at_risk))
    if of.leg.max_stake is not None:
        asides.append(say("opportunity.leg.max", amount=f"{of.leg.max_stake:,.2f}"))
    return worst_odds | {
        "stake": as_text.money(Money(of.stake_minor, plan.currency)),
        "returns": as_text.money(Money(of.return_minor, plan.currency)),
        "aside": ", ".join(asides),
    }


def _worst_odds(of: StakeLeg) -> str:
    """Return how far the odds may move, rounded to the side that still has a profit."""
    if of.break_even is None or not of.stake_minor:
        return ""
    laid = of.leg.side is Side.LAY
    scale = 1_000 if of.break_even < 10 else 100 if of.break_even < 100 else 10
    whole = (math.floor if laid else math.ceil)(of.break_even * scale)
    key = "opportunity.leg.good_up_to" if laid else "opportunity.leg.good_down_to"
    return say(key, odds=as_text.odds(whole / scale))


def _in_turn(lines: list[LegLine], order: Sequence[Turn]) -> list[LegLine]:
    """Return the lines, each saying its turn, if any leg has a reason to go before another."""
    if not any(turn.reasons for turn in order):
        return lines
    told = {turn.leg: _turn(number, len(order), turn) for number, turn in enumerate(order, 1)}
    return [replace(line, turn=told.get(at, "")) for at, line in enumerate(lines)]


def _turn(number: int, count: int, turn: Turn) -> str:
    if not turn.reasons:
        return say("opportunity.leg.turn", turn=number, count=count)
    why = ", ".join(say(f"opportunity.leg.{reason}") for reason in turn.reasons)
    return say("opportunity.leg.turn.why", turn=number, count=count, why=why)


def _commission(leg: Leg) -> str:
    if not leg.commission:
        return say("opportunity.none")
    return as_text.percent(leg.commission, digits=1, signed=False)


def _lines(refused: Sequence[Opportunity]) -> Iterator[RefusalLine]:
    for found in refused:
        for n, refusal in enumerate(found.refusals):
            yield _line(found, refusal, n)


def _line(found: Opportunity, refusal: Refusal, n: int) -> RefusalLine:
    return RefusalLine(
        key=f"{found.key}-{n}",
        market="" if n else _market(found),
        roi="" if n else as_text.percent(found.roi),
        chip=words.gate_chip(refusal.code),
        text=words.gate_text(refusal.code),
        detail=words.sentence(refusal.detail),
    )
