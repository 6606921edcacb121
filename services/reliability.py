"""Reliability: how far each source and each of its books can be trusted, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from domain.sources import ReliabilityPart, SourceReliability, Standing
from engine.looks import SUMS, Look, follows_of, lag_s, shares, sums
from services.holdings import Holdings
from services.look import Who, look

LOOK_EVERY = timedelta(minutes=1)
SILENT_AFTER = timedelta(minutes=5)
HALF_LIFE_S = 6 * 3600.0
# By what a wrong price costs whoever bets on it; fitted on nothing, so every part is shown beside.
WEIGHTS = {
    ReliabilityPart.FRESHNESS: 0.3,
    ReliabilityPart.COMPLETENESS: 0.1,
    ReliabilityPart.CLOSENESS: 0.2,
    ReliabilityPart.STEADINESS: 0.15,
    ReliabilityPart.SOUNDNESS: 0.25,
}
_FEWEST_MOVES = 20.0


class Reliability:
    """Looks at all prices before the start from time to time; remembers counts, not prices.

    It keeps one look, and for each source and book a few sums that halve every six hours.
    """

    def __init__(self) -> None:
        self._whos: dict[Who, int] = {}
        self._sums = np.zeros((SUMS, 0))
        self._last: Look | None = None
        self._looked_at: datetime | None = None
        self._events: dict[Who, tuple[int, int]] = {}

    def look(self, holdings: Holdings, now: datetime) -> None:
        """Take in how everything stands now."""
        seen = look(holdings, now, self._whos)
        if self._looked_at is not None:
            self._sums *= 0.5 ** ((now - self._looked_at).total_seconds() / HALF_LIFE_S)
        if seen is not None:
            whos = len(self._whos)
            more = ((0, 0), (0, whos - self._sums.shape[1]))
            self._sums = np.pad(self._sums, more) + sums(self._last, seen, whos)
        self._last, self._looked_at = seen, now
        self._events = _events(holdings, now)

    def of_all(self) -> list[SourceReliability]:
        """Return what is known of every source, and of each of its books, by name."""
        by_source: dict[str, list[Who]] = {}
        for who in sorted(self._whos):
            by_source.setdefault(who.source, []).append(who)
        return [
            SourceReliability(
                whole=self._standing(source, whos),
                books=[self._standing(who.book, [who]) for who in whos],
            )
            for source, whos in by_source.items()
        ]

    def _standing(self, name: str, whos: Sequence[Who]) -> Standing:
        numbers = [self._whos[who] for who in whos]
        of_all = self._sums[:, numbers].sum(axis=1)
        share, follows = shares(of_all), follows_of(of_all)
        ages = self._ages(numbers)
        known = follows.moves[0] >= _FEWEST_MOVES and follows.own_by_others[0] > 0.0
        heard = [self._events.get(who, (0, 0)) for who in whos]
        return Standing(
            name=name,
            score=float(share @ np.array(list(WEIGHTS.values()))),
            parts=dict(zip(WEIGHTS, share.tolist(), strict=True)),
            prices=len(ages),
            age_s=float(np.nanmedian(ages)) if bool((~np.isnan(ages)).any()) else None,
            lag_s=float(lag_s(follows)[0]) if known else None,
            events=max(events for events, _ in heard),
            silent=max(silent for _, silent in heard),
        )

    def _ages(self, numbers: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        if self._last is None:
            return np.zeros(0)
        return self._last.age_s[np.isin(self._last.who, numbers)]


def _events(holdings: Holdings, now: datetime) -> dict[Who, tuple[int, int]]:
    """Return on how many events each was heard, and on how many of them it has fallen silent."""
    found: dict[Who, tuple[int, int]] = {}
    for of in holdings.events:
        for place, heard_at in of.heard.items():
            events, silent = found.get(who := Who(*place), (0, 0))
            found[who] = events + 1, silent + (now - heard_at > SILENT_AFTER)
    return found
