"""The proof of an opportunity as its page shows it: a line and a bar for each distinct ending."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arb_app import format as as_text
from arb_app.state.ending_names import LEVEL, ONE_BOOK, check, named, noted, score
from arb_app.words import say
from domain.money import Money
from domain.opportunities import Ending, Opportunity
from services.stakes import EndingKind, PlannedEnding, Share, StakePlan

MOST_BARS: Final = 60
NUMBERED: Final = 12
FOLDED: Final = 6
"""How many lines of a group are shown at first."""
_MARKS: Final = {
    Share(1.0, 0.0): "won",
    Share(0.5, 0.0): "half_won",
    Share(0.0, 0.0): "back",
    Share(0.0, 0.5): "half_lost",
    Share(0.0, 1.0): "lost",
}
_UNBROKEN: Final = f"{as_text.MINUS}\u2060"
_OTHER_MARK, _NO_MARK = "shared", "unknown"
MARKS: Final = (*_MARKS.values(), _OTHER_MARK, _NO_MARK)


@dataclass(frozen=True)
class EndingLine:
    """One way that things may end: how it settles each leg, and what it brings.

    `marks` has a word for each leg, parted by spaces. `open` says that money is lost and nothing
    protects it; `check` is what to look up then.
    """

    key: str = ""
    number: str = ""
    ending: str = ""
    example: str = ""
    marks: str = ""
    result: str = as_text.NONE
    tone: str = ""
    open: bool = False
    check: str = ""


@dataclass(frozen=True)
class Bar:
    """One ending's result as a bar: where it starts below the top, and its height, in percent."""

    number: str = ""
    top: str = ""
    height: str = ""
    tone: str = ""
    told: str = ""


@dataclass(frozen=True)
class Scale:
    """What a group of bars is drawn on: its ends, where zero is, and all of it in words."""

    top: str = ""
    bottom: str = ""
    zero: str = ""
    told: str = ""


@dataclass(frozen=True)
class Drawn:
    """A group of endings, drawn and listed, the worst first."""

    lines: list[EndingLine]
    bars: list[Bar]
    scale: Scale


@dataclass(frozen=True, slots=True)
class _Result:
    """An ending with its result; None where nothing is staked."""

    ending: str
    example: str
    marks: str
    profit: Money | None
    result: str
    ruled: bool = False
    check: str = ""


def played(found: Opportunity, plan: StakePlan) -> Drawn:
    """Return the endings that play itself settles: what the promise is about."""
    covered = [each for each in plan.endings if each.kind is not EndingKind.RULE]
    covered.sort(key=_margin, reverse=True)
    return _drawn("played", [_of_plan(each, found, plan) for each in covered])


def ruled(found: Opportunity, plan: StakePlan) -> Drawn:
    """Return the endings that books settle by their own rules, and the others left open."""
    by_rule = [each for each in plan.endings if each.kind is EndingKind.RULE]
    listed = {each.note or LEVEL for each in by_rule}
    others = [each for each in found.proof.unprotected if each.state not in listed]
    results = [_of_plan(each, found, plan) for each in by_rule]
    results += [_of_proof(each, found, plan) for each in others]
    return _drawn("ruled", results)


def fold(played: Drawn, ruled: Drawn, *, every: bool) -> str:
    """Return what the button under the endings says; "" where there is nothing to fold."""
    count = len(played.lines) + len(ruled.lines)
    if max(len(played.lines), len(ruled.lines)) <= FOLDED:
        return ""
    return say("opportunity.proof.fewer") if every else say("opportunity.proof.all", count=count)


def _margin(ending: PlannedEnding) -> int:
    """Return by how much the home side is ahead: of equal results its own come first."""
    return next((home - away for _, home, away in reversed(ending.scores)), 0)


def _drawn(group: str, results: Sequence[_Result]) -> Drawn:
    ranked = sorted(results, key=lambda each: each.profit.minor if each.profit else 0)
    money = [each.profit for each in ranked if each.profit is not None]
    lines = [_line(each, number) for number, each in enumerate(ranked, 1)]
    if not money:
        return Drawn(lines, [], Scale())
    high, low = max(0, money[-1].minor), min(0, money[0].minor)
    span = max(1, high - low)
    shown = list(zip(ranked, lines, strict=True))[:MOST_BARS]
    bars = [_bar(each, line, high, span) for each, line in shown if each.profit is not None]
    if len(bars) > NUMBERED:
        bars = [Bar(top=b.top, height=b.height, tone=b.tone, told=b.told) for b in bars]
    currency = money[0].currency
    scale = Scale(
        top=as_text.money(Money(high, currency), signed=True),
        bottom=as_text.money(Money(low, currency), signed=True),
        zero=_percent(high / span),
        told=_told(group, money),
    )
    return Drawn(lines, bars, scale)


def _told(group: str, money: Sequence[Money]) -> str:
    worst, best = (_money(each).replace(as_text.MINUS, _UNBROKEN) for each in (money[0], money[-1]))
    if len(money) == 1:
        return say(f"opportunity.chart.{group}.one", worst=worst)
    if worst == best:
        return say(f"opportunity.chart.{group}.same", count=len(money), worst=worst)
    return say(f"opportunity.chart.{group}", count=len(money), worst=worst, best=best)


def _line(of: _Result, number: int) -> EndingLine:
    lost = of.result.startswith(as_text.MINUS)
    gained = of.profit is not None and of.profit.minor > 0
    return EndingLine(
        key=f"{number} {of.ending}",
        number=str(number),
        ending=of.ending,
        example=of.example,
        marks=of.marks,
        result=of.result,
        tone="bad" if lost else "good" if gained else "",
        open=of.ruled and lost,
        check=of.check if lost else "",
    )


def _bar(of: _Result, line: EndingLine, high: int, span: int) -> Bar:
    profit = of.profit.minor if of.profit else 0
    return Bar(
        number=line.number,
        top=_percent((high - max(0, profit)) / span),
        height=_percent(abs(profit) / span),
        tone=line.tone,
        told=f"{line.ending}: {line.result}",
    )


def _of_plan(ending: PlannedEnding, found: Opportunity, plan: StakePlan) -> _Result:
    profit = Money(ending.profit_minor, plan.currency) if plan.at_risk_minor else None
    by_rule = ending.kind is EndingKind.RULE
    alone = len({leg.market for leg in found.legs}) == 1 and not by_rule
    name, counts = named(ending, found), "" if alone else score(ending)
    return _Result(
        ending=name,
        example=say("opportunity.proof.example", score=counts) if counts not in {"", name} else "",
        marks=" ".join(_MARKS.get(share, _OTHER_MARK) for share in ending.legs),
        profit=profit,
        result=as_text.NONE if profit is None else _money(profit),
        ruled=by_rule,
        check=check(ending.note or LEVEL) if by_rule else "",
    )


def _of_proof(ending: Ending, found: Opportunity, plan: StakePlan) -> _Result:
    profit = None
    if plan.at_risk_minor:
        profit = Money(_lost_minor(ending, plan), plan.currency)
    return _Result(
        ending=noted(ending.state, found.event),
        example="",
        marks=" ".join([_NO_MARK] * len(found.legs)),
        profit=profit,
        result=as_text.percent(ending.worst_roi) if profit is None else _money(profit),
        ruled=True,
        check=check(ending.state),
    )


def _lost_minor(ending: Ending, plan: StakePlan) -> int:
    """Return what an ending that the proof leaves open costs, by the stakes where they say it."""
    if ending.state != ONE_BOOK:
        return round(ending.worst_roi * plan.at_risk_minor)
    by_book: defaultdict[str, int] = defaultdict(int)
    for leg in plan.legs:
        by_book[leg.leg.book] += leg.at_risk_minor
    return min(by_book.values()) - plan.at_risk_minor


def _money(amount: Money) -> str:
    return as_text.money(amount, signed=True)


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
