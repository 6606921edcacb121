"""Upkeep: what keeps the product healthy and its history in bounds, each as one short job."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.sources import SourceHealth
from kit.clock import Clock
from kit.ids import fresh
from services.closing import erase_due
from services.devices import LASTS
from services.post import KEPT
from services.reliability import standings
from services.risk_look import KEPT as KEPT_RISK
from services.support import KEPT as GRANTS_KEPT
from store import (
    audit,
    breaks,
    devices,
    history,
    job_runs,
    mail,
    matching,
    odds,
    passkeys,
    sessions,
    steps,
    support,
    texts,
)
from store.accounts import oversee
from store.cache import Cache
from store.days import make_quote_days
from store.db import Database
from store.sources import save_source

log = logging.getLogger(__name__)

RUNS_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """One worker's upkeep; each job may raise `Unavailable` and is then asked again later.

    `sources` are those that it can follow, `healths` says how those are that it follows now.
    """

    database: Database
    cache: Cache
    clock: Clock
    sources: Sequence[str]
    healths: Callable[[], Sequence[SourceHealth]]
    retention_days: int
    daily_retention_days: int = 730
    worker: str = field(default_factory=lambda: fresh("worker-"))

    async def sign_in(self) -> None:
        """Note in the audit that this worker started, and what it can follow."""
        details = {"sources": list(self.sources)}
        async with self.database.begin() as db:
            await audit.record(
                db, actor=self.worker, action="start", subject="worker", details=details
            )

    async def tell_health(self) -> None:
        """Tell the status page how every source is that this worker follows."""
        await self.cache.put_sources(self.healths())

    async def tell_reliability(self) -> None:
        """Tell the status page how far every source can be trusted, by what all shards saw."""
        for source in standings(await self.cache.looks()):
            await self.cache.put_reliability(source)

    async def keep_health(self) -> None:
        """Keep how they are where it outlives the worker."""
        async with self.database.begin() as db:
            for health in self.healths():
                await save_source(db, health)

    async def summarise(self) -> None:
        """Let searches by time skip what they need not read; have the partitions of the next day.

        At midnight the first prices of a day then wait for nothing to be made.
        """
        today = self.clock.now().date()
        async with self.database.begin() as db:
            await make_quote_days(db, [today, today + timedelta(days=1)])
        async with self.database.begin() as db:
            await odds.summarise_quotes(db)

    async def prune(self) -> None:
        """Write past days in short, and drop what is older than the retention."""
        now = self.clock.now()
        since = now - timedelta(days=self.retention_days)
        oldest = since.date()
        in_short = (now - timedelta(days=self.daily_retention_days)).date()
        await self._compact(now.date(), oldest)
        async with self.database.begin() as db:
            days = await odds.drop_quotes_before(db, oldest)
        async with self.database.begin() as db:
            await history.forget_days_before(db, in_short)
            events = await odds.forget_events_before(db, oldest)
            links = await matching.drop_before(db, since)
        async with self.database.begin() as db:
            await oversee(db)
            ended = await sessions.forget_over(db, now)
            await steps.forget_over(db, now)
            rested = await breaks.forget_over(db, now)
            unused = await devices.forget_unused(db, now - LASTS)
        async with self.database.begin() as db:
            await mail.oversee(db)
            letters = await mail.forget_old(db, now, kept=KEPT)
        async with self.database.begin() as db:
            await devices.oversee(db)
            odd = await devices.forget_events(db, now - KEPT_RISK)
            runs = await job_runs.forget_runs_before(db, now - RUNS_KEPT)
            await passkeys.forget_over(db, now)
            await texts.forget_old(db, now, kept=KEPT)
        gone = {"days": days, "events": events, "links": links, "sessions": ended, "runs": runs}
        gone |= {"breaks": rested, "letters": letters, "devices": unused, "arrivals": odd}
        log.info("history pruned", extra={**gone, "before": f"{oldest}"})

    async def forget_members(self) -> None:
        """Erase accounts whose time to come back is over, each by itself, and old grants."""
        now, erased = self.clock.now(), 0
        while await self._erase_one(now):
            erased += 1
        async with self.database.begin() as db:
            await support.oversee(db)
            grants = await support.forget_old(db, now, kept=GRANTS_KEPT)
        log.info("members forgotten", extra={"accounts": erased, "grants": grants})

    async def _erase_one(self, now: datetime) -> bool:
        async with self.database.begin() as db:
            return await erase_due(db, now)

    async def _compact(self, today: date, oldest: date) -> None:
        """Write each past day once, and again before it is dropped: a replay may have added to it.

        A transaction each, so that what was written stays when a later day takes too long.
        """
        async with self.database.begin() as db:
            past = [day for day in await history.quote_days(db) if day < today]
            done = await history.compacted_days(db, past)
        for day in past:
            if day < oldest or day not in done:
                async with self.database.begin() as db:
                    await history.compact(db, day)
