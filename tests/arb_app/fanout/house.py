"""A hub over a real Socket.IO server, without a network, and the browsers that sit there."""

import json
from types import SimpleNamespace

import socketio
from engineio.async_socket import AsyncSocket
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.uri import parse_uri

from arb_app.fanout.hub import BoardHub
from arb_app.fanout.protocol import EXTENSION, connection
from arb_app.fanout.sockets import Sockets
from domain.plans import View
from domain.preferences import Language
from kit.clock import ManualClock
from tests.facts import NOON

NAMESPACE = "/_event"
VAR = "app.board_state.message"
ASKED = "app.breaks_state.look"
PRO, FREE, ENTERPRISE = View.of("pro"), View.of("free"), View.of("enterprise")
PATHS = ("queue", "plain", "deflated")


class Wire:
    """A WebSocket whose peer reads when it is told to, and then all that was written."""

    def __init__(self, *, deflating: bool) -> None:
        offered = [ClientPerMessageDeflateFactory()] if deflating else None
        self.client = ClientProtocol(
            parse_uri("ws://house.test/"), extensions=offered, max_size=None
        )
        self.conn = connection(None)
        self.client.send_request(self.client.connect())
        self.conn.receive_data(b"".join(self.client.data_to_send()))
        (request,) = self.conn.events_received()
        self.conn.send_response(self.conn.accept(request))
        self.client.receive_data(b"".join(self.conn.data_to_send()))
        self.client.events_received()
        self.close_sent, self.transport, self.pending = False, self, []
        self.closed = False

    def write(self, data):
        if self.closed:
            raise RuntimeError("the handler is closed")
        self.pending.append(data)

    def get_write_buffer_size(self):
        return sum(map(len, self.pending))

    def is_closing(self):
        return self.closed

    def read(self):
        """Return the texts of all frames that were written since."""
        self.client.receive_data(b"".join(self.pending))
        self.pending.clear()
        return [bytes(frame.data).decode() for frame in self.client.events_received()]


class Reader:
    """One browser; what was sent waits until it is looked at."""

    def __init__(self, session_id, socket, wire=None):
        self.session_id, self.socket, self.wire = session_id, socket, wire
        self.frames = []

    def waiting(self):
        """Return the messages that came since, in order."""
        return [_message(text) for text in self._texts()]

    def asked(self):
        """Return the events that the page was asked to fire since, and no other update."""
        updates = [json.loads(text.removeprefix(f"42{NAMESPACE},"))[1] for text in self._texts()]
        assert [update["delta"] for update in updates] == [{}] * len(updates)
        return [event["name"] for update in updates for event in update["events"]]

    def _texts(self):
        if self.wire is not None:
            texts = self.wire.read()
        else:
            texts = []
            while not self.socket.queue.empty():
                texts.append(self.socket.queue.get_nowait().encode())
        self.frames += texts
        return texts


def _message(text):
    start = f"42{NAMESPACE},"
    assert text.startswith(start)
    name, update = json.loads(text.removeprefix(start))
    assert (name, update["events"]) == ("event", [])
    return update["delta"]["app.board_state"]["message_rx_state_"]


class House:
    """A hub and its readers, all of whom are reached by one path."""

    def __init__(self, path="queue"):
        self.path = path
        self.server = socketio.AsyncServer(async_mode="asgi")
        app = SimpleNamespace(sio=self.server, event_namespace=SimpleNamespace(namespace=NAMESPACE))
        self.clock = ManualClock(NOON)
        self.sockets = Sockets(app, VAR, ASKED)
        self.hub = BoardHub(self.sockets, self.clock)

    async def reader(self, name):
        """Open a socket."""
        socket = AsyncSocket(self.server.eio, name)
        self.server.eio.sockets[name] = socket
        wire = None if self.path == "queue" else Wire(deflating=self.path == "deflated")
        extensions = {} if wire is None else {EXTENSION: wire}
        self.server.environ[name] = {"asgi.scope": {"extensions": extensions}}
        return Reader(await self.server.manager.connect(name, NAMESPACE), socket, wire)

    async def joined(self, name, view=PRO, token_hash="", language=Language.ENGLISH):
        """Open a socket that has joined the board."""
        reader = await self.reader(name)
        self.hub.join(reader.session_id, view, token_hash, language)
        return reader

    def pass_s(self, seconds):
        """Let time pass, and hand out what has become due."""
        self.clock.advance(seconds)
        self.hub.release()


class Browser:
    """Takes messages in as the grid's `store.js` does, and knows when it missed one."""

    def __init__(self):
        self.rows, self.epoch, self.seq, self.gaps = {}, None, -1, 0
        self.told = {}

    def take(self, messages):
        for message in messages:
            if message["kind"] in ("refusals", "why"):
                self.told[message["kind"]] = message
            elif message["kind"] == "snapshot":
                if message["epoch"] != self.epoch or message["seq"] >= self.seq:
                    self.rows = {}
                    self._put(message)
            elif message["epoch"] != self.epoch or message["seq"] > self.seq + 1:
                self.gaps += 1
            elif message["seq"] == self.seq + 1:
                self._put(message)

    def _put(self, message):
        self.rows |= {row["id"]: row for row in message["rows"]}
        for life_id in message["gone"]:
            self.rows.pop(life_id, None)
        self.epoch, self.seq = message["epoch"], message["seq"]
