"""Odds, returns, money and time as text, as whoever reads has chosen (`arb_app.reader`)."""

import math
import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from arb_app.reader import reader
from arb_app.words import say
from domain.money import Money
from domain.odds_formats import OddsFormat, written
from domain.preferences import Numbers

MINUS = "\u2212"
NONE = "\u2013"
_EXCHANGED = str.maketrans(",.", ".,")
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "AUD": "A$", "CAD": "C$"}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def odds(value: float) -> str:
    """Return odds in the reader's notation, with the digits that matter there.

    Examples:
        >>> odds(1.5494505495), odds(2.85), odds(2.0), odds(15.25), odds(151.0)
        ('1.549', '2.85', '2.00', '15.25', '151')
    """
    priced = 1.0 < value < math.inf
    text = written(value, reader().odds if priced else OddsFormat.DECIMAL)
    return number(text.replace("-", MINUS))


def number(text: str) -> str:
    """Return a number that is written with a point as the reader writes numbers."""
    return text.translate(_EXCHANGED) if reader().numbers is Numbers.COMMA else text


def percent(ratio: float, *, digits: int = 2, signed: bool = True) -> str:
    """Return a share of one as a percentage.

    Examples:
        >>> percent(0.00374), percent(-0.6478), percent(0.6478, digits=1, signed=False)
        ('+0.37 %', '\u221264.78 %', '64.8 %')
    """
    size = f"{abs(ratio) * 100:,.{digits}f}"
    zero = not any(digit in size for digit in "123456789")
    sign = "" if zero else MINUS if ratio < 0 else "+" if signed else ""
    return number(f"{sign}{size} %")


def money(amount: Money, *, signed: bool = False) -> str:
    """Return an amount with its currency.

    Examples:
        >>> money(Money(123456)), money(Money(-63, "EUR")), money(Money(1200, "JPY"), signed=True)
        ('$1,234.56', '\u2212€0.63', '+¥1,200')
        >>> money(Money(5000, "SEK"))
        '50.00 SEK'
    """
    digits = number(f"{abs(amount.amount):,}")
    symbol = _SYMBOLS.get(amount.currency)
    before = symbol and reader().numbers is Numbers.POINT
    size = f"{symbol}{digits}" if before else f"{digits} {symbol or amount.currency}"
    sign = MINUS if amount.minor < 0 else "+" if signed and amount.minor > 0 else ""
    return f"{sign}{size}"


def age(seconds: float | None) -> str:
    """Return how long ago, in the units that matter; a dash where it is not known.

    Examples:
        >>> age(64.4), age(200), age(7500), age(3600), age(400_000), age(None)
        ('64 s', '3 min', '2 h 5 min', '1 h', '4 d 15 h', '\u2013')
    """
    if seconds is None or not math.isfinite(seconds):
        return NONE
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    if whole < _DAY:
        return _pair(whole // _HOUR, "h", whole % _HOUR // _MINUTE, "min")
    return _pair(whole // _DAY, "d", whole % _DAY // _HOUR, "h")


def instant(at: datetime, zone: tzinfo | None = None) -> str:
    """Return an instant as a person in `zone` writes it, with the zone's name.

    Without a zone it is the one that the reader chose, or else UTC.

    Examples:
        >>> from datetime import UTC
        >>> instant(datetime(2026, 7, 23, 2, 0, tzinfo=UTC), UTC)
        'Thu 23 Jul 2026, 02:00 UTC'
    """
    local = at.astimezone(zone or (ZoneInfo(reader().zone) if reader().zone else UTC))
    weekday = say("time.weekdays").split()[local.weekday()]
    month = say("time.months").split()[local.month - 1]
    return f"{weekday} {local.day} {month} {local:%Y, %H:%M %Z}"


def count(whole: int) -> str:
    """Return a whole number with its thousands apart.

    Examples:
        >>> count(1234567)
        '1,234,567'
    """
    return number(f"{whole:,}")


def actor(name: str) -> str:
    """Return who did something: an account by the beginning of its id, others by their name.

    Examples:
        >>> actor("48b56929-394d-4b7c-bfff-f5fbde1580e0"), actor("operator")
        ('account 48b56929', 'operator')
    """
    return say("actor.account", start=name[:8]) if _ID.fullmatch(name) else name


def place(country: str, network: str) -> str:
    """Return where somebody is, as far as it is known.

    Examples:
        >>> place("ES", "192.0.2.0/24"), place("", "192.0.2.0/24"), place("", "")
        ('ES, 192.0.2.0/24', 'the network 192.0.2.0/24', 'an unknown place')
    """
    if country:
        return f"{country}, {network}"
    return say("place.network", network=network) if network else say("place.unknown")


def _pair(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit} {small} {small_unit}" if small else f"{large} {unit}"
