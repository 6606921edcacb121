"""How much may be asked at once, and that a body has one size: the target, headers and body."""

from typing import Final

from arb_app.csp import Asgi, Message, Receive, Scope, Send
from arb_app.edge.problems import refuse

MOST_HEADERS: Final = 64
MOST_HEADER_BYTES: Final = 16_384
LONGEST_TARGET: Final = 8_192
MOST_BODY_BYTES: Final = 65_536
BODIES: Final = {"/auth/": 16_384, "/presence/": 16_384, "/exports/": 0, "/healthz": 0,
                 "/readyz": 0, "/metrics": 0}  # fmt: skip
"""How large a body may be below a path; elsewhere `MOST_BODY_BYTES`."""


class Sizes:
    """An ASGI wrapper that refuses what is too large, or of no certain size, before it is read."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as long as it keeps to its size."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif is_ambiguous(scope):
            # What follows on the connection may be what somebody else's proxy took for the body.
            why = "a body is told by its length or comes in chunks, not both"
            await refuse(scope, send, 400, why, [(b"connection", b"close")])
        elif why := too_much(scope):
            await refuse(scope, send, *why)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            body = _Body(scope, receive, send)
            try:
                await self._app(scope, body.receive, body.send)
            except Exception:
                if not body.refused:
                    raise


def is_ambiguous(scope: Scope) -> bool:
    """Return whether two readers could find two ends of the body (RFC 9112, section 6.3)."""
    named = {name for name, _ in scope["headers"]}
    chunked = b"transfer-encoding" in named
    return chunked and (b"content-length" in named or scope.get("http_version") == "1.0")


def too_much(scope: Scope) -> tuple[int, str] | None:
    """Return what is too large about a request's head, as a status and a sentence."""
    headers = scope["headers"]
    if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > LONGEST_TARGET:
        return 414, f"the address is longer than {LONGEST_TARGET} bytes"
    if len(headers) > MOST_HEADERS:
        return 431, f"there are more than {MOST_HEADERS} headers"
    if sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES:
        return 431, f"the headers are larger than {MOST_HEADER_BYTES} bytes"
    told = dict(headers).get(b"content-length", b"0")
    if told.isdigit() and int(told[:20]) > most_of(scope["path"]):
        return 413, f"the body is larger than {most_of(scope['path'])} bytes"
    return None


def most_of(path: str) -> int:
    """Return how large a body may be that is sent to a path.

    Examples:
        >>> most_of("/auth/sign-in"), most_of("/exports/audit.csv"), most_of("/else")
        (16384, 0, 65536)
    """
    return next((most for start, most in BODIES.items() if path.startswith(start)), MOST_BODY_BYTES)


class _Body:
    """A body whose size nobody told, counted as it comes; too large, its reader hears no more."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._left = most_of(scope["path"])
        self._begun = self.refused = False

    async def receive(self) -> Message:
        if self.refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0 or self._begun:
            return message
        self.refused = True
        most = most_of(self._scope["path"])
        close = [(b"connection", b"close")]
        await refuse(self._scope, self._send, 413, f"the body is larger than {most} bytes", close)
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self.refused:
            self._begun = True
            await self._send(message)
