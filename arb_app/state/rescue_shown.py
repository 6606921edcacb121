"""The rescue as it is drawn: what was typed read as a position, and each way on in money."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import ascii_uppercase
from typing import Final

import msgspec

from arb_app import format as as_text
from arb_app import words
from arb_app.state.ending_names import named
from arb_app.state.stake_form import sound
from arb_app.words import say
from domain.markets import Side
from domain.money import Money
from domain.opportunities import Opportunity
from services.stakes import (
    EndingKind,
    Lay,
    Option,
    Placed,
    Position,
    Rescued,
    Wish,
)

MOST_ODDS: Final = Decimal(1001)
MOST_NAMED: Final = 4
_ODDS: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class RescueLeg:
    """One leg: whether it is placed, its odds, and its stake if it is."""

    key: str = ""
    letter: str = ""
    name: str = ""
    unit: str = ""
    placed: bool = False
    odds: str = ""
    odds_wrong: str = ""
    stake: str = ""
    stake_wrong: str = ""
    even: str = ""


@dataclass(frozen=True)
class WayLine:
    """One way on: what to place, and what comes of it in every ending."""

    key: str = ""
    title: str = ""
    text: str = ""
    todo: str = ""
    endings: str = ""
    worst: str = ""
    tone: str = ""
    best: str = ""
    first: bool = False


def odds_text(odds: float) -> str:
    """Return decimal odds as they are typed: no digit more than they need, at most four places.

    Examples:
        >>> odds_text(21 / 11), odds_text(2.2)
        ('1.9091', '2.2')
    """
    return f"{odds:.4f}".rstrip("0").rstrip(".")


def odds_of(typed: object) -> str | None:
    """Return the text of decimal odds above 1 and up to 1,001; None if it is not that.

    Examples:
        >>> odds_of(" 2.05 "), odds_of("1"), odds_of("7/4"), odds_of(2.0)
        ('2.05', None, None, None)
    """
    text = typed.strip() if isinstance(typed, str) else ""
    fits = _ODDS.fullmatch(text) and 1 < Decimal(text) <= MOST_ODDS
    return text if fits else None


def stake_of(typed: object) -> str | None:
    """Return the text of an amount above zero; None if it is none."""
    text = sound("most", typed)
    return text if text and Decimal(text) > 0 else None


def position_of(
    typed: Mapping[str, str], placed: Sequence[str], wish: Wish, found: Opportunity,
    planned: tuple[int, ...],
) -> Position | None:  # fmt: skip
    """Return the position that sound texts make; None while some are missing or nothing is open."""
    stands: dict[int, Placed] = {}
    now: dict[int, float] = {}
    for place, (letter, leg) in enumerate(zip(ascii_uppercase, found.legs, strict=False)):
        odds, stake = typed.get(f"odds {letter}", ""), typed.get(f"stake {letter}", "")
        if not odds or (letter in placed and not stake):
            return None
        if letter in placed:
            stands[place] = Placed(float(odds), Money.of(stake, wish.currency_at(leg)).minor)
        else:
            now[place] = float(odds)
    if not stands or not now:
        return None
    lay = None
    if typed.get("lay"):
        lay = Lay(float(typed["lay"]), float(Decimal(typed.get("lay_commission") or 0) / 100))
    return Position(placed=stands, now=now, planned=planned, lay=lay)


def way_lines(of: Rescued, found: Opportunity) -> list[WayLine]:
    """Return the ways on in words and money, the least worst loss first."""
    return [_way(option, place, found) for place, option in enumerate(of.options)]


def even_told(of: Rescued, place: int, side: Side) -> str:
    """Return down (a lay: up) to which odds a leg that is not placed still leaves no loss."""
    if place not in of.break_even:
        return ""
    odds = of.break_even[place]
    return (
        say("rescue.even.none")
        if odds is None
        else say(f"rescue.even.{side}", odds=_safe(odds, side))
    )


def _safe(odds: float, side: Side) -> str:
    """Return odds rounded to the side that still has no loss."""
    rounded = math.floor if side is Side.LAY else math.ceil
    return odds_text(rounded(odds * 1000) / 1000)


def _way(option: Option, place: int, found: Opportunity) -> WayLine:
    plan = option.plan
    worst = Money(plan.worst_profit_minor, plan.currency)
    return WayLine(
        key=option.way.value,
        title=say(f"rescue.way.{option.way}"),
        text=say(f"rescue.way.{option.way}.text"),
        todo=_todo(option, found),
        endings=_endings(option, found),
        worst=as_text.money(worst, signed=True),
        tone="good" if worst.minor > 0 else "bad" if worst.minor < 0 else "",
        best=as_text.money(Money(plan.best_profit_minor, plan.currency), signed=True),
        first=place == 0,
    )


def _todo(option: Option, found: Opportunity) -> str:
    if not option.adds:
        return say("rescue.todo.nothing")
    parts: list[str] = []
    for place, stake in option.adds.items():
        lay = place >= len(found.legs)
        leg = option.plan.legs[-1 if lay else place]
        amount = as_text.money(Money(stake, leg.currency))
        odds = as_text.odds(leg.leg.odds)
        if lay:
            bet = words.leg(leg.leg, found.event)
            parts.append(say("rescue.todo.lay", bet=bet, amount=amount, odds=odds))
        else:
            bet = words.leg(leg.leg, found.event)
            book = words.book(leg.leg.book)
            parts.append(say("rescue.todo.bet", bet=bet, book=book, amount=amount, odds=odds))
    return " ".join(parts)


def _endings(option: Option, found: Opportunity) -> str:
    """Return what each ending brings, where there are few of them."""
    plan = option.plan
    played = [each for each in plan.endings if each.kind is not EndingKind.RULE]
    if len(played) > MOST_NAMED:
        return say("rescue.endings.many", count=len(played))
    as_bet = msgspec.structs.replace(found, legs=[leg.leg for leg in plan.legs])
    each = (
        (named(one, as_bet), as_text.money(Money(one.profit_minor, plan.currency), signed=True))
        for one in played
    )
    return " · ".join(f"{name} {amount}" for name, amount in each)
