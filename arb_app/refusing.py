"""What doors say to who asks amiss: not with this method, or not here at all."""

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

FOLDERS: Final = ("/api", "/auth", "/exports", "/presence", "/webhooks")
"""Below these there are doors and no pages: what is none is said as a problem."""


class _NotSo:
    """An ASGI endpoint for the methods that a door does not know."""

    def __init__(self, methods: Iterable[str]) -> None:
        self._allowed = ", ".join(sorted(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"allow": self._allowed}
        answer = PlainTextResponse("This door does not know that method.\n", 405, headers)
        await answer(scope, receive, send)


class _NotHere:
    """An ASGI endpoint for what is not there."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = PlainTextResponse("There is nothing at this address.\n", 404)
        await answer(scope, receive, send)


def closed(doors: Sequence[Route]) -> list[Route]:
    """Return the routes that refuse what none of the doors answers, to stand behind them."""
    methods: dict[str, set[str]] = {}
    for door in doors:
        methods.setdefault(door.path, set()).update(door.methods or ())
    return [
        *(Route(path, _NotSo(known)) for path, known in methods.items()),
        *(Route(f"{folder}/{{rest:path}}", _NotHere()) for folder in FOLDERS),
    ]
