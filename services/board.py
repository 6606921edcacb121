"""The live board: as it is, as it changes, and one opportunity of it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from domain.board import BoardMessage, BoardPatch, BoardRow, BoardSnapshot, Compared, Refusals
from domain.errors import NotFound, Unavailable
from domain.flags import Flag
from domain.opportunities import Kind
from domain.plans import View
from domain.shards import Shard
from domain.sources import SourceState
from kit.clock import Clock
from kit.ids import fresh
from kit.retry import backoff
from services import plans
from services.access import Permission
from services.work import Work
from store import boards
from store import opportunities as stored
from store.cache import Cache
from store.db import reachable
from store.opportunities import Life

__all__ = ["BoardFollower", "Life", "Why", "latest", "opportunity", "refusals", "seen", "why"]

_HEARTBEAT = timedelta(seconds=1)
_FIRST_RETRY_S, _LAST_RETRY_S = 0.1, 2.0


async def latest(work: Work) -> BoardSnapshot | None:
    """Return the board as last published, or None if there was none within a day.

    As the subject's plan shows it; what a plan shows late is left out until it is due.
    """
    work.subject.require(Permission.VIEW_BOARD)
    board, view = await work.cache.snapshot(), work.subject.view
    if board is None:
        return None
    offered = await work.flags.has(Flag.PROSPECTS, work)
    rows = board.rows if offered else locks(board.rows)
    due = [row for row in rows if plans.is_due(row, view, now=work.clock.now())]
    return plans.snapshot(msgspec.structs.replace(board, rows=due), view)


async def offers_prospects(work: Work) -> bool:
    """Return whether the board shows other kinds than arbitrage for now."""
    work.subject.require(Permission.VIEW_BOARD)
    return await work.flags.has(Flag.PROSPECTS, work)


def locks(rows: Iterable[BoardRow]) -> list[BoardRow]:
    """Return the rows that are arbitrages."""
    return [row for row in rows if row.opportunity.kind is Kind.ARBITRAGE]


async def refusals(work: Work) -> Refusals | None:
    """Return the near misses of now, or None if nobody tells.

    To a plan that is shown everything late, only how many there are.
    """
    work.subject.require(Permission.VIEW_BOARD)
    found, view = await work.cache.refusals(), work.subject.view
    if found is None or not view.plan.delay_s:
        return found and plans.refusals(found, view)
    return msgspec.structs.replace(found, rows=[])


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
    told = Why(
        answering=states.count(SourceState.HEALTHY),
        followed=len(states) - states.count(SourceState.OFF),
        compared=await work.cache.compared(),
        last=last,
    )
    return seen(told, work.subject.view, now=work.clock.now())


def seen(of: Why, view: View, *, now: datetime) -> Why:
    """Return what an empty board rests on, as a view shows it."""
    return replace(of, last=of.last and plans.life(of.last, view, now=now))


async def opportunity(work: Work, life_id: str) -> Life:
    """Return one opportunity: as it stands on the board, else as it is remembered.

    As the subject's plan shows it.

    Raises:
        NotFound: There never was one of that id, or the plan does not show it, or not yet.
        Unavailable: It is not on the board, and PostgreSQL cannot be asked.
    """
    work.subject.require(Permission.VIEW_OPPORTUNITY)
    found = await _on_board(work.cache, life_id) or await stored.by_id(work.db, life_id)
    if life := found and plans.life(found, work.subject.view, now=work.clock.now()):
        return life
    raise NotFound("There is no such opportunity.")


async def _on_board(cache: Cache, life_id: str) -> Life | None:
    try:
        board = await cache.snapshot()
    except Unavailable:
        return None
    rows = board.rows if board else []
    at = board.published_at if board else None
    # Other kinds have no life of their own: they are told, and nothing of them is kept.
    locks = (row for row in rows if row.opportunity.kind is Kind.ARBITRAGE)
    return next((Life(row=row, last_seen_at=at) for row in locks if at and row.id == life_id), None)


class BoardFollower:
    """Follows the board for one process; it comes back by itself whenever Valkey does.

    Each shard publishes its own part, with its own numbers; here they become one board with one
    numbering. A shard that is silent, or has lost a patch, keeps nobody else's from being seen.
    """

    def __init__(
        self, cache: Cache, clock: Clock, offered: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        """Take where the board is told; `offered` says whether it shows all kinds just now."""
        self._cache = cache
        self._clock = clock
        self._offered, self._shows_all = offered, True
        self._parts: dict[Shard, _Part] = {}
        self._epoch = fresh()
        self._told: BoardMessage | None = None
        self._heard: float | None = None

    @property
    def silent_s(self) -> float | None:
        """Seconds since the board was last heard of; None if it never was."""
        return None if self._heard is None else self._clock.monotonic() - self._heard

    async def messages(self) -> AsyncGenerator[BoardMessage]:
        """Yield a snapshot, then every patch that leads on from what was yielded before.

        After a lost connection comes a snapshot again. Its `published_at` is that of the shard
        that was heard of the longest ago. Never ends.
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
        # Subscribed before the snapshots are read: what is published in between arrives as a patch.
        async with self._cache.subscribed() as patches:
            await self._has_turned()
            if snapshot := await self._all():
                yield snapshot
            async for shard, patch in patches:
                turned = await self._has_turned()
                message = await (self._all() if turned else self._next(shard, patch))
                if message:
                    yield message

    async def _has_turned(self) -> bool:
        """Whether other kinds are shown from now on, or no longer."""
        before = self._shows_all
        self._shows_all = self._offered is None or await self._offered()
        return before != self._shows_all

    def _shown(self, rows: Iterable[BoardRow]) -> list[BoardRow]:
        return list(rows) if self._shows_all else locks(rows)

    async def _next(self, shard: Shard, patch: BoardPatch) -> BoardMessage | None:
        """Return what a shard's patch leads to, by its snapshot if the patch does not follow."""
        part = self._parts.get(shard)
        if part is None:  # one more, or the events were dealt out anew
            return await self._all()
        if part.precedes(patch):
            part.apply(patch)
        else:
            snapshot = (await self._cache.snapshots()).get(shard)
            if snapshot is None or part.reaches(snapshot):
                return None
            patch = part.replace(snapshot)
        self._heard = self._clock.monotonic()
        return self._patched(patch.rows, patch.gone)

    async def _all(self) -> BoardSnapshot | None:
        snapshots = await self._cache.snapshots()
        if not snapshots:
            return None
        self._heard = self._clock.monotonic()
        self._parts = {shard: _Part(snapshot) for shard, snapshot in snapshots.items()}
        rows = boards.ranked(row for part in self._parts.values() for row in part.rows.values())
        self._told = BoardSnapshot(**self._figures(), rows=self._shown(rows))
        return self._told

    def _patched(self, rows: list[BoardRow], gone: list[str]) -> BoardPatch | None:
        """Return the next patch; None for a heartbeat soon after one that said the same."""
        rows = self._shown(rows)
        patch = BoardPatch(**self._figures(), rows=rows, gone=gone)
        if not rows and not gone and self._told is not None and _says_the_same(patch, self._told):
            return None
        self._told = patch
        return patch

    def _figures(self) -> dict[str, Any]:
        lasts = [part.last for part in self._parts.values()]
        return {
            "epoch": self._epoch,
            "seq": self._told.seq + 1 if self._told else 1,
            "published_at": min(last.published_at for last in lasts),
            "refused_total": sum(last.refused_total for last in lasts),
            "refused_by": boards.added(last.refused_by for last in lasts),
            "feeding": boards.united(last.feeding for last in lasts),
        }


class _Part:
    """A shard's part of the board, as its last message left it."""

    def __init__(self, snapshot: BoardSnapshot) -> None:
        self.last: BoardMessage = snapshot
        self.rows = {row.id: row for row in snapshot.rows}

    def precedes(self, patch: BoardPatch) -> bool:
        return (self.last.epoch, self.last.seq) == (patch.epoch, patch.seq - 1)

    def reaches(self, snapshot: BoardSnapshot) -> bool:
        return self.last.epoch == snapshot.epoch and self.last.seq >= snapshot.seq

    def apply(self, patch: BoardPatch) -> None:
        self.last = patch
        self.rows.update((row.id, row) for row in patch.rows)
        for life in patch.gone:
            self.rows.pop(life, None)

    def replace(self, snapshot: BoardSnapshot) -> BoardPatch:
        """Take over a later version; return the patch that leads there."""
        patch = boards.difference(self.rows, snapshot)
        self.apply(patch)
        return patch


def _says_the_same(patch: BoardPatch, told: BoardMessage) -> bool:
    figures = patch.refused_total, patch.refused_by, patch.feeding
    apart = abs(patch.published_at - told.published_at)
    return apart < _HEARTBEAT and figures == (told.refused_total, told.refused_by, told.feeding)
