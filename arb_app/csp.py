"""What a page may load and who may talk to us: headers, origins and hosts, before Reflex."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kit.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to
_FROM_ANY_HOST = frozenset({"/healthz", "/readyz"})
_NEVER_CHANGES = "/assets/"
_CACHED = frozenset({200, 206, 304})
_INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)


def origins(settings: Settings) -> frozenset[str]:
    """Return the origins whose pages may open our socket: ours, and no other."""
    found: set[str] = set()
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        found.add(f"{parts.scheme}://{parts.netloc}")
    hosts = {settings.host}.difference(_ANY_ADDRESS)
    if not hosts or hosts.intersection(_LOOPBACK):
        hosts = {*hosts, *_LOOPBACK}
    return frozenset(found | {f"http://{host}:{settings.port}" for host in hosts})


def hosts(settings: Settings) -> frozenset[str]:
    """Return the values of the Host header that are answered."""
    return frozenset(urlsplit(origin).netloc for origin in origins(settings))


def script_hashes(pages: Iterable[Path]) -> list[str]:
    """Return the CSP sources of every inline script in the built pages, sorted."""
    scripts = {
        script for page in pages for script in _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    }
    return sorted(f"'sha256-{_digest(script)}'" for script in scripts)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def policy(scripts: Iterable[str], sockets: Iterable[str]) -> str:
    """Return the Content-Security-Policy for pages with these inline scripts and socket origins."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "connect-src": ["'self'", *sockets],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


class Doorway:
    """An ASGI wrapper that answers known hosts only and says what a page may load.

    It also finds built pages by their address as it is (`/board` is `board.html`), and lets
    browsers keep files whose names change with their content.
    """

    def __init__(self, app: Asgi, *, settings: Settings, pages: Path) -> None:
        built = sorted(pages.rglob("*.html"))
        sockets = sorted(
            origin.replace("http", "ws", 1)
            for origin in origins(settings)
            if "[" not in origin  # CSP knows no IPv6 literals; 'self' covers them
        )
        self._app = app
        self._hosts = {host.encode() for host in hosts(settings)}
        self._pages = {f"/{page.relative_to(pages).with_suffix('')}" for page in built}
        self._files = {f"/{file.relative_to(pages)}" for file in pages.rglob("*") if file.is_file()}
        self._policy = policy(script_hashes(built), sockets).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it when it was sent to a name that is not ours."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["path"] in _FROM_ANY_HOST or dict(scope["headers"]).get(b"host") in self._hosts:
            addressed = self._addressed(scope)
            await self._app(addressed, receive, self._with_headers(send, addressed["path"]))
        else:
            await _misdirected(scope, send)

    def _addressed(self, scope: Scope) -> Scope:
        if scope["type"] == "http" and scope["path"] in self._pages:
            path = f"{scope['path']}.html"
            return {**scope, "path": path, "raw_path": path.encode()}
        return scope

    def _with_headers(self, send: Send, path: str) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                kept = self._kept(path, message["status"], dict(given).get(b"content-type", b""))
                message["headers"] = [*given, (b"content-security-policy", self._policy)]
                if b"cache-control" not in dict(given):
                    message["headers"].append((b"cache-control", kept))
            await send(message)

        return sending

    def _kept(self, path: str, status: int, content: bytes) -> bytes:
        """Return how an answer may be kept: what is the same for everybody is, nothing else."""
        if status not in _CACHED:
            return b"no-store"
        if path.startswith(_NEVER_CHANGES):
            return b"public, max-age=31536000, immutable"
        same_for_all = status == 304 or path in self._files or content.startswith(b"text/html")
        return b"no-cache" if same_for_all else b"no-store"


async def _misdirected(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"This name is not served here; its operator can set DUTCHBOOK_PUBLIC_URL.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": body})
