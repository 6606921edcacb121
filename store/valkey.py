"""How Valkey is spoken to: its client, how long it may take, and its outages by our name."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as TooSlow

from domain.errors import Refused, Unavailable

TIMEOUT_S = 5.0

# redis-py types every command for its blocking and its asyncio client at once, so for neither.
Client = Any

T = TypeVar("T")


def client(url: str, retry: Retry) -> Client:
    """Return a client that connects when first used; raise `Refused` if the URL is no address."""
    try:
        return cast("Client", Redis).from_url(url, retry=retry)
    except ValueError as e:
        raise Refused("REDIS_URL must look like redis://:password@host:6379/0") from e


@asynccontextmanager
async def answered(within_s: float = TIMEOUT_S) -> AsyncGenerator[None]:
    """Raise `Unavailable` for what goes wrong with the server in the block, or takes it too long.

    The time is kept here and not by redis-py: its way, `wait_for`, loses a cancellation that
    comes as the answer does, and the task that should have ended listens on for ever.
    """
    try:
        async with asyncio.timeout(within_s):
            yield
    except (Disconnected, TooSlow, OutOfMemoryError, ReadOnlyError, OSError) as e:
        raise Unavailable(f"Valkey: {type(e).__name__}") from e


def read(decoder: msgspec.json.Decoder[T], data: bytes) -> T:
    """Return what `data` says; raise `Unavailable` while another version of us writes it."""
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError as e:
        raise Unavailable("Valkey: written by another version of the product") from e
