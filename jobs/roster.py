"""The roster: which sources a worker follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from domain.errors import Refused
from domain.sources import SourceHealth
from feeds.base import Feed, Manifest, Wire
from feeds.recordings import recognise, source_name
from feeds.registry import together
from feeds.the_odds_api import TheOddsApi
from feeds.transport import NoCredential, Transport
from jobs.budget import Budget
from jobs.credentials import settings_of
from jobs.listened import Listened
from jobs.polled import Polled
from jobs.sources import Replay, Simulated, Source
from jobs.vendors import Vendor
from kit.clock import Clock
from kit.settings import Settings

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for: recordings at a speed, or sources by name."""

    replay: Sequence[Path] = ()
    speed: float = 60.0
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What vendors are asked by: where we are, what is nearly an arbitrage, what was left.

    `remembered` are the healths of before this worker started, by source: they say how much of a
    quota its period still holds.
    """

    region: str = ""
    near: Callable[[], frozenset[str]] = frozenset
    remembered: Mapping[str, SourceHealth] = field(default_factory=dict[str, SourceHealth])


def roster(
    given: Settings, transport: Transport, clock: Clock, asked: Asked, around: Around | None = None
) -> list[Source]:
    """Return the sources to follow.

    Recordings, where any are given, are followed alone. Else those named; else every vendor, where
    one that lacks its key is off until it has it, with the simulator beside them as long as there
    is no key at all.

    Raises:
        Refused: A name or a file is of no source, or a named source lacks its key.
    """
    if asked.replay:
        return _replays(asked.replay, asked.speed, clock)
    simulated = Simulated(seed=SEED, clock=clock)
    vendors = _vendors(given, transport, clock, around or Around())
    keyed = {name for name, vendor in vendors.items() if vendor.needs}
    lacking = {name for name in keyed if _lacks_key(vendors[name])}
    if not asked.names:
        return [*vendors.values(), *([simulated] if keyed == lacking else [])]
    live: dict[str, Source] = {simulated.name: simulated}
    live |= {name: vendor for name, vendor in vendors.items() if name not in lacking}
    if unknown := [name for name in asked.names if name not in live]:
        known = ", ".join(sorted(live))
        raise Refused(f"no source {unknown[0]!r} can be followed here; there are: {known}")
    return [live[name] for name in dict.fromkeys(asked.names)]


def _vendors(
    given: Settings, transport: Transport, clock: Clock, around: Around
) -> dict[str, Polled | Listened]:
    made = dict[str, Polled | Listened]()
    for name, known in sorted(together().items()):
        if not known.manifest.hosts:
            continue
        feed, sports = _asked(given, known)
        common: dict[str, Any] = {
            "feed": feed,
            "transport": transport,
            "sports": sports,
            "clock": clock,
            "region": around.region,
            "near": around.near,
            "needs": settings_of(feed.manifest),
            "fresh": partial(_fresh, given, name),
        }
        polled = feed.manifest.wire is Wire.REST
        budget = _budget(feed.manifest, around, clock)
        made[name] = Polled(**common, budget=budget) if polled else Listened(**common)
    return made


def _fresh(given: Settings, name: str) -> Feed:
    return _asked(given, together()[name])[0]


def _asked(given: Settings, feed: Feed) -> tuple[Feed, list[str]]:
    """Return a feed as the settings want it, and the sports that it is asked for."""
    if not isinstance(feed, TheOddsApi):
        return feed, sorted(feed.manifest.sports)
    sports = [sport.strip() for sport in given.odds_api_sports.split(",") if sport.strip()]
    return TheOddsApi(regions=given.odds_api_regions), sports


def _budget(manifest: Manifest, around: Around, clock: Clock) -> Budget | None:
    known = around.remembered.get(manifest.name)
    if manifest.quota is None or known is None:
        return None
    return Budget.opened(
        manifest.quota, clock.now(), left=known.quota_left, ends_at=known.quota_ends_at
    )


def _lacks_key(vendor: Vendor) -> bool:
    try:
        vendor.transport.check(vendor.feed.manifest)
    except NoCredential:
        return True
    return False


def _replays(paths: Sequence[Path], speed: float, clock: Clock) -> list[Source]:
    if speed <= 0:
        raise Refused("--speed must be above 0")
    files = [file for path in paths for file in _files(path)]
    names = [source_name(file) for file in files]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise Refused(f"two recordings are both called {double}: rename one")
    return [Replay(file, speed=speed, clock=clock) for file in files]


def _files(path: Path) -> list[Path]:
    """Return the recordings at `path`; in a folder, what no source knows is left aside."""
    if not path.is_dir():
        recognise(path)
        return [path]
    found = [file for file in sorted(path.iterdir()) if file.is_file() and _is_recording(file)]
    if not found:
        raise Refused(f"no file in {path} is a recording of a known source")
    return found


def _is_recording(file: Path) -> bool:
    try:
        recognise(file)
    except Refused:
        return False
    return True
