"""The stake form: what a reader typed, what is wrong with it, and the wish that it makes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from string import ascii_uppercase
from typing import Final, Self

from arb_app import words
from arb_app.reader import reader
from arb_app.words import say
from domain.money import Money
from domain.opportunities import Leg
from services.stakes import BookWish, LegWish, Wish

STEPS: Final = ("0.01", "0.50", "1", "5", "10")
LEAST, MOST = Decimal(1), Decimal(1_000_000)
FIRST_AMOUNT: Final = "1000"
_AMOUNT: Final = re.compile(r"([0-9]{1,7}|[0-9]{1,3}(,[0-9]{3}){1,2})(\.[0-9]{1,2})?")
_PERCENT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,4})?")
_RATE: Final = re.compile(r"[0-9]{1,5}(\.[0-9]{1,6})?")
LEAST_RATE, MOST_RATE = Decimal("0.0001"), Decimal(10_000)


def currency_of() -> str:
    """Return the currency that stakes are planned in: the reader's."""
    return reader().currency


@dataclass(frozen=True)
class Form:
    """What was typed and is sound, by field; what is wrong with the last text of others.

    `fixed` is the letter of the leg whose stake `amount` is; "": it is the total. Fields of legs
    are named like "most A", those of books like "rate alpha". `serial` changes when texts were
    replaced by us, so that the inputs show them.
    """

    amount: str = FIRST_AMOUNT
    fixed: str = ""
    step: str = STEPS[0]
    said: dict[str, str] = field(default_factory=dict[str, str])
    wrong: dict[str, str] = field(default_factory=dict[str, str])
    serial: int = 0

    def on(self, name: str, text: str) -> Self:
        """Return the form with a sound text in a field."""
        wrong = {key: why for key, why in self.wrong.items() if key != name}
        return replace(self, said={**self.said, name: text}, wrong=wrong)

    def off(self, name: str, why: str) -> Self:
        """Return the form with a fault of a field, whose last sound text stays."""
        return replace(self, wrong={**self.wrong, name: why})

    def given(self, name: str) -> str:
        """Return the text of a field, "" where nothing was typed."""
        return self.said.get(name, "")

    def anew(self) -> Self:
        """Return the form without what was said of legs; what books are like stays."""
        kept = {key: text for key, text in self.said.items() if key.split(" ")[0] in BOOK_FIELDS}
        return replace(self, fixed="", said=kept, wrong={}, serial=self.serial + 1)


LEG_FIELDS: Final = ("most", "commission")
BOOK_FIELDS: Final = ("currency", "rate", "balance")


@dataclass(frozen=True)
class LegForm:
    """One leg's fields: texts, what is known without them, and what is wrong."""

    key: str = ""
    letter: str = ""
    name: str = ""
    unit: str = ""
    step: str = ""
    most: str = ""
    most_known: str = ""
    most_wrong: str = ""
    commission: str = ""
    commission_known: str = ""
    commission_wrong: str = ""
    shares: bool = True
    shares_wrong: str = ""


@dataclass(frozen=True)
class BookForm:
    """One book's fields; `foreign` says that a rate is needed."""

    key: str = ""
    number: str = ""
    name: str = ""
    currency: str = ""
    unit: str = ""
    foreign: bool = False
    rate: str = ""
    rate_wrong: str = ""
    balance: str = ""
    balance_wrong: str = ""


def amount_of(typed: object, currency: str = "USD") -> Money | None:
    """Return the amount that was typed; None if it is none from 1 to 1,000,000.

    Examples:
        >>> amount_of(" $1,250.50 "), amount_of("0.99"), amount_of("1e5"), amount_of([100])
        (Money(minor=125050, currency='USD'), None, None, None)
    """
    figure = _figure(typed)
    return Money.of(figure, currency) if figure is not None and LEAST <= figure <= MOST else None


def sound(name: str, typed: object) -> str | None:
    """Return a field's text as it is kept, "" for nothing; None if it is not what belongs there.

    Examples:
        >>> sound("most", " 1,200 "), sound("commission", "2.5 %"), sound("rate", "0")
        ('1200', '2.5', None)
    """
    text = typed.strip() if isinstance(typed, str) else None
    if text is None or not text:
        return text
    if name in {"most", "balance"}:
        figure = _figure(text)
        return None if figure is None else f"{figure:f}"
    text = text.removesuffix("%").strip()
    if name == "commission":
        return text if _PERCENT.fullmatch(text) else None
    return text if _RATE.fullmatch(text) and LEAST_RATE <= Decimal(text) <= MOST_RATE else None


def wish_of(form: Form, legs: Sequence[Leg], currency: str) -> Wish:
    """Return what the form asks of the stakes; raise `Refused` if no leg shares the profit."""
    amount = Money.of(form.amount, currency).minor
    books = {leg.book: _book(form, leg.book, currency) for leg in legs}
    each = tuple(
        _leg(form, letter, books[leg.book].currency)
        for letter, leg in zip(ascii_uppercase, legs, strict=False)
    )
    place = ascii_uppercase.find(form.fixed) if form.fixed else -1
    if 0 <= place < len(legs):
        stake = Money.of(form.amount, books[legs[place].book].currency).minor
        return Wish(currency=currency, fixed=(place, stake), legs=each, books=tuple(books.items()))
    return Wish(currency=currency, total_minor=amount, legs=each, books=tuple(books.items()))


def leg_forms(
    form: Form, legs: Sequence[Leg], names: Sequence[str], currency: str
) -> list[LegForm]:
    """Return the fields of every leg; `names` says which it is."""
    return [
        LegForm(
            key=f"{letter} {form.serial}",
            letter=letter,
            name=name,
            unit=_book(form, leg.book, currency).currency,
            step=form.given(f"step {letter}"),
            most=form.given(f"most {letter}"),
            most_known="" if leg.max_stake is None else f"{leg.max_stake:.2f}",
            most_wrong=form.wrong.get(f"most {letter}", ""),
            commission=form.given(f"commission {letter}"),
            commission_known=f"{100 * leg.commission:.4g}",
            commission_wrong=form.wrong.get(f"commission {letter}", ""),
            shares=form.given(f"shares {letter}") != "no",
            shares_wrong=form.wrong.get(f"shares {letter}", ""),
        )
        for letter, leg, name in zip(ascii_uppercase, legs, names, strict=False)
    ]


def book_forms(form: Form, legs: Sequence[Leg], currency: str) -> list[BookForm]:
    """Return the fields of every book that the legs are at."""
    return [
        BookForm(
            key=f"{book} {form.serial}",
            number=str(number),
            name=words.book(book),
            currency=form.given(f"currency {book}") or currency,
            unit=_book(form, book, currency).currency,
            foreign=form.given(f"currency {book}") not in {"", currency},
            rate=form.given(f"rate {book}"),
            rate_wrong=form.wrong.get(f"rate {book}", "") or _rate_missing(form, book, currency),
            balance=form.given(f"balance {book}"),
            balance_wrong=form.wrong.get(f"balance {book}", ""),
        )
        for number, book in enumerate(dict.fromkeys(leg.book for leg in legs), 1)
    ]


def currency_at(form: Form, book: str, currency: str) -> str:
    """Return the currency in which stakes at a book are planned."""
    return _book(form, book, currency).currency


def _figure(typed: object) -> Decimal | None:
    text = typed.strip().lstrip("$€£").strip() if isinstance(typed, str) else ""
    return Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) else None


def _leg(form: Form, letter: str, currency: str) -> LegWish:
    most, commission = form.given(f"most {letter}"), form.given(f"commission {letter}")
    step = Money.of(form.given(f"step {letter}") or form.step, currency).minor
    return LegWish(
        step_minor=max(1, step),
        most_minor=Money.of(most, currency).minor if most else None,
        commission=float(Decimal(commission) / 100) if commission else None,
        shares=form.given(f"shares {letter}") != "no",
    )


def _book(form: Form, book: str, currency: str) -> BookWish:
    """Return what is said of a book; another currency counts once its rate is known."""
    rate, balance = form.given(f"rate {book}"), form.given(f"balance {book}")
    theirs = form.given(f"currency {book}") or currency
    if theirs != currency and not rate:
        theirs = currency
    return BookWish(
        currency=theirs,
        rate=Fraction(rate) if theirs != currency else Fraction(1),
        balance_minor=Money.of(balance, theirs).minor if balance else None,
    )


def _rate_missing(form: Form, book: str, currency: str) -> str:
    theirs = form.given(f"currency {book}")
    if theirs in {"", currency} or form.given(f"rate {book}"):
        return ""
    return say("stakes.rate.missing", theirs=theirs, ours=currency)
