"""A worker's process with servers of its own, watched from outside: its board, memory and CPU."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil

from benchmarks.loopback_worker import Followed, environment
from domain.board import BoardRow
from domain.errors import Unavailable
from domain.opportunities import Kind
from kit.settings import ROOT
from store.cache import Cache
from store.embedded import Servers
from store.migrate import app_role, migrate

NAMESPACE = "dutchbook"
_READY_S, _STOP_S, _TICK_S = 20.0, 20.0, 0.25


class Usage(NamedTuple):
    """What processes have used so far: seconds of CPU, and resident bytes now."""

    cpu_s: float
    rss: int


class Seen(NamedTuple):
    """A life on the board: its first row, and when the patch that brought it was here."""

    row: BoardRow
    at_s: float


@dataclass(slots=True)
class Board:
    """What a subscriber of the board has seen: lives by id, and what gates held back."""

    lives: dict[str, Seen] = field(default_factory=dict[str, Seen])
    refused: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    reasons: Counter[str] = field(default_factory=Counter[str])
    looks: int = 0

    async def watch(self, cache: Cache) -> None:
        """Note every new row as it comes, for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._held_back(cache))
            async for _, patch in cache.board_messages():
                now_s = time.time()
                for row in [one for one in patch.rows if one.opportunity.kind is Kind.ARBITRAGE]:
                    self.lives.setdefault(row.id, Seen(row, now_s))

    def named(self, home: str) -> list[Seen]:
        """Return the lives of the event of a home side."""
        return [seen for seen in self.lives.values() if seen.row.opportunity.event.home == home]

    async def _held_back(self, cache: Cache) -> None:
        while True:
            await asyncio.sleep(1.0)
            told = await cache.refusals()
            if told is None:
                continue
            self.looks += 1
            self.reasons.update(told.by_code)
            for row in told.rows:
                codes = {refusal.code.value for refusal in row.opportunity.refusals}
                home = row.opportunity.event.home
                self.refused.setdefault(home, Counter()).update(codes)


@dataclass(frozen=True, slots=True)
class Rig:
    """A worker that runs, its servers, a way to Valkey, and the board as it has been seen."""

    servers: Servers
    worker: psutil.Process
    cache: Cache
    board: Board
    log: Path

    def check(self) -> None:
        """Raise `Unavailable` with the end of its log if the worker has ended."""
        if not self.worker.is_running() or self.worker.status() == psutil.STATUS_ZOMBIE:
            raise Unavailable(f"the worker has ended:\n{self.log.read_text()[-3000:]}")

    def used(self) -> Usage:
        """Return what the worker and its children use."""
        return _used([self.worker, *self.worker.children(recursive=True)])

    def servers_used(self) -> Usage:
        """Return what PostgreSQL and Valkey use; pages that PostgreSQL shares count each time."""
        others = psutil.Process().children(recursive=True)
        own = {self.worker, *self.worker.children(recursive=True)}
        return _used([one for one in others if one not in own])

    async def quotes(self) -> int:
        """Return how many quotes all sources have handed on."""
        return sum(health.quotes for health in await self.cache.source_healths())

    async def begun(self, sources: int) -> None:
        """Wait until so many sources have handed on something."""
        healths = await self.cache.source_healths()
        for _ in range(round(_READY_S / _TICK_S)):
            if sum(health.readings > 0 for health in healths) >= sources:
                return
            self.check()
            await asyncio.sleep(_TICK_S)
            healths = await self.cache.source_healths()
        told = {health.name: health.note for health in healths}
        raise Unavailable(f"sources have said nothing: {told}; {self.log.read_text()[-2000:]}")


@contextlib.asynccontextmanager
async def rig(followed: Sequence[Followed]) -> AsyncIterator[Rig]:
    """Start servers and a worker that follows sources, and stop them when the block ends."""
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o755)
        servers = await asyncio.to_thread(Servers.start, Path(folder))
        try:
            role = app_role(servers.database_url, servers.owner_url)
            await asyncio.to_thread(migrate, servers.owner_url, app_role=role)
            log = Path(folder) / "worker.log"
            with log.open("wb") as out:
                process = _spawned(servers, followed, out.fileno())
            try:
                async with _watched(servers, psutil.Process(process.pid), log) as running:
                    yield running
            finally:
                process.terminate()
                await asyncio.to_thread(_ended, process)
        finally:
            await asyncio.to_thread(servers.stop)


@contextlib.asynccontextmanager
async def _watched(servers: Servers, worker: psutil.Process, log: Path) -> AsyncIterator[Rig]:
    cache = await Cache.open(servers.redis_url, namespace=NAMESPACE)
    board = Board()
    watching = asyncio.create_task(board.watch(cache))
    try:
        yield Rig(servers, worker, cache, board, log)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await cache.close()


def _spawned(servers: Servers, followed: Sequence[Followed], out: int) -> subprocess.Popen[bytes]:
    own = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DUTCHBOOK_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "DUTCHBOOK_SHARDS" or not name.startswith(own)
    }
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "benchmarks.loopback_worker",
            msgspec.json.encode(followed).decode(),
        ],
        cwd=ROOT,
        env={**kept, **environment(servers.database_url, servers.redis_url)},
        stdout=out,
        stderr=out,
    )


def _ended(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _used(processes: Sequence[psutil.Process]) -> Usage:
    cpu_s, rss = 0.0, 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
            times = process.cpu_times()
            cpu_s += times.user + times.system
            rss += process.memory_info().rss
    return Usage(cpu_s, rss)
