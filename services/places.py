"""Places: what an address says of where somebody is, and how far that is from somewhere else.

No list of addresses comes with the product: whose country an address is, only a file that the
operator names says, and without one a place is a network.
"""

import csv
import importlib.resources
import ipaddress
import logging
import math
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Final

from domain.errors import Refused

log = logging.getLogger(__name__)

EARTH_KM: Final = 6_371.0
_BROWSERS: Final = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
                    ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
                   ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_COORDINATES: Final = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")


def network(address: str) -> str:
    """Return the neighbourhood of an address, which is all that is kept for good.

    Examples:
        >>> network("192.0.2.77"), network("2001:db8:1:2:3::4"), network("door")
        ('192.0.2.0/24', '2001:db8:1::/48', '')
    """
    parsed = _parsed(address)
    if parsed is None:
        return ""
    prefix = 24 if parsed.version == 4 else 48
    return str(ipaddress.ip_network((parsed, prefix), strict=False))


def place_of(address: str) -> str:
    """Return what attempts from an address count for: an IPv6 address counts as its /64."""
    parsed = _parsed(address)
    if parsed is None or parsed.version == 4:
        return address if parsed is None else str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def called(agent: str) -> str:
    """Return a browser's name for people.

    Examples:
        >>> called("Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0 Safari/537.36"), called("curl/8")
        ('Chrome on Linux', 'Unknown browser')
    """
    browser = next((name for sign, name in _BROWSERS if sign in agent), "Unknown browser")
    system = next((name for sign, name in _SYSTEMS if sign in agent), "")
    return f"{browser} on {system}" if system else browser


@dataclass(frozen=True, slots=True)
class Countries:
    """Ranges of addresses by country; of IPv6 the upper 64 bits, below which nobody divides.

    `begins`, `ends` and `codes` are as long as each other, for each version of the protocol, in
    order of `begins`.
    """

    begins: Mapping[int, "array[int]"] = field(repr=False)
    ends: Mapping[int, "array[int]"] = field(repr=False)
    codes: Mapping[int, Sequence[str]] = field(repr=False)

    @classmethod
    def of(cls, rows: Iterable[Sequence[str]]) -> "Countries":
        """Return the countries that rows of first address, last address and code tell.

        A row that is none (a heading, a range without a country) is left out.
        """
        found: dict[int, list[tuple[int, int, str]]] = {4: [], 6: []}
        for row in rows:
            first, last = (_parsed(each.strip()) for each in (*row, "", "")[:2])
            code = row[2].strip().upper() if len(row) > 2 else ""
            if first is None or last is None or not _COUNTRY.fullmatch(code):
                continue
            if first.version == last.version and _key(first) <= _key(last):
                found[first.version].append((_key(first), _key(last), code))
        ordered = {version: sorted(ranges) for version, ranges in found.items()}
        return cls(
            {version: array("Q", (r[0] for r in ranges)) for version, ranges in ordered.items()},
            {version: array("Q", (r[1] for r in ranges)) for version, ranges in ordered.items()},
            {version: [r[2] for r in ranges] for version, ranges in ordered.items()},
        )

    @classmethod
    def read(cls, path: Path) -> "Countries":
        """Return the countries of a CSV file: first address, last address, ISO 3166 code.

        Raises:
            Refused: It cannot be read, or tells of no range at all.
        """
        try:
            with path.open(newline="", encoding="utf-8") as lines:
                found = cls.of(csv.reader(lines))
        except (OSError, UnicodeDecodeError, csv.Error) as e:
            raise Refused(f"DUTCHBOOK_COUNTRIES_FILE {path} cannot be read: {e}") from e
        if not found.ranges:
            raise Refused(f"{path} has no line of first address, last address and country code")
        return found

    @property
    def ranges(self) -> int:
        """How many ranges are known."""
        return sum(map(len, self.codes.values()))

    def country(self, address: str) -> str:
        """Return the ISO 3166 code of an address's country, or "" where it is not known."""
        parsed = _parsed(address)
        if parsed is None:
            return ""
        key, version = _key(parsed), parsed.version
        at = bisect_right(self.begins[version], key) - 1
        return self.codes[version][at] if at >= 0 and key <= self.ends[version][at] else ""


NOWHERE: Final = Countries.of(())
"""Knows no country of any address."""


@cache
def of_file(path: Path | None) -> Countries:
    """Return the countries of the operator's file, read once; `NOWHERE` without one that can be."""
    if path is None:
        return NOWHERE
    try:
        return Countries.read(path)
    except Refused:
        log.exception("no countries of addresses are known")
        return NOWHERE


@lru_cache(maxsize=4096)
def apart_km(one: str, other: str) -> float:
    """Return how far two countries are apart at least: between their nearest places; 0 if unknown.

    Places are the principal ones of each time zone, as the IANA's `zone.tab` gives them.

    Examples:
        >>> round(apart_km("ES", "NZ"), -3), apart_km("ES", "ES"), apart_km("ES", "ZZ")
        (18000.0, 0.0, 0.0)
    """
    known = _places()
    pairs = product(known.get(one, ()), known.get(other, ()))
    return min((great_circle_km(a, b) for a, b in pairs), default=0.0)


def great_circle_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance of two points, each of latitude and longitude in degrees (haversine)."""
    (north_a, east_a), (north_b, east_b) = (tuple(map(math.radians, each)) for each in (a, b))
    half = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin((east_b - east_a) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


@cache
def _places() -> Mapping[str, Sequence[tuple[float, float]]]:
    table = importlib.resources.files("tzdata").joinpath("zoneinfo", "zone.tab")
    found: dict[str, list[tuple[float, float]]] = {}
    for line in table.read_text(encoding="ascii").splitlines():
        code, _, rest = line.partition("\t")
        if _COUNTRY.fullmatch(code) and (at := _COORDINATES.match(rest)):
            parts = at.groups(default="0")
            found.setdefault(code, []).append((_degrees(*parts[:4]), _degrees(*parts[4:])))
    return found


def _degrees(sign: str, degrees: str, minutes: str, seconds: str) -> float:
    whole = int(degrees) + int(minutes) / 60 + int(seconds) / 3600
    return -whole if sign == "-" else whole


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def _key(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> int:
    return int(address) if address.version == 4 else int(address) >> 64
