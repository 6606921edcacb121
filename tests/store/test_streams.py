"""Streams and claims: in order, once each, by whoever holds the claim, and never dropped unread."""

import asyncio

import pytest
from redis.asyncio import Redis

from domain.errors import Unavailable
from domain.shards import ONLY, Forgotten, shards
from store import streams
from store.claims import Claim, Deposed
from store.streams import FIRST, Part, Routed
from tests.facts import a_quote, a_reading

SOURCE = Claim("source invented", "collector")
ROUTER = Claim("router", "router")
START = Routed(FIRST, None)


@pytest.fixture
async def raw(servers):
    """The server itself, for what our own code would never do."""
    client = Redis.from_url(servers.redis_url)
    yield client
    await client.aclose()


@pytest.fixture(autouse=True)
async def held(cache):
    """Both claims, as if we were the only worker."""
    assert await cache.claims.hold([SOURCE, ROUTER]) == [SOURCE, ROUTER]


async def everything(cache, shard=None):
    read = cache.streams.raw if shard is None else lambda *a, **k: cache.streams.of(shard, *a, **k)
    return await read(FIRST, block_ms=10)


async def numbers(cache):
    return [entry.number for entry in await everything(cache)]


BIG = a_reading(quotes=[a_quote(book=f"book {n}") for n in range(500)])


async def test_readings_come_back_whole_in_order_and_numbered_by_their_source(cache):
    other = Claim("source other", "collector")
    await cache.claims.hold([other])
    await cache.streams.append(SOURCE, 1, a_reading())
    await cache.streams.append(other, 1, a_reading(source="other"))
    await cache.streams.append(SOURCE, 2, BIG)
    told = await everything(cache)
    assert [entry.said for entry in told] == [a_reading(), a_reading(source="other"), BIG]
    assert [entry.number for entry in told] == [1, 1, 2]
    assert await cache.streams.raw(told[1].id, block_ms=10) == told[2:]


async def test_a_reading_that_is_tried_again_is_there_once(cache):
    for count in (1, 1, 2, 1, 2):
        await cache.streams.append(SOURCE, count, a_reading())
    assert await numbers(cache) == [1, 2]


async def test_the_next_collector_goes_on_with_the_number(cache):
    await cache.streams.append(SOURCE, 1, a_reading())
    await cache.claims.release([SOURCE])
    later = Claim(SOURCE.thing, "another")
    await cache.claims.hold([later])
    await cache.streams.append(later, 1, a_reading())
    assert await numbers(cache) == [1, 2]
    with pytest.raises(Deposed):
        await cache.streams.append(SOURCE, 2, a_reading())
    assert await numbers(cache) == [1, 2]


async def test_a_reading_is_handed_to_whoever_waits_for_it(cache):
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(cache.streams.raw(FIRST, block_ms=3_000))
        await asyncio.sleep(0)
        await cache.streams.append(SOURCE, 1, a_reading())
    assert [entry.said for entry in waiting.result()] == [a_reading()]


async def test_a_stream_that_is_full_refuses_and_loses_nothing(cache, monkeypatch):
    monkeypatch.setattr(streams, "MOST_ENTRIES", 2)
    for count in (1, 2):
        await cache.streams.append(SOURCE, count, a_reading())
    with pytest.raises(Unavailable, match="too far behind"):
        await cache.streams.append(SOURCE, 3, a_reading())
    told = await everything(cache)
    parts = [Part(ONLY, entry.number, entry.said) for entry in told]
    await cache.streams.route(ROUTER, START, Routed(told[-1].id, None), parts)
    with pytest.raises(Unavailable, match="too far behind"):
        await cache.streams.route(ROUTER, Routed(told[-1].id, None), Routed("9-9", None), parts)
    assert await numbers(cache) == [1, 2]
    assert len(await everything(cache, ONLY)) == 2
    assert (await cache.streams.routed()).at == told[-1].id


async def test_each_shard_is_told_its_part_and_the_place_moves_with_it(cache):
    one, two = shards(2)
    forgotten = Forgotten(source="invented", event_id="e")
    parts = [Part(one, 7, BIG), Part(two, 7, a_reading()), Part(two, 0, forgotten)]
    await cache.streams.route(ROUTER, START, Routed("5-1", 3), parts)
    assert [(e.number, e.said) for e in await everything(cache, one)] == [(7, BIG)]
    told = [(entry.number, entry.said) for entry in await everything(cache, two)]
    assert told == [(7, a_reading()), (0, forgotten)]
    assert await cache.streams.routed() == Routed("5-1", 3)


async def test_handing_on_twice_hands_on_once(cache):
    for _ in range(2):
        parts = [Part(ONLY, 1, a_reading())]
        await cache.streams.route(ROUTER, START, Routed("5-1", None), parts)
    assert len(await everything(cache, ONLY)) == 1


@pytest.mark.parametrize("before", ["4-0", FIRST])
async def test_whoever_is_elsewhere_hands_on_nothing(cache, before):
    await cache.streams.route(ROUTER, START, Routed("5-1", None), [])
    parts = [Part(ONLY, 1, a_reading())]
    with pytest.raises(Deposed):
        await cache.streams.route(ROUTER, Routed(before, None), Routed("6-0", None), parts)
    assert await everything(cache, ONLY) == []


async def test_a_router_whose_claim_is_anothers_hands_on_nothing(cache):
    await cache.claims.release([ROUTER])
    await cache.claims.hold([Claim("router", "another")])
    parts = [Part(ONLY, 1, a_reading())]
    with pytest.raises(Deposed):
        await cache.streams.route(ROUTER, START, Routed("5-1", None), parts)
    assert await everything(cache, ONLY) == []
    assert await cache.streams.routed() == START


async def test_what_is_done_with_is_trimmed(cache):
    for count in range(1, 5):
        await cache.streams.append(SOURCE, count, a_reading())
    told = await everything(cache)
    await cache.streams.trim(None, told[2].id)
    assert await everything(cache) == told[2:]


async def test_an_entry_that_cannot_be_read_is_passed_over(cache, raw):
    stream = f"{cache._namespace}:readings"
    for broken in [{"r": b"\x78not zlib"}, {"r": b"\x89not one"}, {"other": b""}] * 50:
        await raw.xadd(stream, broken)
    assert await everything(cache) == []
    await cache.streams.append(SOURCE, 1, a_reading())
    assert [entry.said for entry in await everything(cache)] == [a_reading()]


async def test_a_claim_is_one_holders_until_it_lapses(cache, raw):
    other = Claim("router", "other")
    assert await cache.claims.hold([other, SOURCE]) == [SOURCE]
    await cache.claims.release([other])
    assert await cache.claims.hold([ROUTER]) == [ROUTER]
    await raw.delete(cache.claims.key("router"))
    assert await cache.claims.hold([other]) == [other]
    assert await cache.claims.hold([ROUTER]) == []


async def test_a_claim_that_lapsed_and_nobody_took_is_still_ones_own(cache, raw):
    await raw.delete(cache.claims.key("router"))
    assert await cache.claims.hold([ROUTER]) == [ROUTER]
    assert 0 < await raw.pttl(cache.claims.key("router")) <= 6_000
