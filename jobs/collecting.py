"""Collecting: the sources that this worker follows now, each from the day that it fell to it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta

from domain.questions import Question
from domain.quotes import Reading
from domain.sources import SourceHealth
from jobs.collect import Collector, HandOn
from jobs.sources import Source
from kit.clock import Clock
from store.cache import Cache
from store.claims import Claim

THING = "source "
# A source made so long ago may remember an older state of its quota than others have brought about.
_STALE = timedelta(seconds=30)

Remake = Callable[[], Awaitable[Sequence[Source]]]


class Collecting:
    """Follows a source under a claim; its readings are numbered as they are appended.

    Args:
        sources: What can be followed.
        remake: Returns the same sources anew: whoever takes one over goes on from what is known
            of its quota then. A recording starts over.
        cache: Where readings go.
        clock: Ours.
        through: What readings pass on their way there.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        remake: Remake,
        cache: Cache,
        clock: Clock,
        through: Callable[[HandOn], HandOn] = lambda hand_on: hand_on,
    ) -> None:
        self._made, self._made_at = {source.name: source for source in sources}, clock.now()
        self._remake, self._cache, self._clock, self._through = remake, cache, clock, through
        self._names = list(self._made)
        self._followed: dict[str, tuple[Source, Collector]] = {}

    @property
    def names(self) -> list[str]:
        """What can be followed."""
        return self._names

    @property
    def healths(self) -> list[SourceHealth]:
        """How the sources are that are followed now."""
        return [collector.health for collector in self.collectors]

    @property
    def sources(self) -> list[Source]:
        """The sources that are followed now."""
        return [source for source, _ in self._followed.values()]

    @property
    def collectors(self) -> list[Collector]:
        """What follows them."""
        return [collector for _, collector in self._followed.values()]

    def ask_now(self, questions: Iterable[Question]) -> None:
        """Have the sources that are followed here asked again; of others, others know."""
        of: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            of[question.source].append(question)
        for name in of.keys() & self._followed.keys():
            self._followed[name][1].ask_now(of[name])

    async def follow(self, claim: Claim) -> None:
        """Follow a source for ever; one that has ended stays followed, so that nobody begins it."""
        name = claim.thing.removeprefix(THING)
        source, append = await self._source(name), self._through(_Numbered(self._cache, claim))
        collector = Collector(source, append, self._clock)
        self._followed[name] = source, collector
        try:
            await collector.run()
            await asyncio.Event().wait()
        finally:
            del self._followed[name]

    async def _source(self, name: str) -> Source:
        """Return a source that nobody has followed yet."""
        source = self._made.pop(name, None)
        if source is None or self._clock.now() - self._made_at > _STALE:
            self._made = {source.name: source for source in await self._remake()}
            self._made_at = self._clock.now()
            source = self._made.pop(name)
        return source


class _Numbered:
    """Appends a collector's readings, each once however often it is tried."""

    def __init__(self, cache: Cache, claim: Claim) -> None:
        self._cache, self._claim, self._count = cache, claim, 0

    async def __call__(self, reading: Reading) -> None:
        await self._cache.streams.append(self._claim, self._count + 1, reading)
        self._count += 1
