"""When the board shows its first opportunity."""

import asyncio
import threading
from datetime import datetime

from cli.steps import Steps
from domain.errors import Unavailable
from domain.opportunities import Kind
from store.cache import Cache

_TICK_S = 0.1


def announce_first(redis_url: str, namespace: str, steps: Steps) -> None:
    """Say, without waiting for it, how long it took until there was an opportunity to see."""

    def wait_and_say() -> None:
        asyncio.run(_first(redis_url, namespace, steps.began_at))
        steps.say(f"  first opportunity on the board after {steps.elapsed_s:.1f} s")

    threading.Thread(target=wait_and_say, daemon=True).start()


async def _first(redis_url: str, namespace: str, since: datetime) -> None:
    cache = None
    while True:
        try:
            cache = cache or await Cache.open(redis_url, namespace=namespace)
            snapshot = await cache.snapshot()
        except Unavailable:
            snapshot = None
        kinds = {row.opportunity.kind for row in snapshot.rows} if snapshot else set[Kind]()
        if cache and snapshot and Kind.ARBITRAGE in kinds and snapshot.published_at >= since:
            await cache.close()
            return
        await asyncio.sleep(_TICK_S)
