"""The end of a socket, told to Engine.IO without an exception.

An exception that ends a task keeps the frames that it passed through, and these the task: nothing
of a socket that ended so is freed before a full garbage collection, which is rare with thousands of
sockets open. Engine.IO takes "nothing said" for the same end.
"""

from typing import Any

import reflex as rx
from engineio.async_drivers.asgi import WebSocket


class QuietSocket(WebSocket):
    """Engine.IO's view of a socket, which ends with None."""

    async def wait(self) -> str | bytes | None:
        """Return the next message, or None when the socket is closed."""
        receive: Any = self.asgi_receive
        event = await receive()
        if event["type"] != "websocket.receive":
            return None
        return event.get("text") or event.get("bytes")


def end_quietly(app: rx.App) -> None:
    """Have the app's Engine.IO server open its sockets so."""
    if app.sio is None:
        return
    engine: Any = app.sio.eio
    engine._async = {**engine._async, "websocket": QuietSocket}  # noqa: SLF001 - the only place
