"""What makes an arrival odd: rules and their weights as data, and how they add up.

Nothing here is learned: nobody has yet said of any arrival whether it was the member, so there is
nothing to learn from. The weights are judgements; what they cost honest members is measured on an
invented population by `benchmarks/risk.py`, whose assumptions stand in `docs/security/risk.md`.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from services.places import apart_km


class Verdict(StrEnum):
    """What comes of it."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    BLOCK = "block"


class Reason(StrEnum):
    """One thing that is odd about an arrival."""

    UNKNOWN_DEVICE = "unknown_device"
    CHANGED_DEVICE = "changed_device"
    """The device's cookie comes from another browser, system or language than it was given to."""
    NEW_NETWORK = "new_network"
    NEW_COUNTRY = "new_country"
    IMPOSSIBLE_TRAVEL = "impossible_travel"
    MANY_ACCOUNTS = "many_accounts"
    MANY_FAILURES = "many_failures"
    LONG_AWAY = "long_away"


_R = Reason
WEIGHTS: Final[Mapping[Reason, float]] = MappingProxyType(
    {
        _R.UNKNOWN_DEVICE: 0.40,
        _R.CHANGED_DEVICE: 0.25,
        _R.NEW_NETWORK: 0.20,
        _R.NEW_COUNTRY: 0.35,
        _R.IMPOSSIBLE_TRAVEL: 0.60,
        _R.MANY_ACCOUNTS: 0.45,
        _R.MANY_FAILURES: 0.35,
        _R.LONG_AWAY: 0.10,
    }
)
"""How much of what is not odd yet each rule takes away."""

FASTEST_KM_H: Final = 1_000.0
FLOOR_KM: Final = 500.0
"""Nearer than this, a country's border, a mobile network or a wrong list explains it."""
MOST_ACCOUNTS: Final = 5
MOST_FAILURES: Final = 4
COUNTED_S: Final = 3_600
"""For how long after the last of them accounts and failures are counted together."""
AWAY: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Met:
    """A device of the account, by what it was last seen with; `at` is when that was."""

    secret_hash: str
    hints: str
    networks: tuple[str, ...]
    countries: tuple[str, ...]
    at: datetime

    @property
    def country(self) -> str:
        """Where it was last, or "" where that is not known."""
        return self.countries[0] if self.countries else ""


@dataclass(frozen=True, slots=True)
class Now:
    """An arrival, as far as it is known: what is "" is not known, and then nothing odd.

    `accounts` is how many were tried from there lately, `failures` how often this one in vain.
    """

    at: datetime
    secret_hash: str = ""
    hints: str = ""
    network: str = ""
    country: str = ""
    accounts: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Bars:
    """From which score on more is asked for, and from which nobody is let in."""

    step_up: float
    block: float


def reasons(known: Sequence[Met], now: Now) -> tuple[Reason, ...]:
    """Return what is odd about an arrival; of an account that knows no device only the counts."""
    found = _of_history(known, now) if known else ()
    counted = {
        Reason.MANY_ACCOUNTS: now.accounts > MOST_ACCOUNTS,
        Reason.MANY_FAILURES: now.failures > MOST_FAILURES,
    }
    return (*found, *(reason for reason, odd in counted.items() if odd))


def score(found: Collection[str]) -> float:
    """Return how odd reasons are together, from 0 to 1: each takes its share of what is left.

    Examples:
        >>> score(()), score(["unknown_device"]), round(score(["new_country", "new_network"]), 2)
        (0.0, 0.4, 0.48)
    """
    return 1.0 - math.prod(1.0 - WEIGHTS[Reason(each)] for each in sorted(set(found)))


def verdict(of: float, bars: Bars) -> Verdict:
    """Return what comes of a score."""
    if of >= bars.block:
        return Verdict.BLOCK
    return Verdict.STEP_UP if of >= bars.step_up else Verdict.ALLOW


def is_too_fast(one: str, other: str, took: timedelta) -> bool:
    """Return whether nobody comes from one country to another in that time.

    Examples:
        >>> is_too_fast("ES", "NZ", timedelta(hours=3)), is_too_fast("ES", "NZ", timedelta(days=2))
        (True, False)
        >>> is_too_fast("ES", "PT", timedelta(seconds=1)), is_too_fast("", "NZ", timedelta(0))
        (False, False)
    """
    distance = apart_km(one, other)
    return distance > FLOOR_KM and distance > FASTEST_KM_H * max(0.0, took.total_seconds()) / 3600


def _of_history(known: Sequence[Met], now: Now) -> tuple[Reason, ...]:
    last = max(known, key=lambda device: device.at)
    own = next((d for d in known if now.secret_hash and d.secret_hash == now.secret_hash), None)
    networks = {each for device in known for each in device.networks}
    lands = {each for device in known for each in device.countries}
    odd = {
        Reason.UNKNOWN_DEVICE: own is None,
        Reason.CHANGED_DEVICE: own is not None and bool(now.hints) and own.hints != now.hints,
        Reason.NEW_NETWORK: bool(now.network and networks) and now.network not in networks,
        Reason.NEW_COUNTRY: bool(now.country and lands) and now.country not in lands,
        Reason.IMPOSSIBLE_TRAVEL: is_too_fast(last.country, now.country, now.at - last.at),
        Reason.LONG_AWAY: now.at - last.at > AWAY,
    }
    return tuple(reason for reason, is_odd in odd.items() if is_odd)
