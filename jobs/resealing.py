"""Resealing: a rotation that was asked for, carried out beside everybody who reads and writes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.errors import Refused
from kit.clock import Clock
from store import audit, sealing
from store.db import Database, Session
from store.keyhold import Keyhold
from store.sealing import SEALED, SealedColumn
from store.tables import RotationRow

log = logging.getLogger(__name__)

BATCH: Final = 50
BATCHES_AT_ONCE: Final = 200
ROTATED: Final = "keys.rotated"


@dataclass(kw_only=True)
class Resealing:
    """What the worker that leads does for the keys; it goes on where one that died left off.

    A row that was sealed anew names the new key, so nothing else needs to be remembered; how many
    there were is written in the transaction of each batch.
    """

    database: Database
    keys: Keyhold
    clock: Clock
    worker: str
    columns: Sequence[SealedColumn] = SEALED
    batch: int = BATCH
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _after: dict[SealedColumn, tuple[Any, ...]] = field(
        default_factory=dict[SealedColumn, tuple[Any, ...]], init=False
    )
    _broken: int = field(default=0, init=False)

    async def tend(self) -> None:
        """Note keys, let go of retired ones, and carry a rotation on.

        Raises:
            Unavailable: PostgreSQL or the holder of the keys cannot be asked.
        """
        try:
            await self.settle()
            if await self._begun():
                await self._pass()
        except Refused as e:
            log.error("keys not rotated", extra={"why": str(e)})  # noqa: TRY400  says it all

    async def settle(self) -> None:
        """Note every key of the ring, and have those let go that were retired."""
        ring = self.keys.now()
        async with self.database.begin() as db:
            known = {row.id: row for row in await sealing.keys(db)}
            for key_id in ring.keys.keys() - known.keys():
                await sealing.note_key(db, key_id, "file", at=self.clock.now())
                await self._record(db, "keys.known", {"key": key_id})
        for key_id in ring.keys:
            if key_id in known and known[key_id].retired_at is not None:
                await self.keys.retire(key_id)
                log.info("key let go", extra={"key": key_id})

    async def _begun(self) -> bool:
        """Return whether there is a rotation and its key is the current one, made if need be."""
        async with self.database.begin() as db:
            rotation = await sealing.open_rotation(db)
            if rotation is None:
                return False
            if not rotation.key_id:
                made = rotation.key_id = await self.keys.make()
                if self.keys.name == "file":  # a transit engine's is noted wrapped
                    await sealing.note_key(db, made, "file", at=self.clock.now())
            key_id = rotation.key_id
        await self.keys.use(key_id)
        return self.keys.now().current == key_id

    async def _pass(self) -> None:
        """Seal rows anew, some thousands at once, and end the rotation when none is left."""
        for column in self.columns:
            for _ in range(BATCHES_AT_ONCE):
                if not await self._batch(column):
                    break
                await self.sleep(0)
        if self._after:
            return
        async with self.database.begin() as db:
            rotation = await sealing.open_rotation(db)
            found = sealing.by_key(await sealing.counted(db, self.columns))
            left = found.total() - found[self.keys.now().current]
            if rotation is not None and left <= self._broken:
                await self._end(db, rotation, left)
        self._broken = 0

    async def _batch(self, column: SealedColumn) -> bool:
        """Seal a batch anew; return whether there may be more of the column."""
        async with self.database.begin() as db:
            after = self._after.get(column)
            ring = self.keys.now()
            some = await sealing.reseal(db, ring, column, after=after, limit=self.batch)
            if some.done and (rotation := await sealing.open_rotation(db)):
                rotation.resealed += some.done
        self._broken += some.broken
        if some.after is None:
            self._after.pop(column, None)
            return False
        self._after[column] = some.after
        return True

    async def _end(self, db: Session, rotation: RotationRow, broken: int) -> None:
        rotation.ended_at, rotation.broken = self.clock.now(), broken
        details = {"key": rotation.key_id, "resealed": rotation.resealed, "broken": broken}
        await self._record(db, ROTATED, details)
        log.info("rotated", extra=details)

    async def _record(self, db: Session, action: str, details: dict[str, Any]) -> None:
        await audit.record(db, actor=self.worker, action=action, subject="keys", details=details)
