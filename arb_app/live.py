"""Delivery of the live board: one message, encoded once, into a bounded queue of every socket."""

import asyncio
import logging
import signal
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

import reflex as rx
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from prometheus_client import Counter, Gauge
from reflex_base.constants.state import FIELD_MARKER
from socketio.packet import EVENT

from arb_app import wire
from arb_app.runtime import Runtime
from domain.board import BoardMessage, BoardSnapshot, Refusals
from domain.errors import Unavailable
from kit.clock import Clock, epoch_ms
from kit.retry import backoff
from kit.settings import Settings
from services import board as boards
from services.access import ANONYMOUS
from services.work import Resources, begin, opened

log = logging.getLogger(__name__)

MOST_WAITING: Final = 64
"""Packets that may wait for one reader. More are skipped: the reader sees the gap in `seq` and asks
for a snapshot, so a stalled browser costs a bounded amount of memory and heals by itself."""

_REFUSALS_EVERY_S: Final = 1.0
_WHY_EVERY_S: Final = 5.0

_WATCHING = Gauge("dutchbook_board_watchers", "Sockets that receive the board.")
_MESSAGES = Counter("dutchbook_board_messages_total", "Board messages handed out.", ["kind"])
_SKIPPED = Counter("dutchbook_board_skipped_total", "Messages a slow reader had to miss.")


class Sockets:
    """The sockets of a Reflex app, as places to put packets without ever waiting."""

    def __init__(self, app: rx.App, var: str) -> None:
        self._app = app
        self._state, _, name = var.rpartition(".")
        self._var = name + FIELD_MARKER

    def packet(self, message: Mapping[str, Any]) -> EnginePacket:
        """Return the message encoded as Reflex's own update of one var."""
        update = {"delta": {self._state: {self._var: message}}, "events": []}
        packet = self._server.packet_class(
            EVENT, namespace=self._namespace, data=["event", update], binary=False
        )
        return EnginePacket(MESSAGE, packet.encode())

    def put(self, session_id: str, packet: EnginePacket) -> bool:
        """Queue the packet unless too many wait; raise `KeyError` if the socket is gone."""
        engine_id = self._server.manager.eio_sid_from_sid(session_id, self._namespace)
        socket = self._server.eio.sockets[engine_id]
        if socket.closed:
            raise KeyError(session_id)
        if socket.queue.qsize() >= MOST_WAITING:
            return False
        socket.queue.put_nowait(packet)
        return True

    @property
    def _server(self) -> Any:
        return self._app.sio

    @property
    def _namespace(self) -> str | None:
        return self._app.event_namespace.namespace if self._app.event_namespace else None


class BoardHub:
    """Keeps the board as last heard of and hands it to whoever joined.

    Snapshot and patches take the same path, so none overtakes another; nothing here awaits, so
    that joining is atomic with regard to publishing.
    """

    def __init__(self, sockets: Sockets, clock: Clock) -> None:
        self._sockets = sockets
        self._clock = clock
        self._members: set[str] = set()
        self._rows: dict[str, wire.Wire] = {}
        self._latest: BoardMessage | None = None
        self._snapshot: EnginePacket | None = None
        self._refusals: EnginePacket | None = None
        self._why: EnginePacket | None = None

    def join(self, session_id: str) -> None:
        """Send the socket a snapshot, and every patch after it."""
        self._members.add(session_id)
        for packet in (self._whole(), self._refusals, self._why):
            if packet is not None:
                self._put(session_id, packet)
        _WATCHING.set(len(self._members))

    def leave(self, session_id: str) -> None:
        """Send the socket nothing more."""
        self._members.discard(session_id)
        _WATCHING.set(len(self._members))

    def publish(self, message: BoardMessage) -> None:
        """Hand out what the worker published."""
        rows = {row.id: wire.row(row) for row in message.rows}
        if isinstance(message, BoardSnapshot):
            self._rows = rows
        else:
            self._rows.update(rows)
            for life_id in message.gone:
                self._rows.pop(life_id, None)
        self._latest, self._snapshot = message, None
        self._hand_out(wire.board(message, list(rows.values())))

    def refuse(self, refusals: Refusals) -> None:
        """Hand out the near misses."""
        self._refusals = self._hand_out(wire.refusals(refusals))

    def explain(self, why: boards.Why) -> None:
        """Hand out what an empty board rests on."""
        self._why = self._hand_out(wire.why(why))

    @property
    def age_s(self) -> float | None:
        """Seconds since the worker last published, or None if this process never heard of it."""
        if self._latest is None:
            return None
        return (self._clock.now() - self._latest.published_at).total_seconds()

    def _whole(self) -> EnginePacket | None:
        if self._snapshot is None and self._latest is not None:
            whole = wire.board(self._latest, list(self._rows.values()))
            self._snapshot = self._packet({**whole, "kind": "snapshot", "gone": []})
        return self._snapshot

    def _packet(self, message: wire.Wire) -> EnginePacket:
        return self._sockets.packet({**message, "sent_ms": epoch_ms(self._clock.now())})

    def _hand_out(self, message: wire.Wire) -> EnginePacket:
        packet = self._packet(message)
        for session_id in tuple(self._members):
            self._put(session_id, packet)
        _MESSAGES.labels(message["kind"]).inc()
        _WATCHING.set(len(self._members))
        return packet

    def _put(self, session_id: str, packet: EnginePacket) -> None:
        try:
            if not self._sockets.put(session_id, packet):
                _SKIPPED.inc()
        except KeyError:
            self._members.discard(session_id)


async def deliver(hub: BoardHub, runtime: Runtime, settings: Settings) -> None:
    """Open the connections as soon as they can be, then follow the board until cancelled."""
    waits = backoff(most_s=2.0)
    while True:
        try:
            async with opened(settings, runtime.clock, application="web") as resources:
                runtime.opened = resources
                await _follow(hub, resources)
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


async def _follow(hub: BoardHub, resources: Resources) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_follow_refusals(hub, resources))
        tasks.create_task(_follow_why(hub, resources))
        follower = boards.BoardFollower(resources.cache, resources.clock)
        async with aclosing(follower.messages()) as messages:
            async for message in messages:
                hub.publish(message)


async def _follow_refusals(hub: BoardHub, resources: Resources) -> None:
    last = None
    while True:
        with suppress(Unavailable):
            async with begin(resources, ANONYMOUS) as work:
                found = await boards.refusals(work)
            if found is not None and found.published_at != last:
                last = found.published_at
                hub.refuse(found)
        await asyncio.sleep(_REFUSALS_EVERY_S)


async def _follow_why(hub: BoardHub, resources: Resources) -> None:
    last = None
    while True:
        with suppress(Unavailable):
            async with begin(resources, ANONYMOUS) as work:
                found = await boards.why(work)
            if found != last:
                last = found
                hub.explain(found)
        await asyncio.sleep(_WHY_EVERY_S)
