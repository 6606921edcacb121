"""The calculators by name, and how what somebody typed becomes their numbers."""

import re
from collections.abc import Mapping, Sequence

from domain.errors import Refused
from domain.odds_formats import OddsFormat, decimal_of
from services.calculators import sums
from services.calculators.parts import LEGS_AT_MOST, Answer, Calculator, Field, Kind, Wrong

_AMOUNT = re.compile(r"(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.\d{1,4})?|\.\d{1,4}")
_TOTAL = Field("total", Kind.AMOUNT, "1000", least=0.01)
_STAKE = Field("stake", Kind.AMOUNT, "100", least=0.01)
_BACK_FEE = Field("back_fee", Kind.PERCENT, "0", most=0.5)
_LAY_FEE = Field("lay_fee", Kind.PERCENT, "2", most=0.5)

CALCULATORS: Mapping[str, Calculator] = {
    each.name: each
    for each in (
        Calculator(
            "arbitrage",
            (_TOTAL, Field("step", Kind.AMOUNT, "0.01", least=0.01, most=1000)),
            sums.arbitrage,
            ("2.10", "2.05"),
        ),
        Calculator(
            "back_lay",
            (
                _STAKE,
                Field("back", Kind.ODDS, "2.20"),
                _BACK_FEE,
                Field("lay", Kind.ODDS, "2.12"),
                _LAY_FEE,
            ),
            sums.back_lay,
        ),
        Calculator("dutching", (_TOTAL,), sums.dutching, ("3.50", "4.20", "6.00")),
        Calculator(
            "middle",
            (
                _TOTAL,
                Field("first", Kind.ODDS, "1.95"),
                Field("second", Kind.ODDS, "1.98"),
            ),
            sums.middle,
        ),
        Calculator(
            "kelly",
            (
                Field("bankroll", Kind.AMOUNT, "2000", least=0.01),
                Field("odds", Kind.ODDS, "2.10"),
                Field("chance", Kind.PERCENT, "52", most=0.99),
                Field("fraction", Kind.PERCENT, "25"),
            ),
            sums.kelly,
        ),
        Calculator("margin", (), sums.margin, ("2.60", "2.40", "4.30")),
        Calculator("converter", (Field("odds", Kind.ODDS, "1.90"),), sums.converter),
        Calculator(
            "free_bet",
            (
                Field("stake", Kind.AMOUNT, "50", least=0.01),
                Field("back", Kind.ODDS, "5.00"),
                _BACK_FEE,
                Field("lay", Kind.ODDS, "5.20"),
                _LAY_FEE,
            ),
            sums.free_bet,
        ),
    )
}


def answer(
    of: Calculator, typed: Mapping[str, str], legs: Sequence[str], notation: OddsFormat
) -> Answer | dict[str, Wrong]:
    """Return the answer, or what is wrong by field; legs are called "1", "2" and so on.

    Args:
        of: The calculator.
        typed: What was typed into each field.
        legs: What was typed into the list of odds; beyond `LEGS_AT_MOST` none is read.
        notation: How odds are written.
    """
    numbers: dict[str, float] = {}
    wrong: dict[str, Wrong] = {}
    for field in of.fields:
        _take(field, typed.get(field.name, ""), notation, numbers, wrong)
    listed = [
        Field(str(number), Kind.ODDS, "") for number in range(1, len(legs[:LEGS_AT_MOST]) + 1)
    ]
    for field, text in zip(listed, legs, strict=False):
        _take(field, text, notation, numbers, wrong)
    if of.legs and len(listed) < 2:
        wrong["1"] = Wrong.MISSING
    return wrong or of.sum(numbers, [numbers[field.name] for field in listed])


def _take(
    field: Field,
    text: str,
    notation: OddsFormat,
    numbers: dict[str, float],
    wrong: dict[str, Wrong],
) -> None:
    found = _read(field, text.strip(), notation)
    if isinstance(found, Wrong):
        wrong[field.name] = found
    else:
        numbers[field.name] = found


def _read(field: Field, text: str, notation: OddsFormat) -> float | Wrong:
    if not text:
        return Wrong.MISSING
    if field.kind is Kind.ODDS:
        try:
            return decimal_of(text, notation)
        except Refused:
            return Wrong.NO_PRICE
    percent = field.kind is Kind.PERCENT
    said = text.removesuffix("%").strip() if percent else text
    if not _AMOUNT.fullmatch(said):
        return Wrong.NO_PERCENT if percent else Wrong.NO_AMOUNT
    value = float(said.replace(",", "")) / (100.0 if percent else 1.0)
    most = min(field.most, 1.0) if percent else field.most
    return value if field.least <= value <= most else Wrong.ABOVE_ALL
