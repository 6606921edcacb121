"""The live board: as it is, as it changes, and one opportunity of it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from domain.board import BoardMessage, BoardPatch, BoardSnapshot, Compared, Refusals
from domain.errors import NotFound, Unavailable
from domain.sources import SourceState
from kit.clock import Clock
from kit.retry import backoff
from services.access import Permission
from services.work import Work
from store import opportunities as stored
from store.cache import Cache
from store.db import reachable
from store.opportunities import Life

__all__ = ["BoardFollower", "Life", "Why", "latest", "opportunity", "refusals", "why"]

_FIRST_RETRY_S, _LAST_RETRY_S = 0.1, 2.0


async def latest(work: Work) -> BoardSnapshot | None:
    """Return the board as last published, or None if there was none within a day."""
    work.subject.require(Permission.VIEW_BOARD)
    return await work.cache.snapshot()


async def refusals(work: Work) -> Refusals | None:
    """Return the near misses of now, or None if nobody tells."""
    work.subject.require(Permission.VIEW_BOARD)
    return await work.cache.refusals()


@dataclass(frozen=True, slots=True)
class Why:
    """What an empty board rests on; `compared` is None where no detector tells.

    `followed` sources are those that are switched on, `answering` those whose last round brought
    an answer. `last` is the life that began last, None if there never was one or it is not known.
    """

    answering: int
    followed: int
    compared: Compared | None
    last: Life | None


async def why(work: Work) -> Why:
    """Return what there is to say to who asks why the board is empty."""
    work.subject.require(Permission.VIEW_BOARD)
    states = [health.state for health in await work.cache.source_healths()]
    last = await stored.latest(work.db) if await reachable(work.db) else None
    return Why(
        answering=states.count(SourceState.HEALTHY),
        followed=len(states) - states.count(SourceState.OFF),
        compared=await work.cache.compared(),
        last=last,
    )


async def opportunity(work: Work, life_id: str) -> Life:
    """Return one opportunity: as it stands on the board, else as it is remembered.

    Raises:
        NotFound: There never was one of that id.
        Unavailable: It is not on the board, and PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_OPPORTUNITY)
    if life := await _on_board(work.cache, life_id) or await stored.by_id(work.db, life_id):
        return life
    raise NotFound("There is no such opportunity.")


async def _on_board(cache: Cache, life_id: str) -> Life | None:
    try:
        board = await cache.snapshot()
    except Unavailable:
        return None
    rows = board.rows if board else []
    at = board.published_at if board else None
    return next((Life(row=row, last_seen_at=at) for row in rows if at and row.id == life_id), None)


class BoardFollower:
    """Follows the board for one process; it comes back by itself whenever Valkey does."""

    def __init__(self, cache: Cache, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._at: tuple[str, int] | None = None
        self._heard: float | None = None

    @property
    def silent_s(self) -> float | None:
        """Seconds since the board was last heard of; None if it never was."""
        return None if self._heard is None else self._clock.monotonic() - self._heard

    async def messages(self) -> AsyncGenerator[BoardMessage]:
        """Yield a snapshot, then every patch that directly follows what was yielded before.

        After a gap, a lost connection or a new epoch comes a snapshot again. Never ends.
        """
        waits = backoff(first_s=_FIRST_RETRY_S, most_s=_LAST_RETRY_S)
        while True:
            try:
                async with aclosing(self._until_lost()) as messages:
                    async for message in messages:
                        waits = backoff(first_s=_FIRST_RETRY_S, most_s=_LAST_RETRY_S)
                        yield message
            except Unavailable:
                await asyncio.sleep(next(waits))

    async def _until_lost(self) -> AsyncGenerator[BoardMessage]:
        # Subscribed before the snapshot is read: what is published in between arrives as a patch.
        async with self._cache.subscribed() as patches:
            if snapshot := await self._snapshot(at_least=0):
                yield snapshot
            async for patch in patches:
                self._heard = self._clock.monotonic()
                if message := await self._next(patch):
                    yield message

    async def _next(self, patch: BoardPatch) -> BoardMessage | None:
        """Return the patch if it directly follows; else a snapshot, if that is news."""
        if self._at == (patch.epoch, patch.seq - 1):
            self._at = (patch.epoch, patch.seq)
            return patch
        return await self._snapshot(at_least=1)

    async def _snapshot(self, *, at_least: int) -> BoardSnapshot | None:
        """Return the snapshot, unless it is not `at_least` so many versions on."""
        snapshot = await self._cache.snapshot()
        if snapshot is None:
            return None
        epoch, seq = self._at or ("", 0)
        if epoch == snapshot.epoch and snapshot.seq - seq < at_least:
            return None
        self._at = (snapshot.epoch, snapshot.seq)
        self._heard = self._clock.monotonic()
        return snapshot
