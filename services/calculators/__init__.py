"""Calculators: sums that anybody may do without an account, from what somebody typed."""

from services.calculators.forms import CALCULATORS, answer
from services.calculators.parts import (
    LEGS_AT_MOST,
    Answer,
    Calculator,
    Column,
    Field,
    Figure,
    Kind,
    Line,
    Verdict,
    Wrong,
)

__all__ = [
    "CALCULATORS",
    "LEGS_AT_MOST",
    "Answer",
    "Calculator",
    "Column",
    "Field",
    "Figure",
    "Kind",
    "Line",
    "Verdict",
    "Wrong",
    "answer",
]
