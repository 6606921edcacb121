"""Re-quoting: which books to ask again before anybody is told, as pure steps.

Prices on the board are some seconds old; most crossings of them are no more when asked again. The
caller pulls; what it learned is put in, and the next step says whom to ask, or the verdict. A
candidate is confirmed once all the legs that would be bet are fresh: it is not enough to ask for
those that crossed at first, since another book's older price may take a leg's place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.opportunities import GateCode
from engine.kernels import Floats, Ints


class Verdict(IntEnum):
    """What is known of a candidate."""

    ASK = 0
    CONFIRMED = 1
    GONE = 2
    UNDECIDED = 3


class Requote(NamedTuple):
    """A candidate: prices by outcome and book (0: none), the books asked again, and how many asks.

    Whoever keeps other tables, such as those of a whole event, keeps `fresh` and `asks` only.
    """

    price: Floats
    fresh: NDArray[np.bool_]
    asks: int = 0


class Step(NamedTuple):
    """The verdict, and with `ASK` the books to ask now, all of them at once."""

    verdict: Verdict
    books: Ints


def candidate(price: Floats) -> Requote:
    """Return a candidate of which nothing is fresh yet.

    Raises:
        ValueError: There is no outcome or no book, or a price is negative, infinite or no number.
    """
    if price.ndim != 2 or 0 in price.shape or not _are_prices(price):
        raise ValueError("prices are outcomes by books, finite numbers of 0 or more")
    return Requote(price, np.zeros(price.shape[1], np.bool_))


def next_step(state: Requote, *, most_asks: int = 4, min_roi: float = 0.0) -> Step:
    """Return whom to ask, or the verdict on the best legs of the table as it is known now.

    Of equal best prices a fresh one is taken, so that nobody is asked in vain.

    Args:
        state: The candidate.
        most_asks: How many asks a candidate is worth.
        min_roi: The least return that counts, as a share of the cash at risk.
    """
    legs = _legs(state)
    best = state.price[np.arange(len(legs)), legs]
    with np.errstate(divide="ignore"):
        cost = float((1.0 / best).sum())
    return decided(state, legs, crosses=cost < 1.0 / (1.0 + min_roi), most_asks=most_asks)


def decided(state: Requote, books: Ints, *, crosses: bool, most_asks: int = 4) -> Step:
    """Return the step for legs that somebody else chose, such as the support of a game's solution.

    Args:
        state: The candidate.
        books: The book of each leg.
        crosses: Whether these legs are profitable as known now.
        most_asks: How many asks a candidate is worth.
    """
    stale = np.unique(books[~state.fresh[books]])
    if not crosses:
        return Step(Verdict.GONE, stale[:0])
    if not len(stale):
        return Step(Verdict.CONFIRMED, stale)
    if state.asks + len(stale) > most_asks:
        return Step(Verdict.UNDECIDED, stale[:0])
    return Step(Verdict.ASK, stale)


def answered(state: Requote, book: int, price: Floats) -> Requote:
    """Return the candidate after a book was asked: its prices of all outcomes, 0 where it has none.

    A book that does not answer has no price.

    Raises:
        ValueError: There is not one price an outcome, or one is negative, infinite or no number.
    """
    if price.shape != state.price.shape[:1] or not _are_prices(price):
        raise ValueError("an answer has one price an outcome, a finite number of 0 or more")
    table, fresh = state.price.copy(), state.fresh.copy()
    table[:, book], fresh[book] = price, True
    return Requote(table, fresh, state.asks + 1)


class Grade(IntEnum):
    """What an opportunity is good for, the higher the better."""

    REFUSED = 0
    DOUBTFUL = 1
    UNCONFIRMED = 2
    CONFIRMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """Which objections a fresh price answers; as data, like the gates themselves."""

    answered_by_asking: frozenset[GateCode] = frozenset(
        {GateCode.LEG_TOO_OLD, GateCode.LEG_AGE_UNKNOWN, GateCode.LEGS_APART}
    )


def grade(
    refused_by: Collection[GateCode], verdict: Verdict | None, grading: Grading = Grading()
) -> Grade:
    """Return what to do with an opportunity: alert `CONFIRMED`, show `UNCONFIRMED` and better.

    `DOUBTFUL` ones are worth asking for: nothing speaks against them that asking could not answer,
    or asking has not settled it. `REFUSED` ones are gone, or an objection stands that a fresh price
    does not answer. Whether a price is true is not graded: that takes settled alerts, not a rule.

    Args:
        refused_by: The gates that object.
        verdict: Of re-quoting; None: not asked.
        grading: Which objections fresh prices answer.
    """
    standing = set(refused_by)
    if verdict is Verdict.CONFIRMED:
        standing -= grading.answered_by_asking
    if verdict is Verdict.GONE or standing - grading.answered_by_asking:
        return Grade.REFUSED
    if standing or verdict is Verdict.UNDECIDED:
        return Grade.DOUBTFUL
    return Grade.CONFIRMED if verdict is Verdict.CONFIRMED else Grade.UNCONFIRMED


def _are_prices(price: Floats) -> bool:
    return bool(((price >= 0.0) & (price < np.inf)).all())


def _legs(state: Requote) -> Ints:
    """Return the column of each outcome's best price, a fresh one of equals."""
    best = state.price.max(axis=1, keepdims=True, initial=0.0)
    return np.where(state.price == best, 1 + state.fresh, 0).argmax(axis=1)
