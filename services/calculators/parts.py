"""What a calculator is made of: its fields, and its answer as figures and a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

LEGS_AT_MOST = 12


class Kind(StrEnum):
    """What a number is, and so how it is typed and written."""

    ODDS = "odds"
    AMOUNT = "amount"
    SIGNED_AMOUNT = "signed_amount"
    PERCENT = "percent"
    SIGNED_PERCENT = "signed_percent"


class Verdict(StrEnum):
    """What an answer comes to; the page says it in words."""

    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


class Wrong(StrEnum):
    """Why what was typed cannot be used."""

    MISSING = "missing"
    NO_PRICE = "no_price"
    NO_AMOUNT = "no_amount"
    NO_PERCENT = "no_percent"
    ABOVE_ALL = "above_all"


@dataclass(frozen=True, slots=True)
class Field:
    """One number to type; `example` is in decimal odds, an amount, or percent.

    `least` and `most` bound it, both included.
    """

    name: str
    kind: Kind
    example: str
    least: float = 0.0
    most: float = 1e9


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of an answer: a share of one where it is a percentage."""

    name: str
    value: float
    kind: Kind
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of an answer."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: of an outcome by its number from 1, or named by the calculator."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes out: `said` names the sentence about it."""

    verdict: Verdict
    said: str
    figures: Sequence[Figure]
    columns: Sequence[Column] = ()
    lines: Sequence[Line] = ()


Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Calculator:
    """One calculator: its fields, how many odds beside them, and the sum.

    `legs` are the examples of the odds of a list, which may hold from two to `LEGS_AT_MOST`; none
    where odds are fields of their own.
    """

    name: str
    fields: Sequence[Field]
    sum: Callable[[Numbers, Sequence[float]], Answer]
    legs: Sequence[str] = field(default_factory=tuple)
