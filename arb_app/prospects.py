"""Rows that are no arbitrage, as browsers get them: what they pay, when, and on what grounds."""

from collections.abc import Iterator
from typing import Any

from arb_app import format as text
from arb_app import words
from arb_app.words import say
from domain.markets import MarketKind
from domain.opportunities import Kind, Middle, Opportunity, Value
from domain.plans import View
from services.plans import HIDDEN

Wire = dict[str, Any]


def figures(of: Opportunity, view: View) -> Wire:
    """Return what a row of its kind says beside its legs; nothing for an arbitrage.

    `expected` is the mean return of a stake of 1, None where no honest chance is known. Each of
    `figures` has a label and a text; one that is a price has it as a number as well.
    """
    if of.middle is not None:
        told = [*_of_middle(of, of.middle, view)]
        expected = of.middle.expected
    elif of.value is not None:
        told = [*_of_value(of.value, view)]
        expected = of.value.ev
    elif of.kind is Kind.LOW_HOLD:
        told, expected = [*_of_low_hold(of, view)], of.roi
    else:
        return {}
    return {"figures": told, "expected": expected}


def returned(roi: float, view: View) -> str:
    """Return a return as text, be it a loss; one that is told no further than this says so.

    Examples:
        >>> returned(0.0123, View.of("pro")), returned(-0.0123, View.of("pro"))
        ('+1.23 %', '\u22121.23 %')
        >>> returned(0.01, View.of("free")), returned(-0.015, View.of("free"))
        ('+1 % or more', '\u22121.5 % or more')
        >>> returned(0.0, View.of("free"))
        'less than +0.5 %'
    """
    plan = view.plan
    if plan.roi_cap is None:
        return text.percent(roi)
    if roi == 0.0:
        return say("plan.less", roi=_short(plan.roi_step))
    return say("plan.more", roi=_short(roi))


def _short(roi: float) -> str:
    return text.percent(roi, digits=0 if round(roi * 100, 6).is_integer() else 1)


def _of_middle(of: Opportunity, middle: Middle, view: View) -> Iterator[Wire]:
    yield _figure("prospect.loses_on" if middle.polish else "prospect.lands_on", _zone(of, middle))
    hit = "prospect.at_worst" if middle.polish else "prospect.at_best"
    yield _figure(hit, returned(middle.hit_roi, view))
    yield _figure("prospect.otherwise", returned(middle.outside, view))
    if view.plan.mask_books:
        return
    yield _figure("prospect.chance", _chance(middle))
    expected = middle.expected
    known = say("prospect.unknown") if expected is None else text.percent(expected)
    yield _figure("prospect.expected", known)
    yield _split(of)


def _of_value(value: Value, view: View) -> Iterator[Wire]:
    yield _figure("prospect.loses", text.percent(-1.0, digits=0))
    if view.plan.mask_books or value.fair_odds == HIDDEN:
        return
    yield {**_figure("prospect.fair", text.odds(value.fair_odds)), "odds": value.fair_odds}
    yield _figure("prospect.by", _by(value))
    full, half = (text.percent(value.kelly * part, signed=False) for part in (1.0, 0.5))
    yield _figure("prospect.kelly", say("prospect.kelly.shares", full=full, half=half))


def _of_low_hold(of: Opportunity, view: View) -> Iterator[Wire]:
    yield _figure("prospect.holds", returned(of.roi, view))
    if not view.plan.mask_books:
        yield _split(of)


def _by(value: Value) -> str:
    method = say(f"prospect.method.{value.method}")
    if value.by:
        return say("prospect.by.sharp", book=words.book(value.by), method=method)
    return say("prospect.by.median", count=value.books, method=method)


def _chance(middle: Middle) -> str:
    needed = "" if middle.needed is None else text.percent(middle.needed, digits=1, signed=False)
    if middle.chance is None:
        bare = "prospect.unknown" if not needed else "prospect.chance.needed"
        return say(bare, needed=needed)
    chance = text.percent(middle.chance, digits=1, signed=False)
    known = say("prospect.chance.known", chance=chance, count=middle.books)
    return known if not needed else say("prospect.chance.against", known=known, needed=needed)


def _split(of: Opportunity) -> Wire:
    shares = (text.percent(leg.share, digits=1, signed=False) for leg in of.legs)
    return _figure("prospect.split", " / ".join(shares))


def _zone(of: Opportunity, middle: Middle) -> str:
    """Return the results between the lines, as totals or as who wins by how much."""
    ends = dict.fromkeys((middle.low, middle.high))
    if of.market.kind is not MarketKind.HANDICAP:
        named = [f"{end:g}" for end in ends]
    else:
        named = [_margin(of, end) for end in ends]
    return named[0] if len(named) == 1 else say("prospect.between", low=named[0], high=named[1])


def _margin(of: Opportunity, by: float) -> str:
    if by == 0.0:
        return say("prospect.level")
    side = of.event.home if by > 0.0 else of.event.away
    return say("prospect.wins_by", side=side, by=f"{abs(by):g}")


def _figure(label: str, told: str) -> Wire:
    return {"label": say(label), "text": told}
