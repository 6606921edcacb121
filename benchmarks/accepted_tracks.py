"""Tracks: each recorded price of a market over a whole recording, beside all other books'."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.anomaly_windows import FOLDER, apart_of
from domain.errors import Unavailable
from domain.markets import Market, MarketKind, Outcome
from domain.opportunities import Leg
from domain.quotes import Reading
from engine.quotes import Floats
from feeds.recordings import readings
from services.books import twins


class LegFacts(NamedTuple):
    """A leg beside the other books, when it was accepted and afterwards.

    `distance` is in logit from the median of `others` other books, below 0 where it pays more, NaN
    for fewer than three; `before`, `next` and `after` are looks: the one before, the next one, and
    the first after the crossing ended. `stood_s` is for how long the price had not moved, at least;
    `margin` the overround of the book's own market. `own` and `theirs` are how far the leg and the
    median moved from acceptance to `after`. Odds are 0 where there are none.
    """

    leg: Leg
    distance: float
    others: int
    best_other: float
    stood_s: float
    margin: float
    before_odds: float
    before_distance: float
    next_odds: float
    next_distance: float
    after_odds: float
    own: float
    theirs: float
    prices: dict[str, float]


class Track(NamedTuple):
    """A market's prices and distances, shape (looks, outcomes, books)."""

    books: list[str]
    odds: Floats
    distance: Floats


@dataclass
class Recording:
    """A recorded window: its looks, and the tracks of its markets as they are asked for."""

    path: Path
    looks: list[Reading]
    tracks: dict[Market, Track] = field(default_factory=dict[Market, Track])

    @property
    def name(self) -> str:
        """The file's name without endings."""
        return self.path.name.partition(".")[0]

    @cached_property
    def at_s(self) -> Floats:
        """The instant of each look, in seconds since 1970."""
        return np.array([reading.as_of.timestamp() for reading in self.looks])

    @cached_property
    def wavering(self) -> dict[str, Floats]:
        """Of each book, by look: how many of 100 prices so far went back to where they came from.

        Home prices of winners before the start; 0 until 100 of them were seen.
        """
        back, seen = (
            defaultdict[str, Counter[int]](Counter),
            defaultdict[str, Counter[int]](Counter),
        )
        last: dict[tuple[str, Market], tuple[float, float]] = {}
        for look, reading in enumerate(self.looks):
            starts = {event.id: event.starts_at for event in reading.events}
            for quote in reading.quotes:
                market, starts_at = quote.market, starts[quote.market.event_id]
                first = market.kind is MarketKind.WINNER and quote.outcome is Outcome.HOME
                if not first or starts_at is None or reading.as_of >= starts_at:
                    continue
                before, now = last.get((quote.book, market), (0.0, quote.odds))
                seen[quote.book][look] += 1
                if quote.odds != now:
                    back[quote.book][look] += quote.odds == before
                    before = now
                last[quote.book, market] = before, quote.odds
        return {book: _share(back[book], seen[book], len(self.looks)) for book in seen}

    def look_of(self, at: datetime) -> int:
        """Return the place of the look at an instant."""
        return int(np.searchsorted(self.at_s, at.timestamp()))

    def track(self, market: Market) -> Track:
        """Return the prices of a market at every look."""
        if market not in self.tracks:
            self.tracks[market] = _track(self.looks, market)
        return self.tracks[market]

    def facts(self, leg: Leg, look: int, last: int) -> LegFacts:
        """Return what is known of a leg accepted at a look and last seen crossing at another."""
        books, odds, distance = self.track(leg.market)
        row, book = leg.market.outcomes.index(leg.outcome), books.index(leg.book)
        kin = [place for place, name in enumerate(books) if name in twins(leg.book)]
        rest = np.delete(odds[look, row], kin)
        after = min(last + 1, len(self.looks) - 1)
        own, apart = odds[:, row, book], distance[:, row, book]
        moved = logit(own[after]) - logit(own[look])
        with np.errstate(divide="ignore"):
            margin = float((1.0 / odds[look, :, book]).sum() - 1.0)
        return LegFacts(
            leg=leg,
            distance=float(apart[look]),
            others=int((rest > 0.0).sum()),
            best_other=float(rest.max(initial=0.0)),
            stood_s=self._stood_s(own, look),
            margin=margin,
            before_odds=float(own[look - 1]) if look else 0.0,
            before_distance=float(apart[look - 1]) if look else float("nan"),
            next_odds=float(own[min(look + 1, len(own) - 1)]),
            next_distance=float(apart[min(look + 1, len(own) - 1)]),
            after_odds=float(own[after]),
            own=float(moved),
            theirs=float(moved - (apart[after] - apart[look])),
            prices={b: float(o) for b, o in zip(books, odds[look, row], strict=True) if o},
        )

    def _stood_s(self, own: Floats, look: int) -> float:
        same = look
        while same and own[same - 1] == own[look]:
            same -= 1
        return float(self.at_s[look] - self.at_s[same])


def recordings() -> Iterator[Recording]:
    """Yield every recorded window, by name.

    Raises:
        Unavailable: The recorded odds are not beside the project.
    """
    if not FOLDER.is_dir():
        raise Unavailable(f"the recorded odds are not beside the project, at {FOLDER}")
    for path in sorted(FOLDER.glob("*.jsonl.xz")):
        yield Recording(path, list(readings(path)))


def logit(odds: float) -> float:
    """Return the logit of the chance that odds imply; NaN where there are none."""
    return float(-np.log(odds - 1.0)) if odds > 1.0 else float("nan")


def _share(some: Counter[int], of: Counter[int], looks: int) -> Floats:
    """Return 100 times the running share of some among all, 0 until there were 100."""
    part, whole = (np.cumsum([counted[look] for look in range(looks)]) for counted in (some, of))
    return np.where(whole >= 100, 100.0 * part / np.maximum(whole, 1), 0.0)


def _track(looks: list[Reading], market: Market) -> Track:
    quotes = [
        (look, quote)
        for look, reading in enumerate(looks)
        for quote in reading.quotes
        if quote.market == market
    ]
    books = sorted({quote.book for _, quote in quotes})
    place = {book: at for at, book in enumerate(books)}
    rows: dict[Outcome, int] = {outcome: row for row, outcome in enumerate(market.outcomes)}
    odds = np.zeros((len(looks), len(rows), len(books)))
    for look, quote in quotes:
        odds[look, rows[quote.outcome], place[quote.book]] = quote.odds
    group = np.array([min(place[t] for t in twins(book) if t in place) for book in books])
    return Track(books, odds, apart_of(odds, group).distance)
