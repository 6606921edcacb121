"""Equipment: what a worker holds open for as long as it works."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Self, TypeVar

from pydantic import SecretStr

from domain.errors import Refused, Unavailable
from feeds.transport import Transport
from jobs.control import stored_credentials
from jobs.credentials import Credentials
from kit.clock import Clock, SystemClock
from kit.retry import backoff
from kit.settings import Settings
from store.cache import Cache
from store.db import Database
from store.encrypted import require_encryption
from store.keyhold import Keyhold, held

log = logging.getLogger(__name__)

T = TypeVar("T")

# Connections to PostgreSQL: one a shard, up to so many, and so many for all else.
_MOST_SHARDS_AT_ONCE, _OTHERS_AT_ONCE = 12, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A worker's settings, servers, keys and credentials, and its way to the vendors."""

    given: Settings
    clock: Clock
    credentials: Credentials
    transport: Transport
    database: Database
    ring: Keyhold
    cache: Cache

    @classmethod
    async def open(cls, given: Settings, stack: contextlib.AsyncExitStack) -> Self:
        """Open all of it, waiting for servers that are not up yet; `stack` closes it.

        Raises:
            Refused: A server is not named, or not encrypted in production.
        """
        require_encryption(given)
        clock, credentials = SystemClock(), Credentials(given)
        database_url, redis_url = named(given.database_url), named(given.redis_url)
        transport = await stack.enter_async_context(Transport(credential=credentials, clock=clock))
        size = min(given.shards, _MOST_SHARDS_AT_ONCE) + _OTHERS_AT_ONCE
        database = await reached(
            lambda: Database.open(database_url, application="worker", size=size)
        )
        stack.push_async_callback(database.close)
        ring = await stack.enter_async_context(held(given, database, clock))
        credentials.take((await reached(partial(stored_credentials, database, ring))).parts)
        cache = await reached(lambda: Cache.open(redis_url, namespace=given.namespace))
        stack.push_async_callback(cache.close)
        return cls(
            given=given,
            clock=clock,
            credentials=credentials,
            transport=transport,
            database=database,
            ring=ring,
            cache=cache,
        )


def named(url: SecretStr | None) -> str:
    """Return where a server is; raise `Refused` if nobody said."""
    if url is None:
        raise Refused("set DATABASE_URL and REDIS_URL, or start everything with ./arb up")
    return url.get_secret_value()


async def reached(attempt: Callable[[], Awaitable[T]]) -> T:
    """Wait for a server that is not up yet."""
    for pause_s in backoff(most_s=5.0):
        try:
            return await attempt()
        except Unavailable as e:
            log.warning("waiting for a server", extra={"why": str(e)})
            await asyncio.sleep(pause_s)
    raise AssertionError("backoff never ends")
