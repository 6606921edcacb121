"""Questions over HTTP: sent with the credential at the last moment, redirected only at home."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import httpx

from domain.errors import Unavailable
from feeds import answers, transport_secrets
from feeds.base import FeedDrifted, KeyRefused, Manifest, RegionRefused, Request
from feeds.transport_door import Door, Limits

_MOST_REDIRECTS = 3


class AskedToWait(Unavailable):
    """A source is busy, or we have asked too much: `wait_s` is how long it wants us to wait."""

    def __init__(self, why: str, wait_s: float) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class TryAgain(Exception):
    """This try failed in a way that another may not; `wait_s` is what the source asks for."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, repr=False)
class _Secret:
    """What is added to one question at the last moment."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class _WithCredential(httpx.AsyncBaseTransport):
    """Adds the credential below the client, whose requests, logs and errors then never show it."""

    def __init__(self, inner: httpx.AsyncBaseTransport, door: Door) -> None:
        self._inner, self._door = inner, door

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a copy of the request that bears the credential."""
        secret: _Secret = request.extensions["secret"]
        timeout = request.extensions["timeout"]
        headers = request.headers.copy()
        headers.pop("content-length", None)
        headers.update(secret.headers)
        sent = httpx.Request(
            request.method,
            request.url.copy_merge_params(dict(secret.query)),
            headers=headers,
            content=secret.body or None,
            extensions={"timeout": timeout, "trace": self._door.trace},
        )
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Http:
    """Opens answers over HTTP, each at the hosts of its manifest; `proxy` is the way there."""

    def __init__(
        self, door: Door, limits: Limits, context: ssl.SSLContext, proxy: str | None
    ) -> None:
        self._door, self._limits = door, limits
        inner = httpx.AsyncHTTPTransport(verify=context, proxy=proxy, retries=0)
        self._client = httpx.AsyncClient(
            transport=_WithCredential(inner, door),
            headers={"Accept-Encoding": "gzip", "User-Agent": "dutchbook"},
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def open(
        self,
        request: Request,
        manifest: Manifest,
        parts: Mapping[str, str],
        more: Mapping[str, str],
        silence_s: float,
    ) -> httpx.Response:
        """Send a question, following redirects within the source's hosts; read no body yet.

        Args:
            request: What is asked; with a body it is a POST, whose redirects are not followed.
            manifest: Whose hosts may be asked.
            parts: The credential.
            more: Headers beside those of the request.
            silence_s: How long the source may say nothing.

        Raises:
            FeedDrifted: It leads elsewhere, or nowhere.
            httpx.TransportError: It cannot be reached, is too slow or breaks off.
        """
        secret = _Secret(
            transport_secrets.query(manifest, parts),
            transport_secrets.headers(manifest, parts),
            transport_secrets.filled(request.body, request.content_type, parts),
        )
        typed = {"Content-Type": request.content_type} if request.body else {}
        url = url_of(request)
        for _ in range(_MOST_REDIRECTS + 1):
            self._door.address(str(url), manifest)
            question = self._client.build_request(
                "POST" if request.body else "GET",
                url,
                headers={**request.headers, **typed, **more},
                content=request.body or None,
                timeout=httpx.Timeout(silence_s, connect=self._limits.connect_s),
                extensions={"secret": secret},
            )
            response = await self._client.send(question, stream=True)
            if not response.has_redirect_location:
                return response
            await response.aclose()
            if request.body:
                raise FeedDrifted(f"{request.source}: it redirects a question that is no GET")
            url = _redirected(url, response, manifest)
        raise FeedDrifted(f"{request.source}: it redirects without end")


def url_of(request: Request) -> httpx.URL:
    """Return the whole address of a question, without its credential."""
    return httpx.URL(request.url).copy_merge_params(dict(request.params))


def check_status(
    status: int, headers: Mapping[str, str], manifest: Manifest, now: datetime
) -> None:
    """Return if an answer's status is 200, or 202: an order taken, which other answers carry out.

    Raises:
        TryAgain: The source is busy.
        KeyRefused: It refuses our credential.
        RegionRefused: It serves nobody here; a 403 of a source that needs no key says no less.
        Unreadable: It answers with anything else.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
        raise TryAgain(f"it answers {status}", answers.retry_after_s(headers, now))
    denied = status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    if denied and manifest.needs_credential:
        raise KeyRefused(f"{manifest.name}: it refuses our credential or plan ({status})")
    if denied or status == HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS:
        raise RegionRefused(f"{manifest.name}: it does not serve where we ask from ({status})")
    if status not in {HTTPStatus.OK, HTTPStatus.ACCEPTED, HTTPStatus.SWITCHING_PROTOCOLS}:
        raise answers.Unreadable(f"it answers {status}")


def why(error: Exception) -> str:
    """Return what went wrong in words; an error's own text may quote the question."""
    if isinstance(error, TryAgain):
        return str(error)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "it is too slow"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not to be trusted"
    lost = isinstance(error, OSError) and not isinstance(error, ConnectionError)
    unreached = lost or isinstance(error, httpx.ConnectError | ConnectionRefusedError)
    return "it cannot be reached" if unreached else "it broke off"


def given_up(source: str, error: Exception) -> Unavailable:
    """Return the error of a source that no further try is made at now."""
    wait_s = error.wait_s if isinstance(error, TryAgain) else None
    text = f"{source}: {why(error)}"
    return Unavailable(text) if wait_s is None else AskedToWait(text, wait_s)


def _redirected(url: httpx.URL, response: httpx.Response, manifest: Manifest) -> httpx.URL:
    """Return where a redirect leads, without the credential that it may have quoted."""
    try:
        return url.join(response.headers["location"]).copy_remove_param(
            manifest.credential_param or "-"
        )
    except httpx.InvalidURL as e:
        raise FeedDrifted(f"{manifest.name}: it redirects to no address") from e
