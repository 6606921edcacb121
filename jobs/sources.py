"""Where readings come from: a vendor that is polled, a recording, or the simulator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from domain.quotes import Origin, Reading
from feeds.base import Feed, Payload
from feeds.recordings import readings as recorded
from feeds.recordings import source_name
from feeds.simulator import Simulator
from feeds.transport import Transport
from kit.clock import Clock

SIMULATED_STEP_S = 1.0

Sleep = Callable[[float], Awaitable[object]]


class Source(Protocol):
    """One stream of readings. It may be slow, fail or end; others do not notice."""

    @property
    def name(self) -> str:
        """What we call it."""
        ...

    @property
    def title(self) -> str:
        """What people call it."""
        ...

    @property
    def origin(self) -> Origin:
        """What its prices are."""
        ...

    @property
    def ends(self) -> bool:
        """Whether one round is all there is."""
        ...

    def readings(self) -> AsyncIterator[Reading]:
        """Yield one full round of readings, or all there are; raise `Unavailable` or `Broken`."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before the next round."""
        ...

    @property
    def quota_left(self) -> float | None:
        """What the vendor says is left, in its own unit."""
        ...


@dataclass(slots=True)
class Polled:
    """A vendor's API, asked for its sports over and over."""

    feed: Feed
    transport: Transport
    sports: Sequence[str]
    quota_left: float | None = None
    ends: bool = False

    @property
    def name(self) -> str:
        """The feed's name."""
        return self.feed.manifest.name

    @property
    def title(self) -> str:
        """The feed's name for people."""
        return self.feed.manifest.title

    @property
    def origin(self) -> Origin:
        """What the feed's prices are."""
        return self.feed.manifest.origin

    @property
    def pause_s(self) -> float:
        """The interval that the manifest allows."""
        return self.feed.manifest.min_interval_s

    async def readings(self) -> AsyncIterator[Reading]:
        """Ask every request of the plan once."""
        for request in self.feed.plan(self.sports):
            payload = await self.transport.fetch(request, self.feed.manifest)
            if payload is None:
                continue
            self.quota_left = payload.quota_left
            for reading in await asyncio.to_thread(self._read, payload):
                yield reading

    def _read(self, payload: Payload) -> list[Reading]:
        return list(self.feed.read(payload))


class Replay:
    """A recording, played from its first snapshot with the gaps between them cut by `speed`."""

    origin = Origin.REPLAY
    quota_left = None
    pause_s = 0.0
    ends = True

    def __init__(
        self, path: Path, *, speed: float, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.name = source_name(path)
        self.title = f"Recording {self.name.removeprefix('replay:')}"
        self._path, self._speed, self._clock, self._sleep = path, speed, clock, sleep

    async def readings(self) -> AsyncIterator[Reading]:
        """Yield every snapshot when its time has come."""
        began_s, first_at = self._clock.monotonic(), None
        snapshots: Iterator[Reading] = recorded(self._path)
        while (snapshot := await asyncio.to_thread(next, snapshots, None)) is not None:
            first_at = first_at or snapshot.as_of
            due_s = began_s + (snapshot.as_of - first_at).total_seconds() / self._speed
            await self._sleep(max(0.0, due_s - self._clock.monotonic()))
            yield msgspec.structs.replace(
                snapshot, origin=Origin.REPLAY, arrived_at=self._clock.now()
            )


class Simulated:
    """The simulator, stepped once a second of real time."""

    name = "simulator"
    title = "Simulator"
    origin = Origin.SIMULATED
    quota_left = None
    pause_s = SIMULATED_STEP_S
    ends = False

    def __init__(self, *, seed: int, clock: Clock) -> None:
        self._world = Simulator(seed, started_at=clock.now())
        self._clock = clock

    async def readings(self) -> AsyncIterator[Reading]:
        """Yield the world as it stands now."""
        yield await asyncio.to_thread(self._world.step, self._clock.now())
