"""Many callers at once in one process: a connection each, one request, and the whole answer.

It is given a job in JSON, and prints in JSON how many answers of each status came, how many callers
got none, and the median and the 99th percentile of the milliseconds from dialling to the last byte.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import cast

import uvloop

from benchmarks.web_clients import most_files

WITHIN_S = 300.0


@dataclass
class Job:
    """What is asked, how often, by how many at once, from how many addresses as a proxy says."""

    port: int
    count: int
    at_once: int
    head: str
    body: str = ""
    addresses: int = 1


@dataclass
class Outcome:
    """What came of it."""

    statuses: Counter[str] = field(default_factory=Counter[str])
    delays_ms: list[float] = field(default_factory=list[float])


class Caller(asyncio.Protocol):
    """One caller, who says what they want and hears the answer to its end."""

    def __init__(self, request: bytes, ended: "asyncio.Future[bytes]") -> None:
        """Take what to say, and what to fulfil with the answer."""
        self.request, self.ended = request, ended
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it."""
        cast("asyncio.WriteTransport", transport).write(self.request)

    def data_received(self, data: bytes) -> None:
        """Hear on."""
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Have heard all."""
        if not self.ended.done():
            self.ended.set_result(self.heard)


async def run(job: Job) -> Outcome:
    """Let everybody ask."""
    outcome, gate = Outcome(), asyncio.Semaphore(job.at_once)

    async def call(number: int) -> None:
        async with gate:
            begun = time.perf_counter()
            outcome.statuses[await asked(job, number)] += 1
            outcome.delays_ms.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(call(number) for number in range(job.count)))
    return outcome


async def asked(job: Job, number: int) -> str:
    """Ask once; return the status, or what went wrong."""
    loop = asyncio.get_running_loop()
    n = number % job.addresses
    place = f"2001:db8:{n >> 16:x}:{n & 0xFFFF:x}::1"
    own = f"X-Forwarded-For: {place}\r\nConnection: close\r\n"
    if job.body:
        own += f"Content-Length: {len(job.body)}\r\n"
    ended: asyncio.Future[bytes] = loop.create_future()
    request = f"{job.head}{own}\r\n{job.body}".encode()
    try:
        async with asyncio.timeout(WITHIN_S):
            await loop.create_connection(lambda: Caller(request, ended), "127.0.0.1", job.port)
            heard = await ended
    except (OSError, TimeoutError) as e:
        return type(e).__name__
    return status_of(heard)


def quantile(ordered: list[float], part: float) -> float:
    """Return the value below which a part of sorted values lies."""
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def status_of(heard: bytes) -> str:
    """Return an answer's status; "cut" if it is not whole."""
    head, whole, body = heard.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    told = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if not whole or len(body) < int(told.get("content-length", 0)):
        return "cut"
    return "often" if told.get("location", "").endswith("#often") else lines[0].split(" ")[1]


if __name__ == "__main__":
    most_files()
    done = uvloop.run(run(Job(**json.loads(sys.argv[1]))))
    found = {part: quantile(sorted(done.delays_ms), part) for part in (0.5, 0.99)}
    told = {"statuses": done.statuses, "p50_ms": found[0.5], "p99_ms": found[0.99]}
    print(json.dumps(told), flush=True)
