"""Prices as vendors write them, made decimal exactly, or refused with a reason."""

import math
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from feeds.reasons import Reason

MOST_ODDS = 10_000
_OFF_THE_BOARD = frozenset({"-", "--", "", "nan", "inf", "-inf", "+inf", "infinity", "susp", "off"})


class NoPrice(ValueError):
    """The value is no price at which anybody could bet; `reason` says why not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Style(StrEnum):
    """How a whole answer writes its prices; it is never guessed for one price alone."""

    DECIMAL = "decimal"
    AMERICAN = "american"


def price(value: object, style: Style) -> float:
    """Return the decimal odds of a number in an answer of `style`.

    Raises:
        NoPrice: It is no number, is off the board (1 or less), or is above `MOST_ODDS`.
    """
    number = _number(value)
    return from_american(number) if style is Style.AMERICAN else from_decimal(number)


def price_in_text(text: str, style: Style = Style.DECIMAL) -> float:
    """Return the decimal odds of a cell of a table; raise `NoPrice` as `price` does."""
    try:
        return price(float(text), style)
    except ValueError as e:
        if isinstance(e, NoPrice):
            raise
        return price(text, style)


@lru_cache(maxsize=8192)
def from_american(moneyline: float) -> float:
    """Return the decimal odds of an American price, exact to the last digit of a double or so.

    It is 1 plus the winnings of 1, rounded once each: the arithmetic everybody uses, so that two
    prices which together pay exactly what they cost fall on the same side of 1 as elsewhere.

    Raises:
        NoPrice: It lies between -100 and 100, where American prices have no meaning, or beyond
            `MOST_ODDS`.

    Examples:
        >>> from_american(-110) == 21 / 11
        True
        >>> from_american(150)
        2.5
    """
    if not math.isfinite(moneyline) or abs(moneyline) < 100:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    return from_decimal(1 + (moneyline / 100 if moneyline > 0 else 100 / -moneyline))


def from_decimal(odds: float) -> float:
    """Return decimal odds as they are; raise `NoPrice` unless 1 < odds <= `MOST_ODDS`."""
    if not math.isfinite(odds) or odds <= 1.0:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    if odds > MOST_ODDS:
        raise NoPrice(Reason.ODDS_ABSURD)
    return float(odds)


def style_of(values: Iterable[object]) -> Style:
    """Return the style that the prices of one whole answer are written in, by their majority.

    Prices of -100 and below exist only in American, prices from 1 to under 100 only in decimal.
    Where neither occurs, whole numbers throughout are American.
    """
    american = decimal = fractions = 0
    for value in values:
        if type(value) is not int and type(value) is not float:
            continue
        american += value <= -100
        decimal += 1 <= value < 100
        fractions += value % 1 != 0
    if american or decimal:
        return Style.AMERICAN if american >= decimal else Style.DECIMAL
    return Style.DECIMAL if fractions else Style.AMERICAN


def line(value: object) -> float:
    """Return a handicap or total line; raise `NoPrice` if it is missing or not a number."""
    if value is None or value == "":
        raise NoPrice(Reason.LINE_MISSING)
    if type(value) is not int and type(value) is not float:
        raise NoPrice(Reason.LINE_INVALID)
    if abs(value) > MOST_ODDS or not math.isfinite(value):  # in this order: some int is no float
        raise NoPrice(Reason.LINE_INVALID)
    return float(value) + 0.0  # -0.0 becomes 0.0


def line_in_text(text: str) -> float:
    """Return the line in a cell of a table; raise `NoPrice` as `line` does."""
    try:
        return line(float(text) if text else None)
    except ValueError as e:
        raise e if isinstance(e, NoPrice) else NoPrice(Reason.LINE_INVALID) from e


def _number(value: object) -> float:
    if type(value) is int:
        if abs(value) > 10**9:
            raise NoPrice(Reason.ODDS_ABSURD)
        return value
    if type(value) is float:
        return value
    if isinstance(value, str) and value.strip().lower() in _OFF_THE_BOARD:
        raise NoPrice(Reason.ODDS_NOT_ABOVE_ONE)
    raise NoPrice(Reason.NOT_A_NUMBER)
