"""Who keeps count: Valkey for all processes, and each for itself while Valkey is away."""

import asyncio
import logging
from collections import Counter as Tally
from collections import OrderedDict
from typing import Any, Final

from arb_app.runtime import current
from domain.errors import Unavailable
from services import limits
from services.limits import Kind, Quota, Taken, Without

log = logging.getLogger(__name__)

MOST_REMEMBERED: Final = 20_000
AT_ONCE: Final = 64
"""How many ask Valkey at once: every one has a connection of its own."""
ASKED_AGAIN_AFTER_S: Final = 1.0
"""How long nobody asks a Valkey that did not answer, or whom it has just refused."""
TOLD_AFTER_S: Final = 1.0


class Keeper:
    """Takes from quotas, and keeps what was refused."""

    def __init__(self) -> None:
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._away_until = float("-inf")
        self._whole_at: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._refused: OrderedDict[tuple[str, str, int], tuple[float, float, Taken]] = OrderedDict()
        self._untold: Tally[tuple[str, str]] = Tally()
        self._untold_of: Tally[str] = Tally()
        self._telling: asyncio.Task[None] | None = None

    async def take(self, quota: Quota, who: str, kind: Kind, *, cost: int = 0) -> Taken | None:
        """Take from somebody's quota what the class costs; None: nobody counts, and it may pass.

        Raises:
            Unavailable: Valkey is away, and the class is refused then.
        """
        cost = cost or kind.cost
        if again := self._just_refused(quota, who, cost):
            return again
        try:
            taken = await self._ask(quota, who, cost)
        except Unavailable:
            if kind.without is Without.REFUSE:
                raise
            return self.count(quota, who, cost) if kind.without is Without.COUNT_HERE else None
        if taken.wait_s:
            now = current().clock.monotonic()
            until = now + min(taken.wait_s, ASKED_AGAIN_AFTER_S)
            _put(self._refused, (quota.name, who, cost), (until, now + taken.wait_s, taken))
        return taken

    def count(self, quota: Quota, who: str, cost: int) -> Taken:
        """Take from a quota of this process's own: the same arithmetic, without the others."""
        now, each = current().clock.monotonic(), quota.per_s / quota.most
        key = (quota.name, who)
        whole_at = max(now, self._whole_at.get(key, now))
        after = whole_at + min(cost, quota.most) * each
        wait_s = after - quota.per_s - now
        if wait_s <= 1e-9:
            wait_s, whole_at = 0.0, after
            _put(self._whole_at, key, after)
        left = int((now + quota.per_s - whole_at) / each + 1e-6)
        return Taken(quota, wait_s, left, whole_at - now)

    def refused(self, kind: Kind, quota: Quota, address: str) -> None:
        """Keep that a request was refused; Valkey is told of many at once."""
        self._untold[kind.name, quota.name] += 1
        if len(self._untold_of) < MOST_REMEMBERED or address in self._untold_of:
            self._untold_of[address] += 1
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_soon())

    async def tell(self) -> None:
        """Tell Valkey what was refused; while it is away that is lost, and in the metrics only."""
        refused, self._untold = self._untold, Tally()
        addresses, self._untold_of = self._untold_of, Tally()
        try:
            await limits.note(current().resources, refused, addresses)
        except Unavailable:
            log.warning("refusals were not kept", extra={"many": refused.total()})

    async def close(self) -> None:
        """Tell no more by itself."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.wait([self._telling])

    async def _tell_soon(self) -> None:
        while self._untold:
            await asyncio.sleep(TOLD_AFTER_S)
            await self.tell()

    async def _ask(self, quota: Quota, who: str, cost: int) -> Taken:
        async with self._asking:
            if current().clock.monotonic() < self._away_until:
                raise Unavailable("Valkey did not answer a moment ago")
            resources = current().resources  # a process that has just started asks again at once
            try:
                return await limits.take(resources, quota, who, cost=cost)
            except Unavailable:
                self._away_until = current().clock.monotonic() + ASKED_AGAIN_AFTER_S
                raise

    def _just_refused(self, quota: Quota, who: str, cost: int) -> Taken | None:
        """Return the last refusal as it is now, if it was a moment ago; so floods cost little."""
        until, again_at, taken = self._refused.get(
            (quota.name, who, cost), (float("-inf"), 0.0, None)
        )
        now = current().clock.monotonic()
        if taken is None or now >= until:
            return None
        passed_s = now - (again_at - taken.wait_s)
        return Taken(taken.quota, again_at - now, taken.left, max(0.0, taken.whole_in_s - passed_s))


def _put(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST_REMEMBERED:
        kept.popitem(last=False)
