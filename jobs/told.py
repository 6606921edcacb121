"""What the detector tells beside the board: how much is compared, and each crossing held back."""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.board import RefusedRow
from domain.errors import Unavailable
from domain.opportunities import GateCode
from jobs.lives import Lives
from jobs.requote import Requotes
from kit.clock import Clock
from services.detect import Detector
from store import questions
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
        self._gone: list[RefusedRow] = []
        self._counts = Counter[str]()

    async def ask(self, requotes: Requotes) -> None:
        """Ask what candidates wait for; while Valkey is away they wait in vain, but briefly."""
        if asked := requotes.questions():
            try:
                await questions.ask(self._cache, asked)
            except Unavailable as e:
                log.warning("not asked again", extra={"why": str(e)})

    def note(self, requotes: Requotes) -> None:
        """Take over what came of checking, to be told when it is due."""
        now = self._clock.now()
        gone = [RefusedRow(opportunity=one, arrived_at=now) for one in requotes.gone()]
        self._gone = [*self._gone, *gone][-MOST_AT_ONCE:]
        self._counts.update(requotes.counts())

    async def tell(self, detector: Detector, lives: Lives) -> None:
        """Tell what is due; a server that is away is asked again at the next look."""
        now = self._clock.now()
        if not _due(self._looked_at, LOOK_EVERY, now):
            return
        self._looked_at = now
        try:
            await self._keep_refused(lives.refused, now)
            await self._count()
            if _due(self._compared_at, COMPARED_EVERY, now):
                await self._cache.put_compared(self._detector, detector.compared)
                self._compared_at = now
        except Unavailable as e:
            log.warning("notes wait", extra={"why": str(e)})

    async def _count(self) -> None:
        if self._counts:
            await questions.count(self._cache, self._counts)
            self._counts.clear()

    async def _keep_refused(self, rows: Sequence[RefusedRow], now: datetime) -> None:
        """Write the crossings that are new, held back for another reason, or not said lately.

        What is being checked is not held back for good; what was gone is written in any case.
        """
        codes = {row.opportunity.key: _codes(row) for row in rows}
        self._written = {key: told for key, told in self._written.items() if key in codes}
        fresh = [*self._gone, *(row for row in rows if self._is_fresh(row, codes, now))]
        fresh = fresh[:MOST_AT_ONCE]
        if not fresh:
            return
        async with self._database.begin() as db:
            await save_refused(db, fresh, now=now)
        self._gone.clear()
        self._written |= {row.opportunity.key: (_codes(row), now) for row in fresh}

    def _is_fresh(self, row: RefusedRow, codes: dict[str, _Codes], now: datetime) -> bool:
        key = row.opportunity.key
        told, at = self._written.get(key, ((), now))
        if codes[key] == (GateCode.BEING_CHECKED,):
            return False
        return told != codes[key] or now - at >= AGAIN_AFTER


def _codes(row: RefusedRow) -> _Codes:
    return tuple(refusal.code.value for refusal in row.opportunity.refusals)


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every
