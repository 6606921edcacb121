"""The only door to the network: asks and listens to sources, within limits, and keeps secrets."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self, TypeVar

import httpx

from domain.errors import Unavailable
from feeds import answers, transport_secrets
from feeds.base import SESSION, FeedDrifted, Manifest, Payload, Request, Wire
from feeds.patience import Patience
from feeds.stream_sse import EventStream
from feeds.transport_door import Door, Limits, tls
from feeds.transport_http import AskedToWait, Http, TryAgain, check_status, given_up, url_of
from feeds.transport_secrets import Credential, NoCredential
from feeds.transport_wires import Channel, Wires
from kit.clock import Clock
from kit.retry import backoff

__all__ = ["AskedToWait", "Credential", "Limits", "NoCredential", "Transport"]

_MOST_REMEMBERED = 256

T = TypeVar("T")


@dataclass(frozen=True, slots=True, repr=False)
class _Session:
    """A session that a source opened for a credential, and when it ends."""

    token: str
    ends_s: float
    parts: dict[str, str]


class Transport:
    """Asks and listens to sources over TLS, each only at the hosts of its manifest.

    Args:
        credential: Returns the credential of a source by its name, or None; asked for every
            question, so that a key put in another's place is used from the next one on.
        clock: Says when an answer arrived.
        limits: How long and how much one question may take.
        sleep: Waits between tries.
        allow_loopback: Also ask this machine, without TLS; for tests.
        proxy: URL of a proxy to go through.
    """

    def __init__(  # noqa: PLR0913  each is a choice of its own, and all are by name
        self,
        *,
        credential: Callable[[str], Credential | None],
        clock: Clock,
        limits: Limits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        allow_loopback: bool = False,
        proxy: str | None = None,
    ) -> None:
        self._credential, self._clock, self._sleep = credential, clock, sleep
        self._limits = limits or Limits()
        self._door = Door(allow_loopback, proxied=proxy is not None)
        self._validators: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._last_ids: OrderedDict[str, str] = OrderedDict()
        self._sessions: dict[str, _Session] = {}
        self._patience = Patience(self._limits.read_s)
        context = tls()
        self._http = Http(self._door, self._limits, context, proxy)
        self._wires = Wires(self._door, self._limits, context)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    def check(self, manifest: Manifest) -> None:
        """Raise `NoCredential` unless the source has all of the credential that it needs."""
        self._parts(manifest)

    async def payloads(self, request: Request, manifest: Manifest) -> AsyncGenerator[Payload]:
        """Yield what a source says, whatever its wire: one answer, or a stream's messages.

        Polled, nothing is yielded if nothing has changed. A stream ends by raising `Unavailable`:
        whoever listens comes back, behind the last event where the source lets it.

        Raises:
            Unavailable: It cannot be reached, is too slow, breaks off or has no credential.
            FeedDrifted: It answers with something that cannot be what we asked for.
        """
        if manifest.wire is Wire.REST:
            payload = await self.fetch(request, manifest)
            if payload is not None:
                yield payload
            return
        events = manifest.wire is Wire.SSE
        stream = self._events(request, manifest) if events else self._messages(request, manifest)
        async with aclosing(stream):
            async for payload in stream:
                yield payload

    async def fetch(self, request: Request, manifest: Manifest) -> Payload | None:
        """Return the source's answer, or None if nothing has changed since the last one.

        Raises:
            Unavailable: It cannot be reached, is too slow, or asks us to come back later.
            FeedDrifted: It answers with something that cannot be what we asked for.
        """
        for wait_s in self._waits():
            try:
                async with asyncio.timeout(self._limits.total_s):
                    return await self._ask(request, manifest)
            except (TryAgain, TimeoutError, httpx.TransportError) as e:
                asked_s = e.wait_s if isinstance(e, TryAgain) else None
                if wait_s is None or (asked_s or 0) > self._limits.most_wait_s:
                    raise given_up(request.source, e) from e
                await self._sleep(wait_s if asked_s is None else asked_s)
        raise AssertionError("the last wait is None, which returns or raises")

    def forget(self, request: Request) -> None:
        """Ask for the whole answer next time: the last one could not be read."""
        self._validators.pop(str(url_of(request)), None)

    async def sign_in(
        self, login: Request, manifest: Manifest, token: Callable[[Payload], str]
    ) -> None:
        """Open a session: ask `login`, and use the `token` of its answer from now on.

        Raises:
            Unavailable: It cannot be reached, or has no credential.
            FeedDrifted: The answer opens no session.
        """
        self.sign_out(manifest)
        parts = self._parts(manifest)
        payload = await self.fetch(login, manifest)
        if payload is None:
            raise FeedDrifted(f"{manifest.name}: it says that nothing has changed since no session")
        ends_s = self._clock.monotonic() + manifest.session_s
        self._sessions[manifest.name] = _Session(token(payload), ends_s, parts)

    def sign_out(self, manifest: Manifest) -> None:
        """Forget a source's session."""
        self._sessions.pop(manifest.name, None)

    def signed_in(self, manifest: Manifest) -> bool:
        """Say whether a session is open that is neither old nor of another credential."""
        return SESSION in self._parts(manifest)

    def _parts(self, manifest: Manifest) -> dict[str, str]:
        parts = transport_secrets.parts_of(manifest, self._credential(manifest.name))
        session = self._sessions.get(manifest.name)
        if session and session.parts == parts and self._clock.monotonic() < session.ends_s:
            return parts | {SESSION: session.token}
        return parts

    def _waits(self) -> Iterator[float | None]:
        """Yield how long to wait after each try that fails; None after the last."""
        waits = backoff(first_s=self._limits.first_wait_s, most_s=self._limits.most_wait_s)
        for _ in range(self._limits.tries - 1):
            yield next(waits)
        yield None

    async def _ask(self, request: Request, manifest: Manifest) -> Payload | None:
        asked = "" if request.body else str(url_of(request))
        began_s = self._clock.monotonic()
        try:
            response = await self._http.open(
                request,
                manifest,
                self._parts(manifest),
                self._validators.get(asked, {}),
                self._patience.silence_s(manifest),
            )
        except httpx.ReadTimeout:
            self._patience.forget(manifest)
            raise
        self._patience.answered(manifest, self._clock.monotonic() - began_s)
        try:
            if asked and response.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            check_status(response.status_code, response.headers, manifest, self._clock.now())
            body = await answers.body(
                response.headers, response.aiter_raw(), self._limits.most_bytes
            )
        except answers.Unreadable as e:
            raise FeedDrifted(f"{request.source}: {e}") from e
        finally:
            await response.aclose()
        if asked:
            _remember(self._validators, asked, answers.validators(response.headers))
        left, took = answers.quota(response.headers, manifest.quota)
        return self._payload(request, body, quota_left=left, took=took)

    async def _events(self, request: Request, manifest: Manifest) -> AsyncGenerator[Payload]:
        """Yield the server-sent events of one connection, behind the last one that was seen."""
        asked = str(url_of(request))
        last_id = self._last_ids.get(asked, "")
        more = {"Accept": "text/event-stream", "Accept-Encoding": "identity"}
        more |= {"Last-Event-ID": last_id} if last_id else {}
        stream = EventStream(self._limits.most_message_bytes, last_id)
        try:
            response = await self._http.open(
                request, manifest, self._parts(manifest), more, self._limits.silence_s
            )
            try:
                check_status(response.status_code, response.headers, manifest, self._clock.now())
                answers.check_stream(response.headers)
                async for chunk in response.aiter_raw():
                    for event in stream.feed(chunk):
                        _remember(self._last_ids, asked, event.last_id)
                        yield self._payload(request, event.data, kind=event.kind)
            finally:
                await response.aclose()
        except answers.Unreadable as e:
            raise FeedDrifted(f"{request.source}: {e}") from e
        except (TryAgain, httpx.TransportError) as e:
            raise given_up(request.source, e) from e
        ended = f"{request.source}: it closed the stream"
        raise AskedToWait(ended, stream.retry_s) if stream.retry_s else Unavailable(ended)

    async def _messages(self, request: Request, manifest: Manifest) -> AsyncGenerator[Payload]:
        """Yield the messages of one connection that is not HTTP."""
        channel = Channel.of(request, manifest, self._parts(manifest), self._door)
        async with aclosing(self._wires.listen(channel, self._clock)) as messages:
            async for kind, data in messages:
                yield self._payload(request, data, kind=kind)

    def _payload(
        self,
        request: Request,
        body: bytes,
        *,
        kind: str = "",
        quota_left: float | None = None,
        took: float | None = None,
    ) -> Payload:
        now = self._clock.now()
        return Payload(
            request=request,
            body=body,
            as_of=now,
            arrived_at=now,
            kind=kind,
            quota_left=quota_left,
            took=took,
        )


def _remember(known: OrderedDict[str, T], key: str, value: T) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > _MOST_REMEMBERED:
        known.popitem(last=False)
