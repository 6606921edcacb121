"""Problems: every error is said as RFC 9457 has it, with the request's id and nothing of us."""

import json
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

from prometheus_client import Counter
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from arb_app.csp import Asgi, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HUNG_UP: Final = Counter(
    "dutchbook_requests_hung_up_total", "Requests whose sender left before they had said it all."
)

ID: Final = "dutchbook.request_id"
"""Where in an ASGI scope the request's id stands."""
_PROBLEM: Final = b"application/problem+json"
_LEFT: Final = (_PROBLEM, b"text/html")
"""What is said as it is: a problem already, or a page that people read."""
_LONGEST: Final = 2_000
_AS_HTTP: Final = "websocket.http.response"
_REFUSED: Final = {1008: 403, 1013: 503}
_FOLLOWED: Final = frozenset({b"content-type", b"content-length", b"content-encoding"})

Headers = Iterable[tuple[bytes, bytes]]


def problem(status: int, title: str, *, detail: str, **more: Any) -> Response:
    """Return a problem as an answer, for doors that speak JSON."""
    body = _told(status, title, detail=detail, **more)
    return JSONResponse(body, status, media_type=_PROBLEM.decode())


def body_of(scope: Scope, status: int, detail: str = "") -> bytes:
    """Return the body of a problem."""
    said = {"detail": detail, "request_id": scope.get(ID)}
    return json.dumps(_told(status, _title(status), **said)).encode()


def _told(status: int, title: str, **more: Any) -> dict[str, Any]:
    known = {name: value for name, value in more.items() if value not in ("", None)}
    return {"type": "about:blank", "title": title, "status": status, **known}


async def refuse(scope: Scope, send: Send, status: int, detail: str, more: Headers = ()) -> None:
    """Answer with a problem; a handshake is answered so where the server can, or else closed."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if _AS_HTTP not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        kind = _AS_HTTP
    body = body_of(scope, status, detail)
    headers = [(b"content-type", _PROBLEM), (b"content-length", b"%d" % len(body)), *more]
    await send({"type": f"{kind}.start", "status": status, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})


class Problems:
    """An ASGI wrapper that says errors as problems, those included that nobody foresaw.

    Pages that people read stay pages. A plain text becomes the problem's detail, but none of an
    error of ours: that stands in the log, under the request's id.
    """

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to its answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:  # nobody is there to be answered, and nothing of ours went wrong
            HUNG_UP.inc()
            log.debug("a sender hung up", extra={"path": scope["path"][:200]})
        except Exception:
            if answer.is_half_said:
                raise  # the server cuts the connection, so that nobody takes a half for the whole
            log.exception("a request failed", extra={"path": scope["path"][:200]})
            if not answer.begun:
                await refuse(scope, send, 500, "")


class _Answer:
    """One answer, or the refusal of a handshake."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self.begun = self._ended = False
        self._held: Message | None = None
        self._text = b""

    @property
    def is_half_said(self) -> bool:
        return self.begun and not self._ended

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            await self._start(message)
        elif kind == "http.response.body":
            await self._continue(message)
        elif kind == "websocket.close" and not self.begun:
            self.begun = self._ended = True
            status = _REFUSED.get(message.get("code", 0), 403)
            await refuse(self._scope, self._send, status, message.get("reason") or "")
        else:
            self.begun = True
            self._ended |= kind == "websocket.close"
            await self._send(message)

    async def _start(self, message: Message) -> None:
        self.begun = True
        said = dict(message.get("headers", [])).get(b"content-type", b"")
        if message["status"] < 400 or said.startswith(_LEFT):
            await self._send(message)
        else:
            self._held = message

    async def _continue(self, message: Message) -> None:
        self._ended = not message.get("more_body", False)
        if self._held is None:
            await self._send(message)
            return
        self._text = (self._text + message.get("body", b""))[:_LONGEST]
        if self._ended:
            await self._say(self._held)

    async def _say(self, held: Message) -> None:
        status = held["status"]
        kept = [(n, v) for n, v in held.get("headers", []) if n.lower() not in _FOLLOWED]
        plain = dict(held.get("headers", [])).get(b"content-type", b"").startswith(b"text/plain")
        text = self._text.decode(errors="replace").strip() if plain and status != 500 else ""
        detail = "" if text == _title(status) else text
        await refuse(self._scope, self._send, status, detail, kept)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
