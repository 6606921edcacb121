"""Bets and the books that take them, in exact figures; money in minor units."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

Number = Fraction | float

MOST_MINOR = 10**12
_FINEST = 1_000_000
_ONE, _NONE = Fraction(1), Fraction(0)


class Rate(NamedTuple):
    """Minor units of our currency for one of the book's: the interval it may settle in."""

    low: Fraction = _ONE
    high: Fraction = _ONE


OUR_OWN = Rate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What one book allows, in minor units of its currency.

    `step_minor` divides every stake; `min_minor` and `max_minor` bound each bet; `balance_minor`
    bounds the cash of all bets there together; `rate` converts it to our currency.

    Raises:
        ValueError: The step is not above 0, an amount is negative or above `MOST_MINOR`, the
            minimum is above the maximum, or the rate is not above 0 or upside down.
    """

    step_minor: int = 1
    min_minor: int = 0
    max_minor: int | None = None
    balance_minor: int | None = None
    rate: Rate = OUR_OWN

    def __post_init__(self) -> None:
        if not 1 <= self.step_minor <= MOST_MINOR:
            raise ValueError(f"the step must be above 0: {self.step_minor}")
        for name in ("min_minor", "max_minor", "balance_minor"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount <= MOST_MINOR:
                raise ValueError(f"{name} must be in 0..{MOST_MINOR}: {amount}")
        if self.max_minor is not None and self.min_minor > self.max_minor:
            raise ValueError(f"the minimum {self.min_minor} is above the maximum {self.max_minor}")
        if not 0 < self.rate.low <= self.rate.high:
            raise ValueError(f"the rate must be above 0 and not upside down: {self.rate}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bet:
    """A bet by what a stake of 1 puts up (`risk`) and gains after commission when it wins.

    A back bet risks 1 to gain (odds - 1)(1 - commission), a lay risks odds - 1 to gain
    1 - commission, a free bet risks nothing. `parts` are the equal bets that the book makes of the
    stake and settles one by one: 2 for a quarter line. `most_minor` is the limit of this price.

    Raises:
        ValueError: The risk is negative, the gain or the parts are not above 0, the limit is not
            in 0..`MOST_MINOR`, or a bet that risks nothing has no limit.
    """

    risk: Fraction
    gain: Fraction
    book: int = 0
    parts: int = 1
    most_minor: int | None = None

    def __post_init__(self) -> None:
        if self.risk < 0 or self.gain <= 0 or self.parts < 1 or self.book < 0:
            raise ValueError(f"a bet risks 0 or more, gains more than 0, in 1 part or more: {self}")
        if self.most_minor is not None and not 0 <= self.most_minor <= MOST_MINOR:
            raise ValueError(f"the limit must be in 0..{MOST_MINOR}: {self.most_minor}")
        if not self.risk and self.most_minor is None:
            raise ValueError("a bet that risks nothing must have a limit")


def exact(figure: Number) -> Fraction:
    """Return the fraction that a float stands for: 2.3 and 21/11, not their nearest doubles.

    Raises:
        ValueError: It is not a finite number.

    Examples:
        >>> exact(2.3), exact(21 / 11)
        (Fraction(23, 10), Fraction(21, 11))
    """
    if isinstance(figure, Fraction):
        return figure
    if not math.isfinite(figure):
        raise ValueError(f"not a finite number: {figure}")
    return Fraction(figure).limit_denominator(_FINEST)


def back(
    odds: Number,
    *,
    commission_bp: Number = 0,
    book: int = 0,
    parts: int = 1,
    most_minor: int | None = None,
) -> Bet:
    """Return a back bet at decimal odds, commission in basis points of the winnings.

    Raises:
        ValueError: The odds are not finite and above 1, or the commission is not in [0, 10,000).
    """
    gain = (_above_one(odds) - 1) * _kept(commission_bp)
    return Bet(risk=_ONE, gain=gain, book=book, parts=parts, most_minor=most_minor)


def lay(
    odds: Number,
    *,
    commission_bp: Number = 0,
    book: int = 0,
    parts: int = 1,
    most_minor: int | None = None,
) -> Bet:
    """Return a lay at decimal odds; its stake is the backer's, its state columns the backer's lost.

    Raises:
        ValueError: The odds are not finite and above 1, or the commission is not in [0, 10,000).
    """
    risk = _above_one(odds) - 1
    gain = _kept(commission_bp)
    return Bet(risk=risk, gain=gain, book=book, parts=parts, most_minor=most_minor)


def free_bet(odds: Number, most_minor: int, *, book: int = 0, parts: int = 1) -> Bet:
    """Return a free bet, whose stake is not returned; raise `ValueError` for odds of 1 or less."""
    gain = _above_one(odds) - 1
    return Bet(risk=_NONE, gain=gain, book=book, parts=parts, most_minor=most_minor)


def _above_one(odds: Number) -> Fraction:
    figure = exact(odds)
    if figure <= 1:
        raise ValueError(f"odds must be above 1: {odds}")
    return figure


def _kept(commission_bp: Number) -> Fraction:
    commission = exact(commission_bp) / 10_000
    if not 0 <= commission < 1:
        raise ValueError(f"the commission must be in [0, 10000) basis points: {commission_bp}")
    return 1 - commission
