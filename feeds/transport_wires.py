"""Streams that are not HTTP: WebSocket, lines over TLS, and AMQP."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

import websockets
from websockets.http11 import Response

from domain.errors import DutchbookError, Unavailable
from feeds import answers, transport_secrets
from feeds.base import FeedDrifted, KeyRefused, Manifest, Request, Wire
from feeds.transport_amqp import AccessRefused, Queue, Terms
from feeds.transport_door import Address, Door, Limits
from feeds.transport_http import TryAgain, check_status, given_up, url_of
from kit.clock import Clock

# What the library would say of a connection quotes the question, and so the credential.
_SILENT = logging.getLogger("feeds.silent")
_SILENT.setLevel(logging.CRITICAL + 1)

Message = tuple[str, bytes]


@dataclass(frozen=True, slots=True, repr=False)
class Channel:
    """One connection to make: it bears the credential, so it is never shown."""

    request: Request
    manifest: Manifest
    url: str
    to: Address
    headers: Mapping[str, str]
    messages: Sequence[bytes]
    terms: Terms

    @classmethod
    def of(cls, request: Request, manifest: Manifest, parts: Mapping[str, str], door: Door) -> Self:
        """Return the channel that a request asks for; raise `FeedDrifted` if it leads elsewhere."""
        url = url_of(request)
        return cls(
            request=request,
            manifest=manifest,
            url=str(url.copy_merge_params(transport_secrets.query(manifest, parts))),
            to=door.address(str(url), manifest),
            headers={**request.headers, **transport_secrets.headers(manifest, parts)},
            messages=[
                transport_secrets.filled(message, request.content_type, parts)
                for message in request.messages
            ],
            terms=_terms(request, parts),
        )


@dataclass(frozen=True, slots=True)
class Wires:
    """Opens channels and yields what comes, within limits, until they are lost."""

    door: Door
    limits: Limits
    context: ssl.SSLContext

    async def listen(self, channel: Channel, clock: Clock) -> AsyncGenerator[Message]:
        """Yield the name and data of each message.

        Raises:
            Unavailable: The connection cannot be made, or is lost; every stream ends so.
            FeedDrifted: A message is too large, or the source answers with something else.
        """
        source = channel.request.source
        if self.door.proxied:
            raise Unavailable(f"{source}: its stream cannot go through a proxy")
        open_ = {Wire.WEBSOCKET: self._websocket, Wire.LINES: self._lines, Wire.AMQP: self._amqp}
        try:
            async with aclosing(open_[channel.manifest.wire](channel)) as stream:
                async for message in stream:
                    yield message
        except websockets.InvalidStatus as e:
            raise _refusal(channel.manifest, e.response, clock) from None
        except AccessRefused:
            raise KeyRefused(f"{source}: it refuses our credential or plan") from None
        except answers.Unreadable as e:
            raise FeedDrifted(f"{source}: {e}") from None
        except (ssl.SSLError, websockets.InvalidMessage) as e:
            raise given_up(source, e) from None
        except (websockets.InvalidHandshake, ValueError):
            raise FeedDrifted(f"{source}: it does not answer as a stream does") from None
        except (OSError, EOFError) as e:
            raise given_up(source, e) from None
        raise Unavailable(f"{source}: it closed the stream")

    async def _websocket(self, channel: Channel) -> AsyncGenerator[Message]:
        connecting = websockets.connect(
            channel.url,
            # On a socket that is already connected the library follows no redirect.
            sock=await self.door.dial(channel.to, self.limits.connect_s),
            ssl=self.context if channel.to.tls else None,
            additional_headers=channel.headers,
            subprotocols=[websockets.Subprotocol(name) for name in channel.request.subprotocols]
            or None,
            user_agent_header="dutchbook",
            open_timeout=self.limits.connect_s,
            ping_interval=self.limits.ping_s,
            ping_timeout=self.limits.ping_s,
            close_timeout=1.0,
            max_size=self.limits.most_message_bytes,
            max_queue=4,
            logger=_SILENT,
            proxy=None,
        )
        async with connecting as connection:
            try:
                for said in channel.messages:
                    await connection.send(said.decode())
                async for message in connection:
                    yield "", message.encode() if isinstance(message, str) else message
            except websockets.ConnectionClosed as e:
                raise _ended(e, self.limits) from None

    async def _lines(self, channel: Channel) -> AsyncGenerator[Message]:
        reader, writer = await self._opened(channel)
        try:
            writer.writelines(message + b"\r\n" for message in channel.messages)
            await writer.drain()
            while True:
                async with asyncio.timeout(self.limits.silence_s):
                    line = await reader.readuntil(b"\n")
                if text := line.strip():
                    yield "", text
        except asyncio.LimitOverrunError:
            raise answers.Unreadable(
                f"one of its lines is larger than {self.limits.most_message_bytes} bytes"
            ) from None
        finally:
            writer.close()

    async def _amqp(self, channel: Channel) -> AsyncGenerator[Message]:
        reader, writer = await self._opened(channel)
        queue = Queue(reader, writer, self.limits)
        try:
            async with aclosing(queue.messages(channel.terms)) as messages:
                async for message in messages:
                    yield message
        finally:
            writer.close()

    async def _opened(self, channel: Channel) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        dialled = await self.door.dial(channel.to, self.limits.connect_s)
        async with asyncio.timeout(self.limits.connect_s):
            return await asyncio.open_connection(
                sock=dialled,
                limit=self.limits.most_message_bytes,
                ssl=self.context if channel.to.tls else None,
                server_hostname=channel.to.host if channel.to.tls else None,
            )


def _terms(request: Request, parts: Mapping[str, str]) -> Terms:
    """Return what an AMQP request asks for: its path is the virtual host."""
    place = transport_secrets.filled(unquote(urlsplit(request.url).path).encode(), "text", parts)
    return Terms(
        username=parts.get("username", parts.get("key", "")),
        password=parts.get("password", ""),
        place=place.decode(),
        exchange=request.params.get("exchange", ""),
        keys=request.params.get("keys", "#").split(","),
    )


def _refusal(manifest: Manifest, response: Response, clock: Clock) -> Exception:
    """Return what a server means that answers a handshake like a question."""
    try:
        check_status(response.status_code, response.headers, manifest, clock.now())
    except TryAgain as e:
        return given_up(manifest.name, e)
    except answers.Unreadable as e:
        return FeedDrifted(f"{manifest.name}: {e}")
    except DutchbookError as e:
        return e
    return FeedDrifted(f"{manifest.name}: it answers a stream with a page")


def _ended(error: websockets.ConnectionClosed, limits: Limits) -> Exception:
    """Return why a WebSocket was closed; 1009 is our own word for a message too large."""
    if error.sent and error.sent.code == websockets.CloseCode.MESSAGE_TOO_BIG:
        return answers.Unreadable(
            f"one of its messages is larger than {limits.most_message_bytes} bytes"
        )
    return EOFError()
