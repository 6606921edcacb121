"""Request ids: one name for what somebody asked, in the answer, in problems and in the log."""

import re
from typing import Final

from starlette.requests import HTTPConnection

from arb_app.csp import Asgi, Message, Receive, Scope, Send
from arb_app.edge.callers import is_from_proxy
from arb_app.edge.problems import ID
from kit.ids import fresh
from kit.log import about

NAME: Final = "x-request-id"
_FORM: Final = re.compile(r"[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STARTS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.http.response.start"}
)
"""The messages of an application that bear an answer's headers."""


class RequestIds:
    """An ASGI wrapper that gives every request an id; one of a proxy that we trust stays."""

    def __init__(self, app: Asgi) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = given(HTTPConnection(scope)) or fresh()
        header = (NAME.encode(), request_id.encode())

        async def sending(message: Message) -> None:
            if message["type"] in STARTS:
                message["headers"] = [*message.get("headers", []), header]
            await send(message)

        with about(request_id=request_id):
            await self._app({**scope, ID: request_id}, receive, sending)


def given(connection: HTTPConnection) -> str:
    """Return the id that a proxy we trust gave, if it is of a known form, or ""."""
    told = connection.headers.getlist(NAME)
    known = len(told) == 1 and _FORM.fullmatch(told[0]) and is_from_proxy(connection)
    return told[0] if known else ""
