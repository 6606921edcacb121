"""The worker process: sources in, opportunities out.

Run it as `python -m jobs.worker`; `--help` lists its options.
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Sequence
from functools import partial
from pathlib import Path

from domain.errors import Refused
from domain.flags import Flag
from domain.shards import Shard, shards
from domain.sources import SourceHealth
from jobs.collecting import THING, Collecting
from jobs.control import Control
from jobs.crew import desk_of, upkeep_of
from jobs.desk import JobDesk
from jobs.detect import Detection, Means
from jobs.equipment import Equipment, named, reached
from jobs.known import Known
from jobs.lead import Leader
from jobs.loop import run
from jobs.questions import Questions
from jobs.roster import Around, Asked, roster
from jobs.route import Router
from jobs.schedule import calm, timetable, upcoming
from jobs.shares import Shares
from jobs.sources import Source
from jobs.unknown import noting
from jobs.upkeep import Upkeep
from kit import log as logs
from kit.clock import Clock
from kit.settings import Settings, settings
from store.cache import Cache
from store.claims import Claim
from store.db import Database
from store.history_mirror import Mirror
from store.sources import sources as stored_sources


async def work(given: Settings, asked: Asked) -> None:
    """Collect, detect and publish what falls to this worker, until cancelled.

    Raises:
        Refused: The settings or the options name something that is not there.
    """
    async with contextlib.AsyncExitStack() as stack:
        tools = await Equipment.open(given, stack)
        known = Known(tools.cache, lambda: collecting.healths)
        names = await stack.enter_async_context(noting(tools.database, tools.clock))
        followed = partial(_followed, tools, known, asked)
        first = await reached(followed)
        collecting = Collecting(first, followed, tools.cache, tools.clock, names.noted)
        upkeep = upkeep_of(tools, collecting)
        leader = Leader(named(given.database_url), "upkeep")
        desk = desk_of(tools, known, upkeep, leader)
        await reached(desk.obey)  # what is paused stays so from the first moment
        _by_the_clock(stack, desk, upkeep, tools.clock)
        gc.freeze()
        mirror = _mirror(given)
        shares = _shares(tools, collecting, upkeep.worker, _means(tools, known, desk, mirror))
        async with asyncio.TaskGroup() as tasks:
            if mirror:
                tasks.create_task(mirror.run())
            control = _control(tools, collecting, upkeep.worker)
            await reached(control.obey)
            tasks.create_task(control.run())
            tasks.create_task(desk.run())
            tasks.create_task(Questions(tools.cache, collecting, asyncio.sleep).run())
            tasks.create_task(leader.run(_for_ever))
            tasks.create_task(shares.run())


async def _followed(tools: Equipment, known: Known, asked: Asked) -> list[Source]:
    """Return the sources that are followed, as they are configured now."""
    remembered = await _remembered(tools.database, tools.cache)
    around = Around(region=tools.given.region, near=known.near, remembered=remembered)
    return roster(tools.given, tools.transport, tools.clock, asked, around)


def _by_the_clock(
    stack: contextlib.AsyncExitStack, desk: JobDesk, upkeep: Upkeep, clock: Clock
) -> None:
    """Start what is done by the clock; `stack` ends it."""
    jobs = timetable(desk)
    desk.upcoming = partial(upcoming, jobs)
    jobs.add_job(calm(upkeep.sign_in), "date", run_date=clock.now())
    jobs.start()
    stack.callback(jobs.shutdown, wait=False)


def _means(tools: Equipment, known: Known, desk: JobDesk, mirror: Mirror | None) -> Means:
    return Means(
        database=tools.database,
        cache=tools.cache,
        clock=tools.clock,
        feeding=known.feeding,
        prospects=partial(desk.offers, Flag.PROSPECTS),
        mirror=mirror,
    )


def _shares(tools: Equipment, collecting: Collecting, worker: str, means: Means) -> Shares:
    """Return what workers share among them: the router, shards of events, and sources."""
    database, cache, clock, count = tools.database, tools.cache, tools.clock, tools.given.shards
    return Shares(worker, cache, {
        "router": lambda claim: Router(database, cache, clock, count, claim).run(),
        **{f"shard {each}": partial(_detect, means, each) for each in shards(count)},
        **{THING + name: collecting.follow for name in collecting.names},
    })  # fmt: skip


def _control(tools: Equipment, collecting: Collecting, worker: str) -> Control:
    return Control(
        database=tools.database,
        cache=tools.cache,
        clock=tools.clock,
        ring=tools.ring,
        given=tools.given,
        credentials=tools.credentials,
        following=collecting,
        worker=worker,
    )


async def _detect(means: Means, shard: Shard, claim: Claim) -> None:
    await Detection(means, shard, claim).run()


async def _for_ever() -> None:
    await asyncio.Event().wait()


def _mirror(given: Settings) -> Mirror | None:
    if given.influx_url is None:
        return None
    return Mirror(given.influx_url.get_secret_value(), given.influx_token)


async def _remembered(database: Database, cache: Cache) -> dict[str, SourceHealth]:
    """Return how each source was last: as a worker tells now, else as it was saved."""
    async with database.begin() as db:
        saved = await stored_sources(db)
    return {health.name: health for health in (*saved, *await cache.source_healths())}


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="worker", description="Collect, detect and publish.")
    parser.add_argument(
        "--replay", type=Path, action="append", default=[], metavar="FILE|DIR",
        help="play recordings instead of asking sources; a folder plays all of its files at once",
    )  # fmt: skip
    parser.add_argument("--speed", type=float, default=60.0, help="how much faster to replay")
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME", help="follow these sources only"
    )
    return parser.parse_args(argv)


async def _until_told(job: Awaitable[None]) -> None:
    task = asyncio.ensure_future(job)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def main(argv: Sequence[str] | None = None) -> int:
    """Run the worker; return 0 when told to stop, 2 when told something wrong."""
    options = _arguments(sys.argv[1:] if argv is None else argv)
    asked = Asked(replay=options.replay, speed=options.speed, names=options.source)
    given = settings()
    logs.set_up(level=given.log_level, as_json=given.environment == "production")
    try:
        run(_until_told(work(given, asked)))
    except Refused as e:
        print(e, file=sys.stderr)  # noqa: T201  the last word of a program is for its caller
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
