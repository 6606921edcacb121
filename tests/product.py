"""The whole product as an operator starts it, watched from outside."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from store.embedded import free_port

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN_S = 150.0
PARTS = {
    "web": r"-m arb_app\.serve",
    "worker": r"-m jobs\.worker",
    "valkey": r"^\S*valkey-server",
    "postgres": r"^\S*/postgres -D",
}


@dataclass
class Product:
    """`./arb up` on a port and a data directory of its own."""

    data: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None
    seen: dict[int, psutil.Process] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it is ready to be read."""
        self.process = await asyncio.to_thread(self._spawn)
        await self.ready()

    def _spawn(self) -> subprocess.Popen:
        own = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DUTCHBOOK_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(own)}
        where = ["--port", str(self.port), "--data", str(self.data)]
        command = [sys.executable, "-m", "cli", "up", *where, *self.options]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=sys.stderr, start_new_session=True
        )

    async def ready(self, *, within_s: float = READY_WITHIN_S) -> None:
        """Wait until every part answers and the board is fresh."""
        async with asyncio.timeout(within_s), httpx.AsyncClient(trust_env=False) as client:
            while not await self._is_ready(client):
                assert self.process.poll() is None, "the product has ended"
                await asyncio.sleep(0.1)

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            answer = await client.get(f"{self.url}/readyz", timeout=5)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def everything(self) -> list[psutil.Process]:
        """Return every process that the product ever had, as far as it was looked at."""
        if self.process.poll() is None:
            for one in psutil.Process(self.process.pid).children(recursive=True):
                self.seen.setdefault(one.pid, one)
        return list(self.seen.values())

    def part(self, name: str) -> psutil.Process:
        """Return the process of a part that runs now."""
        found = [p for p in self.everything() if p.is_running() and _is(p, PARTS[name])]
        (server,) = [p for p in found if not any(p.ppid() == other.pid for other in found)]
        return server

    def kill(self, name: str) -> None:
        """End a part as a failing machine would."""
        self.part(name).send_signal(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        self.everything()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    async def left_behind(self, *, within_s: float = 30) -> list[str]:
        """Return what still runs of it after a while."""
        deadline = asyncio.get_running_loop().time() + within_s
        while left := [_command(p) for p in self.seen.values() if _runs(p)]:
            if asyncio.get_running_loop().time() > deadline:
                return left
            await asyncio.sleep(0.1)
        return []


def _is(process: psutil.Process, pattern: str) -> bool:
    return re.search(pattern, _command(process)) is not None and "guardian.py" not in _command(
        process
    )


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
