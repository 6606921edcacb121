"""Rates: exact to the last one whoever asks at once, dearer at risk, and refusals kept a day."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.clock import epoch_ms
from kit.ids import fresh
from store import rates
from store.cache import Cache
from store.rates import Quota
from tests.facts import NOON

MEMBER = Quota("member", 100)


@pytest.fixture
def take(cache):
    connections = asyncio.Semaphore(64)  # as many as a web process has

    async def taking(at_s=0.0, *, cost=1, who="ann", quota=MEMBER):
        now = NOON + timedelta(seconds=at_s)
        async with connections:
            return await rates.take(cache, quota, who, cost=cost, now=now)

    return taking


@pytest.mark.parametrize(("cost", "allowed"), [(1, 100), (3, 33), (20, 5), (100, 1), (500, 1)])
async def test_of_400_at_once_exactly_so_many_are_let_through(take, cost, allowed):
    found = await asyncio.gather(*(take(cost=cost) for _ in range(400)))
    assert sum(not each.wait_s for each in found) == allowed


@pytest.mark.parametrize(("risk", "allowed"), [(1, 100), (4, 25), (3, 33), (0.1, 100), (1000, 1)])
async def test_who_is_at_risk_has_a_part_of_it(cache, take, risk, allowed):
    await rates.put_risk(cache, "ann", risk, lasts_s=60)
    found = await asyncio.gather(*(take() for _ in range(400)))
    assert sum(not each.wait_s for each in found) == allowed
    assert not (await take(who="bob")).wait_s


async def test_it_comes_back_one_by_one_at_the_told_instant(take):
    for _ in range(100):
        last = await take()
    assert (last.left, last.whole_in_s) == (0, 60)
    assert (await take()).wait_s == pytest.approx(0.6)
    assert (await take(0.599)).wait_s == pytest.approx(0.001)
    assert (await take(0.6)).wait_s == 0
    assert (await take(0.6)).wait_s == pytest.approx(0.6)


async def test_nothing_is_paid_for_what_is_refused(take):
    await take(cost=90)
    refused = await take(cost=20)
    assert (refused.wait_s, refused.left) == (pytest.approx(6), 10)
    assert (await take(cost=10)).left == 0


async def test_what_is_left_is_told(take):
    assert [(await take()).left for _ in range(3)] == [99, 98, 97]
    assert (await take(60)).left == 99


async def test_each_has_a_quota_of_their_own(take):
    assert {(await take(who=who, cost=100)).wait_s for who in ("ann", "bob", "eve")} == {0}


steps = st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 30)), min_size=1, max_size=40)


@given(steps)
async def test_never_more_than_the_quota_and_what_came_back(servers, steps):
    cache = await Cache.open(servers.redis_url, namespace=fresh("test-"))
    try:
        at_ms, paid = 0, 0
        for wait_ms, cost in steps:
            at_ms += wait_ms
            now = NOON + timedelta(milliseconds=at_ms)
            taken = await rates.take(cache, MEMBER, "ann", cost=cost, now=now)
            paid += 0 if taken.wait_s else cost
            assert paid <= MEMBER.most + at_ms / 600 + 1e-6
            if taken.wait_s:
                later = now + timedelta(seconds=taken.wait_s, milliseconds=1)
                again = await rates.take(cache, MEMBER, "ann", cost=cost, now=later)
                assert not again.wait_s
                paid, at_ms = paid + cost, at_ms + round(taken.wait_s * 1000) + 1
    finally:
        await cache.close()


async def test_refusals_are_counted_by_minute_class_and_quota(cache):
    late = NOON + timedelta(minutes=1)
    await rates.note(cache, {("auth", "address"): 2}, {"192.0.2.0/24": 2}, now=NOON)
    await rates.note(cache, {("auth", "address"): 1}, {"192.0.2.0/24": 1}, now=NOON)
    await rates.note(cache, {("api", "member"): 5}, {"198.51.100.0/24": 5}, now=late)
    found = await rates.refusals(cache, minutes=10, now=late)
    assert [(one.kind, one.quota, one.count) for one in found] == [
        ("api", "member", 5),
        ("auth", "address", 3),
    ]
    assert await rates.loudest(cache, hours=1, now=late) == {
        "198.51.100.0/24": 5,
        "192.0.2.0/24": 3,
    }


async def test_they_are_forgotten_after_a_day(cache):
    await rates.note(cache, {("auth", "address"): 2}, {"192.0.2.0/24": 2}, now=NOON)
    minute = epoch_ms(NOON) // 60_000
    for key in (cache.key("refused", minute), cache.key("loud", minute // 60)):
        assert 0 < await cache.commands.ttl(key) <= rates.KEPT_S


async def test_however_many_are_refused_only_the_loudest_are_kept(cache, monkeypatch):
    monkeypatch.setattr(rates, "MOST_LOUD", 3)
    for n in range(6):
        await rates.note(cache, {("api", "address"): n + 1}, {f"n{n}": n + 1}, now=NOON)
    assert list(await rates.loudest(cache, hours=1, now=NOON)) == ["n5", "n4", "n3"]
