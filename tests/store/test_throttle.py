"""Allowances: so many at once, then one at a time, and none is spent when another forbids."""

import asyncio
from datetime import timedelta

import pytest

from store.throttle import Allowance
from tests.facts import NOON

FEW, MANY = Allowance("few", burst=3, every_s=10.0), Allowance("many", burst=5, every_s=60.0)


@pytest.fixture
def spend(cache):
    """Return a function that spends at some second and returns how long to wait."""

    async def spending(at_s, *allowances):
        return await cache.spend(allowances, now=NOON + timedelta(seconds=at_s))

    return spending


async def test_a_burst_then_one_at_a_time(spend):
    assert [await spend(0, FEW) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert [await spend(9.5, FEW), await spend(10, FEW), await spend(10, FEW)] == [0.5, 0, 10]


async def test_it_is_whole_again_after_a_while_and_never_more_than_whole(spend):
    for _ in range(3):
        await spend(0, FEW)
    assert [await spend(1000, FEW) for _ in range(4)] == [0, 0, 0, 10]


async def test_where_one_forbids_none_is_spent_and_the_longest_wait_is_told(spend):
    assert [await spend(0, FEW, MANY) for _ in range(10)] == [0] * 3 + [10] * 7
    assert [await spend(0, MANY) for _ in range(3)] == [0, 0, 60]
    assert await spend(0, FEW, MANY) == 60


async def test_of_many_at_once_exactly_so_many_get_through(spend):
    waits = await asyncio.gather(*(spend(0, MANY) for _ in range(200)))
    assert waits.count(0) == 5


async def test_what_was_taken_is_remembered_until_the_askers_clock_says_otherwise(spend, cache):
    quick = Allowance("quick", burst=3, every_s=0.001)
    # Valkey's own clock goes on meanwhile, for far longer than the allowance needs to be whole.
    assert [await spend(0, quick) for _ in range(200)].count(0) == 3
    assert [await spend(0.003, quick) for _ in range(5)].count(0) == 3


async def test_it_is_made_whole_by_name_and_others_are_not(spend, cache):
    for _ in range(3):
        await spend(0, FEW, MANY)
    await cache.restore([FEW])
    assert [await spend(0, FEW) for _ in range(4)] == [0, 0, 0, 10]
    assert [await spend(0, MANY) for _ in range(3)] == [0, 0, 60]
