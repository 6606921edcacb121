"""Lead: what is done once for all workers is done by one; when it is gone, by another."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from domain.errors import Unavailable
from kit.retry import backoff
from store.lease import lease

log = logging.getLogger(__name__)

Job = Callable[[], Coroutine[Any, Any, None]]


class Leader:
    """Runs a job while this worker holds the lease, from its beginning each time it gets it."""

    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._led, self._leads = asyncio.Event(), False

    def leads(self) -> bool:
        """Return whether this worker leads now."""
        return self._leads

    async def run(self, job: Job) -> None:
        """Wait for the lease, run `job`, and wait again whenever the lease is lost."""
        waits = backoff(most_s=5.0)
        while True:
            try:
                async with lease(self._url, self._name) as held:
                    log.info("leading", extra={"lease": self._name})
                    self._led.set()
                    self._leads = True
                    waits = backoff(most_s=5.0)
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(held.watch())
                        tasks.create_task(job())
            except* Unavailable as lost:
                log.warning("not leading", extra={"why": str(lost.exceptions[0])})
            finally:
                self._leads = False
            await asyncio.sleep(next(waits))

    async def led(self) -> None:
        """Return once this worker has led for the first time."""
        await self._led.wait()
