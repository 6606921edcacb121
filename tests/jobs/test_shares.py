"""Shares: each thing done by one worker, by another when that is gone, and moved no more."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from domain.errors import Unavailable
from jobs.shares import Shares, owners
from store.claims import CLAIM_TTL_S, Claim, Deposed
from tests.outages import eventually, killed

THINGS = [f"thing {n}" for n in range(12)]


async def soon(_):
    await asyncio.sleep(0.01)


class Floor:
    """Where jobs are done: who does what now, and who ever did."""

    def __init__(self):
        self.doing, self.log = {}, []

    def jobs(self, worker, things=THINGS):
        return {thing: lambda claim: self._do(worker, claim) for thing in things}

    async def _do(self, worker, claim):
        assert claim.thing not in self.doing, "two do the same"
        self.doing[claim.thing] = worker
        self.log.append((worker, claim.thing))
        try:
            await asyncio.Event().wait()
        finally:
            del self.doing[claim.thing]

    def of(self, worker):
        return {thing for thing, who in self.doing.items() if who == worker}


@asynccontextmanager
async def working(cache, worker, jobs):
    shares = Shares(worker, cache, jobs, sleep=soon)
    task = asyncio.create_task(shares.run())
    try:
        yield shares
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(wanted):
    async with asyncio.timeout(20):
        while not wanted():
            await asyncio.sleep(0.01)


@given(st.sets(st.text(max_size=8), min_size=1, max_size=6), st.text(max_size=8))
def test_when_a_worker_joins_only_what_it_takes_moves(workers, new):
    before = owners(dict.fromkeys(THINGS, workers))
    after = owners(dict.fromkeys(THINGS, workers | {new}))
    assert before.keys() == after.keys() == set(THINGS)
    assert {after[thing] for thing in THINGS if after[thing] != before[thing]} <= {new}


def test_what_there_is_to_do_is_spread():
    things = [f"shard {n}/64" for n in range(64)]
    found = list(owners(dict.fromkeys(things, ("w1", "w2", "w3", "w4"))).values())
    assert min(found.count(worker) for worker in set(found)) >= 8


def test_what_nobody_can_do_is_nobodys():
    assert owners({"a": []}) == {}


async def test_one_worker_does_everything(cache):
    floor = Floor()
    async with working(cache, "one", floor.jobs("one")) as shares:
        await until(lambda: floor.of("one") == set(THINGS))
        assert shares.things == sorted(THINGS)
    assert floor.doing == {}


async def test_who_joins_takes_its_part_and_leaves_it_at_once(cache):
    floor = Floor()
    async with working(cache, "one", floor.jobs("one")):
        await until(lambda: len(floor.doing) == len(THINGS))
        async with working(cache, "two", floor.jobs("two")):
            await until(lambda: floor.of("two") and len(floor.doing) == len(THINGS))
            both = owners(dict.fromkeys(THINGS, ("one", "two")))
            assert floor.doing == both
        async with asyncio.timeout(CLAIM_TTL_S - 2):  # sooner than a claim would lapse
            await until(lambda: floor.of("one") == set(THINGS))
    kept = {thing for thing, worker in both.items() if worker == "one"}
    assert all(floor.log.count(("one", thing)) == 1 for thing in kept)


async def test_what_only_one_can_do_stays_with_it(cache):
    floor = Floor()
    async with (
        working(cache, "one", floor.jobs("one", THINGS[:2])),
        working(cache, "two", floor.jobs("two", THINGS[1:])),
    ):
        await until(lambda: len(floor.doing) == len(THINGS))
        assert floor.doing[THINGS[0]] == "one"
        assert {floor.doing[thing] for thing in THINGS[2:]} == {"two"}


async def test_a_worker_that_died_is_replaced_when_its_claims_lapse(cache, servers):
    floor, raw = Floor(), Redis.from_url(servers.redis_url)
    dead = [Claim(thing, "dead") for thing in THINGS]
    assert await cache.claims.hold(dead) == dead
    async with working(cache, "one", floor.jobs("one")):
        await asyncio.sleep(0.1)
        assert floor.doing == {}
        await raw.delete(*(cache.claims.key(thing) for thing in THINGS))
        await until(lambda: floor.of("one") == set(THINGS))
    await raw.aclose()


async def test_who_lost_its_claim_stops(cache, servers):
    floor, raw = Floor(), Redis.from_url(servers.redis_url)
    async with working(cache, "one", floor.jobs("one")):
        await until(lambda: len(floor.doing) == len(THINGS))
        await raw.set(cache.claims.key(THINGS[0]), "another", px=60_000)
        await until(lambda: THINGS[0] not in floor.doing)
        assert len(floor.doing) == len(THINGS) - 1
    assert await raw.get(cache.claims.key(THINGS[0])) == b"another"
    await raw.aclose()


@pytest.mark.parametrize("kind", [Unavailable, Deposed])
async def test_what_fails_for_want_of_a_server_begins_anew(cache, kind):
    begun = []

    async def job(claim):
        begun.append(claim)
        if len(begun) < 3:
            raise kind("away")
        await asyncio.Event().wait()

    async with working(cache, "one", {"thing": job}):
        await until(lambda: len(begun) == 3)
    assert len(set(begun)) == 1


async def test_what_breaks_ends_the_worker_and_frees_what_it_did(cache):
    floor = Floor()

    async def broken(_):
        raise KeyError("x")

    shares = Shares("one", cache, {**floor.jobs("one"), "broken": broken}, sleep=soon)
    with pytest.raises(ExceptionGroup) as failure:
        await shares.run()
    assert failure.group_contains(KeyError)
    assert floor.doing == {}
    assert await cache.claims.hold([Claim(thing, "next") for thing in THINGS])
    assert await cache.beats() == {}


async def test_the_division_outlives_valkey(mortal):
    from store.cache import Cache

    cache = await Cache.open(mortal.redis_url, namespace="test-shares")
    floor = Floor()
    async with working(cache, "one", floor.jobs("one")):
        await until(lambda: len(floor.doing) == len(THINGS))
        async with killed(mortal.valkey):
            with pytest.raises(Unavailable):
                await cache.ping()
        await eventually(cache.ping)
        await until(lambda: len(floor.doing) == len(THINGS))
        assert "one" in await cache.beats()
    await cache.close()
