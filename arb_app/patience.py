"""uvicorn's HTTP protocol, made to give up on whoever does not say what they want."""

import asyncio
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from arb_app.edge.headers import SAFE
from arb_app.edge.problems import body_of


class PatientProtocol(H11Protocol):
    """Cuts connections whose request does not arrive, which would be kept for ever otherwise.

    Not those that wait between two requests, which uvicorn closes itself, nor those that have
    become sockets.
    """

    within_s: float = 20.0
    """How long a request may take to arrive whole; none of ours is larger than a form."""
    lingers_s: float = 1.0
    """How long whoever was refused may go on talking: a reset would take the answer from them."""
    _deadline: asyncio.TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: Any) -> None:
        """Begin to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on, or no longer if a whole request has arrived; hear nobody who was refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._refused:
            return
        if self._is_waiting():
            self._wait()
        else:
            self._wait_no_more()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the server's own words
        """Refuse what is no request, as every error is said; it has no id, for it was not read."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close"), *SAFE]
        self._reply(h11.Response(status_code=status, headers=headers))
        self._reply(h11.Data(data=body_of({}, status)))
        self._reply(h11.EndOfMessage())
        self._refused = True
        self.transport.write_eof()
        self._wait_no_more()
        self._deadline = self.loop.call_later(self.lingers_s, self.transport.close)

    def _reply(self, event: Any) -> None:
        if data := self.conn.send(event):
            self.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _is_waiting(self) -> bool:
        if self not in self.connections:  # it has become a socket
            return False
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete or cycle.more_body

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.within_s, self._give_up)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if self._is_waiting():
            self.transport.abort()
