"""Publish: number the board's versions and put them where every web process looks."""

from datetime import datetime, timedelta

from domain.board import BoardPatch, BoardSnapshot, Feeding, Refusals
from domain.shards import Shard
from jobs.lives import LifeChanges, Lives
from jobs.prospects import Beside
from kit.clock import Clock
from kit.ids import fresh
from store.boards import MOST_REFUSALS
from store.cache import Cache
from store.claims import Claim

HEARTBEAT = timedelta(seconds=2)
REFUSALS_EVERY = timedelta(seconds=1)
NOTHING = Beside((), LifeChanges())


class Publisher:
    """One shard's board. Its epoch is new, so that nobody takes its numbers for an older one's."""

    def __init__(self, cache: Cache, clock: Clock, shard: Shard, claim: Claim) -> None:
        self._cache, self._clock = cache, clock
        self._shard, self._claim = shard, claim
        self._epoch, self._seq = fresh(), 0
        self._published_at: datetime | None = None
        self._refusals_at: datetime | None = None

    async def publish(
        self,
        lives: Lives,
        changes: LifeChanges,
        feeding: list[Feeding],
        beside: Beside = NOTHING,
    ) -> None:
        """Send what changed, or a heartbeat when one is due.

        Raises:
            Unavailable: It cannot; `Deposed` if another worker has taken the shard.

        The number moves on only after the send, so a failed one can be made again as it was.
        """
        now = self._clock.now()
        both = LifeChanges(
            rows=changes.rows | beside.changes.rows, ended=changes.ended | beside.changes.ended
        )
        if both or self._is_due(self._published_at, HEARTBEAT, now):
            await self._send(lives, both, feeding, now, beside)
        if self._is_due(self._refusals_at, REFUSALS_EVERY, now):
            await self._cache.put_refusals(_refusals(lives, now), self._shard)
            self._refusals_at = now

    async def _send(
        self,
        lives: Lives,
        changes: LifeChanges,
        feeding: list[Feeding],
        now: datetime,
        beside: Beside,
    ) -> None:
        rows, by = [*lives.rows, *beside.rows], lives.refused_by
        total = len(lives.refused)
        patch = BoardPatch(
            epoch=self._epoch,
            seq=self._seq + 1,
            published_at=now,
            rows=[row for row in changes.rows.values() if row.id not in changes.ended],
            gone=list(changes.ended),
            refused_total=total,
            refused_by=by,
            feeding=feeding,
        )
        snapshot = BoardSnapshot(
            epoch=patch.epoch,
            seq=patch.seq,
            published_at=now,
            rows=rows,
            refused_total=total,
            refused_by=by,
            feeding=feeding,
        )
        await self._cache.publish(patch, snapshot, self._shard, self._claim)
        self._seq, self._published_at = patch.seq, now

    @staticmethod
    def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
        return last is None or now - last >= every


def _refusals(lives: Lives, now: datetime) -> Refusals:
    rows = lives.refused
    return Refusals(
        published_at=now,
        total=len(rows),
        by_code=lives.refused_by,
        rows=rows[:MOST_REFUSALS],
    )
