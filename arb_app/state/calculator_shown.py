"""What a calculator's answer looks like: its numbers as text, and the address that keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from arb_app import format as as_text
from arb_app.reader import here
from arb_app.words import say
from domain.errors import Refused
from domain.money import Money
from domain.odds_formats import OddsFormat, decimal_of, written
from services.calculators import Answer, Calculator, Field, Figure, Kind, Line, Wrong

PATH: Final = "/calculator"
_TONES: Final = {"good": "good", "bad": "bad", "plain": "plain"}


@dataclass(frozen=True)
class InputLine:
    """One number to type; `key` is new whenever the text in it is ours and not the reader's."""

    name: str = ""
    key: str = ""
    label: str = ""
    text: str = ""
    unit: str = ""
    error: str = ""
    mode: str = "decimal"


@dataclass(frozen=True)
class FigureLine:
    """One figure of an answer."""

    label: str = ""
    text: str = ""
    tone: str = "plain"
    large: bool = False


@dataclass(frozen=True)
class TableLine:
    """One line of an answer's table."""

    name: str = ""
    cells: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Shown:
    """An answer as it is shown."""

    tone: str = "plain"
    said: str = ""
    figures: list[FigureLine] = field(default_factory=list[FigureLine])
    heads: list[str] = field(default_factory=list[str])
    lines: list[TableLine] = field(default_factory=list[TableLine])


def shown(of: Calculator, answer: Answer, notation: OddsFormat) -> Shown:
    """Return an answer with its numbers written out; odds in the reader's notation."""
    texts = {figure.name: number(figure.value, figure.kind, notation) for figure in answer.figures}
    lines = [_line(line, answer, notation) for line in answer.lines]
    heads = [say(f"calculator.column.{column.name}") for column in answer.columns]
    if of.name == "converter":
        heads, lines = [say("calculator.column.written")], _written(answer.figures[0].value)
    return Shown(
        tone=_TONES[answer.verdict],
        said=say(f"calculator.said.{answer.said}", **texts),
        figures=[_figure(figure, texts[figure.name]) for figure in answer.figures],
        heads=heads,
        lines=lines,
    )


def number(value: float, kind: Kind, notation: OddsFormat) -> str:
    """Return a number as its kind is written; amounts are of no currency.

    Examples:
        >>> number(1234.567, Kind.AMOUNT, OddsFormat.DECIMAL)
        '1,234.57'
        >>> number(-0.021, Kind.SIGNED_PERCENT, OddsFormat.DECIMAL)
        '\u22122.10 %'
    """
    match kind:
        case Kind.ODDS:
            return as_text.number(written(value, notation))
        case Kind.PERCENT:
            return as_text.percent(value, signed=False)
        case Kind.SIGNED_PERCENT:
            return as_text.percent(value)
        case Kind.AMOUNT | Kind.SIGNED_AMOUNT:
            return _amount(value, signed=kind is Kind.SIGNED_AMOUNT)


def input_line(of: Field, text: str, *, key: str, wrong: Wrong | None) -> InputLine:
    """Return a field as it is typed into; odds of a list are numbered."""
    listed = of.name.isdigit()
    label = say("calculator.leg", number=of.name) if listed else say(f"calculator.field.{of.name}")
    return InputLine(
        name=of.name,
        key=f"{key}-{of.name}",
        label=label,
        text=text,
        unit="%" if of.kind is Kind.PERCENT else "",
        error="" if wrong is None else say(f"calculator.wrong.{wrong}"),
        mode="text" if of.kind is Kind.ODDS else "decimal",
    )


def rewritten(text: str, before: OddsFormat, after: OddsFormat) -> str:
    """Return a price in another notation; what is no price stays as it was typed.

    Examples:
        >>> rewritten("2.5", OddsFormat.DECIMAL, OddsFormat.AMERICAN)
        '+150'
    """
    try:
        return written(decimal_of(text, before), after)
    except Refused:
        return text


def link(of: Calculator, typed: Mapping[str, str], legs: Sequence[str], notation: str) -> str:
    """Return the address that opens the calculator with these inputs.

    Examples:
        >>> from services.calculators import CALCULATORS
        >>> link(CALCULATORS["margin"], {}, ["2.6", "2.4"], "decimal")
        '/calculator?c=margin&o=2.6&o=2.4'
    """
    asked = [("c", of.name), *((f.name, typed.get(f.name, "")) for f in of.fields)]
    asked += [("o", leg) for leg in legs]
    if notation != OddsFormat.DECIMAL:
        asked.append(("f", notation))
    return here(f"{PATH}?{urlencode(asked)}")


def example_of(of: Calculator, answer: Answer) -> str:
    """Return the worked example in words, with the figures that the calculator gives for it."""
    figures = {f.name: number(f.value, f.kind, OddsFormat.DECIMAL) for f in answer.figures}
    cells = {
        f"{column.name}_{line.name}": number(value, column.kind, OddsFormat.DECIMAL)
        for line in answer.lines
        for column, value in zip(answer.columns, line.values, strict=True)
    }
    return say(f"calculator.{of.name}.example", **figures, **cells)


def _figure(of: Figure, text: str) -> FigureLine:
    signed = of.kind in (Kind.SIGNED_AMOUNT, Kind.SIGNED_PERCENT)
    tone = ("good" if of.value > 0 else "bad" if of.value < 0 else "plain") if signed else "plain"
    return FigureLine(
        label=say(f"calculator.figure.{of.name}"), text=text, tone=tone, large=of.stands_out
    )


def _line(of: Line, answer: Answer, notation: OddsFormat) -> TableLine:
    known = say("calculator.leg", number=of.name) if of.name.isdigit() else ""
    return TableLine(
        name=known or say(f"calculator.line.{of.name}"),
        cells=[
            number(value, column.kind, notation)
            for column, value in zip(answer.columns, of.values, strict=True)
        ],
    )


def _written(odds: float) -> list[TableLine]:
    return [
        TableLine(say(f"odds_format.{notation}"), [as_text.number(written(odds, notation))])
        for notation in OddsFormat
    ]


def _amount(value: float, *, signed: bool) -> str:
    if value != value:  # noqa: PLR0124  a chance that no model could give
        return as_text.NONE
    text = as_text.money(Money.of(f"{value:.2f}", "USD"), signed=signed)
    return text.replace("$", "").strip()
