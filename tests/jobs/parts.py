"""The worker's parts in one process: a router, detectors, and somebody who tells them things."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from domain.shards import shards
from jobs.collecting import THING
from jobs.detect import Detection, Means
from jobs.route import Router
from kit.clock import SystemClock
from kit.ids import fresh
from store.claims import Claim

CLOCK = SystemClock()
OF = 2


async def tell(cache, *readings):
    """Append readings as their collectors would, one after the other."""
    for reading in readings:
        claim = await claimed(cache, THING + reading.source)
        await cache.streams.append(claim, 1, reading)
        await cache.claims.release([claim])


async def claimed(cache, thing):
    """Return a claim that is held, as soon as nobody else has it."""
    claim = Claim(thing, fresh())
    async with asyncio.timeout(20):
        while not await cache.claims.hold([claim]):
            await asyncio.sleep(0.01)
    return claim


@asynccontextmanager
async def running(cache, thing, job):
    """Do something under a claim that lasts as long as the block."""
    claim = await claimed(cache, thing)
    task = asyncio.create_task(job(claim))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await cache.claims.release([claim])


def routing(database, cache, *, of=OF):
    """A router that runs."""
    return running(cache, "router", lambda claim: Router(database, cache, CLOCK, of, claim).run())


def detecting_on(database, cache, shard, *, feeding=list):
    """A detector of a shard that runs."""
    means = Means(database=database, cache=cache, clock=CLOCK, feeding=feeding)
    return running(cache, f"shard {shard}", lambda claim: Detection(means, shard, claim).run())


@asynccontextmanager
async def detecting(database, cache, *, of=OF):
    """A router and all detectors."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(routing(database, cache, of=of))
        for shard in shards(of):
            await stack.enter_async_context(detecting_on(database, cache, shard))
        yield


async def board(cache, wanted):
    """Return the snapshot as soon as it is as wanted."""
    async with asyncio.timeout(30):
        while True:
            if (snapshot := await cache.snapshot()) and wanted(snapshot):
                return snapshot
            await asyncio.sleep(0.02)


def holds(count):
    return lambda snapshot: len(snapshot.rows) == count
