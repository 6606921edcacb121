"""Delivery of the live board: what Valkey says goes to the hub, and members stay in their rooms."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from functools import partial
from typing import Final

from arb_app.fanout.hub import BoardHub
from arb_app.runtime import Runtime
from arb_app.visitors import OUTAGE_S, visitor
from domain.errors import Unavailable
from domain.plans import View
from domain.vitals import Process
from kit.ids import fresh
from kit.memory import resident_mb
from kit.retry import backoff
from kit.settings import Settings
from kit.version import VERSION
from services import board as boards
from services import breaks, health, sessions
from services.access import DELIVERY
from services.calculations import Calculations
from services.work import Resources, begin, opened

log = logging.getLogger(__name__)

_DUE_EVERY_S: Final = 0.1
_REFUSALS_EVERY_S: Final = 1.0
_PLANS_EVERY_S: Final = 2.0
_WHY_EVERY_S: Final = 5.0
_COUNT_EVERY_S: Final = 15.0
_BEAT_EVERY_S: Final = 3.0
_CALCULATIONS_EVERY_S: Final = 60.0


async def deliver(hub: BoardHub, runtime: Runtime, settings: Settings) -> None:
    """Open the connections as soon as they can be, then follow the board until cancelled."""
    waits = backoff(most_s=2.0)
    while True:
        try:
            async with opened(settings, runtime.clock, application="web") as resources:
                runtime.opened = resources
                await _follow(hub, runtime, resources, visitor(settings).view)
        except Unavailable as e:
            log.warning("not connected yet", extra={"reason": str(e)})
        finally:
            runtime.opened = None
        await asyncio.sleep(next(waits))


async def deliver_or_stop(hub: BoardHub, runtime: Runtime, settings: Settings) -> None:
    """Deliver; a fault of ours ends the process rather than leave it serving a dead board."""
    try:
        await deliver(hub, runtime, settings)
    except Exception:
        log.exception("delivery failed, so the web process stops")
        signal.raise_signal(signal.SIGTERM)


async def _follow(hub: BoardHub, runtime: Runtime, resources: Resources, visitors: View) -> None:
    rooms = Rooming(hub, resources, visitors)
    told = Telling(hub, resources)
    beat = Heartbeat(hub, resources)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_every(_REFUSALS_EVERY_S, told.refusals))
        tasks.create_task(_every(_WHY_EVERY_S, told.why))
        tasks.create_task(_every(_PLANS_EVERY_S, rooms.look))
        tasks.create_task(_every(_DUE_EVERY_S, rooms.release))
        tasks.create_task(_every(_COUNT_EVERY_S, rooms.count))
        tasks.create_task(_every(_BEAT_EVERY_S, beat.tell))
        tasks.create_task(_note_down(runtime.calculations, resources))
        offered = partial(_offers_prospects, resources)
        follower = boards.BoardFollower(resources.cache, resources.clock, offered)
        async with aclosing(follower.messages()) as messages:
            async for message in messages:
                hub.publish(message)


async def _every(seconds: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        with suppress(Unavailable):
            await act()
        await asyncio.sleep(seconds)


async def _offers_prospects(resources: Resources) -> bool:
    async with begin(resources, DELIVERY) as work:
        return await boards.offers_prospects(work)


async def _note_down(calculations: Calculations, resources: Resources) -> None:
    """Put on record what was calculated with, the last of it when the process ends."""
    try:
        await _every(_CALCULATIONS_EVERY_S, partial(calculations.write, resources))
    finally:
        with suppress(Unavailable):
            await calculations.write(resources)


class Rooming:
    """Keeps every reader in the room of the plan that they have now."""

    def __init__(self, hub: BoardHub, resources: Resources, visitors: View) -> None:
        """Take the hub, and what visitors see."""
        self._hub = hub
        self._resources = resources
        self._visitors = visitors
        self._asked_at = resources.clock.monotonic()

    async def release(self) -> None:
        """Hand out what has become due."""
        self._hub.release()

    async def count(self) -> None:
        """Count the time of those who have limited it; raise `Unavailable`."""
        async with begin(self._resources, DELIVERY) as work:
            await breaks.count(work, self._hub.token_hashes)

    async def look(self) -> None:
        """Move those whose plan has changed or session is over; put out who may not look.

        While PostgreSQL cannot be asked everybody stays, as long as they stay signed in.

        Raises:
            Unavailable: It cannot be asked.
        """
        clock, asked = self._resources.clock, self._hub.token_hashes
        over: dict[str, View | None] = dict.fromkeys(asked, self._visitors)
        try:
            async with begin(self._resources, DELIVERY) as work:
                views = await sessions.views(work, asked)
        except Unavailable:
            if clock.monotonic() - self._asked_at >= OUTAGE_S:
                self._hub.see(over, self._visitors)
            raise
        self._asked_at = clock.monotonic()
        self._hub.see(over | views, self._visitors)


class Telling:
    """Asks for what is told beside the board, and hands it out when it is news."""

    def __init__(self, hub: BoardHub, resources: Resources) -> None:
        """Begin with nothing told."""
        self._hub = hub
        self._resources = resources
        self._refused_at: object = None
        self._why: boards.Why | None = None

    async def refusals(self) -> None:
        """Hand out the near misses, if they are others; raise `Unavailable`."""
        async with begin(self._resources, DELIVERY) as work:
            found = await boards.refusals(work)
        if found is not None and found.published_at != self._refused_at:
            self._refused_at = found.published_at
            self._hub.refuse(found)

    async def why(self) -> None:
        """Hand out what an empty board rests on, if it is something else; raise `Unavailable`."""
        async with begin(self._resources, DELIVERY) as work:
            found = await boards.why(work)
        if found != self._why:
            self._why = found
            self._hub.explain(found)


class Heartbeat:
    """Tells admins that this web process lives, and how it is."""

    def __init__(self, hub: BoardHub, resources: Resources) -> None:
        """Begin under a name that no other process has."""
        self._hub, self._resources = hub, resources
        self._name, self._began_at = fresh("web-"), resources.clock.now()

    async def tell(self) -> None:
        """Tell it; raise `Unavailable`."""
        told = Process(
            version=VERSION,
            memory_mb=resident_mb(),
            started_at=self._began_at,
            watchers=self._hub.watchers,
        )
        async with begin(self._resources, DELIVERY) as work:
            await health.tell(work, self._name, told)
