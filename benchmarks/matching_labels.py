"""Pairs of events with the answer known: from recorded fixtures under other vendors' names.

The names of one side under several vendors, and hard pairs, were typed and judged by hand; they lie
beside the tests. The fixtures, with their starts, are recorded ones, so that what stands at the
same hour beside the right event is what really stood there.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from domain.markets import Event
from engine.matching.contests import Contest, contest
from feeds.recordings import readings
from kit.settings import ROOT

RECORDED = ROOT.parent / "shared" / "data"
LABELS = ROOT / "tests" / "engine" / "matching"
EPOCH = dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC)

# Minutes by which the start of 181 recorded events moved in one vendor's answers, without those
# that moved by two hours or more; three of four did not move at all.
DRIFTS = (0,) * 130 + (1,) * 13 + (2,) * 5 + (3,) * 19 + (4, 5, 5, 5, 5, 8, 8, 15, 60)

Names = Mapping[tuple[str, str], Sequence[str]]


class Typed(NamedTuple):
    """A hard pair: whether it is one contest, the two events, and what is hard about it."""

    same: bool
    one: Contest
    other: Contest
    why: str


class Fixture(NamedTuple):
    """A recorded event and the group of leagues that its names were typed in."""

    group: str
    event: Event


def typed_pairs() -> list[Typed]:
    """Return the hard pairs of `pairs.txt`."""
    return [_typed(line) for line in _lines(LABELS / "pairs.txt")]


def names() -> Names:
    """Return the spellings of `names.txt`, the recorded one first, by group and recorded one."""
    found: dict[tuple[str, str], Sequence[str]] = {}
    group = ""
    for line in _lines(LABELS / "names.txt"):
        if line.startswith("["):
            group = line[1:-1]
            continue
        spellings = tuple(part.strip() for part in line.split("="))
        found[group, spellings[0]] = spellings
    return found


def football(folder: Path = RECORDED) -> list[Fixture]:
    """Return the fixtures of football-data's recorded seasons."""
    found: dict[str, Fixture] = {}
    for path in sorted((folder / "football_data").glob("*/*.csv")):
        for event in next(readings(path)).events:
            found[event.id] = Fixture(group_of(path.stem), event)
    return list(found.values())


def american(folder: Path = RECORDED) -> list[Fixture]:
    """Return the fixtures of American leagues in the recorded streams and hockey tables."""
    paths = [
        *sorted((folder / "odds_stream").glob("[mnw][lfn]*.xz")),
        *sorted((folder / "oddsapi_nhl").rglob("*.csv")),
    ]
    found = {event.source_id: event for path in paths for event in events(path)}
    return [Fixture(event.league, event) for event in found.values()]


def group_of(division: str) -> str:
    """Return the group of leagues between which sides move, by football-data's code."""
    if division.startswith(("SC", "SP")):
        return division[:2]
    return division[0] if division[0] in "EDIF" else division


def spelt(fixture: Fixture, spellings: Names, chance: Random, *, vendor: int, number: int) -> Event:
    """Return a fixture as a vendor, 1 or 2, lists it: its names, no league, a drifted start."""
    event, drift = fixture.event, dt.timedelta(minutes=chance.choice(DRIFTS))
    return msgspec.structs.replace(
        event,
        id=f"other-{number}",
        league="",
        home=_respelt(fixture.group, event.home, spellings, vendor),
        away=_respelt(fixture.group, event.away, spellings, vendor),
        starts_at=None if event.starts_at is None else event.starts_at + drift,
    )


def shortened(fixture: Fixture, chance: Random, *, manner: str, number: int) -> Event:
    """Return an American fixture in the manner of another vendor, of `MANNERS`."""
    style = MANNERS[manner]
    event, drift = fixture.event, dt.timedelta(minutes=chance.choice(DRIFTS))
    start = None if event.starts_at is None else event.starts_at + drift
    changed = {"id": f"other-{number}", "home": style(event.home), "away": style(event.away)}
    return msgspec.structs.replace(event, **changed, starts_at=start)


def _respelt(group: str, side: str, spellings: Names, vendor: int) -> str:
    known = spellings.get((group, side), (side,))
    return known[min(vendor, len(known) - 1)]


def _initials(side: str) -> str:
    short = {"Los Angeles": "LA", "New York": "NY", "San Francisco": "SF", "Tampa Bay": "TB"}
    for city, letters in short.items():
        if side.startswith(city):
            return side.replace(city, letters)
    return side


def _city(side: str) -> str:
    for nickname in ("Red Sox", "White Sox", "Blue Jays", "Blue Jackets", "Maple Leafs"):
        if side.endswith(nickname):
            return side.removesuffix(nickname).strip()
    for nickname in ("Red Wings", "Golden Knights", "Hockey Club"):
        if side.endswith(nickname):
            return side.removesuffix(nickname).strip()
    return side.rsplit(" ", 1)[0]


def _nickname(side: str) -> str:
    return side.removeprefix(_city(side)).strip() or side


MANNERS = {"initials": _initials, "city": _city, "nickname": _nickname}


def events(path: Path) -> Iterator[Event]:
    """Yield the events of every reading in a recording."""
    for reading in readings(path):
        yield from reading.events


def _typed(line: str) -> Typed:
    label, sport, one, other, minutes, why = (part.strip() for part in line.split("|"))
    return Typed(
        label == "same",
        contest(_event("one", sport, one, 0), "one"),
        contest(_event("other", sport, other, int(minutes)), "other"),
        why,
    )


def _event(source: str, sport: str, text: str, minutes: int) -> Event:
    sides, league = text.rsplit(" @ ", 1)
    home, away = sides.split(" v ")
    return Event(
        id=source,
        source_id=source,
        sport=sport,
        league=league,
        home=home,
        away=away,
        starts_at=EPOCH + dt.timedelta(minutes=minutes),
    )


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
