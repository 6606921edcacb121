"""The events known so far, found again by sport, time and the beginnings of names."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from engine.matching.contests import Contest
from engine.matching.names import Name

BLOCK_MINUTES = 180
MOST_SPELLINGS = 8
MOST_NAMES = 50_000
_Key = TypeVar("_Key")


@dataclass(slots=True, eq=False)
class Known:
    """One event under its canonical id, as each source that lists it describes it."""

    id: str
    contests: dict[str, Contest] = field(default_factory=dict[str, Contest])
    sources: set[str] = field(default_factory=set[str])
    places: set[tuple[str, str, int | None]] = field(
        default_factory=set[tuple[str, str, int | None]]
    )

    def spellings(self) -> list[Contest]:
        """Return its descriptions that differ in names or squads, at most `MOST_SPELLINGS`."""
        told = {(c.home.key, c.away.key, c.squads): c for c in self.contests.values()}
        return list(told.values())[:MOST_SPELLINGS]


class Roster:
    """Known events in blocks; an event is in the block of its start and in those beside it.

    It remembers what each source calls sides, too: a name that a source uses is not another name
    for a side that the same source calls differently.
    """

    def __init__(self) -> None:
        self.known: dict[str, Known] = {}
        self._called = defaultdict[tuple[str, str], dict[str, None]](dict)
        self._named: dict[tuple[str, str, str], dict[Known, None]] = {}
        self._begins: dict[tuple[str, str, int], dict[Known, None]] = {}

    def hear(self, contest: Contest) -> None:
        """Remember what a source calls two sides; the oldest names give way."""
        called = self._called[contest.source, contest.sport]
        if contest.home.key not in called or contest.away.key not in called:
            called[contest.home.key] = called[contest.away.key] = None
            while len(called) > MOST_NAMES:
                del called[next(iter(called))]

    def calls(self, source: str, sport: str, key: str) -> bool:
        """Return whether a source has used a name."""
        return key in self._called.get((source, sport), ())

    def add(self, canonical_id: str, contest: Contest) -> None:
        """Take in how a source describes an event."""
        known = self.known.get(canonical_id)
        if known is None:
            known = self.known[canonical_id] = Known(canonical_id)
        known.contests[contest.id] = contest
        known.sources.add(contest.source)
        self.hear(contest)
        if (place := _place(contest)) not in known.places:
            known.places.add(place)
            self._named.setdefault(_names(contest), {})[known] = None
            for key in _beginnings(contest):
                self._begins.setdefault(key, {})[known] = None

    def remove(self, canonical_id: str, event_id: str) -> None:
        """Forget how a source describes an event; with the last description, the event."""
        known = self.known[canonical_id]
        gone = known.contests.pop(event_id)
        left = list(known.contests.values())
        known.sources = {contest.source for contest in left}
        known.places = {_place(contest) for contest in left}
        if all(_names(contest) != _names(gone) for contest in left):
            _take_out(self._named, _names(gone), known)
        still = {key for contest in left for key in _beginnings(contest)}
        for key in set(_beginnings(gone)) - still:
            _take_out(self._begins, key, known)
        if not left:
            del self.known[canonical_id]

    def exactly(self, contest: Contest) -> list[Known]:
        """Return the events of the same names, whichever is home and whenever they start."""
        sport, home, away = _names(contest)
        straight = self._named.get((sport, home, away), {})
        swapped = self._named.get((sport, away, home), {})
        return [*straight] if not swapped else [*(straight | swapped)]

    def candidates(self, contest: Contest, exact: list[Known]) -> list[Known]:
        """Return the events that may be this one: of near starts, with both names begun alike.

        An event of which one side's name is the same is one as well, whatever the other's; `exact`
        are those of the same names.
        """
        if contest.minute is None:
            return exact
        block = contest.minute // BLOCK_MINUTES
        home, away = (self._beginning(contest.sport, side, block) for side in _sides(contest))
        near = {known: None for known in home if known in away}
        keys = {contest.home.key, contest.away.key}
        near |= {k: None for k in home | away if k not in near and _shares_side(k, keys)}
        return [*near, *(known for known in exact if known not in near)]

    def _beginning(self, sport: str, side: Name, block: int) -> dict[Known, None]:
        found: dict[Known, None] = {}
        for beginning in side.beginnings:
            for near in (block - 1, block, block + 1):
                found |= self._begins.get((sport, beginning, near), {})
        return found


def _shares_side(known: Known, keys: set[str]) -> bool:
    return any(c.home.key in keys or c.away.key in keys for c in known.contests.values())


def _names(contest: Contest) -> tuple[str, str, str]:
    return contest.sport, contest.home.key, contest.away.key


def _place(contest: Contest) -> tuple[str, str, int | None]:
    block = None if contest.minute is None else contest.minute // BLOCK_MINUTES
    return contest.home.key, contest.away.key, block


def _sides(contest: Contest) -> tuple[Name, Name]:
    return contest.home, contest.away


def _beginnings(contest: Contest) -> Iterator[tuple[str, str, int]]:
    if contest.minute is not None:
        block = contest.minute // BLOCK_MINUTES
        for side in _sides(contest):
            for beginning in side.beginnings:
                yield contest.sport, beginning, block


def _take_out(index: dict[_Key, dict[Known, None]], key: _Key, known: Known) -> None:
    some = index[key]
    some.pop(known, None)
    if not some:
        del index[key]
