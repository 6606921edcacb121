"""How the product is: its servers, its sources, its workers, and how old the board is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from domain.errors import Unavailable
from domain.sources import NotAsked, SourceHealth, SourceReliability, SourceState
from services.access import Permission
from services.work import Work
from store import questions
from store import sources as stored
from store.cache import Cache
from store.db import reachable

BOARD_FRESH_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What works now. `board_age_s` is None if no board was published within a day.

    `workers` are the facts that each living worker last told.
    """

    postgres: bool
    valkey: bool
    board_age_s: float | None = None
    workers: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    @property
    def ready(self) -> bool:
        """Whether everything answers and the board is at most ten seconds old."""
        fresh = self.board_age_s is not None and self.board_age_s <= BOARD_FRESH_S
        return self.postgres and self.valkey and fresh


async def health(work: Work) -> Health:
    """Return how the product is; what cannot be asked counts as not working."""
    work.subject.require(Permission.VIEW_STATUS)
    postgres = await reachable(work.db)
    try:
        board_age_s = await _board_age_s(work.cache, work.clock.now())
        workers = await work.cache.beats()
    except Unavailable:
        return Health(postgres=postgres, valkey=False)
    return Health(postgres=postgres, valkey=True, board_age_s=board_age_s, workers=workers)


async def sources(work: Work) -> list[SourceHealth]:
    """Return every source by name: as it is now, else as it was when last saved.

    A source of which no worker has told within a minute is off, for it is not followed.

    Raises:
        Unavailable: Neither PostgreSQL nor Valkey can be asked.
    """
    work.subject.require(Permission.VIEW_STATUS)
    remembered = await stored.sources(work.db) if (postgres := await reachable(work.db)) else []
    try:
        present = await work.cache.source_healths()
    except Unavailable:
        if not postgres:
            raise
        return remembered
    known = {health.name: health for health in (*map(_not_followed, remembered), *present)}
    return [known[name] for name in sorted(known)]


def _not_followed(health: SourceHealth) -> SourceHealth:
    return msgspec.structs.replace(
        health, state=SourceState.OFF, not_asked=NotAsked.NOT_FOLLOWED, next_due_at=None, note=""
    )


async def reliabilities(work: Work) -> list[SourceReliability]:
    """Return how far every source can be trusted, and its books.

    Raises:
        Unavailable: Valkey cannot be asked.
    """
    work.subject.require(Permission.VIEW_STATUS)
    return await work.cache.reliabilities()


async def checked(work: Work) -> dict[str, int]:
    """Return how many new opportunities came to what end as their sources were asked again.

    Raises:
        Unavailable: Valkey cannot be asked.
    """
    work.subject.require(Permission.VIEW_STATUS)
    return await questions.counts(work.cache)


async def _board_age_s(cache: Cache, now: datetime) -> float | None:
    snapshot = await cache.snapshot()
    return None if snapshot is None else (now - snapshot.published_at).total_seconds()
