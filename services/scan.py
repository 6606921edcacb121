"""Scans: recorded prices judged reading by reading, without a server."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from pathlib import Path

from domain.errors import Refused
from domain.markets import Market
from domain.opportunities import GateCode, Opportunity
from domain.quotes import Quote, Reading
from engine.gates import DEFAULT_GATES, Gates
from feeds.football_data import OPENING
from feeds.recordings import readings, recognise, source_name
from services.detect import Detector
from services.matching import Matcher, chances

__all__ = ["Scan", "StageTally"]

RETIRE_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class StageTally:
    """Crossings before the start of an event, or after it, and what became of them.

    A crossing is `accepted` as it is, or `mended`: accepted with other legs after the best of all
    were refused. `joint` of the crossings have legs in several markets. `refused` counts each gate
    that refused the best of all; one crossing may count under several. `events` cross within a
    market, `joint_events` across several.
    """

    crossings: int = 0
    accepted: int = 0
    mended: int = 0
    joint: int = 0
    refused: Counter[GateCode] = field(default_factory=Counter[GateCode])
    events: set[str] = field(default_factory=set[str])
    joint_events: set[str] = field(default_factory=set[str])

    def count(self, found: Sequence[Opportunity]) -> None:
        """Count the opportunities of one reading at this stage."""
        refused = {opportunity.key for opportunity in found if not opportunity.accepted}
        joint = {
            opportunity.key: opportunity.event.id for opportunity in found if opportunity.joint
        }
        self.joint += len(joint)
        self.joint_events.update(joint.values())
        self.events.update(one.event.id for one in found if not one.joint)
        for opportunity in found:
            if not opportunity.accepted:
                self.crossings += 1
                self.refused.update(refusal.code for refusal in opportunity.refusals)
            elif opportunity.key in refused:
                self.mended += 1
            else:
                self.crossings += 1
                self.accepted += 1


@dataclass(slots=True)
class FileTally:
    """What was read in a file and found in it.

    `matched` counts quotes whose market is priced by two books or more, and which can cross.
    """

    readings: int = 0
    quotes: int = 0
    matched: int = 0
    rejected: Counter[str] = field(default_factory=Counter[str])
    pre_match: StageTally = field(default_factory=StageTally)
    in_play: StageTally = field(default_factory=StageTally)

    @property
    def stages(self) -> tuple[StageTally, StageTally]:
        """Both stages, pre-match first."""
        return self.pre_match, self.in_play

    def count(self, reading: Reading, late: Counter[str], found: Sequence[Opportunity]) -> None:
        """Count a reading, what was dropped of it later, and what it held."""
        self.readings += 1
        self.quotes += len(reading.quotes)
        self.matched += _matched(reading.quotes)
        self.rejected.update(reading.rejected)
        self.rejected.update(late)
        for stage, in_play in zip(self.stages, (False, True), strict=True):
            stage.count([one for one in found if one.in_play is in_play])


@dataclass(slots=True)
class Scan:
    """Every crossing of every reading in some files; `tallies` fills up as it is walked through.

    Each scope of each file is a world of its own: equal events in two files do not mix, nor do the
    opening and closing prices of one. Where they are read `together`, each file is a source of one
    world instead, in the order of their instants: equal events are matched, `joined` counts those,
    and `doubtful` the pairs that a person would be asked about.
    """

    paths: Sequence[Path]
    source: str | None = None
    gates: Gates = DEFAULT_GATES
    min_roi: float = 0.0
    joint: bool = True
    at: datetime | None = None
    together: bool = False
    joined: int = 0
    doubtful: int = 0
    tallies: dict[Path, FileTally] = field(default_factory=dict[Path, FileTally])

    def __iter__(self) -> Iterator[Opportunity]:
        """Yield the crossings as they are found, accepted or refused.

        Raises:
            Refused: A file is missing or of no known source; nothing was scanned yet.
        """
        if self.source is None:
            for path in self.paths:
                recognise(path)
        if self.together:
            yield from self._one_world()
            return
        for path in self.paths:
            yield from self._file(path)

    def _file(self, path: Path) -> Iterator[Opportunity]:
        tally = self.tallies.setdefault(path, FileTally())
        worlds: dict[str, Detector] = {}
        for reading in readings(path, source=self.source, at=self.at):
            if (detector := worlds.get(reading.scope)) is None:
                detector = worlds[reading.scope] = Detector(
                    self.gates, min_roi=self.min_roi, joint=self.joint
                )
            yield from _judged(detector, reading, tally)

    def _one_world(self) -> Iterator[Opportunity]:
        if double := sorted(_repeated(map(source_name, self.paths))):
            raise Refused(f"two recordings are both called {double[0]}: rename one")
        detector = Detector(self.gates, min_roi=self.min_roi, joint=self.joint)
        matcher = Matcher(lambda id_: chances(detector.quotes(id_)).get(id_))
        retired_at: datetime | None = None
        for reading, tally in merge(*map(self._dated, self.paths), key=lambda r: r[0].as_of):
            now = reading.arrived_at
            if retired_at is None or now - retired_at >= RETIRE_EVERY:
                detector.retire(now)
                matcher.retire(now)
                retired_at = now
            admitted = matcher.admit(reading)
            self.joined += sum(link.chance is not None for link in admitted.links)
            self.doubtful += len(admitted.proposals)
            yield from _judged(detector, admitted.reading, tally)

    def _dated(self, path: Path) -> Iterator[tuple[Reading, FileTally]]:
        """Yield a file's readings, but for opening prices: those are of days before."""
        tally = self.tallies.setdefault(path, FileTally())
        for reading in readings(path, source=self.source, at=self.at):
            if reading.scope != OPENING:
                yield reading, tally


def _judged(detector: Detector, reading: Reading, tally: FileTally) -> Iterator[Opportunity]:
    changes = detector.absorb(reading)
    found = detector.judge(_markets(reading.quotes), reading.arrived_at)
    tally.count(reading, changes.rejected, found)
    yield from found


def _repeated(names: Iterable[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}


def _markets(quotes: Iterable[Quote]) -> set[Market]:
    by_identity = {id(quote.market): quote.market for quote in quotes}
    return set(by_identity.values())


def _matched(quotes: Iterable[Quote]) -> int:
    books: dict[int, set[str]] = {}
    sizes = Counter[int]()
    for quote in quotes:
        place = id(quote.market)
        books.setdefault(place, set()).add(quote.book)
        sizes[place] += 1
    return sum(size for place, size in sizes.items() if len(books[place]) > 1)
