"""An opportunity as its page shows it: figures turned into text, and nothing decided."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from arb_app import format as as_text
from arb_app import words
from arb_app.words import say
from domain.board import RefusedRow
from domain.markets import Event, MarketKind, Outcome
from domain.money import Money
from domain.opportunities import Ending, GateCode, Leg, Opportunity, Refusal
from domain.quotes import Origin
from services.board import Life
from services.proof import Settled, endings_of
from services.stakes import StakeLeg, StakePlan


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
    lived: str = ""
    gone_at: str = ""
    gone_text: str = ""
    covered: str = ""


@dataclass(frozen=True)
class LegLine:
    """One leg with its stake."""

    key: str = ""
    bet: str = ""
    book: str = ""
    odds: str = ""
    age: str = ""
    judged: str = ""
    commission: str = ""
    share: str = ""
    stake: str = as_text.NONE
    returns: str = as_text.NONE
    aside: str = ""


@dataclass(frozen=True)
class EndingLine:
    """One way that things may end, and what it brings for the typed total."""

    key: str = ""
    ending: str = ""
    result: str = as_text.NONE
    tone: str = ""
    open: bool = False


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
class Slip:
    """What the stakes come to; empty where no stakes fit the total."""

    cost: str = ""
    worst: str = ""
    best: str = ""
    locked: bool = False


def head(life: Life, now: datetime) -> Head:
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
        roi=as_text.percent(found.roi),
        best_roi=as_text.percent(row.best_roi),
        first_seen=_iso(row.first_seen_at),
        lived=as_text.age(((life.gone_at or now) - row.first_seen_at).total_seconds()),
        gone_at=_iso(life.gone_at),
        gone_text=_gone_text(life),
        covered=say(
            "opportunity.proof.covered",
            states=found.proof.states,
            roi=as_text.percent(found.proof.worst_roi),
        ),
    )


def legs(life: Life, plan: StakePlan | None, now: datetime) -> list[LegLine]:
    """Return the legs; their ages are of now while the opportunity lives, else as last judged."""
    row = life.row
    since_s = 0.0 if life.gone_at else (now - row.arrived_at).total_seconds()
    lines = [_leg(leg, row.opportunity.event, since_s) for leg in row.opportunity.legs]
    if plan is None:
        return lines
    pairs = zip(lines, plan.legs, strict=True)
    return [replace(line, **_staked(of, plan.currency)) for line, of in pairs]


def slip(plan: StakePlan | None) -> Slip:
    """Return the sums of the stakes."""
    if plan is None:
        return Slip()
    return Slip(
        cost=as_text.money(Money(plan.at_risk_minor, plan.currency)),
        worst=as_text.money(Money(plan.worst_profit_minor, plan.currency), signed=True),
        best=as_text.money(Money(plan.best_profit_minor, plan.currency), signed=True),
        locked=plan.locked,
    )


def endings(found: Opportunity, plan: StakePlan | None) -> list[EndingLine]:
    """Return every ending, those left open last: in money, or as shares where there is no plan."""
    names = [_named(each, found) for each in endings_of(found.market)]
    covered = [_ending(name) for name in names]
    if plan is not None:
        profits = [Money(minor, plan.currency) for minor in plan.profits_minor]
        covered = [_ending(name, profit) for name, profit in zip(names, profits, strict=True)]
    return [*covered, *(_left_open(each, plan) for each in found.proof.unprotected)]


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
    name, settles = words.market(found.market), words.period(found.market.period)
    return name if settles in name else f"{name}, {settles}"


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


def _leg(leg: Leg, event: Event, since_s: float) -> LegLine:
    age_s = None if leg.age_s is None else leg.age_s + since_s
    ago = say("opportunity.ago", age=as_text.age(age_s))
    return LegLine(
        key=f"{leg.book}-{leg.outcome}-{leg.side}",
        bet=words.leg(leg, event),
        book=words.book(leg.book),
        odds=as_text.odds(leg.odds),
        age=ago if age_s is not None else say("opportunity.age_unknown"),
        judged=say("opportunity.leg.judged", age=as_text.age(leg.age_s)),
        commission=_commission(leg),
        share=as_text.percent(leg.share, digits=1, signed=False),
    )


def _staked(of: StakeLeg, currency: str) -> dict[str, str]:
    asides: list[str] = []
    if of.at_risk_minor != of.stake_minor:
        at_risk = as_text.money(Money(of.at_risk_minor, currency))
        asides.append(say("opportunity.leg.at_risk", amount=at_risk))
    if of.leg.max_stake is not None:
        asides.append(say("opportunity.leg.max", amount=f"{of.leg.max_stake:,.2f}"))
    return {
        "stake": as_text.money(Money(of.stake_minor, currency)),
        "returns": as_text.money(Money(of.return_minor, currency)),
        "aside": ", ".join(asides),
    }


def _commission(leg: Leg) -> str:
    if not leg.commission:
        return say("opportunity.none")
    return as_text.percent(leg.commission, digits=1, signed=False)


def _ending(name: str, profit: Money | None = None) -> EndingLine:
    if profit is None:
        return EndingLine(key=name, ending=name)
    tone = "bad" if profit.minor < 0 else "good" if profit.minor else ""
    return EndingLine(key=name, ending=name, result=as_text.money(profit, signed=True), tone=tone)


def _left_open(ending: Ending, plan: StakePlan | None) -> EndingLine:
    name = words.sentence(ending.state)
    if plan is None:
        result = as_text.percent(ending.worst_roi)
    else:
        loss = Money(round(ending.worst_roi * plan.at_risk_minor), plan.currency)
        result = as_text.money(loss, signed=True)
    return EndingLine(key=f"open {name}", ending=name, result=result, tone="bad", open=True)


def _named(settled: dict[Outcome, Settled], found: Opportunity) -> str:
    """Return an ending's name: who wins, what of it, or that the stakes come back."""
    outcome, (won, _) = max(settled.items(), key=lambda item: item[1].won)
    if not won:
        return say("opportunity.pushed", line=words.market(found.market))
    name = words.outcome(outcome, found.market, found.event)
    if won < 1:
        return say("opportunity.wins_half", outcome=name)
    sides = found.market.kind is MarketKind.WINNER and outcome is not Outcome.DRAW
    return say("opportunity.wins", outcome=name) if sides else name


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
