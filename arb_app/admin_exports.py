"""Members and live sessions as files: CSV, for those who manage accounts."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from arb_app.exports import csv_file, door
from services import members
from services.work import Work

MEMBERS, SESSIONS = "/exports/members.csv", "/exports/sessions.csv"
_MEMBER: Final = (
    *("id", "email", "role", "state", "plan", "league"),
    *("created_at", "changed_at", "erase_at"),
)
_SESSION: Final = (
    *("id", "user_id", "email", "role", "agent", "network"),
    *("created_at", "last_seen_at"),
)

Ask = Callable[[Work, dict[str, Any]], Awaitable[Sequence[object]]]


def routes() -> list[Route]:
    """Return the doors of both exports."""
    return [
        _file(MEMBERS, "/admin/members", _MEMBER, _members),
        _file(SESSIONS, "/admin/sessions", _SESSION, _sessions),
    ]


async def _members(work: Work, asked: dict[str, Any]) -> Sequence[object]:
    return await members.exported(work, members.filtered(asked))


async def _sessions(work: Work, asked: dict[str, Any]) -> Sequence[object]:
    return await members.exported_sessions(work, members.sought_sessions(asked))


def _file(path: str, page: str, columns: Sequence[str], ask: Ask) -> Route:
    async def answer(work: Work, request: Request) -> Response:
        rows = await ask(work, dict(request.query_params))
        told = ([getattr(row, name) for name in columns] for row in rows)
        return csv_file(path.rpartition("/")[2], columns, told)

    return door(path, page, "who manage accounts", answer)
