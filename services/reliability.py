"""Reliability: how far each source and each of its books can be trusted, and why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import numpy as np

from domain.looks import BookLook
from domain.sources import ReliabilityPart, SourceReliability, Standing
from engine.looks import SUMS, Look, follows_of, lag_s, shares, sums
from engine.quotes import Floats
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
_MOST_AGES = 101


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

    def seen(self) -> list[BookLook]:
        """Return what was seen of every book so far, to be added to what others saw of it."""
        return [self._seen(who, number) for who, number in self._whos.items()]

    def of_all(self) -> list[SourceReliability]:
        """Return what is known of every source, and of each of its books, by name."""
        return standings(self.seen())

    def _seen(self, who: Who, number: int) -> BookLook:
        ages_s = self._ages(number)
        some = min(len(ages_s), _MOST_AGES)
        told = ages_s if len(ages_s) == some else np.quantile(ages_s, np.linspace(0.0, 1.0, some))
        events, silent = self._events.get(who, (0, 0))
        return BookLook(
            source=who.source,
            book=who.book,
            sums=self._sums[:, number].tolist(),
            ages_s=told.tolist(),
            prices=0 if self._last is None else int((self._last.who == number).sum()),
            events=events,
            silent=silent,
        )

    def _ages(self, number: int) -> Floats:
        """Return the ages of a book's prices, as far as they are known."""
        if self._last is None:
            return np.zeros(0)
        ages_s = self._last.age_s[self._last.who == number]
        return ages_s[~np.isnan(ages_s)]


def standings(looks: Iterable[BookLook]) -> list[SourceReliability]:
    """Return how far every source and its books can be trusted, by name, from all that was seen.

    Sums of several shards add up to those of all their events. The median age is that of all
    prices, each shard's by quantiles where it holds many.
    """
    by_source: dict[str, dict[str, list[BookLook]]] = {}
    for one in looks:
        by_source.setdefault(one.source, {}).setdefault(one.book, []).append(one)
    return [
        SourceReliability(
            whole=_standing(source, [books[book] for book in sorted(books)]),
            books=[_standing(book, [books[book]]) for book in sorted(books)],
        )
        for source, books in sorted(by_source.items())
    ]


def _standing(name: str, books: Sequence[Sequence[BookLook]]) -> Standing:
    looks = [look for of in books for look in of]
    of_all = np.sum([look.sums for look in looks], axis=0)
    share, follows = shares(of_all), follows_of(of_all)
    known = follows.moves[0] >= _FEWEST_MOVES and follows.own_by_others[0] > 0.0
    return Standing(
        name=name,
        score=float(share @ np.array(list(WEIGHTS.values()))),
        parts=dict(zip(WEIGHTS, share.tolist(), strict=True)),
        prices=sum(look.prices for look in looks),
        age_s=_median_age_s(looks),
        lag_s=float(lag_s(follows)[0]) if known else None,
        events=max(sum(look.events for look in of) for of in books),
        silent=max(sum(look.silent for look in of) for of in books),
    )


def _median_age_s(looks: Sequence[BookLook]) -> float | None:
    """Return the median age, where each age told stands for as many prices as were told by one."""
    told = [look for look in looks if look.ages_s]
    if not told:
        return None
    if all(look.prices <= _MOST_AGES for look in told):
        return float(np.median(np.concatenate([look.ages_s for look in told])))
    ages_s = np.concatenate([look.ages_s for look in told])
    stand_for = np.concatenate(
        [np.full(len(look.ages_s), look.prices / len(look.ages_s)) for look in told]
    )
    order = np.argsort(ages_s)
    reached = np.cumsum(stand_for[order])
    return float(ages_s[order][np.searchsorted(reached, reached[-1] / 2.0)])


def _events(holdings: Holdings, now: datetime) -> dict[Who, tuple[int, int]]:
    """Return on how many events each was heard, and on how many of them it has fallen silent."""
    found: dict[Who, tuple[int, int]] = {}
    for of in holdings.events:
        for place, heard_at in of.heard.items():
            events, silent = found.get(who := Who(*place), (0, 0))
            found[who] = events + 1, silent + (now - heard_at > SILENT_AFTER)
    return found
