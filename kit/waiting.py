"""Waiting for one thing or another."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def unless(event: asyncio.Event, coming: Awaitable[T]) -> T | None:
    """Return what comes, or None if `event` is set first; then what was to come is cancelled."""
    arriving, ending = asyncio.ensure_future(coming), asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((arriving, ending), return_when=asyncio.FIRST_COMPLETED)
        return arriving.result() if arriving.done() else None
    finally:
        arriving.cancel()
        ending.cancel()
        await asyncio.gather(arriving, ending, return_exceptions=True)
