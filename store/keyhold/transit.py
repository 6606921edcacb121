"""Keys wrapped by a transit engine: rows of the database that only the engine can open."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from domain.errors import Refused, Unavailable
from kit.clock import Clock
from store import sealing
from store.db import Database
from store.keys import SIZE, KeyMissing, KeyRing, KeysAway
from store.tables import SealingKeyRow

log = logging.getLogger(__name__)

FOLLOW_S: Final = 2.0
AGAIN_S: Final = 10.0
"""Keys are opened again after so many seconds, so that it is seen soon that nobody opens them."""
SETTLES: Final = timedelta(seconds=10)
"""How long a new key is known to every process before anything is sealed with it."""


class Wraps(Protocol):
    """An engine that wraps keys; each call blocks, and raises `KeysAway`."""

    def data_key(self) -> tuple[bytes, str]:
        """Return a new key, and the same one wrapped."""
        ...

    def unwrapped(self, wrapped: str) -> bytes:
        """Return the key that was wrapped."""
        ...

    def rewrapped(self, wrapped: str) -> str:
        """Return the same key, wrapped by the engine's newest."""
        ...


@dataclass(frozen=True, slots=True)
class _Opened:
    key: bytes = field(repr=False)
    at_s: float


class TransitHold:
    """Unwrapped keys in memory, each for `ttl_s` after the engine last opened it.

    `beside` are keys of a file that rows may still name, of before the engine took over.
    """

    name: str = "transit"

    def __init__(
        self,
        engine: Wraps,
        database: Database,
        clock: Clock,
        *,
        ttl_s: float,
        beside: KeyRing | None = None,
    ) -> None:
        self._engine, self._database, self._clock = engine, database, clock
        self._ttl_s, self._beside = ttl_s, beside or KeyRing()
        self._rows: list[SealingKeyRow] = []
        self._opened: dict[str, _Opened] = {}
        self._why = "it has not been asked yet"

    def now(self) -> KeyRing:
        """Return the ring of those keys that are in memory now."""
        since = self._clock.monotonic() - self._ttl_s
        keys = {i: one.key for i, one in self._opened.items() if one.at_s > since}
        settled = [row.id for row in self._rows if row.known_at + SETTLES <= self._clock.now()]
        # The first key of all has nobody to wait for.
        first = [row.id for row in self._rows[:1]] or [self._beside.current]
        current = (settled or first)[-1]
        return KeyRing(current, {**self._beside.keys, **keys}, self._elsewhere, self._why)

    async def refresh(self) -> None:
        """Take in new and retired keys, and have those opened again that are some seconds old.

        Raises:
            KeysAway: The engine does not open one; those in memory stay until their time is over.
        """
        try:
            async with self._database.begin() as db:
                self._rows = await sealing.wrapped(db)
        except Unavailable as e:
            log.warning("wrapped keys not read", extra={"why": str(e)})
        named = {row.id for row in self._rows}
        self._opened = {i: one for i, one in self._opened.items() if i in named}
        old = self._clock.monotonic() - min(AGAIN_S, self._ttl_s / 2)
        for row in self._rows:
            one = self._opened.get(row.id)
            if one is None or one.at_s <= old:
                await self._open(row)
        self._why = ""

    async def make(self) -> str:
        """Have the engine make a key, keep it wrapped, and return its id.

        It becomes the current one once `SETTLES` has passed and everybody knows it.

        Raises:
            Unavailable: The engine or PostgreSQL is away.
        """
        key, wrapped = await asyncio.to_thread(self._engine.data_key)
        key_id = secrets.token_hex(4)
        async with self._database.begin() as db:
            await sealing.note_key(db, key_id, self.name, at=self._clock.now(), wrapped=wrapped)
        self._opened[key_id] = _Opened(_sized(key), self._clock.monotonic())
        await self.refresh()
        return key_id

    async def use(self, key_id: str) -> None:
        """Raise `KeyMissing` if there is no such key; the newest is current when it has settled."""
        await self.refresh()
        if all(row.id != key_id for row in self._rows):
            self._elsewhere(key_id)

    async def rewrap(self) -> int:
        """Have every key wrapped by the engine's newest; return how many there were."""
        async with self._database.begin() as db:
            rows = await sealing.wrapped(db)
            for row in rows:
                again = await asyncio.to_thread(self._engine.rewrapped, row.wrapped)
                await sealing.wrap_again(db, row.id, again)
        await self.refresh()
        return len(rows)

    async def retire(self, key_id: str) -> None:
        """Let a key go: its row, which says that it is retired, is no longer read."""
        if key_id == self.now().current:
            raise Refused(f"{key_id} is the current key: rotate first")
        self._rows = [row for row in self._rows if row.id != key_id]
        self._opened.pop(key_id, None)

    async def follow(self, sleep: Callable[[float], object] | None = None) -> None:
        """Refresh until cancelled; say once when the engine goes away, and once when it is back."""
        away = ""
        while True:
            try:
                await self.refresh()
                if away:
                    log.info("the holder of the keys is back")
                away = ""
            except KeysAway as e:
                if str(e) != away:
                    log.error("keys not opened", extra={"why": str(e)})  # noqa: TRY400  says it all
                away = str(e)
            pause = asyncio.sleep(FOLLOW_S) if sleep is None else sleep(FOLLOW_S)
            if asyncio.iscoroutine(pause):
                await pause

    async def _open(self, row: SealingKeyRow) -> None:
        try:
            key = _sized(await asyncio.to_thread(self._engine.unwrapped, row.wrapped))
        except KeysAway as e:
            self._why = str(e)
            raise
        self._opened[row.id] = _Opened(key, self._clock.monotonic())

    def _elsewhere(self, key_id: str) -> bytes:
        if not key_id and not self._rows:
            return b""
        if any(row.id == key_id for row in self._rows):
            raise KeysAway(f"the master key {key_id} is not in memory: {self._why}")
        raise KeyMissing(f"the master key {key_id} is neither wrapped here nor in the key file")


def _sized(key: bytes) -> bytes:
    if len(key) != SIZE:
        raise KeysAway(f"the holder of the keys: its key is not of {SIZE} bytes")
    return key
