"""Leases: one holder at a time, and none that is dead."""

import asyncio
from contextlib import suppress

import pytest

from domain.errors import Unavailable
from kit.ids import fresh
from store.lease import lease
from tests.outages import cut

AT_ONCE = 0.01


async def soon(_):
    await asyncio.sleep(AT_ONCE)


async def test_the_second_waits_for_the_first(servers):
    name, order = fresh("lease-"), []

    async def hold(who, release):
        async with lease(servers.database_url, name, sleep=soon):
            order.append(who)
            await release.wait()
            order.append(f"{who} gone")

    first, second = asyncio.Event(), asyncio.Event()
    one = asyncio.create_task(hold("first", first))
    while not order:
        await asyncio.sleep(AT_ONCE)
    other = asyncio.create_task(hold("second", second))
    for _ in range(20):
        await asyncio.sleep(AT_ONCE)
    assert order == ["first"]
    first.set()
    second.set()
    await asyncio.gather(one, other)
    assert order == ["first", "first gone", "second", "second gone"]


async def test_leases_of_other_names_are_free(servers):
    async with (
        lease(servers.database_url, fresh("lease-")),
        lease(servers.database_url, fresh("lease-")),
    ):
        pass


async def test_a_holder_whose_connection_ends_is_told_and_the_next_gets_it(servers):
    name = fresh("lease-")
    async with lease(servers.database_url, name, sleep=soon) as held:
        cut(servers, name)
        with pytest.raises(Unavailable, match="lease is lost"):
            await held.watch()
    async with asyncio.timeout(30), lease(servers.database_url, name, sleep=soon):
        pass


async def test_a_holder_that_is_well_is_not_disturbed(servers):
    async with lease(servers.database_url, fresh("lease-"), sleep=soon) as held:
        watching = asyncio.create_task(held.watch())
        for _ in range(20):
            await asyncio.sleep(AT_ONCE)
        assert not watching.done()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_a_server_that_is_not_there_is_unavailable():
    with pytest.raises(Unavailable):
        async with lease("postgresql://a:b@127.0.0.1:1/x", "nobody"):
            pass
