"""Recorded windows of odds as tables in time, and what is known of each price when it is judged."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from domain.errors import Unavailable
from domain.markets import Market, Outcome
from domain.quotes import Quote, Reading
from engine.anomaly import innovation, robust_z
from engine.gates import DEFAULT_GATES
from engine.peers import Apart, apart_from, implied_logits
from engine.quotes import Floats, Ints
from engine.sheet import Marks
from feeds.recordings import readings
from kit.settings import ROOT
from services.books import twins

FOLDER = ROOT.parent / "shared" / "data" / "odds_stream"
MIN_OTHERS = DEFAULT_GATES.min_others
WAY_OUT = DEFAULT_GATES.pre_match.max_distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Every price of a recording: shape (readings, places, books), a place being an outcome.

    `odds` are 0 where there is none, `changed_s` seconds since 1970. `at_s` has one instant a
    reading, `other_side` the place of the opposite outcome or -1. `judged` marks the prices before
    the start that at least three other groups of books price too, but for the first reading;
    `apart` and `before` are what `engine.anomaly` asks for.
    """

    name: str
    sport: str
    odds: Floats
    changed_s: Floats
    at_s: Floats
    other_side: Ints
    group: Ints
    judged: Marks
    apart: Apart
    before: Floats

    @property
    def age_s(self) -> Floats:
        """Seconds since each price was confirmed."""
        return self.at_s[:, np.newaxis, np.newaxis] - self.changed_s

    @property
    def recorded(self) -> Floats:
        """The parts of all that is judged as it was recorded, not yet by what is usual."""
        return measured(self.apart, self.before, self.age_s)[:, self.judged]

    @property
    def sound(self) -> Floats:
        """The same without what another gate refuses already: prices that are way out."""
        near = np.abs(self.apart.distance[self.judged]) <= WAY_OUT
        return self.recorded[:, near]


def measured(apart: Apart, before: Floats, age_s: Floats) -> Floats:
    """Return robust z, innovation (0 where unknown) and age, stacked."""
    leap = innovation(apart, before)
    return np.stack([robust_z(apart), np.where(np.isnan(leap), 0.0, leap), age_s])


def windows() -> list[Window]:
    """Return every recorded window, by name.

    Raises:
        Unavailable: The recorded odds are not beside the project.
    """
    if not FOLDER.is_dir():
        raise Unavailable(f"the recorded odds are not beside the project, at {FOLDER}")
    return [window_of(path) for path in sorted(FOLDER.glob("*.jsonl.xz"))]


def window_of(path: Path) -> Window:
    """Return one recorded window."""
    heard = list(readings(path))
    books = sorted({quote.book for reading in heard for quote in reading.quotes})
    column = {book: place for place, book in enumerate(books)}
    places: dict[tuple[Market, Outcome], int] = {}
    for quote in (quote for reading in heard for quote in reading.quotes):
        places.setdefault((quote.market, quote.outcome), len(places))
    shape = (len(heard), len(places), len(books))
    odds, changed_s, starts_s = np.zeros(shape), np.zeros(shape), np.full(shape[:2], np.nan)
    for turn, reading in enumerate(heard):
        starts = {event.id: event.starts_at for event in reading.events}
        for quote in reading.quotes:
            place = places[quote.market, quote.outcome]
            odds[turn, place, column[quote.book]] = quote.odds
            changed_s[turn, place, column[quote.book]] = _changed_s(quote, reading)
            starts_at = starts[quote.market.event_id]
            starts_s[turn, place] = np.nan if starts_at is None else starts_at.timestamp()
    group = np.array([min(column[t] for t in twins(book) if t in column) for book in books])
    at_s = np.array([reading.as_of.timestamp() for reading in heard])
    apart = apart_of(odds, group)
    judged = ~np.isnan(apart.distance) & (at_s[:, np.newaxis] < starts_s)[:, :, np.newaxis]
    judged[0] = False
    return Window(
        name=path.name.partition(".")[0],
        sport=heard[0].events[0].sport,
        odds=odds,
        changed_s=changed_s,
        at_s=at_s,
        other_side=np.array([places.get(_opposite(*place), -1) for place in places]),
        group=group,
        judged=judged,
        apart=apart,
        before=_before(odds, apart.distance),
    )


def _changed_s(quote: Quote, reading: Reading) -> float:
    return (quote.changed_at or reading.as_of).timestamp()


def _opposite(market: Market, outcome: Outcome) -> tuple[Market, Outcome]:
    """Return the first outcome for the last and the last for the first; a draw has none."""
    sides = market.outcomes
    if outcome not in (sides[0], sides[-1]):
        return market, Outcome.ODD
    return market, sides[-1] if outcome is sides[0] else sides[0]


def apart_of(odds: Floats, group: Ints) -> Apart:
    """Return how far all prices stand apart, reading by reading."""
    book = np.tile(np.arange(odds.shape[2]), odds.shape[1])
    found: list[Apart] = []
    for table in implied_logits(odds):
        said = np.repeat(table, table.shape[1], axis=0)
        found.append(apart_from(table.ravel(), said, book, group, MIN_OTHERS))
    distance, scatter = (
        np.stack(figures).reshape(odds.shape) for figures in zip(*found, strict=True)
    )
    return Apart(distance, scatter)


def _before(odds: Floats, distance: Floats) -> Floats:
    """Return the distance at the last reading in which the price before each one stood."""
    before = np.full(odds.shape, np.nan)
    for turn in range(1, len(odds)):
        old, now = odds[turn - 1], odds[turn]
        stays = np.where(old == now, before[turn - 1], distance[turn - 1])
        before[turn] = np.where((old > 0.0) & (now > 0.0), stays, np.nan)
    return before
