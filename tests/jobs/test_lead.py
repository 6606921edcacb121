"""Leading: one worker at a time, and another when the first is gone."""

import asyncio
from contextlib import asynccontextmanager, suppress

from jobs.lead import Leader
from kit.ids import fresh
from tests.outages import cut


@asynccontextmanager
async def working(leader, job):
    task = asyncio.create_task(leader.run(job))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def a_job(log, who):
    async def job():
        log.append(who)
        await asyncio.Event().wait()

    return job


async def until(wanted):
    async with asyncio.timeout(30):
        while not wanted():
            await asyncio.sleep(0.01)


async def test_another_takes_over_when_the_first_is_gone(servers):
    name, log = fresh("lead-"), []
    first, second = (Leader(servers.database_url, name) for _ in range(2))
    async with working(first, a_job(log, "first")):
        await first.led()
        async with working(second, a_job(log, "second")):
            await asyncio.sleep(0)
            assert log == ["first"]
    log.clear()
    async with working(second, a_job(log, "second")):
        await second.led()
        await until(lambda: log == ["second"])


async def test_a_lost_lease_starts_the_job_from_its_beginning(servers):
    name, log = fresh("lead-"), []
    leader = Leader(servers.database_url, name)
    async with working(leader, a_job(log, "job")):
        await leader.led()
        await until(lambda: log == ["job"])
        cut(servers, name)
        await until(lambda: log == ["job", "job"])
