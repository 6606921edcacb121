"""How tests take a server away, and wait until it is back."""

import asyncio
import os
import signal
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import psycopg

from domain.errors import Unavailable
from store.keys import KeyMissing, KeysAway


@asynccontextmanager
async def killed(server):
    """Kill an embedded server without warning, and start it again at the end of the block."""
    await asyncio.to_thread(_kill, server)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def eventually(question):
    """Return the answer as soon as whom we ask is available again."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await question()
            except Unavailable:
                await asyncio.sleep(0.05)


def _kill(server):
    os.kill(server.pid, signal.SIGKILL)
    while server.alive():
        time.sleep(0.01)


def cut(servers, name):
    """End the connections of that name, as a failing network would."""
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
            [name],
        )


def withheld(ring, why="the holder of the keys: ConnectionError"):
    """Return a ring whose holder is away, and nothing of which is in memory."""

    def away(key_id):
        if key_id in {"", *ring.keys}:
            raise KeysAway(f"the master key {key_id} is not in memory: {why}")
        raise KeyMissing(key_id)

    return replace(ring, keys={}, elsewhere=away, away=why)
