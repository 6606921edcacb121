"""Unknown names: what readings bring of them is summed here and kept where an admin looks."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import msgspec

from domain.errors import Unavailable
from domain.quotes import Reading
from jobs.collect import HandOn
from jobs.sources import Sleep
from kit.clock import Clock
from store.db import Database
from store.unknown import MOST_A_SOURCE, Noted, save_unknown

log = logging.getLogger(__name__)

SAVE_EVERY_S = 10.0


class Unknown:
    """Names heard since they were last saved: of each source at most as many as are kept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: dict[str, dict[tuple[str, str], Noted]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._noted.values()))

    def noted(self, hand_on: HandOn) -> HandOn:
        """Return `hand_on` as it notes unknown names and hands each reading on without them."""

        async def noting(reading: Reading) -> object:
            handed = await hand_on(msgspec.structs.replace(reading, unknown=[]))
            self.hear(reading, self._clock.now())
            return handed

        return noting

    def hear(self, reading: Reading, now: datetime) -> None:
        """Take in the unknown names of a reading; without an example its scope is one."""
        if not reading.unknown:
            return
        of_source = self._noted.setdefault(reading.source, {})
        for told in reading.unknown:
            key = (told.kind, told.name)
            known = of_source.get(key)
            if known is None and len(of_source) >= MOST_A_SOURCE:
                continue
            of_source[key] = Noted(
                source=reading.source,
                kind=told.kind,
                name=told.name,
                reason=told.reason,
                count=told.count + (known.count if known else 0),
                first_seen_at=known.first_seen_at if known else now,
                last_seen_at=now,
                example=told.example or reading.scope,
            )

    async def save(self, database: Database, now: datetime) -> None:
        """Write what was heard and forget it; raise `Unavailable`, and keep it, if that fails."""
        noted, self._noted = [one for of in self._noted.values() for one in of.values()], {}
        if not noted:
            return
        try:
            async with database.begin() as db:
                await save_unknown(db, noted, now=now)
        except BaseException:
            self._take_back(noted)
            raise

    def _take_back(self, noted: list[Noted]) -> None:
        """Put back what could not be written, beside what was heard meanwhile."""
        for one in noted:
            of_source = self._noted.setdefault(one.source, {})
            key = (one.kind, one.name)
            newer = of_source.get(key, one)
            count = one.count if newer is one else one.count + newer.count
            of_source[key] = msgspec.structs.replace(
                newer, count=count, first_seen_at=one.first_seen_at
            )


@asynccontextmanager
async def noting(
    database: Database, clock: Clock, *, sleep: Sleep = asyncio.sleep
) -> AsyncGenerator[Unknown]:
    """Give what notes unknown names; they are saved now and then, and in the end."""
    names = Unknown(clock)
    saving = asyncio.create_task(_saving(names, database, clock, sleep))
    try:
        yield names
    finally:
        saving.cancel()
        with suppress(asyncio.CancelledError):
            await saving
        with suppress(Unavailable):
            await names.save(database, clock.now())


async def _saving(names: Unknown, database: Database, clock: Clock, sleep: Sleep) -> None:
    while True:
        await sleep(SAVE_EVERY_S)
        try:
            await names.save(database, clock.now())
        except Unavailable as e:
            log.warning("unknown names wait", extra={"why": str(e)})
