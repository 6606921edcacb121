"""A reader's choices: language, odds, time zone, currency and numbers, as a cookie keeps them."""

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import available_timezones

import msgspec

from domain.money import CURRENCIES
from domain.odds_formats import OddsFormat

COOKIE: Final = "dutchbook_settings"
LONGEST: Final = 300
"""Characters of a cookie that are looked at; ours are far shorter."""
_MOST_FIELDS: Final = 20


class Language(StrEnum):
    """A language of the pages, by its code (ISO 639-1)."""

    ENGLISH = "en"
    SPANISH = "es"


class Numbers(StrEnum):
    """How numbers are written: "1,234.5" with a point, "1.234,5" with a comma."""

    POINT = "point"
    COMMA = "comma"


class Preferences(msgspec.Struct, frozen=True):
    """How one reader wants things said; `zone` "" is the browser's own, which the server lacks.

    Examples:
        >>> parsed("language=es&odds=roman&zone=Mars").language
        <Language.SPANISH: 'es'>
        >>> written(parsed("odds=american&zone=Europe/Madrid&odds=roman"))
        'zone=Europe%2FMadrid'
    """

    language: Language = Language.ENGLISH
    odds: OddsFormat = OddsFormat.DECIMAL
    zone: str = ""
    currency: str = "USD"
    numbers: Numbers = Numbers.POINT


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Return the names of the time zones that a reader may choose."""
    areas = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/",
             "Europe/", "Indian/", "Pacific/")  # fmt: skip
    return frozenset(name for name in available_timezones() if name.startswith(areas)) | {"UTC"}


def allowed(field: str) -> Collection[str]:
    """Return the values that a field may have, but for "" of the zone; nothing for other names."""
    known: dict[str, Collection[str]] = {
        "language": tuple(Language),
        "odds": tuple(OddsFormat),
        "currency": CURRENCIES,
        "numbers": tuple(Numbers),
    }
    return zones() if field == "zone" else known.get(field, ())


@lru_cache(maxsize=1024)
def parsed(text: str) -> Preferences:
    """Return the choices in a query string; what is unknown or wrong there is as if not chosen.

    Examples:
        >>> parsed("zone=Europe%2FMadrid&currency=eur") == Preferences(zone="Europe/Madrid")
        True
    """
    try:
        said = dict(parse_qsl(text[:LONGEST], max_num_fields=_MOST_FIELDS))
    except ValueError:
        return Preferences()
    good = {name: value for name, value in said.items() if value in allowed(name)}
    return msgspec.convert(good, Preferences)


def written(of: Preferences) -> str:
    """Return the query string of choices; what nobody chose is left out.

    Examples:
        >>> written(Preferences()), written(Preferences(language=Language.SPANISH, currency="EUR"))
        ('', 'language=es&currency=EUR')
    """
    usual = msgspec.structs.asdict(Preferences())
    chosen = msgspec.structs.asdict(of).items()
    return urlencode({name: value for name, value in chosen if value != usual[name]})
