"""Chaos: whatever one vendor does, the others are collected and the health says what is wrong."""

import asyncio
import tracemalloc
from contextlib import suppress
from dataclasses import replace

import msgspec
import pytest

from domain.errors import FeedDrifted
from domain.sources import NotAsked, SourceState
from jobs.alerts import Alerts
from jobs.collect import Collector
from jobs.polled import Polled
from kit.clock import ManualClock
from tests.controls import swept
from tests.feeds.chaos import chaos
from tests.jobs.vendors import MANIFEST, NOON, PATIENT, QUICK, Numbers, a_transport

# They wait for what never comes.
pytestmark = pytest.mark.slow

ROUNDS = 4
# Each way to misbehave, and what the health then says of it.
WAYS = {
    "slow": "it is too slow",
    "half_open": "it is too slow",
    "wrong": "not a list",
    "page": "it sent text/html instead of data",
    "truncated": "it broke off",
    "noise": "it broke off",
    "reset": "it broke off",
    "limited": "it answers 429",
    "down": "it answers 503",
    "private": "it points to 10.0.0.1, which is not its own",
    "metadata": "it points to 169.254.169.254, which is not its own",
    "elsewhere": "it points to localhost, which is not its own",
    "bomb": "its answer is larger than 100000 bytes",
    "denied": "it refuses our credential or plan (401)",
    "region": "it does not serve where we ask from (451)",
}


class Told:
    """One source with a clock of its own, followed for some rounds."""

    def __init__(self, name, url, rounds=ROUNDS):
        self.clock, self.rounds, self.waits, self.got = ManualClock(NOON), rounds, [], []
        needs = name == "denied"
        feed = Numbers(
            {"all": url}, name=name, needs_credential=needs,
            credential_headers={"X-Key": "{key}"} if needs else {},
        )  # fmt: skip
        limits = QUICK if name in {"slow", "half_open"} else PATIENT
        self.transport = a_transport(self.clock, {name: "s3cret"}, limits)
        vendor = Polled(
            feed=feed, transport=self.transport, sports=["tennis"], clock=self.clock,
            sleep=self.sleep,
        )  # fmt: skip
        self.collector = Collector(vendor, self.keep, self.clock, sleep=self.sleep)

    async def keep(self, reading):
        self.got.append(reading)

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)
        if len(self.waits) >= self.rounds:
            raise asyncio.CancelledError

    async def follow(self):
        async with self.transport:
            with suppress(asyncio.CancelledError):
                await self.collector.run()
        return self.collector.health


@pytest.fixture
async def server():
    async with chaos() as trap, chaos() as made:
        made.trap = trap.url("good").replace("127.0.0.1", "localhost")
        yield made
        assert not trap.asked


async def test_whatever_the_others_do_a_good_source_is_collected(server):
    told = {way: Told(way, server.url(way)) for way in ["good", *WAYS]}
    async with asyncio.TaskGroup() as tasks:
        for each in told.values():
            tasks.create_task(each.follow())
    good = told["good"].collector.health
    assert (good.state, good.failures, good.readings) == (SourceState.HEALTHY, 0, ROUNDS)
    assert told["good"].waits == [60.0] * ROUNDS
    for way, why in WAYS.items():
        health = told[way].collector.health
        assert health.note == f"{way}: {why}" or health.note == why, health
        assert health.state in {SourceState.FAILING, SourceState.OFF}
        assert (told[way].got, health.error_rate) == ([], 1.0)
        assert server.asked[way] >= 1


async def test_a_source_that_flaps_is_collected_whenever_it_answers(server):
    told = Told("flapping", server.url("flapping"), rounds=6)
    health = await told.follow()
    assert (health.readings, health.failures, health.error_rate) == (3, 3, 0.5)


@pytest.mark.parametrize(
    ("way", "why", "least_s"),
    [
        ("limited", NotAsked.ASKED_TO_WAIT, 1800),
        ("denied", NotAsked.KEY_REFUSED, 60),
        ("region", NotAsked.REGION_REFUSED, 900),
    ],
)
async def test_who_does_not_want_to_be_asked_is_left_alone(server, way, why, least_s):
    told = Told(way, server.url(way), rounds=1)
    health = await told.follow()
    assert (health.not_asked, server.asked[way]) == (why, 1)
    assert least_s <= told.waits[0] <= least_s + 60
    assert (health.next_due_at - NOON).total_seconds() == told.waits[0]


async def test_who_stays_down_is_asked_ever_more_seldom(server):
    told = Told("down", server.url("down"), rounds=9)
    health = await told.follow()
    assert health.not_asked is NotAsked.BREAKER_OPEN
    assert max(told.waits[:4]) <= 4
    assert all(
        low <= wait <= low + 60
        for low, wait in zip((30, 60, 120, 240, 480), told.waits[4:], strict=True)
    )


async def test_a_bomb_does_not_fill_the_memory(server):
    told = Told("bomb", server.url("bomb"), rounds=1)
    tracemalloc.start()
    await told.follow()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


async def test_nothing_is_ever_asked_of_a_host_outside_the_manifest():
    feed = Numbers({"all": "https://elsewhere.invalid/odds"})
    (request,) = feed.plan(["tennis"])
    async with a_transport() as transport:
        with pytest.raises(FeedDrifted, match="not its own"):
            await transport.fetch(request, feed.manifest)


async def test_an_alert_fires_for_who_misbehaves_and_closes_when_it_is_mended(
    server, database, owner
):
    swept(owner)
    told = {way: Told(way, server.url(way), rounds=9) for way in ("good", "down")}
    for each in told.values():
        with suppress(asyncio.CancelledError):
            await each.collector.run()
    manifests = {name: replace(MANIFEST, name=name) for name in told}
    healths = [each.collector.health for each in told.values()]

    async def now():
        return [msgspec.structs.replace(one, last_answer_at=clock.now()) for one in healths]

    clock = ManualClock(told["good"].clock.now())
    watch = Alerts(database=database, clock=clock, healths=now, manifests=manifests)
    open_now = "select subject, code from alerts where closed_at is null"
    await watch.alert()
    assert owner.execute(open_now).fetchall() == [("down", "breaker_open")]
    healths[1] = msgspec.structs.replace(healths[0], name="down")
    await watch.alert()
    assert owner.execute(open_now).fetchall() == [("down", "breaker_open")]
    clock.advance(60)
    await watch.alert()
    assert owner.execute(open_now).fetchall() == []
    swept(owner)
