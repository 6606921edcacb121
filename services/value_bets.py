"""Value bets and low holds: a price above the fair one, and a market that costs almost nothing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from domain.opportunities import GateCode, Kind, Opportunity, Refusal, Value
from engine.consensus import median_logit
from engine.gates import (
    Gates,
    event_refusals,
    faults,
    gap_refusals,
    leg_refusals,
    one_book_refusals,
    one_house_refusals,
    sound,
)
from engine.kelly import binary
from engine.margin import Floats, Method, fair_chances
from engine.quotes import Ints
from engine.sheet import Marks, best_columns, best_legs
from kit.ids import stable
from services.bars import ENTER, STAY, Bar
from services.books import SHARP
from services.verdict import (
    Pick,
    Quoted,
    brands,
    changed_ms,
    chosen,
    opportunity,
    refused,
    shared_out,
)

METHOD: Final = Method.SHIN


def value_bets(quoted: Quoted, gates: Gates, shown: Collection[str]) -> Iterator[Opportunity]:
    """Yield each outcome whose best price is above the fair one, refused or not.

    Where the best price is at fault, the best one without fault follows, if it is one that passes.
    What has its key in `shown` stays by the lower bar.
    """
    sheet = quoted.sheet
    found = faults(gates, sheet)
    allowed = sound(sheet, found)
    fair, against = _Fair.of(quoted, allowed), event_refusals(gates, sheet)
    naive, best = best_columns(sheet, sheet.quoted)[0], best_columns(sheet, allowed)[0]
    for row in range(len(quoted.bets)):
        bar = STAY if (key := _key(quoted, row)) in shown else ENTER
        for column in dict.fromkeys((int(naive[row]), int(best[row]))):
            pick = Pick(quoted, row, column, 1.0)
            value = fair.value(pick, bar) if sheet.quoted[row, column] else None
            if value is None or value.ev < bar.least_ev:
                continue
            told = msgspec.structs.replace(
                opportunity(key, [pick], value.ev), kind=Kind.VALUE, value=value
            )
            refusals = [*against, *leg_refusals(chosen([pick], [found])), *_too_good(value, bar)]
            yield refused(told, refusals)
            if against or not refusals:
                break


def low_hold(quoted: Quoted, gates: Gates, shown: Collection[str]) -> Iterator[Opportunity]:
    """Yield the cover of a whole market that loses little, refused or not; no more than one."""
    sheet, key = quoted.sheet, _key(quoted, None)
    legs = best_legs(sheet, sound(sheet, faults(gates, sheet)))
    if legs is None:
        return
    picks, roi = shared_out(quoted, legs)
    bar = STAY if key in shown else ENTER
    if not -bar.most_hold <= roi < 0.0:
        return
    told = msgspec.structs.replace(opportunity(key, picks, roi), kind=Kind.LOW_HOLD)
    refusals = [
        *event_refusals(gates, sheet),
        *gap_refusals(gates, gates.limits(sheet), changed_ms(picks)),
        *one_book_refusals(gates, [pick.book for pick in picks]),
        *one_house_refusals(gates, *brands(picks)),
    ]
    yield refused(told, refusals)


@dataclass(frozen=True, slots=True)
class _Fair:
    """What each book that prices the whole market without fault thinks, its margin taken out.

    `chances` has shape (books, outcomes), `columns` and `groups` one number a book.
    """

    quoted: Quoted
    chances: Floats
    columns: Ints
    groups: Ints

    @classmethod
    def of(cls, quoted: Quoted, allowed: Marks) -> "_Fair":
        columns = np.flatnonzero(allowed.all(axis=0))
        group = quoted.sheet.group
        chances = np.zeros((0, len(quoted.bets)))
        if len(columns):
            chances = fair_chances(quoted.sheet.price[:, columns].T, METHOD)
        return cls(quoted, chances, columns, columns if group is None else group[columns])

    def value(self, pick: Pick, bar: Bar) -> Value | None:
        """Return what a price is worth by what others think; None where too few of them do.

        A sharp book is not judged by those that follow it.
        """
        others = self.groups != pick.group
        houses = len(np.unique(self.groups[others]))
        sharp = self._sharp(others)
        if sharp is not None:
            chance = float(self.chances[sharp, pick.row])
        elif houses >= bar.least_books and pick.book not in SHARP:
            chances = median_logit(self.chances, self.groups, others.astype(np.float64))
            chance = float(chances[pick.row])
        else:
            return None
        odds = float(self.quoted.sheet.price[pick.row, pick.column])
        stake = binary(np.array([chance]), np.array([odds]))
        return Value(
            chance=chance,
            fair_odds=1.0 / chance,
            ev=chance * odds - 1.0,
            by="" if sharp is None else self.quoted.books[int(self.columns[sharp])],
            books=houses,
            method=METHOD.value,
            kelly=float(stake[0]),
        )

    def _sharp(self, others: Marks) -> int | None:
        known = {
            self.quoted.books[int(self.columns[place])]: int(place)
            for place in np.flatnonzero(others)
        }
        return next((known[book] for book in SHARP if book in known), None)


def _too_good(value: Value, bar: Bar) -> list[Refusal]:
    """Return the refusal of a value that is more likely a fault than a gift."""
    times = value.ev + 1.0
    if value.ev <= bar.most_ev and times <= bar.most_times_fair:
        return []
    detail = f"pays {times:.2f} times the fair odds; at most {bar.most_times_fair:g}"
    return [Refusal(code=GateCode.WAY_OUT, detail=detail)]


def _key(quoted: Quoted, row: int | None) -> str:
    """Name the bet on one outcome, or the cover of the whole market."""
    market = quoted.market
    what = Kind.LOW_HOLD if row is None else quoted.bets[row][0]
    asked = (market.kind, market.period, market.line, market.ways, market.statistic, market.subject)
    return stable(market.event_id, *asked, what, "low hold" if row is None else "value")
