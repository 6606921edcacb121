"""Odds: what a vendor's way of writing a price is worth, and what commission leaves of it."""

from fractions import Fraction
from typing import TypeVar

Number = TypeVar("Number", float, Fraction)


def from_american(moneyline: int) -> Fraction:
    """Return the exact decimal odds of an American price.

    Raises:
        ValueError: It lies strictly between -100 and 100, where American prices have no meaning.

    Examples:
        >>> from_american(-110), from_american(150)
        (Fraction(21, 11), Fraction(5, 2))
    """
    if abs(moneyline) < 100:
        raise ValueError(f"no American price: {moneyline}")
    return 1 + (Fraction(moneyline, 100) if moneyline > 0 else Fraction(100, -moneyline))


def to_american(odds: Fraction) -> Fraction:
    """Return the American price of exact decimal odds; evens are +100.

    Raises:
        ValueError: The odds are 1 or less.
    """
    wins = _above_one(odds) - 1
    return wins * 100 if wins >= 1 else -100 / wins


def from_fractional(text: str) -> Fraction:
    """Return the exact decimal odds of winnings to stake.

    Raises:
        ValueError: It is not two whole numbers around a slash, or not above 0.

    Examples:
        >>> from_fractional("5/2")
        Fraction(7, 2)
    """
    wins, slash, stake = text.partition("/")
    if not slash or int(wins) <= 0 or int(stake) <= 0:
        raise ValueError(f"no fractional price: {text}")
    return 1 + Fraction(int(wins), int(stake))


def implied(odds: Number) -> Number:
    """Return the chance at which the odds are fair; raise `ValueError` for odds of 1 or less."""
    return 1 / _above_one(odds)


def back_net(odds: Number, commission: Number) -> Number:
    """Return what backing 1 returns after commission on the winnings.

    Raises:
        ValueError: The odds are 1 or less, or the commission is not in [0, 1).
    """
    _above_one(odds)
    return 1 + (odds - 1) * _kept(commission) if commission else odds


def lay_net(odds: Number, commission: Number) -> Number:
    """Return what 1 of liability returns after commission when the outcome fails.

    Laying at L is backing the opposite: a liability of L - 1 wins the backer's stake of 1.

    Raises:
        ValueError: The odds are 1 or less, or the commission is not in [0, 1).

    Examples:
        >>> lay_net(Fraction(3), Fraction(0))
        Fraction(3, 2)
    """
    return 1 + _kept(commission) / (_above_one(odds) - 1)


def _above_one(odds: Number) -> Number:
    if not odds > 1:
        raise ValueError(f"odds must be above 1: {odds}")
    return odds


def _kept(commission: Number) -> Number:
    if not 0 <= commission < 1:
        raise ValueError(f"commission must be in [0, 1): {commission}")
    return 1 - commission
