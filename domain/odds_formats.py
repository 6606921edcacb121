"""Odds as people write them: seven notations of one number, the decimal odds."""

import math
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Final

from domain.errors import Refused

MOST = 100_000.0
"""Odds above this are a slip of the finger: no book offers them."""

_NUMBER = re.compile(r"[+\-\u2212]?(\d{1,9}([.,]\d{0,9})?|[.,]\d{1,9})")
_RATIO = re.compile(r"(\d{1,6})\s*/\s*(\d{1,6})")
_EVENS = frozenset({"evens", "evs", "even", "ev"})
_DENOMINATORS = 40


class OddsFormat(StrEnum):
    """A notation; each is a different way to write the profit of a stake of 1."""

    DECIMAL = "decimal"
    AMERICAN = "american"
    FRACTIONAL = "fractional"
    HONG_KONG = "hong_kong"
    MALAY = "malay"
    INDONESIAN = "indonesian"
    PROBABILITY = "probability"


def decimal_of(text: str, notation: OddsFormat) -> float:
    """Return the decimal odds of what somebody wrote.

    Raises:
        Refused: It is no price in that notation; the text says what one looks like.

    Examples:
        >>> decimal_of("+150", OddsFormat.AMERICAN), decimal_of("10/11", OddsFormat.FRACTIONAL)
        (2.5, 1.9090909090909092)
        >>> decimal_of("-0.8", OddsFormat.MALAY), decimal_of("40 %", OddsFormat.PROBABILITY)
        (2.25, 2.5)
    """
    said = text.strip().lower()
    found = 1.0 + _profit(said, notation)
    if not 1.0 < found <= MOST:
        raise Refused(f"{text.strip()[:20]!r} is no price in {notation} odds")
    return found


def written(odds: float, notation: OddsFormat) -> str:
    """Return decimal odds in a notation, with the digits that are usual there.

    Fractions are the nearest with a denominator of 40 or less.

    Examples:
        >>> [written(1.9, notation) for notation in OddsFormat]
        ['1.90', '-111', '9/10', '0.90', '0.900', '-1.111', '52.6 %']
        >>> [written(2.5, notation) for notation in OddsFormat]
        ['2.50', '+150', '3/2', '1.50', '-0.667', '1.500', '40.0 %']
    """
    return _WRITTEN[notation](odds - 1.0)


def _profit(said: str, notation: OddsFormat) -> float:
    """Return the profit of a stake of 1; 0 for what is no price."""
    if said in _EVENS and notation in (OddsFormat.FRACTIONAL, OddsFormat.AMERICAN):
        return 1.0
    if notation is OddsFormat.FRACTIONAL:
        return _of_ratio(said)
    chance = notation is OddsFormat.PROBABILITY
    value = _number(said.removesuffix("%").rstrip() if chance else said)
    return _PROFITS[notation](value)


def _of_chance(percent: float) -> float:
    return 100.0 / percent - 1.0 if 0.0 < percent < 100.0 else 0.0


def _of_signed(value: float, *, least: float = 0.0, most: float = math.inf) -> float:
    """Return a profit that is written as itself where positive and as -1/itself where negative."""
    if value == 0.0 or not least <= abs(value) <= most:
        return 0.0
    return value if value > 0 else -1.0 / value


def _of_ratio(said: str) -> float:
    found = _RATIO.fullmatch(said)
    return int(found[1]) / int(found[2]) if found and int(found[2]) else 0.0


def _number(said: str) -> float:
    """Return a number; a comma before the digits after the point is as good as a point."""
    if not _NUMBER.fullmatch(said):
        return 0.0
    return float(said.replace(",", ".").replace("\u2212", "-"))


def _ratio(profit: float) -> str:
    nearest = Fraction(profit).limit_denominator(_DENOMINATORS)
    if nearest == 0:
        nearest = Fraction(1, max(1, round(1 / profit)))
    return f"{nearest.numerator}/{nearest.denominator}"


def _plain(value: float) -> str:
    """Return a number with more digits where it is small."""
    if value >= 100:
        return f"{value:.1f}".removesuffix(".0")
    text = f"{value:.3f}" if value < 10 else f"{value:.2f}"
    return text[:-1] if len(text.split(".")[1]) == 3 and text.endswith("0") else text


_WRITTEN: Final[Mapping[OddsFormat, Callable[[float], str]]] = {
    OddsFormat.DECIMAL: lambda profit: _plain(1.0 + profit),
    OddsFormat.AMERICAN: lambda profit: f"{100 * (profit if profit >= 1.0 else -1 / profit):+.0f}",
    OddsFormat.FRACTIONAL: _ratio,
    OddsFormat.HONG_KONG: _plain,
    OddsFormat.MALAY: lambda profit: f"{profit if profit <= 1.0 else -1 / profit:.3f}",
    OddsFormat.INDONESIAN: lambda profit: f"{profit if profit >= 1.0 else -1 / profit:.3f}",
    OddsFormat.PROBABILITY: lambda profit: f"{100 / (1.0 + profit):.1f} %",
}
_PROFITS: Final[Mapping[OddsFormat, Callable[[float], float]]] = {
    OddsFormat.DECIMAL: lambda value: value - 1.0,
    OddsFormat.AMERICAN: lambda value: _of_signed(value / 100.0, least=1.0),
    OddsFormat.HONG_KONG: lambda value: value,
    OddsFormat.MALAY: lambda value: _of_signed(value, most=1.0),
    OddsFormat.INDONESIAN: lambda value: _of_signed(value, least=1.0),
    OddsFormat.PROBABILITY: _of_chance,
}
