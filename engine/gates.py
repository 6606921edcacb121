"""Gates: what speaks against a crossing of prices, by figures that an operator can read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from domain.opportunities import GateCode, Leg, Refusal
from engine.anomaly import innovation, robust_z, usual_of
from engine.peers import Apart, among_others
from engine.quality import mirrored
from engine.quotes import UNKNOWN_MS, Floats, Ints
from engine.sheet import Marks, Sheet

_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How old a leg may be, how far apart two may have changed, how far a price may stand out.

    `max_distance` is between the logit of a price's implied chance and the median of the others.
    `max_anomaly` is how many times what `engine.anomaly` calls usual a price may be off.
    """

    max_age_s: float = 120.0
    max_gap_s: float = 60.0
    max_distance: float = 0.45
    max_anomaly: float = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Thresholds as data, and the gates that stand open.

    `max_ahead_s` is how far a book's clock may run ahead of ours. `min_others` is how many other
    books it takes to say that a price stands out. `max_wavering` is how many of a book's prices,
    as a share, may be exactly the one before the last. A return below `least_roi` is rounding
    noise: two prices that pay exactly what they cost fall on either side of 1 in floating point.
    """

    pre_match: Limits = field(default_factory=Limits)
    in_play: Limits = field(default_factory=lambda: Limits(max_age_s=15.0, max_gap_s=5.0))
    max_ahead_s: float = 5.0
    min_others: int = 3
    max_wavering: float = 0.1
    least_roi: float = _NOISE
    opened: frozenset[GateCode] = field(default_factory=frozenset[GateCode])

    def limits(self, sheet: Sheet) -> Limits:
        """Return the limits for the event's stage; those before the start where it is unknown."""
        return self.in_play if sheet.in_play else self.pre_match


DEFAULT_GATES = Gates()
NO_GATES = Gates(least_roi=0.0, opened=frozenset(GateCode))


class Fault(NamedTuple):
    """The prices of a sheet that one gate refuses, and how it says so of a leg."""

    code: GateCode
    marks: Marks
    figures: Floats
    wording: str


def faults(gates: Gates, sheet: Sheet) -> list[Fault]:
    """Return what each gate that judges single prices finds; opened gates find nothing."""
    limits, age_s, sums = gates.limits(sheet), sheet.age_s, _sums_of_books(sheet)
    others = among_others(sheet, gates.min_others)
    apart = others.distance
    judged = [
        Fault(
            GateCode.LEG_TOO_OLD,
            age_s > limits.max_age_s,
            np.round(age_s, 1),
            f"leg {{book}} is {{figure:g}} s old; at most {limits.max_age_s:g} s",
        ),
        Fault(
            GateCode.LEG_AGE_UNKNOWN,
            sheet.changed_ms == UNKNOWN_MS,
            age_s,
            "leg {book} does not say when it changed",
        ),
        Fault(
            GateCode.LEG_FROM_FUTURE,
            -age_s > gates.max_ahead_s,
            np.round(-age_s, 1),
            f"leg {{book}} is {{figure:g}} s ahead of the clock; at most {gates.max_ahead_s:g} s",
        ),
        Fault(
            GateCode.BOOK_BELOW_ZERO,
            sums < 1.0 - _NOISE,
            sums,
            "the prices of {book} alone cost {figure:.4f}; a book that sells at a loss is at fault",
        ),
        Fault(
            GateCode.WAY_OUT,
            np.abs(apart) > limits.max_distance,
            apart,
            "leg {book} is {figure:+.2f} in logit from the median of the other books; "
            f"at most {limits.max_distance:g}; should it be void, the others lose {{void:.1%}}",
        ),
        *_anomalies(gates, sheet, others),
        _wavering(gates, sheet),
        Fault(
            GateCode.MIRRORED,
            _mirrored(gates, sheet, limits.max_distance),
            apart,
            "the two sides of {book} fit the other books once they change places",
        ),
        Fault(
            GateCode.OFF_LADDER,
            sheet.off_ladder,
            sheet.price,
            "leg {book} pays {figure:.4f}, which does not fit its other lines",
        ),
    ]
    return [
        fault._replace(marks=fault.marks & sheet.quoted)
        for fault in judged
        if fault.code not in gates.opened
    ]


def sound(sheet: Sheet, found: Sequence[Fault]) -> Marks:
    """Return the prices of a sheet that none of its faults marks."""
    marks = sheet.quoted
    for fault in found:
        marks &= ~fault.marks
    return marks


def event_refusals(gates: Gates, sheet: Sheet) -> list[Refusal]:
    """Return what speaks against every price of the event, whichever legs are chosen."""
    if sheet.starts_ms is None:
        return _unless_opened(gates, GateCode.START_UNKNOWN, "no scheduled start is known")
    if sheet.in_play:
        since_s = (sheet.as_of_ms - sheet.starts_ms) / 1000
        return _unless_opened(gates, GateCode.IN_PLAY, f"{since_s:.0f} s after the scheduled start")
    return []


class Chosen(NamedTuple):
    """A leg: its sheet's `faults`, its place there, its book, and the worst result if it is void.

    `void` is what all other legs then bring, as a share of the cash at risk.
    """

    found: Sequence[Fault]
    row: int
    column: int
    book: str
    void: float


def leg_refusals(legs: Sequence[Chosen]) -> list[Refusal]:
    """Return what speaks against the chosen legs one by one: one refusal a gate."""
    said: dict[GateCode, list[str]] = {}
    for found in zip(*(leg.found for leg in legs), strict=True):
        for fault, leg in zip(found, legs, strict=True):
            if fault.marks[leg.row, leg.column]:
                figure = fault.figures[leg.row, leg.column]
                text = fault.wording.format(book=leg.book, figure=figure, void=-leg.void)
                said.setdefault(fault.code, []).append(text)
    return [Refusal(code=code, detail="; ".join(texts)) for code, texts in said.items()]


def gap_s(changed_ms: Ints) -> float:
    """Return the seconds between the first and the last change, of those that are known."""
    known = changed_ms[changed_ms != UNKNOWN_MS]
    return float(np.ptp(known)) / 1000 if len(known) else 0.0


def gap_refusals(gates: Gates, limits: Limits, changed_ms: Ints) -> list[Refusal]:
    """Return the refusal of legs that did not change at about the same time."""
    apart_s, most = gap_s(changed_ms), limits.max_gap_s
    if apart_s <= most:
        return []
    detail = f"the legs changed {round(apart_s, 1):g} s apart; at most {most:g} s"
    return _unless_opened(gates, GateCode.LEGS_APART, detail)


def one_book_refusals(gates: Gates, books: Sequence[str]) -> list[Refusal]:
    """Return the refusal of legs that are all at one book: it would sell at a loss."""
    if len(set(books)) > 1:
        return []
    detail = f"all legs are at {books[0]}; a book that sells at a loss is at fault"
    return _unless_opened(gates, GateCode.BOOK_BELOW_ZERO, detail)


def one_house_refusals(gates: Gates, books: Sequence[str], groups: Sequence[int]) -> list[Refusal]:
    """Return the refusal of legs at brands of one house: it would sell at a loss.

    Legs at one book alone are the matter of another gate.
    """
    if len(set(groups)) > 1 or len(set(books)) == 1:
        return []
    named = " and ".join(dict.fromkeys(books))
    return _unless_opened(
        gates, GateCode.ONE_HOUSE, f"all legs are at brands of one house: {named}"
    )


def rule_refusals(gates: Gates, worst_roi: float) -> list[Refusal]:
    """Return the refusal of legs that lose in an ending which books do not all settle alike.

    The ending is a usual one, such as a draw in a two-way market whose rule for it is not known.
    """
    if worst_roi >= -_NOISE:
        return []
    detail = f"a usual ending may lose {-worst_roi:.1%}, by rules of the books that are not known"
    return _unless_opened(gates, GateCode.RULES_UNKNOWN, detail)


def question_refusals(gates: Gates, legs: Sequence[Leg]) -> list[Refusal]:
    """Return how the markets of the legs differ: different questions cannot be paired."""
    asked = {
        GateCode.WAYS_DIFFER: [f"{leg.market.ways}-way" for leg in legs],
        GateCode.LINE_DIFFERS: [f"line {leg.market.line}" for leg in legs],
        GateCode.PERIOD_DIFFERS: [f"{leg.market.period}" for leg in legs],
    }
    return [
        refusal
        for code, answers in asked.items()
        if len(set(answers)) > 1
        for refusal in _unless_opened(gates, code, " against ".join(dict.fromkeys(answers)))
    ]


def roi_refusals(gates: Gates, roi: float, min_roi: float) -> list[Refusal]:
    """Return the refusal of a return that is below what was asked for, or mere noise."""
    least = max(min_roi, gates.least_roi)
    if roi >= least:
        return []
    detail = f"returns {roi:.3%}; at least {least:.3%}"
    return [Refusal(code=GateCode.BELOW_MIN_ROI, detail=detail)]


def _unless_opened(gates: Gates, code: GateCode, detail: str) -> list[Refusal]:
    return [] if code in gates.opened else [Refusal(code=code, detail=detail)]


def _anomalies(gates: Gates, sheet: Sheet, others: Apart) -> list[Fault]:
    """Return the prices with too high a score, by its parts, that the other gates let through.

    Ages have a gate of their own, and what is way out is said once.
    """
    limits, usual, z = gates.limits(sheet), usual_of(sheet.sport), robust_z(others)
    most, opened = limits.max_anomaly, GateCode.WAY_OUT in gates.opened
    judged = opened | (np.abs(others.distance) <= limits.max_distance)
    unknown = np.full(sheet.price.shape, np.nan)
    leap = innovation(others, unknown if sheet.before is None else sheet.before)
    return [
        Fault(
            GateCode.ANOMALOUS,
            judged & (z > most * usual.z),
            z,
            "leg {book} is {figure:.1f} scatters of the other books from their median; "
            f"at most {most * usual.z:g}",
        ),
        Fault(
            GateCode.ANOMALOUS,
            judged & (leap > most * usual.innovation),
            leap,
            "leg {book} went {figure:.3f} in logit away from the other books when it last changed; "
            f"at most {most * usual.innovation:.3f}",
        ),
    ]


def _wavering(gates: Gates, sheet: Sheet) -> Fault:
    unknown = np.full(sheet.price.shape, np.nan)
    share = unknown if sheet.wavering is None else sheet.wavering
    return Fault(
        GateCode.WAVERING_BOOK,
        share > gates.max_wavering,
        share,
        "of the prices of {book} {figure:.0%} went back to the one before; "
        f"at most {gates.max_wavering:.0%}",
    )


def _mirrored(gates: Gates, sheet: Sheet, most: float) -> Marks:
    if sheet.opposed or len(sheet.price) < 2:
        return np.zeros(sheet.price.shape, np.bool_)
    books = mirrored(sheet.price, min_others=gates.min_others, most=most)
    return np.broadcast_to(books, sheet.price.shape)


def _sums_of_books(sheet: Sheet) -> Floats:
    with np.errstate(divide="ignore"):
        sums = (1.0 / sheet.price).sum(axis=0)
    return np.broadcast_to(sums, sheet.price.shape)
