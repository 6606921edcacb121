"""Slips: bets over the states that settle them, in exact figures and in integers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.stakes.bet import MOST_MINOR, Bet, Book, Rate, exact

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_CELLS = 4_000_000
_NOISE = 1e-9
_ONE, _NONE = Fraction(1), Fraction(0)


class Terms(NamedTuple):
    """A bet's figures as integers; `endings` has groups of equal parts (count, kept, won, unit).

    A part that put up `p` for a stake `s` is paid floor((p kept + s won) / unit).
    """

    risk: tuple[int, int]
    gain: tuple[int, int]
    low: tuple[int, int]
    high: tuple[int, int]
    parts: int
    endings: tuple[tuple[tuple[int, int, int, int], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slip:
    """Bets over settlement states; made by `slip`, which checks them.

    `settled[b]` are the ways, as shares won and lost, that bet `b` may be settled; `which` has
    shape (states, bets) and says which of them each state brings. `terms` are the same in integers.
    `grains`, if any, are steps by bet that stakes keep beside those of their books.
    """

    bets: tuple[Bet, ...]
    books: tuple[Book, ...]
    settled: tuple[tuple[tuple[Fraction, Fraction], ...], ...]
    which: Ints
    terms: tuple[Terms, ...]
    grains: tuple[int, ...] = ()

    def book(self, bet: int) -> Book:
        """Return where a bet is placed."""
        return self.books[self.bets[bet].book]

    def only(self, bets: Sequence[int]) -> "Slip":
        """Return the slip of some of the bets, over the same states and books."""
        return replace(
            self,
            bets=tuple(self.bets[bet] for bet in bets),
            settled=tuple(self.settled[bet] for bet in bets),
            which=self.which[:, list(bets)],
            terms=tuple(self.terms[bet] for bet in bets),
            grains=tuple(self.grains[bet] for bet in bets) if self.grains else (),
        )

    def step(self, bet: int) -> int:
        """Return what divides the bet's stake: the book's step, and whole minor units a part."""
        grain = self.grains[bet] if self.grains else 1
        return math.lcm(self.book(bet).step_minor, self.bets[bet].parts, grain)

    def least(self, bet: int) -> int:
        """Return the smallest stake on the step that the book takes."""
        step = self.step(bet)
        return max(step, -(-self.book(bet).min_minor // step) * step)

    def most(self, bet: int) -> int:
        """Return the largest stake on the step within the limits; `MOST_MINOR` if there is none."""
        book, own, step = self.book(bet), self.bets[bet], self.step(bet)
        limits = [limit for limit in (own.most_minor, book.max_minor) if limit is not None]
        if book.balance_minor is not None and own.risk:
            limits.append(math.floor(book.balance_minor / own.risk))
        return min([MOST_MINOR, *limits]) // step * step

    def unit_net(self, bet: int) -> list[Fraction]:
        """Return what a stake of 1 brings in our currency in each way it may be settled."""
        own, rate = self.bets[bet], self.book(bet).rate
        nets = [own.gain * won - own.risk * lost for won, lost in self.settled[bet]]
        return [net * (rate.low if net > 0 else rate.high) for net in nets]

    def unit_cost(self, bet: int) -> Fraction:
        """Return the cash of our currency that a stake of 1 puts up."""
        return self.bets[bet].risk * self.book(bet).rate.high


def slip(
    bets: Sequence[Bet], win: Floats, lose: Floats, *, books: Sequence[Book] = (Book(),)
) -> Slip:
    """Return bets with how they are settled, in exact figures.

    Args:
        bets: At least one.
        win: Shape (states, bets): the share of each stake that wins, of `lay` when the backer
            loses. Halves, dead heats (1/k) and deductions are told from floats to six digits.
        lose: Same shape: the share that loses. The rest is returned.
        books: `Bet.book` counts in them.

    Raises:
        ValueError: There is no bet or no state, the shapes differ, a share is not a number in
            [0, 1] or two are above 1 together, or a bet names a book that is not there.
    """
    if not bets or win.shape != lose.shape or win.ndim != 2 or win.shape[1] != len(bets):
        raise ValueError(f"{len(bets)} bets do not fit settlements of {win.shape} and {lose.shape}")
    if not 1 <= win.size <= MOST_CELLS:
        raise ValueError(f"the settlement must have 1 to {MOST_CELLS} cells: {win.size}")
    if not bool(((win >= 0) & (lose >= 0) & (win + lose <= 1 + _NOISE)).all()):
        raise ValueError("the shares won and lost must be numbers, 0 or more, at most 1 together")
    if any(bet.book >= len(books) for bet in bets):
        raise ValueError(f"a bet names a book beyond the {len(books)} given")
    columns = [_endings(win[:, at], lose[:, at]) for at in range(len(bets))]
    settled = tuple(endings for endings, _ in columns)
    rates = [books[bet.book].rate for bet in bets]
    return Slip(
        bets=tuple(bets),
        books=tuple(books),
        settled=settled,
        which=np.stack([which for _, which in columns], axis=1),
        terms=tuple(_terms(*each) for each in zip(bets, rates, settled, strict=True)),
    )


def _endings(win: Floats, lose: Floats) -> tuple[tuple[tuple[Fraction, Fraction], ...], Ints]:
    number: dict[tuple[float, float], int] = {}
    pairs = zip(win.tolist(), lose.tolist(), strict=True)
    which = [number.setdefault(pair, len(number)) for pair in pairs]
    endings = ((exact(won), exact(lost)) for won, lost in number)
    return tuple((won, min(lost, 1 - won)) for won, lost in endings), np.array(which, np.int64)


def _terms(bet: Bet, rate: Rate, settled: Sequence[tuple[Fraction, Fraction]]) -> Terms:
    endings = tuple(tuple(_groups(bet, won, lost)) for won, lost in settled)
    figures = [figure.as_integer_ratio() for figure in (bet.risk, bet.gain, *rate)]
    return Terms(*figures, parts=bet.parts, endings=endings)


def _groups(bet: Bet, won: Fraction, lost: Fraction) -> list[tuple[int, int, int, int]]:
    wins, losses = won * bet.parts, lost * bet.parts
    if wins.denominator > 1 or losses.denominator > 1:
        return [_group(bet, bet.parts, won, lost)]
    back_again = bet.parts - wins - losses
    groups = [(wins, _ONE, _NONE), (back_again, _NONE, _NONE)]
    return [_group(bet, int(count), *shares) for count, *shares in groups if count]


def _group(bet: Bet, count: int, won: Fraction, lost: Fraction) -> tuple[int, int, int, int]:
    kept, paid = 1 - lost, won * bet.gain
    unit = math.lcm(kept.denominator, paid.denominator)
    return count, int(kept * unit), int(paid * unit), unit
