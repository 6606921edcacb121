"""The witness: signs the head of the audit into a file outside the database, and checks it all."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from domain.errors import Refused
from kit.clock import Clock
from services.audit_check import ANCHORED, CHECKED, Recorded, Report, checked
from store import audit, audit_chain, audit_entries
from store.anchors import Anchor, AnchorFile, public_keys
from store.audit_chain import Head
from store.db import Database
from store.keys import KeyRing

log = logging.getLogger(__name__)

CHECK_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """What the worker that leads does for the audit; both jobs may raise `Unavailable`.

    The signing keys are made in the file `keys` when the first head is anchored.
    """

    database: Database
    clock: Clock
    anchors: AnchorFile
    keys: Path
    worker: str

    async def anchor(self) -> None:
        """Anchor the head if it has moved since the last anchor, and else once a day."""
        async with self.database.begin() as db:
            head = await audit_chain.head(db)
        try:
            made = None if head is None else await asyncio.to_thread(self._anchored, head)
        except Refused as e:
            log.error("audit not anchored", extra={"why": str(e)})  # noqa: TRY400  says it all
            return
        if made is None:
            return
        told = msgspec.to_builtins(
            Recorded(line=made.line, seq=made.seq, hash=made.hash, key=made.key, public=made.public)
        )
        log.info("audit anchored", extra=told)
        await self._record(ANCHORED, told)

    async def check(self) -> None:
        """Check the whole audit if that was not done within a day, and put on record what came."""
        async with self.database.begin() as db:
            last = await audit_entries.latest(db, CHECKED)
        if last is not None and self.clock.now() - last.at < CHECK_EVERY:
            return
        try:
            trusted = await asyncio.to_thread(self._trusted)
            async with self.database.begin() as db:
                await audit_chain.still(db)
                report = await checked(db, self.anchors, trusted)
        except Refused as e:
            log.error("audit not checked", extra={"why": str(e)})  # noqa: TRY400  says it all
            return
        if report.broken:
            log.error("audit broken", extra={"why": report.broken.said, "seq": report.broken.seq})
        await self._record(CHECKED, _told(report))

    def _anchored(self, head: Head) -> Anchor | None:
        now, last = self.clock.now(), self.anchors.last()
        # That the last one was written is an entry of its own, which is no reason for another.
        if last and head.seq <= last.seq + 1 and last.at.date() == now.date():
            return None
        return self.anchors.append(head, KeyRing.at(self.keys), at=now)

    def _trusted(self) -> set[bytes]:
        return set(public_keys(KeyRing.read(self.keys)).values()) if self.keys.exists() else set()

    async def _record(self, action: str, details: dict[str, Any]) -> None:
        async with self.database.begin() as db:
            await audit.record(
                db, actor=self.worker, action=action, subject="audit", details=details
            )


def _told(report: Report) -> dict[str, Any]:
    return {
        "clean": report.clean,
        "rows": report.rows,
        "head": report.head,
        "anchors": report.anchors.count,
        "broken": report.broken.said if report.broken else "",
    }
