"""Shares: what there is to do is divided among the workers that live, each thing to one of them.

Every second each worker says that it lives, looks who else does, and takes or gives up what is its
own by rendezvous hashing (Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous",
1996): when a worker comes or goes, only what it takes or had moves.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import Unavailable
from jobs.sources import Sleep
from kit.ids import fresh, stable
from kit.retry import backoff
from store.cache import Cache
from store.claims import Claim

log = logging.getLogger(__name__)

ROUND_S = 1.0

Job = Callable[[Claim], Awaitable[None]]


@dataclass(slots=True)
class _Share:
    """A thing that this worker does: its claim, the task that does it, and whether it is over."""

    claim: Claim
    task: asyncio.Task[None]
    ending: bool = False


def owners(things: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return which worker each thing falls to.

    Args:
        things: The workers that can do each; of a thing that nobody can do nothing is said.

    Examples:
        >>> owners({"a": ["w1", "w2"], "b": ["w1", "w2"], "c": ["w2"], "d": []})
        {'a': 'w2', 'b': 'w2', 'c': 'w2'}
    """
    return {
        thing: max(workers, key=lambda worker: stable(worker, thing))
        for thing, workers in things.items()
        if workers
    }


class Shares:
    """One worker's part of everything.

    Args:
        worker: What this worker is called, by nobody else.
        cache: Where workers meet.
        jobs: What this worker can do, by name. Each runs under a claim, and begins anew when it
            fails for want of a server or since another has taken over; it never returns.
        sleep: How it waits.
    """

    def __init__(
        self,
        worker: str,
        cache: Cache,
        jobs: Mapping[str, Job],
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._worker, self._cache, self._jobs, self._sleep = worker, cache, jobs, sleep
        self._shares: dict[str, _Share] = {}
        self._was_away = False

    @property
    def things(self) -> list[str]:
        """What this worker does now."""
        return sorted(thing for thing, share in self._shares.items() if not share.ending)

    async def run(self) -> None:
        """Do what falls to this worker until cancelled; then leave it to the others at once."""
        async with asyncio.TaskGroup() as tasks:
            try:
                while True:
                    await self._round(tasks)
                    await self._sleep(ROUND_S)
            finally:
                await asyncio.shield(self._leave())

    async def _round(self, tasks: asyncio.TaskGroup) -> None:
        try:
            await self._cache.beat(self._worker, self._facts())
            mine = self._mine(await self._cache.beats())
            await self._hold(mine, tasks)
        except Unavailable as e:
            # Whatever writes has its claim compared as it writes: to go on meanwhile is safe.
            log.warning("workers cannot be divided", extra={"why": str(e)})
            self._was_away = True
        else:
            self._was_away = False

    def _facts(self) -> dict[str, Any]:
        return {"pid": os.getpid(), "can": sorted(self._jobs), "does": self.things}

    def _mine(self, beats: Mapping[str, Mapping[str, Any]]) -> set[str]:
        able: dict[str, list[str]] = {thing: [self._worker] for thing in self._jobs}
        for worker, facts in beats.items():
            if worker != self._worker:
                for thing in self._jobs.keys() & facts.get("can", ()):
                    able[thing].append(worker)
        return {thing for thing, worker in owners(able).items() if worker == self._worker}

    async def _hold(self, mine: set[str], tasks: asyncio.TaskGroup) -> None:
        """Keep what is ours, take what has become ours, give up what no longer is.

        When Valkey was away nothing is taken in the first round: the others come back too.
        """
        new = set[str]() if self._was_away else mine - self._shares.keys()
        asked = [share.claim for share in self._shares.values()]
        asked += [Claim(thing, fresh()) for thing in sorted(new)]
        held = set(await self._cache.claims.hold(asked))
        for thing, share in list(self._shares.items()):
            if not share.ending and (thing not in mine or share.claim not in held):
                self._end(share, tasks)
        for claim in held:
            if claim.thing in new:
                log.info("taken", extra={"thing": claim.thing})
                self._shares[claim.thing] = _Share(claim, tasks.create_task(self._do(claim)))

    def _end(self, share: _Share, tasks: asyncio.TaskGroup) -> None:
        log.info("given up", extra={"thing": share.claim.thing})
        share.ending = True
        share.task.cancel()
        tasks.create_task(self._give_back(share))

    async def _give_back(self, share: _Share) -> None:
        """Wait for the end of what was done, then let the next one begin."""
        await asyncio.wait([share.task])
        with contextlib.suppress(Unavailable):
            await self._cache.claims.release([share.claim])
        del self._shares[share.claim.thing]

    async def _do(self, claim: Claim) -> None:
        waits = backoff(most_s=5.0)
        while True:
            try:
                await self._jobs[claim.thing](claim)
            except Unavailable as e:
                log.warning("begun again", extra={"thing": claim.thing, "why": str(e)})
            await self._sleep(next(waits))

    async def _leave(self) -> None:
        """Stop everything, then say so: nobody has to wait until we are missed."""
        shares = list(self._shares.values())
        for share in shares:
            if not share.ending:
                share.task.cancel()
        if shares:
            await asyncio.wait([share.task for share in shares])
        with contextlib.suppress(Unavailable):
            await self._cache.leave(self._worker)
            await self._cache.claims.release([share.claim for share in shares])
