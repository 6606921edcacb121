"""Servers that are killed: said by their right name, and forgiven as soon as they are back."""

import asyncio

import pytest
import sqlalchemy as sa

from domain.board import BoardSnapshot
from domain.errors import Unavailable
from domain.quotes import Origin
from kit.clock import ManualClock
from services.board import BoardFollower
from store import positions
from store.cache import Cache
from store.db import Database, copy_rows
from store.odds import save_quotes, withdraw_quotes
from tests.facts import NOON, a_patch, a_quote, a_row, a_snapshot
from tests.outages import eventually, killed
from tests.store.places import placed


async def test_the_pool_outlives_its_server(mortal):
    database = await Database.open(mortal.database_url, application="tests")
    async with database.begin() as db:
        await placed(db, "c", "s", "1-0")

    async def interrupted():
        async with database.begin() as db:
            await placed(db, "c", "s", "2-0")
            async with killed(mortal.postgres):
                with pytest.raises(Unavailable):
                    await database.ping()
                await placed(db, "c", "s", "3-0")

    with pytest.raises(Unavailable):
        await interrupted()
    async with database.begin() as db:
        assert await positions.position(db, "c", "s") == "1-0"
    await database.close()


async def test_a_restart_between_two_transactions_goes_unnoticed(mortal):
    database = await Database.open(mortal.database_url, application="tests")
    async with killed(mortal.postgres):
        pass
    await database.ping()
    await database.close()


async def test_a_copy_that_is_cut_off_is_an_outage_and_leaves_nothing(mortal):
    database = await Database.open(mortal.database_url, application="tests")
    seen = {"source": "invented", "origin": Origin.REPLAY, "seen_at": NOON}

    async def interrupted():
        async with database.begin() as db:
            await save_quotes(db, [a_quote()], **seen)
            async with killed(mortal.postgres):
                await withdraw_quotes(db, [a_quote().price], **seen)

    async def copied():
        async with database.begin() as db:
            columns = {"consumer": "text", "stream": "text", "position": "text"}
            async with killed(mortal.postgres):
                await copy_rows(db, "stream_positions", columns, [("c", "t", "1-0")])

    for attempt in (interrupted, copied):
        with pytest.raises(Unavailable):
            await attempt()
    async with database.begin() as db:
        assert await db.scalar(sa.text("select count(*) from quotes")) == 0
        assert await positions.position(db, "c", "t") is None
    await database.close()


async def test_commands_and_subscriptions_fail_by_name_and_commands_come_back(mortal):
    cache = await Cache.open(mortal.redis_url, namespace="test")

    async def listening():
        async with cache.subscribed() as patches, killed(mortal.valkey):
            for command in (
                cache.snapshot(),
                cache.beats(),
                cache.publish(a_patch(), a_snapshot()),
            ):
                with pytest.raises(Unavailable):
                    await command
            await anext(patches)

    with pytest.raises(Unavailable):
        await listening()
    await eventually(cache.ping)
    assert await cache.beats() == {}
    await cache.close()


async def test_a_follower_survives_valkey_and_starts_with_a_snapshot_again(mortal):
    cache = await Cache.open(mortal.redis_url, namespace="follower")
    messages, row = BoardFollower(cache, ManualClock(NOON)).messages(), a_row()
    await cache.publish(a_patch(1), a_snapshot(1))
    assert (await anext(messages)).rows == []

    next_message = asyncio.ensure_future(anext(messages))
    async with killed(mortal.valkey):
        with pytest.raises(Unavailable):
            await cache.ping()
    now = a_patch(9), a_snapshot(9, rows=[row])
    await eventually(lambda: cache.publish(*now))
    async with asyncio.timeout(20):
        again = await next_message
        assert isinstance(again, BoardSnapshot)
        if again.rows == []:  # the file kept the old one, and the follower was back before us
            await cache.publish(*now)
            again = await anext(messages)
        assert again.rows == [row]
        await cache.publish(a_patch(10, gone=[row.id]), a_snapshot(10))
        assert (await anext(messages)).gone == [row.id]
    await messages.aclose()
    await cache.close()
