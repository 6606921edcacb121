"""A socket's beginning and end, told to Engine.IO so that nothing of it stays.

A full garbage collection is rare with thousands of sockets open, so what is in a cycle when a
socket ends stays for long. An exception that ends a task keeps the frames that it passed through,
and these the task: Engine.IO takes "nothing said" for the same end. And Engine.IO's own reading of
a handshake makes a class for each, which is a cycle in itself: ours makes none.
"""

from collections.abc import Iterable
from typing import Any

import reflex as rx
from engineio.async_drivers.asgi import WebSocket, translate_request


class QuietSocket(WebSocket):
    """Engine.IO's view of a socket, which ends with None."""

    async def wait(self) -> str | bytes | None:
        """Return the next message, or None when the socket is closed."""
        receive: Any = self.asgi_receive
        event = await receive()
        if event["type"] != "websocket.receive":
            return None
        return event.get("text") or event.get("bytes")


async def read_handshake(scope: Any, receive: Any, send: Any) -> dict[str, Any]:
    """Return what Engine.IO knows of a request: of a socket's, without what only WSGI reads."""
    if scope["type"] != "websocket":
        return await translate_request(scope, receive, send)
    if (await receive())["type"] != "websocket.connect":
        return {}
    query = _text(scope.get("query_string", b"")) or ""
    known: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": scope["path"],
        "QUERY_STRING": query,
        "RAW_URI": f"{scope['path']}?{query}" if query else scope["path"],
        "SCRIPT_NAME": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "0",
        "asgi.receive": receive,
        "asgi.send": send,
        "asgi.scope": scope,
    }
    _add_headers(known, scope["headers"])
    return known | {"wsgi.url_scheme": known.get("HTTP_X_FORWARDED_PROTO", "http")}


def _add_headers(known: dict[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        name, value = _text(raw_name), _text(raw_value)
        if name is None or value is None:
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        known[key] = f"{known[key]},{value}" if key in known else value


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return None


def begin_and_end_quietly(app: rx.App) -> None:
    """Have the app's Engine.IO server open and close its sockets so."""
    if app.sio is None:
        return
    engine: Any = app.sio.eio
    ours = {"websocket": QuietSocket, "translate_request": read_handshake}
    engine._async = {**engine._async, **ours}  # noqa: SLF001 - the only place
