"""Hand-overs, counted end to end: every reading's price is in the history once, whoever died."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from domain.markets import Outcome
from domain.quotes import Origin
from domain.shards import shards
from feeds.base import event_id
from jobs.collecting import THING
from jobs.detect import Detection, Means
from kit.ids import fresh
from store import positions
from store.cache import Cache
from store.claims import Claim, Deposed
from store.streams import FIRST
from tests.facts import a_market, a_quote, a_reading, an_event
from tests.jobs.parts import (
    CLOCK,
    board,
    claimed,
    detecting,
    detecting_on,
    holds,
    routing,
    tell,
)
from tests.jobs.test_detect import prices, recorded_odds
from tests.product import ROOT

pytestmark = pytest.mark.usefixtures("emptied")

GAMES, SHARDS = 24, 4
STEP = 1 / 1024
LINE = '{"fetched_at":"2030-01-01T12:00:00Z","response":[{"sport_key":"basketball_nba"}]}\n'


def numbered(source, number):
    """Return a source's reading of that number: one price of one event is new, and says which."""
    now = CLOCK.now()
    games = range(GAMES) if source == "complete" else [number % GAMES]
    events = [
        an_event(
            f"Home {n} v Away {n}",
            id=event_id(source, str(n)),
            source_id=str(n),
            starts_at=now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2),
        )
        for n in games
    ]
    # The last reading of each game up to this number says what its price is by now.
    latest = {n: number - (number - n) % GAMES for n in games}
    quotes = [
        a_quote(
            book=f"book of {source}",
            market=a_market(event),
            outcome=Outcome.HOME,
            odds=1.5 + latest[n] * STEP,
            changed_at=None,
        )
        for n, event in zip(games, events, strict=True)
        if latest[n] > 0
    ]
    return a_reading(
        source=source, as_of=now, arrived_at=now, origin=Origin.LIVE, events=events,
        quotes=quotes, complete=source == "complete", rejected={},
    )  # fmt: skip


class Collector:
    """Appends numbered readings of a source, and tries again whenever it is told to wait."""

    def __init__(self, cache, source):
        self.cache, self.source = cache, source
        self.claim, self.said = Claim(THING + source, fresh()), 0

    async def say(self, number):
        await self.cache.claims.hold([self.claim])
        await self.cache.streams.append(self.claim, number, numbered(self.source, number))
        self.said = number


def counted(owner):
    """Return how often each source's numbers are in the history."""
    rows = owner.execute("select source, unnest(odds) from quotes").fetchall()
    return Counter((source, round((float(odds) - 1.5) / STEP)) for source, odds in rows)


async def all_there(owner, collectors, *, within_s):
    wanted = Counter({(c.source, n): 1 for c in collectors for n in range(1, c.said + 1)})
    async with asyncio.timeout(within_s):
        while sum((found := counted(owner)).values()) < sum(wanted.values()):
            await asyncio.sleep(0.2)
    return found, wanted


class Workers:
    """Worker processes as an operator starts them, with nothing of their own to collect."""

    def __init__(self, servers, tmp_path):
        empty = tmp_path / "nothing.jsonl"
        empty.write_text(LINE)
        self.namespace, self.all = fresh("test-"), []
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("DUTCHBOOK_")}
        self._environment = inherited | {
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": servers.redis_url,
            "DUTCHBOOK_NAMESPACE": self.namespace,
            "DUTCHBOOK_SHARDS": f"{SHARDS}",
        }
        self._command = [sys.executable, "-m", "jobs.worker", "--replay", str(empty)]

    def start(self):
        process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment)
        self.all.append(process)
        return process

    def end(self):
        for process in self.all:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()


async def doing(cache, things):
    """Wait until so many workers do so many things between them; return who does what."""
    async with asyncio.timeout(60):
        while True:
            beats = await cache.beats()
            done = {facts["pid"]: set(facts["does"]) for facts in beats.values()}
            if things(done):
                return done
            await asyncio.sleep(0.1)


def all_done_by(*pids):
    wanted = {"router", *(f"shard {shard}" for shard in shards(SHARDS))}
    return lambda done: (
        set(pids) == done.keys() and all(done.values()) and wanted <= set().union(*done.values())
    )


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_while_workers_join_sleep_and_die(
    servers, owner, tmp_path
):
    workers = Workers(servers, tmp_path)
    cache = await Cache.open(servers.redis_url, namespace=workers.namespace)
    collectors = [Collector(cache, source) for source in ("complete", "partial", "other")]
    speak = asyncio.Event()

    async def collect():
        number = 0
        while not speak.is_set():
            number += 1
            for collector in collectors:
                await collector.say(number)
            await asyncio.sleep(0.02)

    collecting = asyncio.create_task(collect())
    try:
        first = workers.start()
        await doing(cache, all_done_by(first.pid))
        second = workers.start()
        await doing(cache, all_done_by(first.pid, second.pid))
        first.send_signal(signal.SIGSTOP)
        await doing(cache, all_done_by(second.pid))
        first.send_signal(signal.SIGCONT)
        await doing(cache, all_done_by(first.pid, second.pid))
        second.kill()
        await doing(cache, all_done_by(first.pid))
        third = workers.start()
        await doing(cache, all_done_by(first.pid, third.pid))
        first.terminate()
        assert first.wait(20) == 0
        await doing(cache, all_done_by(third.pid))
        speak.set()
        await collecting
        found, wanted = await all_there(owner, collectors, within_s=60)
    finally:
        collecting.cancel()
        workers.end()
        await cache.close()
    assert sum(wanted.values()) > 1_000
    assert found - wanted == Counter(), "doubled"
    assert wanted - found == Counter(), "lost"
    # The three sources' events are ours: each game is one event with a price of each.
    (events,) = owner.execute("select count(*) from canonical_events").fetchone()
    assert events == GAMES


async def test_detectors_that_change_hands_record_every_change_once(database, cache, owner):
    collectors = [Collector(cache, source) for source in ("complete", "partial")]

    async def say(numbers):
        for number in numbers:
            for collector in collectors:
                await collector.say(number)

    await say(range(1, 100))
    for numbers in (range(100, 200), range(200, 300), range(300, 400)):
        async with detecting(database, cache):
            await say(numbers)
    async with detecting(database, cache):
        found, wanted = await all_there(owner, collectors, within_s=60)
    assert found == wanted


@asynccontextmanager
async def asleep(database, cache, shard):
    """A detector that has resumed, and does nothing more until it is told to."""
    claim = await claimed(cache, f"shard {shard}")
    means = Means(database=database, cache=cache, clock=CLOCK, feeding=list)
    detection = Detection(means, shard, claim)
    await detection._resume()
    yield detection
    await cache.claims.release([claim])


async def heard(cache, shard, count):
    async with asyncio.timeout(30):
        while len(await cache.streams.of(shard, FIRST, block_ms=1)) < count:
            await asyncio.sleep(0.01)


async def test_a_detector_that_slept_while_another_went_on_writes_nothing(database, cache, owner):
    (shard,) = shards(1)
    async with routing(database, cache, of=1), asleep(database, cache, shard) as old:
        await tell(cache, prices(2.1, 2.1))
        await heard(cache, shard, 1)
        batch = await old._next()
        await cache.claims.release([old._publisher._claim])
        async with detecting_on(database, cache, shard):
            (row,) = (await board(cache, holds(1))).rows
            with pytest.raises(Deposed):
                await old._keep(batch)
            with pytest.raises(Deposed):
                await old._show(batch)
            assert [each.id for each in (await cache.snapshot()).rows] == [row.id]
    assert await recorded_odds(owner) == [2.1, 2.1]
    lives = owner.execute("select id from opportunities").fetchall()
    assert lives == [(row.id,)]


async def test_a_detector_that_slept_ends_and_opens_no_life_without_prices_either(
    database, cache, owner
):
    (shard,) = shards(1)
    async with routing(database, cache, of=1):
        async with detecting_on(database, cache, shard):
            await tell(cache, prices(2.1, 2.1))
            await board(cache, holds(1))
        async with asleep(database, cache, shard) as old:
            await cache.claims.release([old._publisher._claim])
            async with detecting_on(database, cache, shard) as task:
                old._lives._changes.ended = {row.id: "slept" for row in old._lives.rows}
                batch = await old._next()
                assert batch.lives.ended
                while not await taken_over(database, old):
                    await asyncio.sleep(0.01)
                with pytest.raises(Deposed):
                    await old._keep(batch)
                assert not task.done()
    gone = owner.execute("select gone_at from opportunities").fetchall()
    assert gone == [(None,)]


async def taken_over(database, old):
    async with database.begin() as db:
        try:
            await positions.move(db, old._place, old._place.entry)
        except Deposed:
            return True
    return False


async def test_a_commit_whose_answer_was_lost_is_not_written_again(database, cache, owner):
    (shard,) = shards(1)
    async with routing(database, cache, of=1), asleep(database, cache, shard) as detection:
        await tell(cache, prices(2.1, 2.1))
        await heard(cache, shard, 1)
        batch, place = await detection._next(), detection._place
        await detection._keep(batch)
        detection._place = place
        with pytest.raises(Deposed):
            await detection._keep(batch)
    assert await recorded_odds(owner) == [2.1, 2.1]
