"""Headers of safety on every answer: pages, files, errors, refused and accepted handshakes."""

from typing import Final

from starlette.requests import HTTPConnection

from arb_app.csp import Asgi, Message, Receive, Scope, Send
from arb_app.edge.callers import is_https
from arb_app.edge.request_ids import STARTS

SAFE: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (
        b"permissions-policy",
        b"camera=(), geolocation=(), microphone=(), payment=(), usb=(), serial=(), hid=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What an answer says that says nothing else; pages bring a policy of their own."""
HSTS: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class SafeHeaders:
    """An ASGI wrapper that adds what an answer lacks of `SAFE`, and over https that it stays so."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and complete its answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        wanted = (*SAFE, HSTS) if is_https(HTTPConnection(scope)) else SAFE

        async def sending(message: Message) -> None:
            if message["type"] in STARTS:
                given = list(message.get("headers", []))
                there = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(each for each in wanted if each[0] not in there)]
            await send(message)

        await self._app(scope, receive, sending)
