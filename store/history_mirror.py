"""The optional mirror: what history keeps, sent to an InfluxDB as well, which may come and go."""

import asyncio
import gzip
import logging
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import httpx
from pydantic import SecretStr

from domain.errors import Refused
from kit.retry import backoff
from store.history_lines import lines
from store.history_rows import Change

log = logging.getLogger(__name__)

MOST_WAITING: Final = 200_000
LINES_AT_ONCE: Final = 5_000
TIMEOUT_S: Final = 10.0
_WAIT_S: Final = 60.0
_ANOTHER_TIME: Final = frozenset({401, 403, 404, 408, 429})


@dataclass(slots=True)
class Mirrored:
    """How many prices were sent, dropped because too many waited, or refused as unreadable."""

    sent: int = 0
    dropped: int = 0
    refused: int = 0


class Mirror:
    """Sends changes to an InfluxDB without ever holding up whoever offers them.

    Args:
        url: Where lines are written, with its query: `…/api/v2/write?org=O&bucket=B` of version 2,
            `…/write?db=D` of version 1. Lines have nanoseconds, the precision it assumes.
        token: Sent as `Authorization: Token …`, if there is one.
        most_waiting: The most prices that wait; the oldest make room for new ones.
        sleep: Waits between tries.

    Raises:
        Refused: The URL is none of HTTP.
    """

    def __init__(
        self,
        url: str,
        token: SecretStr | None = None,
        *,
        most_waiting: int = MOST_WAITING,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = httpx.URL(url)
        if self._url.scheme not in {"http", "https"} or not self._url.host:
            raise Refused("DUTCHBOOK_INFLUX_URL must look like https://host:8086/api/v2/write?…")
        self._token, self._most, self._sleep = token, most_waiting, sleep
        self._waiting: deque[Change] = deque()
        self._prices = 0
        self._offered = asyncio.Event()
        self.counts = Mirrored()

    @property
    def waiting(self) -> int:
        """How many prices wait to be sent."""
        return self._prices

    def offer(self, changes: Iterable[Change]) -> None:
        """Take changes that PostgreSQL has; returns at once, whatever the mirror does."""
        for change in changes:
            self._waiting.append(change)
            self._prices += _size(change)
        while self._prices > self._most and self._waiting:
            self.counts.dropped += self._take()[1]
        self._offered.set()

    async def run(self) -> None:
        """Send what was offered, for ever; while InfluxDB is away, try again, ever less often."""
        context = httpx.create_ssl_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        async with httpx.AsyncClient(verify=context, timeout=TIMEOUT_S, trust_env=False) as client:
            while True:
                await self._offered.wait()
                self._offered.clear()
                while self._waiting:
                    await self._deliver(client, self._batch())

    async def _deliver(self, client: httpx.AsyncClient, batch: list[str]) -> None:
        waits = backoff(most_s=_WAIT_S)
        while True:
            problem = await self._attempt(client, batch)
            if problem is None:
                return
            log.warning("mirror waits", extra={"why": problem, "waiting": self._prices})
            await self._sleep(next(waits))

    async def _attempt(self, client: httpx.AsyncClient, batch: list[str]) -> str | None:
        """Return None if the batch is done with, else why it has to be sent again."""
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
        if self._token is not None:
            headers["Authorization"] = f"Token {self._token.get_secret_value()}"
        body = await asyncio.to_thread(_packed, batch)
        try:
            answer = await client.post(self._url, content=body, headers=headers)
        except httpx.TransportError as e:
            return type(e).__name__
        if answer.is_success:
            self.counts.sent += len(batch)
        elif answer.is_client_error and answer.status_code not in _ANOTHER_TIME:
            self.counts.refused += len(batch)
            log.warning("mirror refused", extra={"status": answer.status_code, "n": len(batch)})
        else:
            return f"HTTP {answer.status_code}"
        return None

    def _batch(self) -> list[str]:
        batch: list[str] = []
        while self._waiting and len(batch) < LINES_AT_ONCE:
            batch.extend(self._take()[0])
        return batch

    def _take(self) -> tuple[Iterator[str], int]:
        change = self._waiting.popleft()
        self._prices -= _size(change)
        return lines(change), _size(change)


def _size(change: Change) -> int:
    return len(change.changed) + len(change.withdrawn)


def _packed(batch: list[str]) -> bytes:
    return gzip.compress("\n".join(batch).encode(), compresslevel=1)
