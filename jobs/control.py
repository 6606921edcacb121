"""Control: the worker obeys what admins decide within a second, and tells what becomes of it."""

import asyncio
import logging
from dataclasses import dataclass, field

from domain.control import CredentialReport, Happening
from jobs.credentials import Credentials, in_environment, misspelt
from jobs.diary import Diary
from jobs.schedule import calm
from jobs.sources import Sleep
from jobs.trials import Following, Trials
from kit.clock import Clock
from kit.ids import fresh
from kit.settings import Settings
from store import control_room
from store.cache import Cache
from store.credentials_opened import Opened, opened
from store.db import Database
from store.keys import Keys
from store.switches import switches

log = logging.getLogger(__name__)

EVERY_S = 1.0


async def stored_credentials(database: Database, ring: Keys) -> Opened:
    """Return the credentials in the store."""
    async with database.begin() as db:
        return await opened(db, ring.now())


@dataclass(kw_only=True)
class Control:
    """One worker's ear for admins. Every second it looks at credentials, switches and trials."""

    database: Database
    cache: Cache
    clock: Clock
    ring: Keys
    given: Settings
    credentials: Credentials
    following: Following
    sleep: Sleep = asyncio.sleep
    worker: str = field(default_factory=lambda: fresh("worker-"))
    _unreadable: dict[str, list[str]] = field(default_factory=dict[str, list[str]], init=False)

    def __post_init__(self) -> None:
        self._diary = Diary(self.clock, self.credentials.hidden)
        self._trials = Trials(
            following=self.following,
            cache=self.cache,
            clock=self.clock,
            hidden=self.credentials.hidden,
        )
        self._report = CredentialReport(
            environment=in_environment(self.given), misspelt=misspelt(self.given)
        )
        for name in self._report.misspelt:
            log.warning("no source has a credential of this name", extra={"variable": name})

    async def run(self) -> None:
        """Obey until cancelled; while PostgreSQL or Valkey is away, all stays as it was."""
        while True:
            for job in (self.obey, self.tell, self._trials.answer, self.write):
                await calm(job)()
            await self.sleep(EVERY_S)

    async def obey(self) -> None:
        """Use the credentials and switches of now from the next question on.

        Raises:
            Unavailable: PostgreSQL cannot be asked.
        """
        async with self.database.begin() as db:
            found, decided = await opened(db, self.ring.now()), await switches(db)
        if found.unreadable != self._unreadable:
            self._unreadable = found.unreadable
            log.error("stored credentials do not open", extra={"parts": found.unreadable})
        off = {name for name, switch in decided.items() if not switch.enabled}
        # Those in memory go on while the keys are away.
        parts = self.credentials.stored if found.away else found.parts
        changed = self.credentials.take(parts, off)
        for collector in self.following.collectors:
            if collector.health.name in changed:
                log.info("source is set anew", extra={"source": collector.health.name})
                collector.wake()

    async def tell(self) -> None:
        """Tell admins which parts of credentials this worker has, and where from."""
        told = CredentialReport(
            environment=in_environment(self.given),
            misspelt=self._report.misspelt,
            unreadable=self._unreadable,
        )
        await control_room.report(self.cache, self.worker, told)

    async def write(self) -> None:
        """Add what happened to each source to its log."""
        for collector in self.following.collectors:
            lines: list[Happening] = self._diary.lines(collector.health)
            if lines:
                await control_room.note(self.cache, collector.health.name, lines)
