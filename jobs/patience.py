"""Patience: a step is taken again until PostgreSQL and Valkey let it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import Unavailable
from kit.retry import backoff
from store.claims import Deposed

log = logging.getLogger(__name__)

T = TypeVar("T")


async def surely(step: Callable[[], Awaitable[T]], who: str) -> T:
    """Take a step, waiting out whoever is away: nothing is skipped.

    A step that has begun is finished even if we are told to stop meanwhile: a transaction that is
    cut off may swallow the cancellation, and lets its connection fall.

    Raises:
        Deposed: Another worker does this now; to wait would be in vain.
    """
    waits = backoff(most_s=5.0)
    while True:
        taking = asyncio.ensure_future(step())
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            await asyncio.gather(taking, return_exceptions=True)
            raise
        except Deposed:
            raise
        except Unavailable as e:
            log.warning("waiting", extra={"who": who, "why": str(e)})
            await asyncio.sleep(next(waits))
