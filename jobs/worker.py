"""The worker process: sources in, opportunities out.

Run it as `python -m jobs.worker`; `--help` lists its options.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from domain.clock_jobs import Job
from domain.errors import Refused, Unavailable
from domain.flags import Flag
from domain.shards import Shard, shards
from domain.sources import SourceHealth
from feeds.registry import FEEDS
from feeds.transport import Transport
from jobs.alerts import Alerts
from jobs.collecting import THING, Collecting
from jobs.control import Control, stored_credentials
from jobs.credentials import Credentials
from jobs.desk import JobDesk
from jobs.detect import Detection, Means
from jobs.known import Known
from jobs.lead import Leader
from jobs.loop import run
from jobs.post import Post, Server
from jobs.questions import Questions
from jobs.resealing import Resealing
from jobs.roster import Around, Asked, roster
from jobs.route import Router
from jobs.schedule import calm, timetable, upcoming
from jobs.shares import Shares
from jobs.sources import Source
from jobs.texts import Provider, Texts
from jobs.unknown import noting
from jobs.upkeep import Upkeep
from jobs.witness import Witness
from kit import log as logs
from kit.clock import SystemClock
from kit.memory import give_back
from kit.retry import backoff
from kit.settings import Settings, settings
from store.anchors import anchor_file, anchor_keys
from store.cache import Cache
from store.claims import Claim
from store.db import Database
from store.encrypted import require_encryption
from store.history_mirror import Mirror
from store.keyhold import held
from store.sources import sources as stored_sources

log = logging.getLogger(__name__)

T = TypeVar("T")

# Connections to PostgreSQL: one a shard, up to so many, and so many for all else.
_MOST_SHARDS_AT_ONCE, _OTHERS_AT_ONCE = 12, 4


async def work(given: Settings, asked: Asked) -> None:
    """Collect, detect and publish what falls to this worker, until cancelled.

    Raises:
        Refused: The settings or the options name something that is not there.
    """
    require_encryption(given)
    clock = SystemClock()
    database_url, redis_url = _named(given.database_url), _named(given.redis_url)
    async with contextlib.AsyncExitStack() as stack:
        credentials = Credentials(given)
        transport = await stack.enter_async_context(Transport(credential=credentials, clock=clock))
        size = min(given.shards, _MOST_SHARDS_AT_ONCE) + _OTHERS_AT_ONCE
        database = await _reached(
            lambda: Database.open(database_url, application="worker", size=size)
        )
        stack.push_async_callback(database.close)
        ring = await stack.enter_async_context(held(given, database, clock))
        credentials.take((await _reached(partial(stored_credentials, database, ring))).parts)
        cache = await _reached(lambda: Cache.open(redis_url, namespace=given.namespace))
        stack.push_async_callback(cache.close)
        known = Known(cache, lambda: collecting.healths)

        async def followed() -> list[Source]:
            remembered = await _remembered(database, cache)
            around = Around(region=given.region, near=known.near, remembered=remembered)
            return roster(given, transport, clock, asked, around)

        names = await stack.enter_async_context(noting(database, clock))
        collecting = Collecting(await _reached(followed), followed, cache, clock, names.noted)
        leader = Leader(database_url, "upkeep")
        upkeep = Upkeep(
            database=database,
            cache=cache,
            clock=clock,
            sources=collecting.names,
            healths=lambda: collecting.healths,
            retention_days=given.retention_days,
            daily_retention_days=given.daily_retention_days,
        )
        control = Control(
            database=database,
            cache=cache,
            clock=clock,
            ring=ring,
            given=given,
            credentials=credentials,
            following=collecting,
            worker=upkeep.worker,
        )
        watching = Alerts(
            database=database,
            clock=clock,
            healths=cache.source_healths,
            manifests={name: feed.manifest for name, feed in FEEDS.items()},
            retention_days=given.retention_days,
        )
        post = Post(database=database, clock=clock, keys=ring, server=Server.of(given))
        witness = Witness(
            database=database,
            clock=clock,
            anchors=anchor_file(given),
            keys=anchor_keys(given),
            worker=upkeep.worker,
        )
        texts = Texts(database=database, clock=clock, keys=ring, provider=Provider.of(given))
        resealing = Resealing(database=database, keys=ring, clock=clock, worker=upkeep.worker)
        desk = JobDesk(
            database=database,
            cache=cache,
            clock=clock,
            worker=upkeep.worker,
            leads=leader.leads,
            acts={
                Job.TELL_HEALTH: upkeep.tell_health,
                Job.KEEP_HEALTH: upkeep.keep_health,
                Job.KNOW_OTHERS: known.look,
                Job.TELL_RELIABILITY: upkeep.tell_reliability,
                Job.ALERT: watching.alert,
                Job.CARRY: post.carry,
                Job.CARRY_TEXTS: texts.carry_texts,
                Job.SUMMARISE: upkeep.summarise,
                Job.PRUNE: upkeep.prune,
                Job.FORGET_MEMBERS: upkeep.forget_members,
                Job.ANCHOR: witness.anchor,
                Job.CHECK: witness.check,
                Job.RESEAL: resealing.tend,
                Job.GIVE_BACK: partial(asyncio.to_thread, give_back),
            },
        )
        await _reached(desk.obey)  # what is paused stays so from the first moment
        jobs = timetable(desk)
        desk.upcoming = partial(upcoming, jobs)
        jobs.add_job(calm(upkeep.sign_in), "date", run_date=clock.now())
        jobs.start()
        stack.callback(jobs.shutdown, wait=False)
        gc.freeze()
        mirror = _mirror(given)
        means = Means(
            database=database,
            cache=cache,
            clock=clock,
            feeding=known.feeding,
            prospects=partial(desk.offers, Flag.PROSPECTS),
            mirror=mirror,
        )
        shares = Shares(upkeep.worker, cache, {
            "router": lambda claim: Router(database, cache, clock, given.shards, claim).run(),
            **{f"shard {each}": partial(_detect, means, each) for each in shards(given.shards)},
            **{THING + name: collecting.follow for name in collecting.names},
        })  # fmt: skip
        async with asyncio.TaskGroup() as tasks:
            if mirror:
                tasks.create_task(mirror.run())
            await _reached(control.obey)
            tasks.create_task(control.run())
            tasks.create_task(desk.run())
            tasks.create_task(Questions(cache, collecting, asyncio.sleep).run())
            tasks.create_task(leader.run(_for_ever))
            tasks.create_task(shares.run())


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


def _named(url: SecretStr | None) -> str:
    if url is None:
        raise Refused("set DATABASE_URL and REDIS_URL, or start everything with ./arb up")
    return url.get_secret_value()


async def _reached(attempt: Callable[[], Awaitable[T]]) -> T:
    """Wait for a server that is not up yet."""
    for pause_s in backoff(most_s=5.0):
        try:
            return await attempt()
        except Unavailable as e:
            log.warning("waiting for a server", extra={"why": str(e)})
            await asyncio.sleep(pause_s)
    raise AssertionError("backoff never ends")


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
