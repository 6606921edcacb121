"""The holder that the settings name, followed for as long as a process runs."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from kit.clock import Clock
from kit.settings import Settings
from store.db import Database
from store.keyhold.bao import Address, Bao
from store.keyhold.file import FileHold
from store.keyhold.transit import TransitHold
from store.keys import KeyRing, KeysAway, key_file

log = logging.getLogger(__name__)


class Keyhold(Protocol):
    """Who holds the master keys."""

    name: str
    """What it is: "file" or "transit"."""

    def now(self) -> KeyRing:
        """Return the ring as it is now; it is not to be kept beyond one piece of work."""
        ...

    async def refresh(self) -> None:
        """Take in what changed; raise `KeysAway` if the holder does not answer."""
        ...

    async def make(self) -> str:
        """Make a key that is not the current one yet, and return its id."""
        ...

    async def use(self, key_id: str) -> None:
        """Make a key the current one, at once or as soon as everybody knows it."""
        ...

    async def retire(self, key_id: str) -> None:
        """Let go of a key that nothing names; raise `Refused` if it is the current one."""
        ...


@asynccontextmanager
async def held(given: Settings, database: Database, clock: Clock) -> AsyncGenerator[Keyhold]:
    """Hold the keys of the settings; a transit engine that is away holds up nobody's start.

    Raises:
        Refused: The key file or the address of the engine is unfit.
    """
    if not given.keys.startswith("transit:"):
        named = given.keys_file is not None or given.keys.startswith("file:")
        yield FileHold(key_file(given), named=named)
        return
    beside = KeyRing.read(given.keys_file) if given.keys_file else None
    engine = Bao(Address.of(given))
    hold = TransitHold(engine, database, clock, ttl_s=given.keys_ttl_s, beside=beside)
    try:
        await hold.refresh()
    except KeysAway as e:
        log.warning("starting without keys", extra={"why": str(e)})
    following = asyncio.create_task(hold.follow())
    try:
        yield hold
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
