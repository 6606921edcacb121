"""The sockets of a Reflex app, as seats that take messages without ever waiting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import reflex as rx
from reflex_base.constants.state import FIELD_MARKER
from socketio.packet import EVENT

from arb_app.fanout.frames import Encoded
from arb_app.fanout.protocol import EXTENSION, Wire, is_deflating

MOST_WAITING: Final = 64
"""Packets that may wait for one reader in the queue of Engine.IO, which has no end of its own."""
MOST_BUFFERED: Final = 65_536
"""Bytes that may wait for one reader on the raw path, before what is written next."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One reader's socket. Everything it is handed takes the same path, so nothing overtakes.

    `wire` is the raw path: whole frames to the transport. Without it packets go through Engine.IO.
    """

    socket: Any
    wire: Wire | None = None
    deflating: bool = False

    @property
    def gone(self) -> bool:
        """Whether nothing can be written to it any more."""
        wire = self.wire
        ended = wire is not None and (wire.close_sent or wire.transport.is_closing())
        return ended or bool(self.socket.closed)

    @property
    def drained(self) -> bool:
        """Whether all that was put has left."""
        if self.wire is None:
            return bool(self.socket.queue.empty())
        return self.wire.transport.get_write_buffer_size() == 0

    def put(self, message: Encoded) -> bool:
        """Write the message unless it is gone or too much waits; return whether it was written."""
        wire = self.wire
        if wire is None:
            if self.socket.closed or self.socket.queue.qsize() >= MOST_WAITING:
                return False
            self.socket.queue.put_nowait(message.packet)
            return True
        transport = wire.transport
        if wire.close_sent or transport.is_closing() or self.socket.closed:
            return False
        if transport.get_write_buffer_size() >= MOST_BUFFERED:
            return False
        transport.write(message.deflated if self.deflating else message.plain)
        return True


class Sockets:
    """Finds the seat of a session, and encodes what is put there as an update of one var."""

    def __init__(self, app: rx.App, var: str, asked: str = "") -> None:
        """Take the app, the var that messages fill, and the event that pages ask why by."""
        self._app = app
        self._asked = asked
        self._state, _, name = var.rpartition(".")
        self._var = name + FIELD_MARKER

    def encoded(self, message: Mapping[str, Any]) -> Encoded:
        """Return the message encoded as Reflex's own update."""
        return self._update({"delta": {self._state: {self._var: message}}, "events": []})

    def knock(self) -> Encoded:
        """Return what makes a page fire the event that asks how things stand with its reader."""
        return self._update({"delta": {}, "events": [{"name": self._asked, "payload": {}}]})

    def _update(self, update: Mapping[str, Any]) -> Encoded:
        return Encoded(
            self._server.packet_class(
                EVENT, namespace=self._namespace, data=["event", update], binary=False
            )
        )

    def seat(self, session_id: str) -> Seat | None:
        """Return the seat of a session, or None if its socket is gone."""
        engine_id = self._server.manager.eio_sid_from_sid(session_id, self._namespace)
        socket = self._server.eio.sockets.get(engine_id)
        if socket is None:
            return None
        scope = self._server.environ.get(engine_id, {}).get("asgi.scope", {})
        wire = scope.get("extensions", {}).get(EXTENSION)
        seat = Seat(socket, wire, wire is not None and is_deflating(wire))
        return None if seat.gone else seat

    @property
    def _server(self) -> Any:
        return self._app.sio

    @property
    def _namespace(self) -> str | None:
        return self._app.event_namespace.namespace if self._app.event_namespace else None
