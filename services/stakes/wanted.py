"""Wishes: what a reader asks of the stakes, and what each book allows them, by their own word."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import msgspec

from domain.errors import Refused
from domain.money import Money
from domain.opportunities import Leg
from engine.stakes.bet import MOST_MINOR, Book, Rate

_LEAST_RATE, _MOST_RATE = Fraction(1, 10_000), 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LegWish:
    """What is said of one leg; amounts in minor units of the currency of its book.

    `most_minor` and `commission` stand in place of what is known, None keeps that; `shares` says
    whether the leg shares the profit where it wins.
    """

    step_minor: int = 1
    most_minor: int | None = None
    commission: float | None = None
    shares: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWish:
    """What is said of one book: its currency, ours for one of it, and what lies there."""

    currency: str
    rate: Fraction = Fraction(1)
    balance_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What stakes are asked for: a total of cash at risk in `currency`, or the stake of one leg.

    `legs` has one entry a leg, none says nothing of any; `books` what is said of books by name,
    and a book that is not among them is in `currency`. `fixed` is a leg's place and its stake in
    minor units of its book's currency.

    Raises:
        Refused: Not exactly one of the total and the fixed stake is given, an amount is not above
            zero or beyond all books, a rate or a commission is none, or no leg shares the profit.
    """

    currency: str
    total_minor: int | None = None
    fixed: tuple[int, int] | None = None
    legs: tuple[LegWish, ...] = ()
    books: tuple[tuple[str, BookWish], ...] = field(default=())

    def __post_init__(self) -> None:
        amount = self.total_minor if self.fixed is None else self.fixed[1]
        if amount is None or (self.total_minor is not None and self.fixed is not None):
            raise Refused("either the total or one leg's stake is fixed")
        if not 0 < amount <= MOST_MINOR:
            raise Refused("the amount must be above zero, and not beyond all books")
        for leg in self.legs:
            if not 0 < leg.step_minor <= MOST_MINOR or not _within(leg.most_minor):
                raise Refused("steps must be above zero and limits no less, none beyond all books")
            if leg.commission is not None and not 0 <= leg.commission < 1:
                raise Refused("a commission is a share of the winnings, less than all of them")
        for _, book in self.books:
            if not _LEAST_RATE <= book.rate <= _MOST_RATE or not _within(book.balance_minor):
                raise Refused("rates are from 0.0001 to 10,000, and balances are no less than zero")
        if self.legs and not any(leg.shares for leg in self.legs):
            raise Refused("at least one leg must share the profit")

    def leg(self, place: int) -> LegWish:
        """Return what is said of a leg; raise `Refused` if there is no such leg."""
        if not self.legs:
            return LegWish()
        if place >= len(self.legs):
            raise Refused("something is said of a leg that is not there")
        return self.legs[place]

    def book(self, name: str) -> BookWish:
        """Return what is said of a book."""
        return dict(self.books).get(name) or BookWish(currency=self.currency)

    def currency_at(self, leg: Leg) -> str:
        """Return the currency that a leg is staked in."""
        return self.book(leg.book).currency

    def applied(self, legs: Sequence[Leg]) -> list[Leg]:
        """Return the legs with the commissions and limits that were said."""
        return [self._applied(leg, self.leg(place)) for place, leg in enumerate(legs)]

    def at_books(self, legs: Sequence[Leg]) -> tuple[dict[str, int], list[Book]]:
        """Return the number of each leg's book, and the books as the engine knows them."""
        numbers = {name: n for n, name in enumerate(dict.fromkeys(leg.book for leg in legs))}
        return numbers, [self._book(name) for name in numbers]

    def steps(self, legs: Sequence[Leg]) -> tuple[int, ...]:
        """Return the step of each leg's stake."""
        return tuple(self.leg(place).step_minor for place in range(len(legs)))

    def _applied(self, leg: Leg, wish: LegWish) -> Leg:
        most = leg.max_stake
        if wish.most_minor is not None:
            most = float(Money(wish.most_minor, self.currency_at(leg)).amount)
        commission = leg.commission if wish.commission is None else wish.commission
        return msgspec.structs.replace(leg, commission=commission, max_stake=most)

    def _book(self, name: str) -> Book:
        of = self.book(name)
        ours, theirs = (Money.of("1", each).minor for each in (self.currency, of.currency))
        rate = of.rate * ours / theirs
        return Book(balance_minor=of.balance_minor, rate=Rate(rate, rate))


def _within(amount: int | None) -> bool:
    return amount is None or 0 <= amount <= MOST_MINOR
