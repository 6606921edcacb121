"""The roster: which sources a worker follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Refused
from feeds.kalshi import Kalshi
from feeds.recordings import recognise, source_name
from feeds.the_odds_api import TheOddsApi
from feeds.transport import Transport
from jobs.sources import Polled, Replay, Simulated, Source
from kit.clock import Clock
from kit.settings import Settings

SEED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for: recordings at a speed, or sources by name."""

    replay: Sequence[Path] = ()
    speed: float = 60.0
    names: Sequence[str] = ()


def roster(
    given: Settings,
    transport: Transport,
    clock: Clock,
    asked: Asked,
) -> list[Source]:
    """Return the sources to follow.

    Recordings, where any are given, are followed alone. Else those named; else what needs no key
    and what has one, with the simulator beside them as long as no source with a key is there.

    Raises:
        Refused: A name or a file is of no source, or a named source lacks its key.
    """
    if asked.replay:
        return _replays(asked.replay, asked.speed, clock)
    sports = [sport.strip() for sport in given.odds_api_sports.split(",") if sport.strip()]
    live: dict[str, Source] = {
        "kalshi": Polled(Kalshi(), transport, sorted(Kalshi.manifest.sports))
    }
    if given.odds_api_key:
        feed = TheOddsApi(regions=given.odds_api_regions)
        live["the_odds_api"] = Polled(feed, transport, sports)
    else:
        live["simulator"] = Simulated(seed=SEED, clock=clock)
    if not asked.names:
        return list(live.values())
    live.setdefault("simulator", Simulated(seed=SEED, clock=clock))
    if unknown := [name for name in asked.names if name not in live]:
        known = ", ".join(sorted(live))
        raise Refused(f"no source {unknown[0]!r} can be followed here; there are: {known}")
    return [live[name] for name in dict.fromkeys(asked.names)]


def credentials(given: Settings, source: str) -> str | None:
    """Return the credential of a source, or None."""
    keys = {"the_odds_api": given.odds_api_key}
    key = keys.get(source)
    return key.get_secret_value() if key else None


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
