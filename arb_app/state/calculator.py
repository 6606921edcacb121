"""One visitor's window on the calculators: what was typed, and what comes out of it."""

from typing import Any, Final
from urllib.parse import parse_qs

import reflex as rx

from arb_app.gate import allow
from arb_app.reader import reader
from arb_app.runtime import calculated
from arb_app.state import calculator_shown as drawn
from arb_app.words import say
from domain.odds_formats import OddsFormat
from services.access import Permission
from services.calculations import EVERYBODY
from services.calculators import CALCULATORS, LEGS_AT_MOST, Field, Kind, Wrong, answer

FIRST: Final = "arbitrage"
_LONGEST: Final = 24
_LEAST_LEGS: Final = 2


class CalculatorState(rx.State):
    """The chosen calculator; the reader's own are the texts and the notation of odds."""

    which: rx.Field[str] = rx.field(FIRST)
    notation: rx.Field[str] = rx.field(OddsFormat.DECIMAL.value)
    inputs: rx.Field[list[drawn.InputLine]] = rx.field(default_factory=list)
    legs: rx.Field[list[drawn.InputLine]] = rx.field(default_factory=list)
    may_add: rx.Field[bool] = rx.field(default=False)
    may_drop: rx.Field[bool] = rx.field(default=False)
    shown: rx.Field[drawn.Shown] = rx.field(default_factory=drawn.Shown)
    link: rx.Field[str] = rx.field("")
    ready: rx.Field[bool] = rx.field(default=False)
    _typed: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    _legs: rx.Field[list[str]] = rx.field(default_factory=list)
    _serial: rx.Field[int] = rx.field(0)

    @rx.event
    @allow(Permission.USE_CALCULATORS)
    def open(self) -> None:
        """Take up what the address names: a calculator, its inputs, a notation."""
        asked = parse_qs(self.router.url.query, max_num_fields=40)
        # A link tells no notation where it is the usual one; without inputs it is the reader's.
        usual = OddsFormat.DECIMAL if asked.keys() - {"c"} else reader().odds
        self._begin(_first(asked, "c"), _first(asked, "f") or usual.value)
        self._take_up(asked)

    @rx.event
    @allow(Permission.USE_CALCULATORS)
    def type_in(self, name: Any, text: Any) -> None:
        """Calculate with another text in a field, or in the odds of a leg by its number."""
        if not isinstance(name, str) or not isinstance(text, str):
            return
        if name.isascii() and name.isdigit() and 1 <= int(name[:3]) <= len(self._legs):
            self._legs = [
                _short(text) if place == int(name[:3]) else leg
                for place, leg in enumerate(self._legs, 1)
            ]
        elif name in {field.name for field in CALCULATORS[self.which].fields}:
            self._typed = {**self._typed, name: _short(text)}
        self._refresh()

    @rx.event
    @allow(Permission.USE_CALCULATORS)
    def add_leg(self) -> None:
        """Add an outcome to the list of odds."""
        if self._legs and len(self._legs) < LEGS_AT_MOST:
            self._legs = [*self._legs, ""]
            self._refresh()

    @rx.event
    @allow(Permission.USE_CALCULATORS)
    def drop_leg(self) -> None:
        """Take the last outcome away."""
        if len(self._legs) > _LEAST_LEGS:
            self._legs = self._legs[:-1]
            self._refresh()

    @rx.event
    @allow(Permission.USE_CALCULATORS)
    def write_odds(self, notation: Any) -> None:
        """Write odds in another notation: what was typed is rewritten where it is a price."""
        if not isinstance(notation, str) or notation not in set(OddsFormat):
            return
        before, after = OddsFormat(self.notation), OddsFormat(notation)
        self._legs = [drawn.rewritten(leg, before, after) for leg in self._legs]
        self._typed = {
            field.name: drawn.rewritten(text, before, after) if field.kind is Kind.ODDS else text
            for field in CALCULATORS[self.which].fields
            for text in (self._typed.get(field.name, ""),)
        }
        self.notation = after.value
        self._refresh(replaced=True)

    def _begin(self, name: str, notation: str) -> None:
        """Start a calculator with its example, in the notation asked for."""
        self.which = name if name in CALCULATORS else FIRST
        self.notation = notation if notation in set(OddsFormat) else OddsFormat.DECIMAL.value
        chosen, after = CALCULATORS[self.which], OddsFormat(self.notation)
        self._typed = {
            field.name: drawn.rewritten(field.example, OddsFormat.DECIMAL, after)
            if field.kind is Kind.ODDS
            else field.example
            for field in chosen.fields
        }
        self._legs = [drawn.rewritten(leg, OddsFormat.DECIMAL, after) for leg in chosen.legs]

    def _take_up(self, asked: dict[str, list[str]]) -> None:
        """Put the texts of an address in place of the example's."""
        for field in CALCULATORS[self.which].fields:
            if field.name in asked:
                self._typed[field.name] = _short(asked[field.name][0])
        if "o" in asked and self._legs:
            self._legs = [_short(text) for text in asked["o"][:LEGS_AT_MOST]]
            self._legs += [""] * (_LEAST_LEGS - len(self._legs))
        self._refresh(replaced=True)

    def _refresh(self, *, replaced: bool = False) -> None:
        """Calculate; where it cannot be done the last answer goes, and every fault is named."""
        self._serial += replaced
        chosen, notation = CALCULATORS[self.which], OddsFormat(self.notation)
        found = answer(chosen, self._typed, self._legs, notation)
        wrong = found if isinstance(found, dict) else {}
        listed = [Field(str(n), Kind.ODDS, "") for n in range(1, len(self._legs) + 1)]
        self.inputs = [self._input(f, self._typed.get(f.name, ""), wrong) for f in chosen.fields]
        self.legs = [self._input(f, t, wrong) for f, t in zip(listed, self._legs, strict=True)]
        self.may_add = 0 < len(self._legs) < LEGS_AT_MOST
        self.may_drop = len(self._legs) > _LEAST_LEGS
        if isinstance(found, dict):
            self.shown = drawn.Shown(tone="warn", said=say("calculator.said.wrong"))
        else:
            self.shown = drawn.shown(chosen, found, notation)
            inputs = (dict(self._typed), list(self._legs), notation)
            calculated(EVERYBODY, f"calculator {self.which}", inputs)
        self.link = drawn.link(chosen, self._typed, self._legs, self.notation)
        self.ready = True

    def _input(self, of: Field, text: str, wrong: dict[str, Wrong]) -> drawn.InputLine:
        key = f"{self.which}-{self._serial}"
        return drawn.input_line(of, text, key=key, wrong=wrong.get(of.name))


def _first(asked: dict[str, list[str]], name: str) -> str:
    return asked.get(name, [""])[0]


def _short(text: str) -> str:
    return text.strip()[:_LONGEST]
