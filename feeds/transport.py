"""The only door to the network: asks one source one question, within limits, and keeps secrets."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import httpx

from domain.errors import Unavailable
from feeds import answers
from feeds.base import FeedDrifted, Manifest, Payload, Request
from kit.clock import Clock
from kit.retry import backoff

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST_REDIRECTS = 3
_MOST_REMEMBERED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much one question may take; sizes are of the decoded answer."""

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 30.0
    most_bytes: int = 32 * 1024 * 1024
    tries: int = 3
    most_wait_s: float = 60.0
    first_wait_s: float = 0.5


class _TryAgain(Exception):
    """This try failed in a way that another may not; `wait_s` is what the source asks for."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class _WithCredential(httpx.AsyncBaseTransport):
    """Adds the credential below the client, whose requests, logs and errors then never show it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a copy of the request that bears the credential."""
        extensions = dict(request.extensions)
        param, secret = extensions.pop("credential", ("", ""))
        url = request.url.copy_merge_params({param: secret}) if param else request.url
        sent = httpx.Request(request.method, url, headers=request.headers, extensions=extensions)
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Transport:
    """Asks sources over HTTPS, each only at the hosts of its manifest.

    Args:
        credential: Returns the credential of a source by its name, or None.
        clock: Says when an answer arrived.
        limits: How long and how much one question may take.
        sleep: Waits between tries.
        allow_loopback: Also ask this machine, without TLS; for tests.
        proxy: URL of a proxy to go through.
    """

    def __init__(  # noqa: PLR0913  each is a choice of its own, and all are by name
        self,
        *,
        credential: Callable[[str], str | None],
        clock: Clock,
        limits: Limits | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        allow_loopback: bool = False,
        proxy: str | None = None,
    ) -> None:
        self._credential, self._clock, self._sleep = credential, clock, sleep
        self._limits, self._allow_loopback = limits or Limits(), allow_loopback
        self._validators: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._client = httpx.AsyncClient(
            transport=_WithCredential(httpx.AsyncHTTPTransport(proxy=proxy, retries=0)),
            timeout=httpx.Timeout(self._limits.read_s, connect=self._limits.connect_s),
            headers={"Accept-Encoding": "gzip", "User-Agent": "dutchbook"},
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

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
            except (_TryAgain, TimeoutError, httpx.TransportError) as e:
                why, asked_s = _why(e), e.wait_s if isinstance(e, _TryAgain) else None
                if wait_s is None or (asked_s or 0) > self._limits.most_wait_s:
                    raise Unavailable(f"{request.source}: {why}") from e
                await self._sleep(wait_s if asked_s is None else asked_s)
        raise AssertionError("the last wait is None, which returns or raises")

    def _waits(self) -> Iterator[float | None]:
        """Yield how long to wait after each try that fails; None after the last."""
        waits = backoff(first_s=self._limits.first_wait_s, most_s=self._limits.most_wait_s)
        for _ in range(self._limits.tries - 1):
            yield next(waits)
        yield None

    async def _ask(self, request: Request, manifest: Manifest) -> Payload | None:
        asked = httpx.URL(request.url).copy_merge_params(dict(request.params))
        response = await self._open(asked, request, manifest)
        try:
            if response.status_code == HTTPStatus.NOT_MODIFIED:
                return None
            self._check_status(response)
            body = await answers.body(
                response.headers, response.aiter_raw(), self._limits.most_bytes
            )
        except answers.Unreadable as e:
            raise FeedDrifted(f"{request.source}: {e}") from e
        finally:
            await response.aclose()
        self._remember(str(asked), response)
        now, quota_left = self._clock.now(), answers.quota_left(response.headers)
        return Payload(request=request, body=body, as_of=now, arrived_at=now, quota_left=quota_left)

    async def _open(self, asked: httpx.URL, request: Request, manifest: Manifest) -> httpx.Response:
        """Send the question, following redirects within the source's hosts; read no body yet."""
        url, extensions = asked, self._secret(manifest)
        headers = self._validators.get(str(asked), {})
        for _ in range(_MOST_REDIRECTS + 1):
            if not self._may_ask(url, manifest):
                raise FeedDrifted(
                    f"{request.source}: it points to {url.host}, which is not its own"
                )
            question = self._client.build_request(
                "GET", url, headers=headers, extensions=extensions
            )
            response = await self._client.send(question, stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            url = _redirected(url, response, manifest)
        raise FeedDrifted(f"{request.source}: it redirects without end")

    def _secret(self, manifest: Manifest) -> dict[str, tuple[str, str]]:
        secret = self._credential(manifest.name) if manifest.needs_credential else None
        if manifest.needs_credential and not secret:
            raise Unavailable(f"{manifest.name}: no credential is set for it")
        return {"credential": (manifest.credential_param, secret)} if secret else {}

    def _may_ask(self, url: httpx.URL, manifest: Manifest) -> bool:
        loopback = self._allow_loopback and url.host in _LOOPBACK
        safe = url.scheme == "https" and url.port is None and not url.userinfo
        return url.host in manifest.hosts and (safe or loopback)

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
            wait_s = answers.retry_after_s(response.headers, self._clock.now())
            raise _TryAgain(f"it answers {status}", wait_s)
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise answers.Unreadable(f"it refuses our credential or plan ({status})")
        if status != HTTPStatus.OK:
            raise answers.Unreadable(f"it answers {status}")

    def _remember(self, key: str, response: httpx.Response) -> None:
        self._validators[key] = answers.validators(response.headers)
        self._validators.move_to_end(key)
        if len(self._validators) > _MOST_REMEMBERED:
            self._validators.popitem(last=False)


def _redirected(url: httpx.URL, response: httpx.Response, manifest: Manifest) -> httpx.URL:
    """Return where a redirect leads, without the credential that it may have quoted."""
    try:
        return url.join(response.headers["location"]).copy_remove_param(
            manifest.credential_param or "-"
        )
    except httpx.InvalidURL as e:
        raise FeedDrifted(f"{manifest.name}: it redirects to no address") from e


def _why(error: Exception) -> str:
    """Return what went wrong in words; an error's own text may quote the question."""
    if isinstance(error, _TryAgain):
        return str(error)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "it is too slow"
    return "it cannot be reached" if isinstance(error, httpx.ConnectError) else "it broke off"
