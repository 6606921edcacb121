"""Where readings come from: what every source is, recordings, and the simulator."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from domain.quotes import Origin, Reading
from feeds.recordings import readings as recorded
from feeds.recordings import source_name
from feeds.simulator import Simulator
from jobs.vendors import Facts
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

    def readings(self) -> AsyncGenerator[Reading]:
        """Yield one full round of readings, or all there are; raise `Unavailable` or `Broken`."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before the next round."""
        ...

    @property
    def facts(self) -> Facts:
        """What it knows of its own health."""
        ...

    def check(self) -> None:
        """Return if it may be asked at all; raise `Unavailable`, with the reason, if not."""
        ...

    def renew(self) -> None:
        """Let go of what was opened with a credential that has changed."""
        ...


class Replay:
    """A recording, played from its first snapshot with the gaps between them cut by `speed`."""

    origin = Origin.REPLAY
    facts = Facts()
    pause_s = 0.0
    ends = True

    def __init__(
        self, path: Path, *, speed: float, clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.name = source_name(path)
        self.title = f"Recording {self.name.removeprefix('replay:')}"
        self._path, self._speed, self._clock, self._sleep = path, speed, clock, sleep

    def check(self) -> None:
        """Return: a file asks nobody."""

    def renew(self) -> None:
        """Return: nothing is open."""

    async def readings(self) -> AsyncGenerator[Reading]:
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
    facts = Facts()
    pause_s = SIMULATED_STEP_S
    ends = False

    def __init__(self, *, seed: int, clock: Clock) -> None:
        self._world = Simulator(seed, started_at=clock.now())
        self._clock = clock

    def check(self) -> None:
        """Return: it is at home."""

    def renew(self) -> None:
        """Return: nothing is open."""

    async def readings(self) -> AsyncGenerator[Reading]:
        """Yield the world as it stands now."""
        yield await asyncio.to_thread(self._world.step, self._clock.now())
