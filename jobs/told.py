"""What the detector tells beside the board: how much is compared, and each crossing held back."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.board import RefusedRow
from domain.errors import Unavailable
from jobs.lives import Lives
from kit.clock import Clock
from services.detect import Detector
from store.cache import Cache
from store.db import Database
from store.refused import save_refused

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
COMPARED_EVERY = timedelta(seconds=5)
AGAIN_AFTER = timedelta(minutes=5)
MOST_AT_ONCE = 500

_Codes = tuple[str, ...]


class Told:
    """One detector's notes. They are no one's truth: where a server is away, they wait.

    Crossings are looked at once a second; one that came and went between two looks is not noted.
    """

    def __init__(self, detector: str, database: Database, cache: Cache, clock: Clock) -> None:
        self._detector = detector
        self._database, self._cache, self._clock = database, cache, clock
        self._looked_at: datetime | None = None
        self._compared_at: datetime | None = None
        self._written: dict[str, tuple[_Codes, datetime]] = {}

    async def tell(self, detector: Detector, lives: Lives) -> None:
        """Tell what is due; a server that is away is asked again at the next look."""
        now = self._clock.now()
        if not _due(self._looked_at, LOOK_EVERY, now):
            return
        self._looked_at = now
        try:
            await self._keep_refused(lives.refused, now)
            if _due(self._compared_at, COMPARED_EVERY, now):
                await self._cache.put_compared(self._detector, detector.compared)
                self._compared_at = now
        except Unavailable as e:
            log.warning("notes wait", extra={"why": str(e)})

    async def _keep_refused(self, rows: Sequence[RefusedRow], now: datetime) -> None:
        """Write the crossings that are new, held back for another reason, or not said lately."""
        codes = {row.opportunity.key: _codes(row) for row in rows}
        self._written = {key: told for key, told in self._written.items() if key in codes}
        fresh = [row for row in rows if self._is_fresh(row, codes, now)][:MOST_AT_ONCE]
        if not fresh:
            return
        async with self._database.begin() as db:
            await save_refused(db, fresh, now=now)
        self._written |= {row.opportunity.key: (_codes(row), now) for row in fresh}

    def _is_fresh(self, row: RefusedRow, codes: dict[str, _Codes], now: datetime) -> bool:
        key = row.opportunity.key
        told, at = self._written.get(key, ((), now))
        return told != codes[key] or now - at >= AGAIN_AFTER


def _codes(row: RefusedRow) -> _Codes:
    return tuple(refusal.code.value for refusal in row.opportunity.refusals)


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every
