"""Known: what this worker hears of the others, read every second."""

import logging
from collections.abc import Callable, Iterable

from domain.board import Feeding
from domain.errors import Unavailable
from domain.sources import SourceHealth, SourceState
from store.cache import Cache

log = logging.getLogger(__name__)


class Known:
    """The events that are nearly an arbitrage in any shard, and the sources of all workers.

    Args:
        cache: Where they are told.
        own: How the sources are that this worker follows.
    """

    def __init__(self, cache: Cache, own: Callable[[], Iterable[SourceHealth]]) -> None:
        self._cache, self._own = cache, own
        self._near: frozenset[str] = frozenset()
        self._healths: dict[str, SourceHealth] = {}

    def near(self) -> frozenset[str]:
        """Return such events, by our ids and by those that live sources use."""
        return self._near

    def feeding(self) -> list[Feeding]:
        """Return what the board is made of: every source that somebody follows, by name."""
        healths = self._healths | {health.name: health for health in self._own()}
        return [
            Feeding(source=name, origin=healths[name].origin, label=healths[name].title)
            for name in sorted(healths)
            if healths[name].state is not SourceState.OFF
        ]

    async def listen(self) -> None:
        """Bring it up to date; when Valkey is away what was known stands."""
        near = (await self._cache.near()).values()
        self._near = frozenset[str]().union(*near)
        self._healths = {health.name: health for health in await self._cache.source_healths()}

    async def look(self) -> None:
        """Do so, or say why not."""
        try:
            await self.listen()
        except Unavailable as e:
            log.warning("nothing is heard of other workers", extra={"why": str(e)})
