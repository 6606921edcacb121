"""Collecting: a source is followed by who has its claim, numbered, and told to everybody."""

import asyncio
from dataclasses import dataclass

import pytest

from domain.quotes import Origin
from domain.sources import SourceState
from jobs.collecting import THING, Collecting
from jobs.known import Known
from jobs.vendors import Facts
from store.streams import FIRST
from tests.facts import a_health, a_reading
from tests.jobs.parts import claimed, running


@dataclass
class Recording:
    """A recording of a few readings, and how often it was made."""

    name: str = "invented"
    title: str = "Invented"
    origin = Origin.REPLAY
    facts = Facts()
    pause_s = 0.0
    ends = True

    def check(self):
        """Return: it asks nobody."""

    async def readings(self):
        for number in range(3):
            yield a_reading(scope=f"{number}")


@pytest.fixture
def made():
    return []


@pytest.fixture
def collecting(cache, clock, made):
    async def remake():
        made.append(clock.now())
        return [Recording(), Recording("other")]

    return Collecting([Recording(), Recording("other")], remake, cache, clock)


async def until(wanted):
    async with asyncio.timeout(30):
        while not wanted():
            await asyncio.sleep(0.01)


async def finished(collecting):
    await until(lambda: [h.state for h in collecting.healths] == [SourceState.FINISHED])


async def test_readings_are_numbered_on_whoever_follows(cache, collecting):
    for _ in range(2):
        async with running(cache, THING + "invented", collecting.follow):
            await finished(collecting)
        assert collecting.healths == []
    told = await cache.streams.raw(FIRST, block_ms=10)
    assert [entry.number for entry in told] == [1, 2, 3, 4, 5, 6]
    assert [entry.said.scope for entry in told] == ["0", "1", "2"] * 2


async def test_what_has_ended_stays_followed_so_that_nobody_begins_it_again(cache, collecting):
    async with running(cache, THING + "invented", collecting.follow) as task:
        await finished(collecting)
        assert not task.done()
    assert collecting.names == ["invented", "other"]


async def test_who_takes_a_source_over_later_makes_it_anew(cache, collecting, clock, made):
    async with running(cache, THING + "invented", collecting.follow):
        await finished(collecting)
    assert made == []
    clock.advance(60)
    async with running(cache, THING + "other", collecting.follow):
        await finished(collecting)
    assert made == [clock.now()]


async def test_a_reading_waits_while_another_holds_the_claim_and_is_not_appended(cache, collecting):
    claim = await claimed(cache, THING + "invented")
    await cache.claims.release([claim])
    await claimed(cache, THING + "invented")
    task = asyncio.create_task(collecting.follow(claim))
    await until(lambda: collecting.healths and collecting.healths[0].failures)
    assert "another worker has taken" in collecting.healths[0].note
    task.cancel()
    await asyncio.wait([task])
    assert await cache.streams.raw(FIRST, block_ms=10) == []


async def test_what_the_board_is_made_of_are_the_sources_of_all_workers(cache):
    own = [a_health("mine", state=SourceState.STARTING), a_health("lacking", state=SourceState.OFF)]
    known = Known(cache, lambda: own)
    assert [feeding.source for feeding in known.feeding()] == ["mine"]
    await cache.put_sources([a_health("theirs"), a_health("off", state=SourceState.OFF)])
    await known.look()
    assert [feeding.source for feeding in known.feeding()] == ["mine", "theirs"]


async def test_near_arbitrages_of_all_shards_are_known(cache):
    known = Known(cache, list)
    assert known.near() == frozenset()
    await cache.put_near("0/2", ["a"])
    await cache.put_near("router", ["b"])
    await known.look()
    assert known.near() == {"a", "b"}
