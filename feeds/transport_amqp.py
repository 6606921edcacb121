"""AMQP 0-9-1: a queue of one's own on a vendor's exchange, read until the connection is lost."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from pamqp import body, commands, frame, header, heartbeat
from pamqp.exceptions import PAMQPException

from feeds.answers import Unreadable
from feeds.transport_door import Limits

_HEAD_BYTES = 7
_MOST_FRAME = 1024 * 1024
_REFUSED = frozenset({403, 530})
_PROPERTIES: dict[str, Any] = {
    "product": "dutchbook",
    "capabilities": {"authentication_failure_close": True, "consumer_cancel_notify": True},
}

F = TypeVar("F")


class AccessRefused(Exception):
    """The broker does not take our name and password, or does not let us into the place."""


@dataclass(frozen=True, slots=True, repr=False)
class Terms:
    """Who we are, the virtual host, the exchange, and the routing keys that we want of it."""

    username: str
    password: str
    place: str
    exchange: str
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Queue:
    """One connection to a broker, from its greeting to its end.

    The queue is named by the broker, ours alone and gone with the connection; messages are not
    acknowledged: who is slow reads slowly, and nothing is kept here beside one message.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    limits: Limits

    async def messages(self, terms: Terms) -> AsyncGenerator[tuple[str, bytes]]:
        """Yield the routing key and body of each message.

        Raises:
            AccessRefused: The broker does not let us in.
            Unreadable: It does not speak AMQP, or a message is too large.
            EOFError: The connection is lost.
            TimeoutError: Nothing comes, not even a sign of life.
        """
        async with asyncio.timeout(self.limits.total_s):
            await self._subscribe(terms)
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                delivered = await self._expected(commands.Basic.Deliver)
                head = await self._expected(header.ContentHeader)
                yield delivered.routing_key or "", await self._body(head.body_size or 0)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await beating

    async def _subscribe(self, terms: Terms) -> None:
        self.writer.write(header.ProtocolHeader().marshal())
        await self._expected(commands.Connection.Start)
        said = f"\0{terms.username}\0{terms.password}"
        self._say(commands.Connection.StartOk(_PROPERTIES, "PLAIN", said), channel=0)
        await self._expected(commands.Connection.Tune)
        beat_s = max(1, round(self.limits.ping_s))
        self._say(commands.Connection.TuneOk(0, _MOST_FRAME, beat_s), channel=0)
        self._say(commands.Connection.Open(virtual_host=terms.place), channel=0)
        await self._expected(commands.Connection.OpenOk)
        self._say(commands.Channel.Open())
        await self._expected(commands.Channel.OpenOk)
        self._say(commands.Queue.Declare(exclusive=True, auto_delete=True))
        queue = (await self._expected(commands.Queue.DeclareOk)).queue or ""
        for key in terms.keys:
            self._say(commands.Queue.Bind(queue=queue, exchange=terms.exchange, routing_key=key))
            await self._expected(commands.Queue.BindOk)
        self._say(commands.Basic.Consume(queue=queue, no_ack=True, exclusive=True))
        await self._expected(commands.Basic.ConsumeOk)

    def _say(self, said: frame.FrameTypes, channel: int = 1) -> None:
        self.writer.write(frame.marshal(said, channel))

    async def _beat(self) -> None:
        """Say that we live, often enough that the broker believes it."""
        while True:
            await asyncio.sleep(self.limits.ping_s / 2)
            self.writer.write(heartbeat.Heartbeat().marshal())
            await self.writer.drain()

    async def _body(self, size: int) -> bytes:
        if size > self.limits.most_message_bytes:
            raise Unreadable(
                f"one of its messages is larger than {self.limits.most_message_bytes} bytes"
            )
        whole = bytearray()
        while len(whole) < size:
            whole += (await self._expected(body.ContentBody)).value
        return bytes(whole[:size])

    async def _expected(self, kind: type[F]) -> F:
        """Return the next frame, which must be of that kind; signs of life are passed over."""
        while isinstance(said := await self._frame(), heartbeat.Heartbeat):
            pass
        if isinstance(said, kind):
            return said
        match said:
            case commands.Connection.Close(reply_code=code) if code in _REFUSED:
                raise AccessRefused
            case commands.Connection.Close() | commands.Channel.Close() | commands.Basic.Cancel():
                raise EOFError
            case _:
                raise Unreadable("it answers out of turn")

    async def _frame(self) -> frame.FrameTypes:
        async with asyncio.timeout(self.limits.silence_s):
            head = await self.reader.readexactly(_HEAD_BYTES)
            _, _, size = frame.frame_parts(head)
            if head.startswith(b"AMQP") or size is None or size > _MOST_FRAME:
                raise Unreadable("it does not speak AMQP 0-9-1")
            rest = await self.reader.readexactly(size + 1)
        try:
            return frame.unmarshal(head + rest)[2]
        except (PAMQPException, ValueError, LookupError, TypeError) as e:
            raise Unreadable("it does not speak AMQP 0-9-1") from e
