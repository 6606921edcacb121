"""Money: whole minor units of a named currency."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

import msgspec

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3}

CURRENCIES = (
    "USD", "EUR", "GBP", "AUD", "CAD", "CHF", "JPY", "NZD", "ARS", "BHD", "BRL", "CLP", "COP",
    "CZK", "DKK", "HKD", "HUF", "INR", "KRW", "KWD", "MXN", "NOK", "PEN", "PLN", "RON", "SEK",
    "SGD", "TRY", "UYU", "ZAR",
)  # fmt: skip
"""The ISO 4217 codes that a reader may choose from, the most used first."""


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount in minor units (cents, pence) of an ISO 4217 currency.

    Examples:
        >>> Money.of("12.34", "EUR") + Money.of("0.66", "EUR")
        Money(minor=1300, currency='EUR')
    """

    minor: int
    currency: str = "USD"

    @classmethod
    def of(cls, amount: str | Decimal, currency: str = "USD") -> Self:
        """Return the amount rounded half to even to the currency's minor unit."""
        scaled = Decimal(amount).scaleb(_MINOR_DIGITS.get(currency, 2))
        return cls(int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-_MINOR_DIGITS.get(self.currency, 2))

    def __add__(self, other: "Money") -> "Money":
        """Return the sum; raise `ValueError` for two currencies."""
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Return the difference; raise `ValueError` for two currencies."""
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other
