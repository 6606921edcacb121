"""Urgency: which of a source's scopes is worth asking for first."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.quotes import Reading

# An event is taken to be in play for this long: no source of ours says when one ends.
IN_PLAY = timedelta(hours=4)
# An event this far from its start is half as urgent as one that starts now.
HALF_H = 3.0
# What is not urgent at all waits this many times as long for its turn.
PATIENCE = 10.0
# Of the volatility told, how much is the last look's.
_NEWEST = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is known of one scope from its last answers.

    `volatility` is the share of its prices that change from one look to the next, as a moving
    average; None before there were two looks. `prices` are those of the last look, hashed.
    """

    asked_at: datetime | None = None
    events: frozenset[str] = frozenset()
    starts: tuple[datetime, ...] = ()
    volatility: float | None = None
    prices: frozenset[int] = frozenset()

    def seen(self, readings: Iterable[Reading]) -> "Scope":
        """Return what is known after one more look."""
        listed = list(readings)
        events = [event for reading in listed for event in reading.events]
        quotes = [quote for reading in listed for quote in reading.quotes]
        prices = frozenset(hash((*quote.price, quote.odds)) for quote in quotes)
        changed = len(prices - self.prices) / len(prices) if prices and self.prices else None
        return replace(
            self,
            events=frozenset(event.id for event in events),
            starts=tuple(sorted(event.starts_at for event in events if event.starts_at)),
            volatility=self.volatility if changed is None else self._smoothed(changed),
            prices=prices,
        )

    def unchanged(self) -> "Scope":
        """Return what is known after a look at which nothing had changed."""
        return replace(self, volatility=self._smoothed(0.0)) if self.prices else self

    def _smoothed(self, changed: float) -> float:
        last = changed if self.volatility is None else self.volatility
        return last + _NEWEST * (changed - last)


def urgency(scope: Scope, now: datetime, near: frozenset[str] = frozenset()) -> float:
    """Return how urgent a scope is, from 0 to 1.

    1 with an event that is nearly an arbitrage, or in play; less the further its next start is
    away, more the more of its prices move. A scope of which nothing is known is half urgent.
    """
    if not near.isdisjoint(scope.events):
        return 1.0
    soon = _soon(scope.starts, now) if scope.starts else 0.5
    return 1.0 - (1.0 - soon) * (1.0 - (scope.volatility or 0.0))


def turn(scope: Scope, now: datetime, near: frozenset[str] = frozenset()) -> tuple[float, float]:
    """Return what scopes are sorted by, the first to ask for first.

    Near arbitrages come before all; then who has waited longest for its urgency, so that nobody
    waits for ever.
    """
    first = 0.0 if not near.isdisjoint(scope.events) else 1.0
    if scope.asked_at is None:
        return first, -math.inf
    waited_s = (now - scope.asked_at).total_seconds()
    return first, -waited_s / PATIENCE ** (1.0 - urgency(scope, now, near))


def _soon(starts: tuple[datetime, ...], now: datetime) -> float:
    coming = next((start for start in starts if start + IN_PLAY > now), None)
    if coming is None:
        return 0.0
    hours = max(0.0, (coming - now).total_seconds() / 3600)
    return 1.0 / (1.0 + hours / HALF_H)
