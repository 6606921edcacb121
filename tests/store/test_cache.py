"""Valkey: what is told arrives, in order, and nothing stays for ever."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from redis.asyncio import Redis

from domain.errors import Refused, Unavailable
from domain.shards import ONLY, shards
from kit.ids import fresh
from store.cache import Cache
from store.claims import Claim, Deposed
from store.streams import FIRST, Part, Routed
from tests.facts import NOON, a_health, a_patch, a_reading, a_row, a_snapshot, some_refusals

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
    claim, router = Claim("source invented", "me"), Claim("router", "me")
    await cache.claims.hold([claim, router])
    await cache.streams.append(claim, 1, a_reading())
    before, after = Routed(FIRST, None), Routed("1-1", None)
    await cache.streams.route(router, before, after, [Part(ONLY, 1, a_reading())])
    await cache.publish(a_patch(), a_snapshot())
    await cache.put_near("0/1", ["event"])
    await cache.put_looks(ONLY, [])
    await cache.put_refusals(some_refusals())
    await cache.beat("one", {"rss_mb": 80})
    await cache.put_source(a_health())


async def test_every_key_comes_to_an_end(cache, raw):
    await everything(cache)
    ends = {key: await raw.ttl(key) for key in await keys_of(raw, cache)}
    assert len(ends) == 17
    assert {key for key, seconds in ends.items() if seconds <= 0} == set()


async def test_the_snapshot_is_there_before_its_patch_arrives(cache):
    assert await cache.snapshot() is None
    snapshot = a_snapshot(7, rows=[a_row()])
    async with cache.subscribed() as patches:
        await cache.publish(a_patch(7, rows=snapshot.rows), snapshot)
        assert await anext(patches) == (ONLY, a_patch(7, rows=snapshot.rows))
        assert await cache.snapshot() == snapshot


async def test_messages_of_the_board_are_those_from_now_on(cache):
    await cache.publish(a_patch(1), a_snapshot(1))
    messages = cache.board_messages()
    first = asyncio.ensure_future(anext(messages))
    seq = 1
    while not first.done():
        seq += 1
        await cache.publish(a_patch(seq), a_snapshot(seq))
    assert (await first)[1].seq > 1
    await messages.aclose()


async def test_refusals_are_replaced(cache):
    assert await cache.refusals() is None
    await cache.put_refusals(some_refusals())
    await cache.put_refusals(some_refusals(total=9))
    assert await cache.refusals() == some_refusals(total=9)


async def test_the_board_is_whole_when_every_shard_has_published(cache):
    one, two = shards(2)
    late = a_snapshot(
        3, epoch="b", rows=[a_row(best_roi=0.9)], refused_total=2, refused_by={"x": 2}
    )
    early = a_snapshot(
        4, rows=[a_row()], refused_total=1, refused_by={"x": 1, "y": 1},
        published_at=NOON - timedelta(seconds=9),
    )  # fmt: skip
    await cache.publish(a_patch(3), late, one)
    assert await cache.snapshot() is None
    await cache.publish(a_patch(4), early, two)
    whole = await cache.snapshot()
    assert {row.id for row in whole.rows} == {row.id for row in early.rows + late.rows}
    assert (whole.refused_total, whole.refused_by) == (3, {"x": 3, "y": 1})
    assert whole.published_at == early.published_at
    assert whole.feeding == early.feeding


async def test_only_who_holds_the_claim_publishes_under_it(cache):
    old, new = Claim("shard 0/1", "old"), Claim("shard 0/1", "new")
    assert await cache.claims.hold([old]) == [old]
    await cache.publish(a_patch(1), a_snapshot(1), claim=old)
    await cache.claims.release([old])
    assert await cache.claims.hold([new]) == [new]
    with pytest.raises(Deposed):
        await cache.publish(a_patch(2), a_snapshot(2), claim=old)
    assert await cache.snapshot() == a_snapshot(1)


async def test_near_misses_of_all_shards_are_shown_together(cache):
    one, two = shards(2)
    await cache.put_refusals(some_refusals(total=150, by_code={"leg_too_old": 150}), one)
    await cache.put_refusals(some_refusals(by_code={"in_play": 1}), two)
    told = await cache.refusals()
    assert (told.total, told.by_code) == (151, {"leg_too_old": 150, "in_play": 1})
    assert len(told.rows) == 2


async def test_what_shards_tell_of_near_arbitrages_is_kept_by_who_tells(cache):
    await cache.put_near("0/2", ["b", "a"])
    await cache.put_near("1/2", [])
    assert await cache.near() == {"0/2": {"a", "b"}, "1/2": frozenset()}


async def test_a_worker_that_leaves_is_forgotten_at_once(cache):
    await cache.beat("one", {})
    await cache.leave("one")
    assert await cache.beats() == {}


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
    await raw.set(f"{cache._namespace}:board:snapshot:0/1", b'{"type":"snapshot"}', ex=5)
    await raw.set(f"{cache._namespace}:board:shards", 1, ex=5)
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
