"""Valkey: what is told arrives, in order, and nothing stays for ever."""

import asyncio

import msgspec
import pytest
from redis.asyncio import Redis

from domain.errors import Refused, Unavailable
from kit.ids import fresh
from store.cache import Cache
from tests.facts import a_health, a_patch, a_reading, a_row, a_snapshot, some_refusals

replace = msgspec.structs.replace


@pytest.fixture
async def raw(servers):
    """The server itself, for what our own code would never do."""
    client = Redis.from_url(servers.redis_url)
    yield client
    await client.aclose()


async def keys_of(raw, cache):
    return [key async for key in raw.scan_iter(f"{cache._namespace}:*")]


async def everything(cache):
    await cache.add_reading(0, a_reading())
    await cache.publish(a_patch(), a_snapshot())
    await cache.put_refusals(some_refusals())
    await cache.beat("one", {"rss_mb": 80})
    await cache.put_source(a_health())


async def test_every_key_comes_to_an_end(cache, raw):
    await everything(cache)
    ends = {key: await raw.ttl(key) for key in await keys_of(raw, cache)}
    assert len(ends) == 7
    assert {key for key, seconds in ends.items() if seconds <= 0} == set()


async def test_readings_come_back_whole_and_in_order(cache):
    one, two = a_reading(), a_reading(scope="tennis", complete=False)
    first = await cache.add_reading(3, one)
    second = await cache.add_reading(3, two)
    assert await cache.readings(3, "0", block_ms=10) == [(first, one), (second, two)]
    assert await cache.readings(3, first, block_ms=10) == [(second, two)]
    assert await cache.readings(3, second, block_ms=10) == []
    assert await cache.readings(4, "0", block_ms=0) == []


async def test_a_reading_is_handed_to_whoever_waits_for_it(cache):
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(cache.readings(0, "0", block_ms=3_000))
        await asyncio.sleep(0)
        added = await cache.add_reading(0, a_reading())
    assert waiting.result() == [(added, a_reading())]


async def test_what_is_done_with_is_trimmed(cache):
    ids = [await cache.add_reading(0, a_reading(scope=str(n))) for n in range(4)]
    await cache.trim(0, ids[2])
    assert [id_ for id_, _ in await cache.readings(0, "0", block_ms=10)] == ids[2:]


async def test_an_entry_that_cannot_be_read_is_passed_over(cache, raw):
    stream = f"{cache._namespace}:quotes:0"
    for broken in [{"r": b"not zlib"}, {"other": b""}] * 50:
        await raw.xadd(stream, broken)
    assert await cache.readings(0, "0", block_ms=10) == []
    good = await cache.add_reading(0, a_reading())
    assert await cache.readings(0, "0", block_ms=10) == [(good, a_reading())]


async def test_the_snapshot_is_there_before_its_patch_arrives(cache):
    assert await cache.snapshot() is None
    snapshot = a_snapshot(7, rows=[a_row()])
    async with cache.subscribed() as patches:
        await cache.publish(a_patch(7, rows=snapshot.rows), snapshot)
        assert await anext(patches) == a_patch(7, rows=snapshot.rows)
        assert await cache.snapshot() == snapshot


async def test_messages_of_the_board_are_those_from_now_on(cache):
    await cache.publish(a_patch(1), a_snapshot(1))
    messages = cache.board_messages()
    first = asyncio.ensure_future(anext(messages))
    seq = 1
    while not first.done():
        seq += 1
        await cache.publish(a_patch(seq), a_snapshot(seq))
    assert (await first).seq > 1
    await messages.aclose()


async def test_refusals_are_replaced(cache):
    assert await cache.refusals() is None
    await cache.put_refusals(some_refusals())
    await cache.put_refusals(some_refusals(total=9))
    assert await cache.refusals() == some_refusals(total=9)


async def test_a_worker_that_falls_silent_is_forgotten_until_it_beats_again(cache, raw):
    await cache.beat("one", {"rss_mb": 80})
    await cache.beat("two", {"rss_mb": 90, "shards": [0, 1]})
    await raw.delete(f"{cache._namespace}:worker:one")
    assert await cache.beats() == {"two": {"rss_mb": 90, "shards": [0, 1]}}
    assert await raw.smembers(f"{cache._namespace}:names:worker") == {b"two"}
    await cache.beat("one", {"rss_mb": 81})
    assert set(await cache.beats()) == {"one", "two"}


async def test_the_health_of_sources_is_told_by_name(cache):
    assert await cache.source_healths() == []
    for name in ("beta", "alpha", "beta"):
        await cache.put_source(a_health(name))
    assert await cache.source_healths() == [a_health("alpha"), a_health("beta")]


async def test_namespaces_know_nothing_of_each_other(cache, servers):
    other = await Cache.open(servers.redis_url, namespace=fresh("test-"))
    await everything(cache)
    assert await other.snapshot() is None
    assert await other.refusals() is None
    assert (await other.beats(), await other.source_healths()) == ({}, [])
    await other.close()


async def test_what_another_version_wrote_is_unavailable_not_a_crash(cache, raw):
    await raw.set(f"{cache._namespace}:board:snapshot", b'{"type":"snapshot"}', ex=5)
    with pytest.raises(Unavailable, match="another version"):
        await cache.snapshot()


async def test_an_address_of_something_else_is_refused_without_repeating_it():
    with pytest.raises(Refused) as refusal:
        await Cache.open("http://:secret@127.0.0.1/", namespace="test")
    assert "secret" not in str(refusal.value)


async def test_a_server_that_is_not_there_is_unavailable(free_port):
    with pytest.raises(Unavailable) as outage:
        await Cache.open(f"redis://:secret@127.0.0.1:{free_port}/0", namespace="test")
    assert "secret" not in str(outage.value)
