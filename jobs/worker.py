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
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from domain.board import Feeding
from domain.errors import Refused, Unavailable
from domain.sources import SourceHealth, SourceState
from feeds.registry import FEEDS
from feeds.transport import Transport
from jobs.alerts import Alerts
from jobs.collect import Collector
from jobs.control import Control, stored_credentials
from jobs.credentials import Credentials
from jobs.detect import SHARD, Detection
from jobs.lead import Leader
from jobs.roster import Around, Asked, roster
from jobs.schedule import timetable
from jobs.unknown import noting
from jobs.upkeep import Upkeep
from kit import log as logs
from kit.clock import SystemClock
from kit.retry import backoff
from kit.settings import Settings, settings
from store.cache import Cache
from store.db import Database
from store.history_mirror import Mirror
from store.keys import key_ring
from store.sources import sources as stored_sources

log = logging.getLogger(__name__)

T = TypeVar("T")


async def work(given: Settings, asked: Asked) -> None:
    """Collect, detect and publish until cancelled.

    Raises:
        Refused: The settings or the options name something that is not there.
    """
    clock = SystemClock()
    database_url, redis_url = _named(given.database_url), _named(given.redis_url)
    async with contextlib.AsyncExitStack() as stack:
        ring, credentials = key_ring(given), Credentials(given)
        transport = await stack.enter_async_context(Transport(credential=credentials, clock=clock))
        database = await _reached(lambda: Database.open(database_url, application="worker"))
        stack.push_async_callback(database.close)
        credentials.take((await _reached(partial(stored_credentials, database, ring))).parts)
        following = _Following()
        remembered = {health.name: health for health in await _reached(partial(_saved, database))}
        around = Around(region=given.region, near=following.near, remembered=remembered)
        sources = roster(given, transport, clock, asked, around)
        cache = await _reached(lambda: Cache.open(redis_url, namespace=given.namespace))
        stack.push_async_callback(cache.close)
        add = partial(cache.add_reading, SHARD)
        hand_on = await stack.enter_async_context(noting(database, clock, add))
        collectors = [Collector(source, hand_on, clock) for source in sources]
        control = Control(
            database=database,
            cache=cache,
            clock=clock,
            ring=ring,
            given=given,
            credentials=credentials,
            sources=sources,
            collectors=collectors,
        )
        watching = Alerts(
            database=database,
            clock=clock,
            healths=cache.source_healths,
            manifests={name: feed.manifest for name, feed in FEEDS.items()},
            retention_days=given.retention_days,
        )
        jobs = timetable(
            Upkeep(
                database=database,
                cache=cache,
                clock=clock,
                collectors=collectors,
                retention_days=given.retention_days,
                daily_retention_days=given.daily_retention_days,
            ),
            watching.alert,
        )
        jobs.start()
        stack.callback(jobs.shutdown, wait=False)
        gc.freeze()
        leader = Leader(database_url, "detector")
        async with asyncio.TaskGroup() as tasks:
            mirror = _mirror(given)
            if mirror:
                tasks.create_task(mirror.run())
            feeding = partial(_feeding, collectors)
            detection = partial(Detection, database, cache, clock, feeding, mirror)
            tasks.create_task(leader.run(partial(_detect, detection, following)))
            await leader.led()
            await _reached(control.obey)
            tasks.create_task(control.run())
            for collector in collectors:
                tasks.create_task(collector.run())


@dataclass(slots=True)
class _Following:
    """The detection of now, if this worker is the one that detects."""

    detection: Detection | None = None

    def near(self) -> frozenset[str]:
        """Return the events that are nearly an arbitrage: none, if another worker detects."""
        return self.detection.near if self.detection else frozenset()


async def _detect(detection: Callable[[], Detection], following: _Following) -> None:
    following.detection = detection()
    await following.detection.run()


def _mirror(given: Settings) -> Mirror | None:
    if given.influx_url is None:
        return None
    return Mirror(given.influx_url.get_secret_value(), given.influx_token)


async def _saved(database: Database) -> list[SourceHealth]:
    async with database.begin() as db:
        return await stored_sources(db)


def _named(url: SecretStr | None) -> str:
    if url is None:
        raise Refused("set DATABASE_URL and REDIS_URL, or start everything with ./arb up")
    return url.get_secret_value()


def _feeding(collectors: Sequence[Collector]) -> list[Feeding]:
    healths = [one.health for one in collectors if one.health.state is not SourceState.OFF]
    return [Feeding(source=h.name, origin=h.origin, label=h.title) for h in healths]


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
        asyncio.run(_until_told(work(given, asked)))
    except Refused as e:
        print(e, file=sys.stderr)  # noqa: T201  the last word of a program is for its caller
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
