"""Ten thousand callers at once, beside a bare Starlette route in the same run.

A web process behind a trusted proxy's word for 2,500 addresses, on one core, and its callers on
another: health, the description of the doors, the page for signing in, and attempts to sign in from
few addresses, of which most are refused. An error is what is neither an answer nor a refusal: a
status of 400 and more but 429 and 503, an answer that breaks off, a connection that is refused.
Beside them 400 callers take from one member's quota in the same instant.

`DUTCHBOOK_BENCH_CLIENTS` sets how many call at once (10,000 unless told).
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from arb_app.edge.keeper import AT_ONCE
from benchmarks.edge_clients import Job
from benchmarks.web import LOAD_CORE, WEB_CORE, Program, staged
from benchmarks.web_clients import most_files
from domain.plans import PlanName
from kit.ids import fresh
from services.limits import MEMBER
from store.cache import Cache
from store.embedded import free_port
from store.rates import take

NAME = "edge"
CALLERS = int(os.environ.get("DUTCHBOOK_BENCH_CLIENTS", "10000"))
ADDRESSES, FEW = 2_500, 10
IN_ONE_INSTANT: Final = 400
REFUSALS = frozenset({"429", "503", "often"})


def run() -> Mapping[str, float]:
    """Return errors, refusals, milliseconds, and how far the limit is from exact."""
    most_files()
    with tempfile.TemporaryDirectory(prefix="dutchbook-bench-") as folder:
        Path(folder).chmod(0o755)
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> Mapping[str, float]:
    async with staged(folder) as stage:
        figures = {"limit_exact": float(await _beyond(stage.cache))}
        port = free_port()
        web = await stage.web(port, PlanName.PRO, core=WEB_CORE)
        try:
            found = {name: await _measured(job) for name, job in _jobs(port).items()}
        finally:
            web.end()
        found["bare"] = await _bare()
    for name, told in found.items():
        figures |= _figures(name, told)
    errors = sum(figures[f"{name}_errors"] for name in found)
    return figures | {
        "edge_errors": errors,
        "edge_refusals": sum(figures.pop(f"{name}_refused") for name in found),
        "edge_p99_ms": figures["health_p99_ms"],
        "edge_vs_bare": figures["health_p99_ms"] / figures["bare_p99_ms"],
        "edge_at_once": float(CALLERS),
    }


def _jobs(port: int) -> dict[str, Job]:
    def job(line: str, *, addresses: int = ADDRESSES, body: str = "", more: str = "") -> Job:
        head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}"
        return Job(port, CALLERS, CALLERS, head, body, addresses)

    form = (
        f"Origin: http://127.0.0.1:{port}\r\nAccept: text/html\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
    )
    body = "email=nobody%40example.com&password=not+the+right+one"
    return {
        "health": job("GET /healthz"),
        "api": job("GET /api/v1/openapi.json"),
        "page": job("GET /login"),
        "sign_in": job("POST /auth/sign-in", addresses=FEW, body=body, more=form),
    }


async def _measured(job: Job) -> dict[str, Any]:
    callers = Program("benchmarks.edge_clients", json.dumps(asdict(job)), core=LOAD_CORE)
    try:
        told = await callers.hear()
        print(f"{job.head.splitlines()[0]}: {told}", file=sys.stderr)
        return told
    finally:
        callers.stop()


async def _bare() -> dict[str, Any]:
    port = free_port()
    server = Program("benchmarks.edge_bare", str(port), core=WEB_CORE)
    try:
        await server.hear()
        head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        return await _measured(Job(port, CALLERS, CALLERS, head))
    finally:
        server.stop()


def _figures(name: str, told: Mapping[str, Any]) -> dict[str, float]:
    statuses: Mapping[str, int] = told["statuses"]
    refused = sum(many for status, many in statuses.items() if status in REFUSALS)
    fine = sum(many for status, many in statuses.items() if status[0] in "23")
    return {
        f"{name}_p50_ms": told["p50_ms"],
        f"{name}_p99_ms": told["p99_ms"],
        f"{name}_errors": float(CALLERS - refused - fine),
        f"{name}_refused": float(refused),
    }


async def _beyond(cache: Cache) -> int:
    """Return by how many the allowed of 400 concurrent callers differ from the quota."""
    who, now = fresh(), datetime.now(UTC)
    connections = asyncio.Semaphore(AT_ONCE)

    async def ask() -> bool:
        async with connections:
            return not (await take(cache, MEMBER, who, cost=1, now=now)).wait_s

    found = await asyncio.gather(*(ask() for _ in range(IN_ONE_INSTANT)))
    return abs(sum(found) - MEMBER.most)
