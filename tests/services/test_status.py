"""How the product says it is."""

from dataclasses import replace

import pytest

from domain.errors import NotAllowed, Unavailable
from domain.sources import NotAsked, SourceState
from services import status
from services.access import ANONYMOUS
from services.status import Health
from services.work import Resources, begin
from store.cache import Cache
from store.db import Database
from store.sources import save_source
from tests.facts import NOON, a_health, a_patch, a_reliability, a_snapshot, a_standing
from tests.outages import killed


@pytest.fixture
async def on_mortal(mortal, clock):
    """Resources on servers that may be killed."""
    database = await Database.open(mortal.database_url, application="tests")
    cache = await Cache.open(mortal.redis_url, namespace="test-status")
    yield Resources(database, cache, clock)
    await cache.close()
    await database.close()


async def ask(question, resources):
    async with begin(resources, ANONYMOUS) as work:
        return await question(work)


async def test_a_board_of_now_makes_the_product_ready(work, clock):
    await work.cache.publish(a_patch(), a_snapshot(published_at=NOON))
    await work.cache.beat("one", {"rss_mb": 80})
    clock.advance(4)
    health = await status.health(work)
    assert health.ready
    assert health == Health(
        postgres=True, valkey=True, board_age_s=4.0, workers={"one": {"rss_mb": 80}}
    )


async def test_a_board_of_long_ago_or_none_does_not(work, clock):
    assert not (await status.health(work)).ready
    await work.cache.publish(a_patch(), a_snapshot(published_at=NOON))
    clock.advance(10)
    assert (await status.health(work)).ready
    clock.advance(0.1)
    assert not (await status.health(work)).ready


async def test_sources_are_as_they_are_now_else_as_remembered(work):
    await save_source(work.db, a_health("alpha", state=SourceState.STARTING))
    await save_source(work.db, a_health("beta", note="too slow", next_due_at=NOON, quotes=5))
    await work.cache.put_source(a_health("alpha"))
    off = a_health(
        "beta", state=SourceState.OFF, not_asked=NotAsked.NOT_FOLLOWED, next_due_at=None, quotes=5
    )
    assert await status.sources(work) == [a_health("alpha"), off]


async def test_without_postgresql_the_rest_is_still_told(mortal, on_mortal):
    await on_mortal.cache.put_source(a_health())
    await on_mortal.cache.publish(a_patch(), a_snapshot(published_at=NOON))
    async with killed(mortal.postgres):
        health = await ask(status.health, on_mortal)
        assert (health.postgres, health.valkey, health.board_age_s) == (False, True, 0.0)
        assert not health.ready
        assert await ask(status.sources, on_mortal) == [a_health()]
    assert (await ask(status.health, on_mortal)).ready


async def test_without_valkey_the_rest_is_still_told(mortal, on_mortal):
    async with on_mortal.database.begin() as db:
        await save_source(db, a_health())
    async with killed(mortal.valkey):
        assert await ask(status.health, on_mortal) == Health(postgres=True, valkey=False)
        assert await ask(status.sources, on_mortal) == [a_health()]


async def test_without_both_nobody_pretends_that_there_are_no_sources(mortal, on_mortal):
    async with killed(mortal.postgres), killed(mortal.valkey):
        assert await ask(status.health, on_mortal) == Health(postgres=False, valkey=False)
        with pytest.raises(Unavailable):
            await ask(status.sources, on_mortal)


async def test_reliability_is_as_the_worker_last_told(work):
    assert await status.reliabilities(work) == []
    told = a_reliability("vendor", a_standing("beta", lag_s=None))
    await work.cache.put_reliability(a_reliability("vendor"))
    await work.cache.put_reliability(told)
    assert await status.reliabilities(work) == [told]


@pytest.mark.parametrize("question", [status.health, status.sources, status.reliabilities])
async def test_whoever_may_nothing_is_told_nothing(work, stranger, question):
    with pytest.raises(NotAllowed):
        await question(replace(work, subject=stranger))
